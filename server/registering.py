"""`honghe-server --add-user`: a new person, from the terminal of whoever runs the server.

It writes to the database alone, so it may run beside the server; the person's cash account is
opened at the first login.
"""

import os
import sys
import time
from getpass import getpass

from server.accounts.people import People
from server.config import Config
from server.database import open_database
from server.protocol.words import Role


def add_user(config: Config, username: str, role: Role = "trader") -> int:
    """Exit code 0, or 1 when the name is taken or the name or the password will not do."""
    config.server.data_path.mkdir(parents=True, exist_ok=True)
    database = open_database(config.server.database)
    people = People(database, lambda: time.time_ns() // 1_000)
    try:
        person = people.register(username, _password())
        people.grant(person.username, role)
    except ValueError as error:
        print(f"honghe-server: {error}", file=sys.stderr)
        return 1
    finally:
        database.dispose()
    print(f"已添加 / added: {person.username} ({role})")
    return 0


def set_role(config: Config, username: str, role: Role) -> int:
    """Gives a person that there is another role; exit code 1 for a name that nobody has."""
    database = open_database(config.server.database)
    try:
        People(database, lambda: time.time_ns() // 1_000).grant(username, role)
    except LookupError as error:
        print(f"honghe-server: {error.args[0]}", file=sys.stderr)
        return 1
    finally:
        database.dispose()
    print(f"{username}: {role}")
    return 0


def _password() -> str:
    """`$HONGHE_PASSWORD`, else asked for twice; raises ValueError when the two differ."""
    given = os.environ.get("HONGHE_PASSWORD")
    if given:
        return given
    password = getpass("密码 / password: ")
    if getpass("再输一次 / once more: ") != password:
        raise ValueError("两次输入的密码不同 / the two passwords differ")
    return password
