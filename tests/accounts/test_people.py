"""People, their passwords, their sessions."""

from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest
from sqlalchemy import Engine, text

from server.accounts.people import FIRST_PERSON, People, UsernameTaken, password_hasher
from server.accounts.sessions import Sessions
from server.database import open_database

HOUR = 3_600_000_000
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'honghe.sqlite'}")
    yield made
    made.dispose()


@pytest.fixture
def people(database: Engine) -> People:
    return People(database, Clock(), CHEAP)


def test_the_cost_of_a_password_is_owasps() -> None:
    hasher = password_hasher()
    assert (hasher.type, hasher.memory_cost) == (argon2.Type.ID, 19 * 1024)
    assert (hasher.time_cost, hasher.parallelism) == (2, 1)


def test_a_person_is_registered_and_found_however_the_name_is_typed(people: People) -> None:
    anna = people.register("Anna", "correct horse", "安娜", "en")
    assert (anna.id, anna.username, anna.display_name, anna.language) == (
        *(FIRST_PERSON, "anna", "安娜", "en"),
    )
    assert people.find(" ANNA ") == people.find("ＡＮＮＡ") == people.get(anna.id) == anna
    assert people.register("bert", "correct horse").id == FIRST_PERSON + 1
    assert people.find("carl") is None


def test_a_name_is_taken_once(people: People) -> None:
    people.register("anna", "correct horse")
    with pytest.raises(UsernameTaken, match="anna"):
        people.register("Anna", "another horse")


@pytest.mark.parametrize(
    ("username", "password", "passes"),
    [
        ("", "correct horse", "1 to 64"),
        ("x" * 65, "correct horse", "1 to 64"),
        ("an\nna", "correct horse", "printable"),
        ("anna", "short", "8 to 256"),
        ("anna", "x" * 257, "8 to 256"),
    ],
)
def test_what_will_not_do_says_what_would(
    people: People, username: str, password: str, passes: str
) -> None:
    with pytest.raises(ValueError, match=passes):
        people.register(username, password)


def test_only_the_right_password_is_right(people: People) -> None:
    anna = people.register("anna", "correct horse")
    assert people.verify("Anna", "correct horse") == anna
    for password in ("wrong", "", "correct horse ", "x" * 1_000_000, "\ud800"):
        assert people.verify("anna", password) is None


def test_an_unknown_name_costs_a_hash_too(database: Engine) -> None:
    """Time tells nothing: the same hash is computed for a name that nobody has."""

    class Counting(argon2.PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            Counting.verified += 1
            return super().verify(hash, password)

    people = People(database, Clock(), Counting(time_cost=1, memory_cost=8, parallelism=1))
    people.register("anna", "correct horse")
    assert people.verify("anna", "wrong") is None
    assert people.verify("nobody", "the password of nobody") is None
    assert Counting.verified == 2


def test_no_password_is_stored(people: People, database: Engine) -> None:
    people.register("anna", "correct horse")
    with database.connect() as connection:
        (stored,) = connection.execute(text("SELECT password_hash FROM people")).one()
    assert stored.startswith("$argon2id$")
    assert "correct horse" not in stored


def test_an_old_cheap_hash_is_renewed_at_the_next_login(database: Engine) -> None:
    People(database, Clock(), CHEAP).register("anna", "correct horse")
    dearer = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    people = People(database, Clock(), dearer)
    assert people.verify("anna", "correct horse") is not None
    with database.connect() as connection:
        (stored,) = connection.execute(text("SELECT password_hash FROM people")).one()
    assert "m=16,t=2" in stored
    assert people.verify("anna", "correct horse") is not None


def test_a_session_is_its_token_until_it_expires(people: People, database: Engine) -> None:
    clock = Clock()
    anna = people.register("anna", "correct horse")
    sessions = Sessions(database, clock, hours=2)
    token = sessions.start(anna.id)
    assert len(token) >= 43
    assert sessions.start(anna.id) != token
    clock.now += 2 * HOUR - 1
    assert sessions.person_of(token) == anna.id
    clock.now += 1
    assert sessions.person_of(token) is None


def test_a_session_can_be_ended(people: People, database: Engine) -> None:
    sessions = Sessions(database, Clock())
    anna = people.register("anna", "correct horse")
    ended, other = sessions.start(anna.id), sessions.start(anna.id)
    sessions.end(ended)
    assert sessions.person_of(ended) is None
    assert sessions.person_of(other) == anna.id


def test_a_token_is_not_in_the_database_and_expired_ones_are_forgotten(
    people: People, database: Engine
) -> None:
    clock = Clock()
    sessions = Sessions(database, clock, hours=1)
    anna = people.register("anna", "correct horse")
    token = sessions.start(anna.id)

    def stored() -> list[str]:
        with database.connect() as connection:
            return list(connection.execute(text("SELECT token_hash FROM sessions")).scalars())

    assert token not in stored()[0]
    clock.now += HOUR
    sessions.start(anna.id)
    assert len(stored()) == 1


@pytest.mark.parametrize("token", ["", "x", "x" * 1_000, "\ud800", "'; DROP TABLE sessions"])
def test_no_other_token_is_anybodys(database: Engine, people: People, token: str) -> None:
    sessions = Sessions(database, Clock())
    sessions.start(people.register("anna", "correct horse").id)
    assert sessions.person_of(token) is None
