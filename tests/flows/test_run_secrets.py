"""A token and a client id go into requests and into their own file, and nowhere else."""

import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

User = Any
Help = Any


def test_the_token_stands_in_nothing_that_is_written(user: User, helper: Help, template: Path) -> None:
    """Against the cloud's protocol, verbose, refused and then made: no file and no output holds a token or client id.

    Prefect keeps its database and its log where the test looks, too.
    """
    user.product("MUG")
    client = str(uuid.uuid4())
    right, wrong = (f"{word}{secrets.token_hex(16)}" for word in ("canary-", "nmv_usr_"))
    user.data.mkdir(parents=True)
    (user.data / "token").write_text(right, encoding="utf-8")
    (user.data / "token").chmod(0o600)
    with user.studio() as url, helper.prefect(user.folder / "prefect", template) as prefect:
        cloud = ("--engine", "cloud", "-v")
        user.environment |= {"NEMO_API_URL": url, "NEMO_CLIENT_ID": client, "PREFECT_API_URL": prefect}
        refused = user.run(*cloud, NEMO_TOKEN=wrong)
        assert refused.code == 2, refused
        assert "NEMO_TOKEN" in refused.err + refused.out
        assert user.rows("SELECT status FROM purchase") == []
        done = user.run(*cloud, NEMO_TOKEN=right)
        assert done.code == 0, done
        assert list(_holding(user.folder / "prefect", "generate MUG 1x1")), "Prefect's database was looked into"
        assert list(_holding(user.folder, wrong)) == []
        assert list(_holding(user.folder, client)) == []
        assert list(_holding(user.folder, right)) == [user.data / "token"]
    assert list(_holding(user.folder, right)) == [user.data / "token"]
    user.alone()
    user.books().once_each(1)


def test_the_client_id_stands_beside_its_token_alone(new_user: Any) -> None:  # noqa: ANN401
    """An anonymous account is asked for and used: of our files, only the one of kept tokens names the client."""
    user, client = new_user(), str(uuid.uuid4())
    with user.studio() as url:
        given = {"NEMO_API_URL": url, "NEMO_CLIENT_ID": client}
        for command in (("credits", "--engine", "cloud"), ("doctor", "--engine", "cloud", "--record", "talk.json")):
            done = user.do(*command, **given)
            assert done.code == 0, done
    ours = [path for path in _holding(user.folder, client) if user.data not in path.parents]
    assert ours == [user.home / "nemo_tokens.json"]


def _holding(folder: Path, secret: str) -> Iterator[Path]:
    """Find the files that hold *secret*: home, output folder, and what the commands printed stand in *folder*."""
    for path in folder.rglob("*"):
        if path.is_file() and secret.encode() in path.read_bytes():
            yield path
