"""Login sessions: an opaque random token whose hash alone is stored. Every method blocks on SQL."""

import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, delete, insert, select

from server.accounts.schema import METADATA, SESSIONS

TOKEN_BYTES = 32
LONGEST_TOKEN = 128
MICROSECONDS_AN_HOUR = 3_600_000_000


class Sessions:
    """The sessions table. `wall_clock` gives microseconds since the epoch."""

    def __init__(self, database: Engine, wall_clock: Callable[[], int], hours: int = 24) -> None:
        METADATA.create_all(database)
        self._database = database
        self._wall_clock = wall_clock
        self._lifetime = hours * MICROSECONDS_AN_HOUR

    def start(self, person: int) -> str:
        """A new session's token; sessions that have expired are forgotten on the way."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._wall_clock()
        row = {"token_hash": _hash(token), "person": person, "expires": now + self._lifetime}
        with self._database.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= now))
            connection.execute(insert(SESSIONS), row)
        return token

    def person_of(self, token: str) -> int | None:
        """Whose session it is; None when there is none, or it has expired."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        query = select(SESSIONS.c.person).where(
            SESSIONS.c.token_hash == _hash(token), SESSIONS.c.expires > self._wall_clock()
        )
        with self._database.connect() as connection:
            person = connection.execute(query).scalar_one_or_none()
        return None if person is None else int(person)

    def end(self, token: str) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _hash(token)))


def _hash(token: str) -> str:
    """A fast hash will do: the token is random, not chosen by a person."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
