"""Whatever fails at whichever operation of the disk: nothing acknowledged is lost, ever."""

from contextlib import suppress
from itertools import count
from pathlib import Path

import apsw
import pytest

from server.journal.errors import JournalCorrupt, JournalFailed
from tests.journal.crash_history import (
    assert_nothing_lost,
    close,
    history,
    live,
    opened,
    working_on,
)
from tests.journal.disk_model import Disk
from tests.journal.fault_kinds import (
    ENDS,
    FAILURES,
    KILLED,
    LYING_SYNC,
    TORN,
    Kind,
    from_then_on,
    places,
)

ALL = [*FAILURES, *ENDS, *TORN, *KILLED]


def every(kinds: list[Kind], quick: Kind) -> pytest.MarkDecorator:
    """Each kind of fault; all but one of them are for `make proof`."""
    proof = pytest.mark.proof
    params = [pytest.param(k, marks=() if k is quick else proof, id=k.name) for k in kinds]
    return pytest.mark.parametrize("kind", params)


def healthy(directory: Path) -> Disk:
    """What a history without faults does to the disk."""
    disk = Disk()
    with working_on(disk, directory):
        assert live(disk, directory) == len(history().batches)
    return disk


class Struck:
    """A history that met a fault, on a machine that is still up."""

    def __init__(self, kind: Kind, at: int, directory: Path) -> None:
        self.disk = Disk()
        self.disk.fault = kind.make(at)
        self._directory = directory
        with working_on(self.disk, directory):
            self.acknowledged = live(self.disk, directory)
        self.where = str(self.disk.trace[at - 1])

    def assert_restart_finds(self, acknowledged: int) -> None:
        assert_nothing_lost(self.disk.restarted(), self._directory, acknowledged, self.where)

    def assert_power_cut_leaves(self, acknowledged: int) -> None:
        """Whether it keeps nothing that was not synced, or some of it."""
        for seed in (None, len(self.disk.trace)):
            left = self.disk.after_power_cut(seed)
            where = f"{self.where}, seed {seed}"
            assert_nothing_lost(left, self._directory, acknowledged, where)

    def go_on(self) -> int:
        """To the end of the history, from what is found; how many batches there are then."""
        self.disk.fault = lambda _: None
        with working_on(self.disk, self._directory):
            journal = opened(self.disk, self._directory)
            found = sum(1 for _ in journal.batches())
            journal.close()
            assert found - self.acknowledged in {0, 1}
            return live(self.disk, self._directory, found)

    def start_until(self, operation: int) -> bool:
        """Opens the journal; everything ends at the operation. Whether it came to that."""
        last = len(self.disk.trace) + operation
        self.disk.fault = from_then_on(last)
        with suppress(JournalFailed, OSError), working_on(self.disk, self._directory):
            close(opened(self.disk, self._directory))
        self.where += f", then {self.disk.trace[-1]}"
        return len(self.disk.trace) >= last


@every(ALL, quick=FAILURES[0])
def test_a_process_that_starts_again_finds_everything(tmp_path: Path, kind: Kind) -> None:
    for at in places(healthy(tmp_path), kind):
        run = Struck(kind, at, tmp_path)
        run.assert_restart_finds(run.acknowledged)


@every(ALL, quick=ENDS[0])
def test_a_power_cut_leaves_everything(tmp_path: Path, kind: Kind) -> None:
    for at in places(healthy(tmp_path), kind):
        run = Struck(kind, at, tmp_path)
        run.assert_power_cut_leaves(run.acknowledged)


@every([*FAILURES, *TORN], quick=LYING_SYNC)
def test_going_on_after_a_failure_and_then_a_power_cut(tmp_path: Path, kind: Kind) -> None:
    for at in places(healthy(tmp_path), kind):
        run = Struck(kind, at, tmp_path)
        run.assert_power_cut_leaves(run.go_on())


def test_a_read_that_fails_hides_nothing(tmp_path: Path) -> None:
    """SQLite drops the end of a log that it cannot make out: not so one that it cannot read."""
    last = places(healthy(tmp_path), ENDS[0])[-1]
    killed = Struck(ENDS[0], last, tmp_path)
    refused = 0
    for at in count(1):
        disk = killed.disk.restarted()
        reads = count(1)
        disk.on_read = lambda reads=reads, at=at: fail_read(next(reads), at)
        with working_on(disk, tmp_path):
            try:
                journal = opened(disk, tmp_path)
                found = sum(1 for _ in journal.batches())
                journal.close()
            except (JournalFailed, JournalCorrupt):
                refused += 1
            else:
                assert found >= killed.acknowledged
        if next(reads) <= at:
            break
    assert refused > 10


def fail_read(number: int, at: int) -> None:
    if number == at:
        raise apsw.IOError("disk I/O error")


@pytest.mark.proof
def test_a_power_cut_while_starting_after_a_failed_sync(tmp_path: Path) -> None:
    """What the failed sync should have written is still in the cache, as if it were written."""
    for at in places(healthy(tmp_path), LYING_SYNC):
        for operation in count(1):
            run = Struck(LYING_SYNC, at, tmp_path)
            if not run.start_until(operation):
                break
            run.assert_power_cut_leaves(run.acknowledged)
