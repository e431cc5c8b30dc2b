"""Whatever is done to the record, the reader says at which sequence number, and what."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from server.journal.chain import genesis_digest, link
from server.journal.errors import Damage, JournalCorrupt
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_file import encode_head
from tests.journal.journals import (
    IDENTITY,
    batch,
    flipped,
    read_journal,
    tampering,
    write_journal,
)

Hand = Callable[[apsw.Connection], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five batches of two commands: 1-2, 3-4, 5-6, 7-8, 9-10."""
    path = tmp_path / "journal.db"
    write_journal(path, batches=5, count=2)
    return path


def row(db: apsw.Connection, first_seq: int) -> tuple[int, int, int, bytes, bytes]:
    return db.execute("SELECT * FROM batches WHERE first_seq = ?", (first_seq,)).fetchone()


def flip_command(db: apsw.Connection) -> None:
    data = flipped(row(db, 5)[3], at=200)
    db.execute("UPDATE batches SET commands = ? WHERE first_seq = 5", (data,))


def flip_digest(db: apsw.Connection) -> None:
    data = flipped(row(db, 5)[4], at=0)
    db.execute("UPDATE batches SET digest = ? WHERE first_seq = 5", (data,))


def tear(db: apsw.Connection) -> None:
    data = row(db, 5)[3][:-60]
    db.execute("UPDATE batches SET commands = ? WHERE first_seq = 5", (data,))


def empty(db: apsw.Connection) -> None:
    db.execute("UPDATE batches SET commands = x'' WHERE first_seq = 5")


def swap(db: apsw.Connection) -> None:
    _, _, wall_a, commands_a, digest_a = row(db, 5)
    _, _, wall_b, commands_b, digest_b = row(db, 7)
    change = "UPDATE batches SET wall_time = ?, commands = ?, digest = ? WHERE first_seq = ?"
    db.execute(change, (wall_b, commands_b, digest_b, 5))
    db.execute(change, (wall_a, commands_a, digest_a, 7))


def repeat_inside(db: apsw.Connection) -> None:
    _, last, wall, commands, digest = row(db, 5)
    db.execute("INSERT INTO batches VALUES (6, ?, ?, ?, ?)", (last, wall, commands, digest))


def repeat_at_the_end(db: apsw.Connection) -> None:
    _, _, wall, commands, digest = row(db, 9)
    db.execute("INSERT INTO batches VALUES (11, 12, ?, ?, ?)", (wall, commands, digest))


def put_before_the_first(db: apsw.Connection) -> None:
    _, _, wall, commands, digest = row(db, 1)
    db.execute("INSERT INTO batches VALUES (-1, 0, ?, ?, ?)", (wall, commands, digest))


def append_with_a_right_chain(db: apsw.Connection) -> None:
    more = batch(11)
    data = more.commands.tobytes()
    digest = link(row(db, 9)[4], 11, 12, more.wall_time, data)
    values = (11, 12, more.wall_time, data, digest)
    db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", values)


def cut_and_forge_the_head(db: apsw.Connection) -> None:
    db.execute("DELETE FROM batches WHERE first_seq = 9")
    db.execute("UPDATE meta SET value = ? WHERE name = 'head'", (encode_head(8, row(db, 7)[4]),))


def rewrite_from_the_middle(db: apsw.Connection) -> None:
    """A forger with all the time in the world: every later digest and the head are made anew."""
    digest = row(db, 3)[4]
    for first in (5, 7, 9):
        _, last, wall, commands, _ = row(db, first)
        data = flipped(commands, at=200) if first == 5 else commands
        digest = link(digest, first, last, wall, data)
        change = "UPDATE batches SET commands = ?, digest = ? WHERE first_seq = ?"
        db.execute(change, (data, digest, first))
    db.execute("UPDATE meta SET value = ? WHERE name = 'head'", (encode_head(10, digest),))


def rename_the_market(db: apsw.Connection) -> None:
    [(identity,)] = db.execute("SELECT value FROM meta WHERE name = 'identity'").fetchall()
    renamed = identity.replace(b"seed 1", b"seed 2")
    assert renamed != identity
    db.execute("UPDATE meta SET value = ? WHERE name = 'identity'", (renamed,))


def statement(sql: str) -> Hand:
    return lambda db: db.execute(sql)


DAMAGES: dict[str, tuple[Hand, Damage, int]] = {
    "a flipped bit in a command": (flip_command, Damage.CHANGED, 5),
    "a flipped bit in a digest": (flip_digest, Damage.CHANGED, 5),
    "another wall time": (
        statement("UPDATE batches SET wall_time = wall_time + 1 WHERE first_seq = 5"),
        Damage.CHANGED,
        5,
    ),
    "a torn record": (tear, Damage.TORN, 5),
    "an emptied record": (empty, Damage.TORN, 5),
    "another last number": (
        statement("UPDATE batches SET last_seq = 7 WHERE first_seq = 5"),
        Damage.TORN,
        5,
    ),
    "the first row deleted": (
        statement("DELETE FROM batches WHERE first_seq = 1"),
        Damage.MISSING,
        1,
    ),
    "a middle row deleted": (
        statement("DELETE FROM batches WHERE first_seq = 5"),
        Damage.MISSING,
        5,
    ),
    "the last row deleted": (statement("DELETE FROM batches WHERE first_seq = 9"), Damage.CUT, 9),
    "all rows deleted": (statement("DELETE FROM batches"), Damage.CUT, 1),
    "the last row deleted and the head forged": (cut_and_forge_the_head, Damage.CUT, 9),
    "two rows swapped": (swap, Damage.MISPLACED, 5),
    "a row repeated inside another": (repeat_inside, Damage.REPEATED, 6),
    "a row repeated at the end": (repeat_at_the_end, Damage.APPENDED, 11),
    "a row put before the first": (put_before_the_first, Damage.REPEATED, -1),
    "a row appended with a right chain": (append_with_a_right_chain, Damage.APPENDED, 11),
    "everything rewritten with a right chain": (rewrite_from_the_middle, Damage.REWRITTEN, 10),
    "the identity changed": (rename_the_market, Damage.CHANGED, 1),
    "the head row deleted": (
        statement("DELETE FROM meta WHERE name = 'head'"),
        Damage.CHANGED,
        0,
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_with_its_place(path: Path, name: str) -> None:
    hand, damage, seq = DAMAGES[name]
    with tampering(path) as db:
        hand(db)
    with pytest.raises(JournalCorrupt) as found:
        read_journal(path)
    assert (found.value.damage, found.value.seq) == (damage, seq)
    for language in ("zh", "en"):
        assert str(seq) in found.value.sentence(language) or seq == 0


def test_what_precedes_the_damage_is_still_given(path: Path) -> None:
    with tampering(path) as db:
        flip_command(db)
    journal = SqliteJournal.open(path, read_only=True)
    read: list[int] = []
    with pytest.raises(JournalCorrupt):
        read.extend(each.first_seq for each in journal.batches())
    assert read == [1, 3]
    journal.close()


def test_a_row_of_another_journal_does_not_fit(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    SqliteJournal.open(other, IDENTITY.__class__(2, "agents", "seed 1")).close()
    assert genesis_digest(IDENTITY.encoded()) != SqliteJournal.open(other).head_digest
    with tampering(path) as db:
        first = row(db, 1)
    with tampering(other) as db:
        db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", first)
        head = encode_head(2, first[4])
        db.execute("UPDATE meta SET value = ? WHERE name = 'head'", (head,))
    with pytest.raises(JournalCorrupt) as found:
        read_journal(other)
    assert (found.value.damage, found.value.seq) == (Damage.CHANGED, 1)


def test_every_flipped_byte_of_the_commands_is_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write_journal(path, batches=1, count=1)
    with tampering(path) as db:
        data = row(db, 1)[3]
        for at in range(len(data)):
            db.execute("UPDATE batches SET commands = ?", (flipped(data, at),))
            journal = SqliteJournal.__new__(SqliteJournal)
            journal.__init__(db, path, read_only=True)
            with pytest.raises(JournalCorrupt):
                list(journal.batches())


def test_a_damaged_page_of_the_file_is_unreadable_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write_journal(path, batches=40, count=20)
    data = bytearray(path.read_bytes())
    assert len(data) > 40 * 4096
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(JournalCorrupt) as found:
        read_journal(path)
    assert found.value.damage in {Damage.UNREADABLE, Damage.CHANGED}
    assert 1 < found.value.seq < 800


@pytest.mark.parametrize("at", [0, 20, 60])
def test_a_damaged_witness_is_not_overlooked(path: Path, at: int) -> None:
    witness = path.with_suffix(".head")
    witness.write_bytes(flipped(witness.read_bytes(), at))
    with pytest.raises(JournalCorrupt, match=r"journal\.head"):
        read_journal(path)
