"""Journals for the tests: batches of plain commands, and a hand inside the closed file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import numpy as np

from server.engine import building
from server.engine.records import COMMAND, RECORD_BYTES
from server.journal.batch import Batch
from server.journal.chain import genesis_digest, link
from server.journal.journal import Identity
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_file import encode_head
from server.journal.witness import Witness

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


def damage(path: Path, first_seq: int) -> None:
    """Changes the batch that begins there, and nothing that would hide it."""
    with tampering(path) as db:
        change = "UPDATE batches SET wall_time = wall_time + 1 WHERE first_seq = ?"
        db.execute(change, (first_seq,))
        assert db.changes() == 1


def cut(path: Path, seq: int) -> None:
    """Takes off the batches after `seq`, with all that the file itself remembers of them."""
    with tampering(path) as db:
        db.execute("DELETE FROM batches WHERE first_seq > ?", (seq,))
        [(digest,)] = db.execute("SELECT digest FROM batches WHERE last_seq = ?", (seq,)).fetchall()
        _put_head(db, seq, digest)


def rewrite(path: Path, first_seq: int, *, with_witness: bool = True) -> None:
    """Changes the batch that begins there, and all later digests: a right chain again."""
    last, digest = 0, genesis_digest(IDENTITY.encoded())
    with tampering(path) as db:
        rows = db.execute("SELECT * FROM batches ORDER BY first_seq").fetchall()
        for first, last, wall, held, _ in rows:
            data = flipped(held, RECORD_BYTES + 40) if first == first_seq else held
            digest = link(digest, first, last, wall, data)
            change = "UPDATE batches SET commands = ?, digest = ? WHERE first_seq = ?"
            db.execute(change, (data, digest, first))
        _put_head(db, last, digest)
    if with_witness:
        Witness(path.with_suffix(".head")).write(last, digest)


def _put_head(db: apsw.Connection, seq: int, digest: bytes) -> None:
    db.execute("UPDATE meta SET value = ? WHERE name = 'head'", (encode_head(seq, digest),))
    db.execute("DELETE FROM meta WHERE name = 'shutdown'")


def same_commands(one: Batch, other: Batch) -> bool:
    return one.commands.dtype == COMMAND and one.commands.tobytes() == other.commands.tobytes()
