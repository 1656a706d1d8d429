"""Links that serve one file without a bearer, for a while: nobody can guess or lengthen one."""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from nightreel.clock import Clock
from nightreel.studio.answers import Refused


def load_secret(db: sqlite3.Connection) -> str:
    """Return the studio's own signing secret, made once: links outlive a restart."""
    db.execute("INSERT INTO secrets VALUES ('links', ?) ON CONFLICT DO NOTHING", (secrets.token_hex(32),))
    return str(db.execute("SELECT value FROM secrets WHERE name = 'links'").fetchone()[0])


@dataclass(frozen=True)
class Links:
    """Signs paths and checks what it has signed; *seconds* is how long a link serves."""

    secret: str
    clock: Clock
    seconds: float

    def sign(self, path: str) -> str:
        """Return *path* with an expiry and a signature."""
        expires = int(self.clock.now().timestamp() + self.seconds)
        return f"{path}?expires={expires}&signature={self._signature(path, expires)}"

    def check(self, path: str, query: Mapping[str, str]) -> None:
        """Check the query of a signed link to *path*.

        Raises:
            Refused: 403, we have not signed this, or it has expired.
        """
        given = query.get("expires", "")
        expires = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0  # noqa: PLR2004
        if not hmac.compare_digest(self._signature(path, expires).encode(), query.get("signature", "").encode()):
            raise Refused(403, "this link is not valid")
        if expires <= self.clock.now().timestamp():
            raise Refused(403, "this link has expired; ask for the render again to get a fresh one")

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self.secret.encode(), f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()
