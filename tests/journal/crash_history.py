"""A short history of a real engine, lived by a journal on a disk that fails; what must be left."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import apsw
import pytest

from server.engine.engine import Engine
from server.journal import sqlite, sqlite_file, witness
from server.journal.batch import Batch
from server.journal.errors import JournalFailed
from server.journal.journal import CleanShutdown
from server.journal.memory import MemoryJournal
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from tests.journal.disk_model import Disk, mounted
from tests.journal.journals import IDENTITY, same_commands
from tests.journal.runs import Run
from tests.journal.sample_market import opening, trading

SIZES = (1, 3, 40, 1, 130, 1, 2, 1, 60, 1)  # commands; some fill pages of their own
WITNESS = "journal.head"
RESTART = 6  # batches of the first of two runs
CHECKPOINT_PAGES = 12  # so that a short history has a few


@dataclass(frozen=True)
class History:
    """`states[i]` is the engine's hash after `i` batches."""

    batches: list[Batch]
    states: list[bytes]


@cache
def history() -> History:
    run = Run(MemoryJournal(IDENTITY))
    run.apply(opening())
    for seed, size in enumerate(SIZES):
        run.apply(trading(size, seed))
    return History(list(run.journal.batches()), list(run.hashes.values()))


class WitnessCalls:
    """`os` for the witness: its writes are operations of the disk, too."""

    O_RDWR, O_CREAT = witness.os.O_RDWR, witness.os.O_CREAT

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._paths: dict[int, Path] = {}

    def open(self, path: Path, flags: int, mode: int) -> int:
        if path.name not in self._disk.files:
            self._disk.create(path.name)
        self._paths[len(self._paths)] = path
        return len(self._paths) - 1

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        path = self._paths[file]
        try:
            self._disk.write(path.name, data, offset)
        finally:
            write_witness(self._disk, path.parent)
        return len(data)

    def close(self, file: int) -> None:
        pass


def write_witness(disk: Disk, directory: Path) -> None:
    """It is read as a real file, the only one."""
    file = directory / WITNESS
    if WITNESS not in disk.files:
        file.unlink(missing_ok=True)
    else:
        with file.open("r+b" if file.exists() else "wb") as real:
            real.truncate(real.write(disk.files[WITNESS].content))


@contextmanager
def working_on(disk: Disk, directory: Path) -> Iterator[None]:
    """Everything that a journal in `directory` does to its files is done to `disk`."""
    write_witness(disk, directory)
    with mounted(disk), pytest.MonkeyPatch.context() as patch:
        patch.setattr(witness, "os", WitnessCalls(disk))
        patch.setattr(sqlite_file, "sync_directory", disk.sync_directory)
        patch.setattr(sqlite_file, "write_again", disk.write_again)
        patch.setattr(sqlite, "CHECKPOINT_PAGES", CHECKPOINT_PAGES)
        yield


def opened(disk: Disk, directory: Path) -> SqliteJournal:
    return SqliteJournal.open(directory / "journal.db", IDENTITY, vfs=disk.name)


def close(journal: SqliteJournal) -> None:
    # SQLite's own close never fails; apsw hands on what its Python disk raised meanwhile.
    with suppress(apsw.Error):
        journal.close()


def live(disk: Disk, directory: Path, done: int = 0) -> int:
    """Goes on from `done` batches, with a restart on the way; how many were acknowledged.

    Ends at the first failure, after which the journal must refuse everything.
    """
    batches = history().batches
    for end in (RESTART, len(batches)):
        try:
            journal = opened(disk, directory)
        except (JournalFailed, OSError):
            return done
        try:
            for batch in batches[done:end]:
                journal.append(batch)
                done += 1
            journal.record_shutdown(CleanShutdown(journal.last_seq, history().states[done]))
        except JournalFailed:
            _assert_over(journal, batches[done - 1 :])
            return done
        finally:
            close(journal)
    return done


def _assert_over(journal: SqliteJournal, batches: list[Batch]) -> None:
    for batch in batches:
        with pytest.raises(JournalFailed):
            journal.append(batch)
    with pytest.raises(JournalFailed):
        journal.record_shutdown(CleanShutdown(0, b""))


def assert_nothing_lost(disk: Disk, directory: Path, acknowledged: int, where: object) -> int:
    """What a healthy process finds: all that was acknowledged, and one batch more at most.

    The journal goes on from there. Returns how many batches were found.
    """
    try:
        with working_on(disk, directory):
            return _found(disk, directory, acknowledged)
    except BaseException as error:
        error.add_note(f"{where}; {acknowledged} batches were acknowledged")
        raise


def _found(disk: Disk, directory: Path, acknowledged: int) -> int:
    expected = history()
    journal = opened(disk, directory)
    held = list(journal.batches())
    assert len(held) - acknowledged in {0, 1}
    assert all(map(same_commands, held, expected.batches))
    recovered = recover(journal, SnapshotStore(directory / "none"), Engine)
    assert recovered.engine.state_hash() == expected.states[len(held)]
    following = expected.batches[len(held) :][:1] or [_one_more(recovered.engine)]
    journal.append(following[0])
    journal.close()
    journal = opened(disk, directory)
    assert sum(1 for _ in journal.batches()) == len(held) + 1
    journal.close()
    return len(held)


def _one_more(engine: Engine) -> Batch:
    last = history().batches[-1]
    commands = trading(1, seed=99)
    commands["seq"], commands["time"] = engine.seq + 1, engine.time
    return Batch(engine.seq + 1, last.wall_time + 1, commands)
