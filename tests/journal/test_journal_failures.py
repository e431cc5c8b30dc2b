"""A write that fails ends the journal's life; what a crash leaves is a prefix, or is reported."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from server.journal.errors import Damage, JournalCorrupt, JournalFailed
from server.journal.journal import CleanShutdown
from server.journal.memory import MemoryJournal
from server.journal.sqlite import SqliteJournal
from tests.journal.faults import NAME, Faults, faulty_disk
from tests.journal.journals import IDENTITY, batch, read_journal, write_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def faults() -> Iterator[Faults]:
    with faulty_disk() as faults:
        yield faults


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("write", apsw.FullError("database or disk is full")),
        ("write", apsw.IOError("write error")),
        ("sync", apsw.IOError("sync error")),
    ],
)
def test_after_one_failure_nothing_is_appended_again(
    path: Path, faults: Faults, operation: str, error: Exception
) -> None:
    journal = SqliteJournal.open(path, IDENTITY, vfs=NAME)
    journal.append(batch(1))
    head = journal.head_digest

    faults.fail(operation, error)
    with pytest.raises(JournalFailed, match=type(error).__name__):
        journal.append(batch(3))
    faults.mend()

    assert (journal.last_seq, journal.head_digest) == (2, head)
    with pytest.raises(JournalFailed):
        journal.append(batch(3))
    with pytest.raises(JournalFailed):
        journal.record_shutdown(CleanShutdown(2, bytes(32)))
    journal.close()

    again = SqliteJournal.open(path, IDENTITY)
    assert again.last_seq in {2, 4}, "what was not acknowledged may be there, whole, or not"
    assert [each.first_seq for each in again.batches()] == [1, 3][: again.last_seq // 2]
    again.append(batch(again.last_seq + 1))
    again.close()


def test_a_failure_in_a_large_batch_leaves_the_earlier_ones(path: Path, faults: Faults) -> None:
    journal = SqliteJournal.open(path, IDENTITY, vfs=NAME)
    journal.append(batch(1))
    faults.fail("write", apsw.FullError("database or disk is full"))
    with pytest.raises(JournalFailed):
        journal.append(batch(3, count=5_000))
    faults.mend()
    journal.close()
    assert read_journal(path) == [1]


@pytest.mark.parametrize("operation", ["write", "sync"])
def test_a_disk_that_fails_at_the_opening_is_the_journals_failure(
    path: Path, faults: Faults, operation: str
) -> None:
    faults.fail(operation, apsw.IOError("disk I/O error"))
    with pytest.raises(JournalFailed, match=r"journal\.db: IOError"):
        SqliteJournal.open(path, IDENTITY, vfs=NAME)
    faults.mend()
    SqliteJournal.open(path, IDENTITY, vfs=NAME).close()


def test_a_half_written_witness_does_not_stop_its_owner_who_mends_it(path: Path) -> None:
    write_journal(path, batches=2)
    witness = path.with_suffix(".head")
    witness.write_bytes(witness.read_bytes()[:40])
    with pytest.raises(JournalCorrupt, match=r"journal\.head"):
        read_journal(path)
    journal = SqliteJournal.open(path, IDENTITY)
    journal.append(batch(5))
    journal.close()
    assert read_journal(path) == [1, 3, 5]


def test_a_closed_journal_takes_nothing(path: Path) -> None:
    journal = SqliteJournal.open(path, IDENTITY)
    journal.close()
    with pytest.raises(JournalFailed, match="closed"):
        journal.append(batch(1))


def test_a_reader_takes_nothing(path: Path) -> None:
    write_journal(path, batches=1)
    journal = SqliteJournal.open(path, read_only=True)
    with pytest.raises(JournalFailed, match="read-only"):
        journal.append(batch(3))
    journal.close()


def test_the_memory_journal_fails_in_the_same_way() -> None:
    journal = MemoryJournal()
    journal.append(batch(1))
    journal.failure = "no more"
    with pytest.raises(JournalFailed, match="no more"):
        journal.append(batch(3))
    assert [each.first_seq for each in journal.batches()] == [1]


def test_both_journals_make_the_same_chain(path: Path) -> None:
    in_memory, on_disk = MemoryJournal(IDENTITY), SqliteJournal.open(path, IDENTITY)
    for first in (1, 3, 5):
        in_memory.append(batch(first))
        on_disk.append(batch(first))
    assert in_memory.head_digest == on_disk.head_digest
    read = [[each.digest for each in journal.batches(3)] for journal in (in_memory, on_disk)]
    assert read[0] == read[1]
    assert len(read[0]) == 2
    on_disk.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import IDENTITY, batch

journal = SqliteJournal.open(Path(sys.argv[1]), IDENTITY)
for first in (1, 3, 5, 7, 9):
    journal.append(batch(first))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(path: Path) -> Path:
    """The journal of a killed process: all five batches are in the write-ahead log alone."""
    repository = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], cwd=repository, check=False, timeout=60
    )
    assert ended.returncode == -9
    return path


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def test_what_a_killed_process_appended_is_there(killed: Path) -> None:
    assert read_journal(killed) == [1, 3, 5, 7, 9]
    journal = SqliteJournal.open(killed, IDENTITY)
    journal.append(batch(11))
    journal.close()
    assert read_journal(killed) == [1, 3, 5, 7, 9, 11]


def test_a_damaged_log_is_a_cut_journal(killed: Path) -> None:
    data = bytearray(log_of(killed).read_bytes())
    data[-100] ^= 1  # SQLite drops the last transaction without a word
    log_of(killed).write_bytes(data)
    with pytest.raises(JournalCorrupt) as refused:
        SqliteJournal.open(killed, IDENTITY)
    assert (refused.value.damage, refused.value.seq) == (Damage.CUT, 9)


def test_a_lost_log_is_a_cut_journal(killed: Path) -> None:
    log_of(killed).unlink()
    with pytest.raises(JournalCorrupt) as refused:
        SqliteJournal.open(killed, IDENTITY)
    assert refused.value.damage is Damage.CUT


def test_a_log_cut_anywhere_by_a_power_failure_leaves_whole_batches(killed: Path) -> None:
    killed.with_suffix(".head").unlink()  # was in memory only
    log = log_of(killed).read_bytes()
    found: set[int] = set()
    for end in range(len(log), 0, -1_024):
        log_of(killed).write_bytes(log[:end])
        read = read_journal(killed)
        assert read == [1, 3, 5, 7, 9][: len(read)]
        found.add(len(read))
    assert found == {0, 1, 2, 3, 4, 5}
