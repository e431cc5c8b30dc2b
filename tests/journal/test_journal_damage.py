"""Records of another journal, and damage to the file itself, are found too."""

from pathlib import Path

import apsw
import pytest

from server.journal.chain import genesis_digest
from server.journal.errors import Damage, JournalCorrupt
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_file import encode_head
from tests.journal.journals import (
    IDENTITY,
    damage,
    flipped,
    read_journal,
    tampering,
    write_journal,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five batches of two commands: 1-2, 3-4, 5-6, 7-8, 9-10."""
    path = tmp_path / "journal.db"
    write_journal(path, batches=5, count=2)
    return path


def row(db: apsw.Connection, first_seq: int) -> tuple[int, int, int, bytes, bytes]:
    return db.execute("SELECT * FROM batches WHERE first_seq = ?", (first_seq,)).fetchone()


def test_another_identity_does_not_fit_the_first_batch(path: Path) -> None:
    with tampering(path) as db:
        [(identity,)] = db.execute("SELECT value FROM meta WHERE name = 'identity'").fetchall()
        renamed = identity.replace(b"seed 1", b"seed 2")
        assert renamed != identity
        db.execute("UPDATE meta SET value = ? WHERE name = 'identity'", (renamed,))
    with pytest.raises(JournalCorrupt) as found:
        read_journal(path)
    assert (found.value.damage, found.value.seq) == (Damage.CHANGED, 1)


def test_what_precedes_the_damage_is_still_given(path: Path) -> None:
    damage(path, 5)
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
