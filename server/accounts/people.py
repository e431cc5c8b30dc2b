"""People and their passwords (argon2id). Every method blocks: on SQL, or on the hash's cost."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import argon2
from sqlalchemy import ColumnElement, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.accounts.schema import METADATA, PEOPLE, ROLES
from server.protocol.words import Role

FIRST_PERSON = 1_000  # smaller ids belong to the market's own participants
LONGEST_NAME = 64
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256  # hashing a megabyte would be a way to burn the server's time


class UsernameTaken(ValueError):
    """Somebody else has this user name."""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    username: str
    display_name: str
    language: str
    role: Role = "trader"


def password_hasher() -> argon2.PasswordHasher:
    """Argon2id with 19 MiB, two passes, one lane: OWASP's smallest recommended cost."""
    return argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class People:
    """The people table. `wall_clock` gives microseconds since the epoch."""

    def __init__(
        self,
        database: Engine,
        wall_clock: Callable[[], int],
        hasher: argon2.PasswordHasher | None = None,
    ) -> None:
        METADATA.create_all(database)
        self._database = database
        self._wall_clock = wall_clock
        self._hasher = hasher or password_hasher()
        self._nobody = self._hasher.hash("the password of nobody")

    def register(
        self, username: str, password: str, display_name: str = "", language: str = "zh"
    ) -> Person:
        """A new person; raises ValueError with what would pass, or UsernameTaken."""
        name = _checked_username(username)
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        next_id = select(func.coalesce(func.max(PEOPLE.c.id), FIRST_PERSON - 1) + 1)
        row = insert(PEOPLE).values(
            id=next_id.scalar_subquery(),
            username=name,
            display_name=display_name.strip()[:LONGEST_NAME] or username.strip(),
            password_hash=self._hasher.hash(_bytes(password)),
            language=language,
            created=self._wall_clock(),
        )
        try:
            with self._database.begin() as connection:
                connection.execute(row)
        except IntegrityError as error:
            raise UsernameTaken(f"the user name {name} is taken") from error
        person = self.find(name)
        assert person is not None, "the row was just written"
        return person

    def set_password(self, username: str, password: str) -> None:
        """Replaces a person's password; raises LookupError for a name that nobody has."""
        change = update(PEOPLE).where(PEOPLE.c.username == normalised(username))
        with self._database.begin() as connection:
            row = change.values(password_hash=self._hasher.hash(_bytes(password)))
            if connection.execute(row).rowcount == 0:
                raise LookupError(f"nobody has the user name {username}")

    def grant(self, username: str, role: Role) -> None:
        """Gives a person a role; raises LookupError for a name that nobody has.

        It holds from the person's next login on.
        """
        person = self.find(username)
        if person is None:
            raise LookupError(f"nobody has the user name {username}")
        with self._database.begin() as connection:
            connection.execute(delete(ROLES).where(ROLES.c.person == person.id))
            if role != "trader":
                connection.execute(insert(ROLES), {"person": person.id, "role": role})

    def find(self, username: str) -> Person | None:
        return self._one(PEOPLE.c.username == normalised(username))

    def get(self, person: int) -> Person | None:
        return self._one(PEOPLE.c.id == person)

    def verify(self, username: str, password: str) -> Person | None:
        """The person, if the password is theirs. Costs the same for a name that nobody has."""
        query = select(PEOPLE.c.id, PEOPLE.c.password_hash)
        with self._database.connect() as connection:
            row = connection.execute(
                query.where(PEOPLE.c.username == normalised(username))
            ).one_or_none()
        stored = self._nobody if row is None else str(row.password_hash)
        try:
            self._hasher.verify(stored, _bytes(password[: LONGEST_PASSWORD + 1]))
        except argon2.exceptions.VerifyMismatchError:
            return None
        if row is None:
            return None
        self._strengthen(int(row.id), stored, password)
        return self.get(int(row.id))

    def _strengthen(self, person: int, stored: str, password: str) -> None:
        """Hashes anew a password that was hashed at an older, lower cost."""
        if self._hasher.check_needs_rehash(stored):
            change = update(PEOPLE).where(PEOPLE.c.id == person)
            with self._database.begin() as connection:
                connection.execute(change.values(password_hash=self._hasher.hash(_bytes(password))))

    def _one(self, condition: ColumnElement[bool]) -> Person | None:
        columns = (PEOPLE.c.id, PEOPLE.c.username, PEOPLE.c.display_name, PEOPLE.c.language)
        role = func.coalesce(ROLES.c.role, "trader")
        joined = PEOPLE.outerjoin(ROLES, ROLES.c.person == PEOPLE.c.id)
        query = select(*columns, role).select_from(joined).where(condition)
        with self._database.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Person(*row)


def normalised(username: str) -> str:
    """One spelling a name: full-width and upper-case letters are the plain ones."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def _bytes(password: str) -> bytes:
    """Any text will do for a guess, also what UTF-8 proper has no bytes for."""
    return password.encode("utf-8", "surrogatepass")


def _checked_username(username: str) -> str:
    name = normalised(username)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a user name has 1 to {LONGEST_NAME} printable characters")
    return name
