"""The SQL database that services share by URL: SQLite by default, PostgreSQL by a URL."""

import sqlite3
from pathlib import Path

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import make_url

BUSY_MS = 10_000  # how long a writer waits for another before it gives up


def open_database(url: str, durable: bool = True) -> sqlalchemy.Engine:
    """An engine on `url`; makes the directory of a SQLite file.

    `durable` False lets a power cut take the last transactions, for tables that the journal can
    fill again; a crash of the process takes none.
    """
    parsed = make_url(url)
    database = sqlalchemy.create_engine(parsed)
    if parsed.get_backend_name() != "sqlite":
        return database
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    level = "FULL" if durable else "NORMAL"

    def set_pragmas(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {level}")
        connection.execute("PRAGMA foreign_keys = ON")

    event.listen(database, "connect", set_pragmas)
    return database
