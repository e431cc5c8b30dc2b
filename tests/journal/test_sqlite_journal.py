"""What is appended is there again, in order, for its one owner and for later readers."""

from pathlib import Path

import pytest

from server.engine.records import FORMAT_VERSION
from server.journal.errors import Damage, JournalCorrupt, JournalForeign, JournalInUse
from server.journal.journal import CleanShutdown, Identity
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import (
    IDENTITY,
    batch,
    read_journal,
    same_commands,
    tampering,
    write_journal,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_batches_come_back_as_they_were_appended(path: Path) -> None:
    written = [batch(1, 3), batch(4, 1), batch(5, 200)]
    journal = SqliteJournal.open(path, IDENTITY)
    for each in written:
        journal.append(each)
    head = journal.head_digest
    journal.close()

    journal = SqliteJournal.open(path, IDENTITY)
    read = list(journal.batches())
    assert (journal.last_seq, journal.head_digest) == (204, head)
    assert [(b.first_seq, b.last_seq, b.wall_time) for b in read] == [
        (b.first_seq, b.last_seq, b.wall_time) for b in written
    ]
    assert all(same_commands(*pair) for pair in zip(read, written, strict=True))
    assert read[-1].digest == head
    assert read[0].commands.flags.writeable, "kernels are compiled for writable arrays"
    journal.close()


def test_a_new_journal_is_empty_and_knows_whose_it_is(path: Path) -> None:
    journal = SqliteJournal.open(path, IDENTITY)
    assert journal.last_seq == 0
    assert list(journal.batches()) == []
    assert journal.clean_shutdown() is None
    journal.close()
    journal = SqliteJournal.open(path)
    assert journal.identity == IDENTITY
    assert journal.identity.format == FORMAT_VERSION
    journal.close()


@pytest.mark.parametrize(
    ("from_seq", "firsts"),
    [(1, [1, 3, 5]), (2, [1, 3, 5]), (3, [3, 5]), (4, [3, 5]), (5, [5]), (6, [5]), (7, [])],
)
def test_reading_starts_with_the_batch_that_holds_the_sequence_number(
    path: Path, from_seq: int, firsts: list[int]
) -> None:
    write_journal(path, batches=3, count=2)
    journal = SqliteJournal.open(path, read_only=True)
    assert [each.first_seq for each in journal.batches(from_seq)] == firsts
    journal.close()


def test_appending_goes_on_where_the_last_run_ended(path: Path) -> None:
    write_journal(path, batches=2, count=2)
    journal = SqliteJournal.open(path, IDENTITY)
    journal.append(batch(5))
    journal.close()
    assert read_journal(path) == [1, 3, 5]


@pytest.mark.parametrize("first", [2, 6])
def test_a_batch_that_does_not_follow_is_a_programming_error(path: Path, first: int) -> None:
    journal = SqliteJournal.open(path, IDENTITY)
    journal.append(batch(1, 2))
    with pytest.raises(ValueError, match="does not follow 2"):
        journal.append(batch(first))
    journal.append(batch(3))
    journal.close()


def test_an_owner_keeps_everybody_else_out(path: Path) -> None:
    owner = SqliteJournal.open(path, IDENTITY)
    for read_only in (True, False):
        with pytest.raises(JournalInUse, match="in use") as refused:
            SqliteJournal.open(path, IDENTITY, read_only=read_only)
        assert "正被" in refused.value.sentence("zh")
    owner.append(batch(1))
    owner.close()
    assert read_journal(path) == [1]


def test_readers_do_not_change_the_file(path: Path) -> None:
    write_journal(path, batches=2)
    before = path.read_bytes()
    assert read_journal(path) == [1, 3]
    assert path.read_bytes() == before


def test_a_journal_of_another_market_is_not_continued(path: Path) -> None:
    write_journal(path, batches=1)
    with pytest.raises(JournalForeign, match="another market"):
        SqliteJournal.open(path, Identity(created=2, market="replay"))
    later = Identity(created=2, market=IDENTITY.market, config=IDENTITY.config)
    SqliteJournal.open(path, later).close()


def test_a_journal_of_another_format_is_refused(path: Path) -> None:
    other = Identity(1, IDENTITY.market, IDENTITY.config, format=FORMAT_VERSION + 1)
    SqliteJournal.open(path, other).close()
    with pytest.raises(JournalForeign, match="format"):
        SqliteJournal.open(path, IDENTITY)


def test_without_a_journal_there_is_nothing_to_read(path: Path) -> None:
    with pytest.raises(JournalForeign, match="no journal"):
        SqliteJournal.open(path, read_only=True)
    assert not path.exists()


def test_another_database_is_not_a_journal(path: Path) -> None:
    with tampering(path) as db:
        db.execute("CREATE TABLE else_(a)")
    with pytest.raises(JournalForeign, match="not a journal"):
        SqliteJournal.open(path, read_only=True)


def test_a_file_that_is_no_database_is_unreadable(path: Path) -> None:
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(JournalCorrupt) as refused:
        SqliteJournal.open(path, IDENTITY)
    assert refused.value.damage is Damage.UNREADABLE


def test_the_shutdown_record_is_kept(path: Path) -> None:
    journal = SqliteJournal.open(path, IDENTITY)
    journal.record_shutdown(CleanShutdown(0, bytes(32)))
    journal.append(batch(1))
    journal.record_shutdown(CleanShutdown(2, b"h" * 32))
    journal.close()
    journal = SqliteJournal.open(path, read_only=True)
    assert journal.clean_shutdown() == CleanShutdown(2, b"h" * 32)
    journal.close()


def test_an_older_copy_put_back_is_a_cut_journal(path: Path) -> None:
    write_journal(path, batches=2)
    copy = path.read_bytes()
    journal = SqliteJournal.open(path, IDENTITY)
    journal.append(batch(5))
    journal.close()
    path.write_bytes(copy)
    with pytest.raises(JournalCorrupt) as refused:
        SqliteJournal.open(path, IDENTITY)
    assert (refused.value.damage, refused.value.seq) == (Damage.CUT, 5)
