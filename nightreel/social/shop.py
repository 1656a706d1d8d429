"""A catalog as its rules see it: what could be posted, and by which rules."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from nightreel.catalog import Catalog, Named, Overrides, list_products, parse_mapping, read_catalog
from nightreel.catalog.misnamed import misnamed
from nightreel.errors import ConfigurationError
from nightreel.models import Product, Value, digest
from nightreel.nights.lettering import readable
from nightreel.runtime import Runtime
from nightreel.social.candidates import Candidate, candidate
from nightreel.social.rules import RULES_FILE, Rules, read_rules
from nightreel.sources import Bucket, Folder, Source, open_source
from nightreel.sources.web import Web


class Shop(Value):
    """What there is.

    Attributes:
        source: the catalog, as one name for one place.
        fit: products that can be made, in the catalog's order.
        products: the same, with their briefs.
        known: all that the catalog names, by product; those that are not fit, too.
        notes: what else people should know, as sentences.
    """

    source: str
    rules: Rules
    fit: tuple[Candidate, ...] = ()
    products: Mapping[str, Product] = {}
    known: Mapping[str, Candidate] = {}
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What the journal knows it by."""
        return digest({"source": self.source})


async def look(source: str, runtime: Runtime, rules: Path | None = None, mapping: Sequence[str] = ()) -> Shop:
    """Read the catalog, its sales and its rules; nothing is sent.

    Args:
        source: a folder of product folders, a folder with a feed, a feed, or a bucket with either.
        runtime: the process's.
        rules: a file, instead of the catalog's own `social.yaml`.
        mapping: "FIELD=COLUMN" for the columns of a feed that is of no known kind.

    Raises:
        SourceError: there is no such catalog, or nothing in it.
        BriefError, ConfigurationError: a brief or the rules say something impossible.
    """
    opened = open_source(source, runtime.settings)
    read = await asyncio.to_thread(_rules, opened, rules)
    columns = parse_mapping(mapping)
    catalog = await read_catalog(opened, Overrides(), runtime.intake, clock=runtime.clock, mapping=columns)
    catalog = await asyncio.to_thread(readable, catalog, runtime.typecase)
    known = await asyncio.to_thread(_known, opened, read, columns, runtime)
    return Shop(
        source=source if isinstance(opened, Bucket) else str(Path(source).expanduser().absolute()),
        rules=read,
        fit=tuple(known[product.id] for product in catalog.products if product.id in known),
        products={product.id: product for product in catalog.products},
        known=known,
        notes=_notes(catalog),
    )


def _known(opened: Bucket | str, rules: Rules, columns: Mapping[str, str], runtime: Runtime) -> dict[str, Candidate]:
    """Return all products by their fields as the feed has them, sales that are still to come and all."""
    web = Web(runtime.settings.photo_cache / "web", runtime.clock, bool)  # names photos; none is fetched to see them
    listing = list_products(opened, Overrides(), web=web, mapping=columns)
    named = (one for one in listing.found if isinstance(one, Named))
    return {one.id: candidate(one.id, one.fields, rules.zone) for one in named}


def _rules(opened: Bucket | str, given: Path | None) -> Rules:
    if given is not None:
        if not given.is_file():
            raise ConfigurationError(f"There are no rules {given}.", hint="Check the path.")
        return read_rules(given, str(given))
    if isinstance(opened, Bucket):
        return _rules_in(opened)
    place = Path(opened).expanduser()
    if not place.exists():  # who reads the catalog tells it
        return Rules()
    return _rules_in(Folder(place if place.is_dir() else place.parent))


def _rules_in(folder: Source) -> Rules:
    """Read the catalog's own rules; a file that is only nearly called so is not passed over."""
    path = folder.local(RULES_FILE)
    if (path is None or not path.is_file()) and (others := misnamed(folder.entries(), RULES_FILE)):
        raise ConfigurationError(f"{others[0]} is not read.", hint=f"Call it {RULES_FILE}.")
    return read_rules(path, RULES_FILE)


def _notes(catalog: Catalog) -> tuple[str, ...]:
    return tuple(f"{item.product} is not fit: {item.reason}" for item in catalog.rejected)
