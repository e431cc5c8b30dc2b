"""Journals for the tests: batches of plain commands, and a hand inside the closed file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import numpy as np

from server.engine import building
from server.engine.records import COMMAND
from server.journal.batch import Batch
from server.journal.journal import Identity
from server.journal.sqlite import SqliteJournal

IDENTITY = Identity(created=1_440_000_000_000_000, market="agents", config="seed 1")


def batch(first_seq: int, count: int = 2) -> Batch:
    """`count` deposits of different amounts, numbered from `first_seq`."""
    commands = building.concat([building.deposit(1, first_seq + i) for i in range(count)])
    commands["seq"] = np.arange(first_seq, first_seq + count)
    commands["time"] = 1_000 + first_seq
    return Batch(first_seq, 5_000 + first_seq, commands)


def write_journal(path: Path, batches: int, count: int = 2) -> list[int]:
    """A closed journal of `batches` batches; returns the first sequence number of each."""
    journal = SqliteJournal.open(path, IDENTITY)
    firsts = [1 + count * i for i in range(batches)]
    for first in firsts:
        journal.append(batch(first, count))
    journal.close()
    return firsts


def read_journal(path: Path) -> list[int]:
    """First sequence numbers of all batches, every one verified."""
    journal = SqliteJournal.open(path, read_only=True)
    try:
        return [each.first_seq for each in journal.batches()]
    finally:
        journal.close()


@contextmanager
def tampering(path: Path) -> Iterator[apsw.Connection]:
    """The closed file as a plain database, to be damaged."""
    db = apsw.Connection(str(path))
    try:
        yield db
    finally:
        db.close()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def same_commands(one: Batch, other: Batch) -> bool:
    return one.commands.dtype == COMMAND and one.commands.tobytes() == other.commands.tobytes()
