"""People in a new data directory, for a server that is to be measured."""

from collections.abc import Iterable
from pathlib import Path

from server.accounts.people import People
from server.config import read_config
from server.database import open_database
from server.state import wall_clock


def register(data: Path, names: Iterable[str], password: str) -> None:
    """Makes the directory, and its database with these people."""
    config = read_config(None, {"server.data_dir": str(data)})
    database = open_database(config.server.database)
    try:
        people = People(database, wall_clock)
        for name in names:
            people.register(name, password)
    finally:
        database.dispose()
