# Two commands do all the set-up on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
# Nothing but Python 3.11 to 3.14 and make is needed.

VENV  := .venv
BENCH := .venv-bench
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(BENCH)/.ready
PIP   := -m pip --disable-pip-version-check --quiet
LOCK  := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# The first interpreter that fits: Python 3.11 to 3.14 with venv and pip. Override: make demo PYTHON=/path/to/python3
PYTHON ?= $(shell for name in python3.13 python3.12 python3.14 python3.11 python3 python; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& command -v $$name && break; done)

.PHONY: demo test check lint fmt bench soak fuzz serve lock clean help

help:
	@echo "make demo    make the sample catalog's videos, in out/"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types, imports, tests"
	@echo "make bench   measure, against peers in the same run; writes out/bench.json; SUBJECTS=\"rendering photos\" measures less"
	@echo "make soak    a night of 1,000 clips; seeds of faults and kills, MINUTES=60 of them; what fails prints its replay"
	@echo "make fuzz    damaged photos, MINUTES=60 of them; what a decoder does not survive is kept in out/fuzz"
	@echo "make serve   run the studio on http://127.0.0.1:8765"
	@echo "make fmt     format the code          make lock    resolve requirements.lock anew"
	@echo "make clean   remove the virtual environments and the demo's state"

demo: $(READY)
	@NIGHTREEL_HOME="$(CURDIR)/.nightreel" $(BIN)/nightreel run data/catalog --out out

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: lint test

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fmt: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# With a PostgreSQL of its own, where there is one to be had.
bench: $(READY) $(PEERS)
	@folder=$$(mktemp -d) && chmod 755 $$folder && url=$$(.ci/postgres $$folder) && \
	NIGHTREEL_TEST_POSTGRES=$$url $(BIN)/python -m benchmarks $(SUBJECTS) --peers $(BENCH)/bin/python; \
	status=$$?; test -z "$$url" || .ci/postgres stop $$folder; rm -rf $$folder; exit $$status

MINUTES ?= 60
soak: $(READY)
	$(BIN)/python -m benchmarks.growth --clips 1000
	$(BIN)/python -m tests.faults.soak --minutes $(MINUTES)

fuzz: $(READY)
	$(BIN)/python -m tests.unit.images.fuzz --minutes $(MINUTES)

serve: $(READY)
	@NIGHTREEL_HOME="$(CURDIR)/.nightreel" $(BIN)/nightreel studio --port 8765

lock: $(READY)
	$(LOCK) --group dev pyproject.toml --output-file requirements.lock
	$(LOCK) --group pyproject.toml:build --constraint requirements.lock --output-file requirements.build.lock
	$(LOCK) --group pyproject.toml:bench --output-file benchmarks/requirements.lock

clean:
	rm -rf $(VENV) $(BENCH) .nightreel out

# The lock is whole, so pip resolves nothing (--no-deps): an older one would look for newer versions than the lock's.
# `-e .` cannot stand in a --require-hashes call, so it is one more, without build isolation.
$(READY): requirements.build.lock requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null || { echo "Nightreel needs Python 3.11 to 3.14 with venv and pip; \"$(PYTHON)\" is none, or none is on the PATH." >&2; \
	echo "Install one (Debian: apt install python3 python3-venv), or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON); this takes a minute or two, once."
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) install --no-deps --require-hashes --requirement requirements.build.lock
	@$(BIN)/python $(PIP) install --no-deps --require-hashes --no-build-isolation --requirement requirements.lock
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS): benchmarks/requirements.lock
	@echo "Setting up $(BENCH) with the peers that the benchmarks compare with."
	@rm -rf $(BENCH) && $(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python $(PIP) install --no-deps --require-hashes --requirement benchmarks/requirements.lock
	@touch $@
