"""Each step of saving a snapshot fails in turn: older ones stay, and no half one is ever read."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.journal import disk, snapshots
from server.journal.snapshots import Snapshot, SnapshotStore, load_snapshot

STEPS = ("open", "write", "flush", "fsync", "replace", "sync_directory", "unlink")


class Steps:
    """Counts the steps of a save; `fail_at` fails with an error, or ends the process there."""

    def __init__(self, fail_at: int, ends: bool) -> None:
        self.taken: list[str] = []
        self._fail_at, self._ends = fail_at, ends

    def take(self, name: str) -> None:
        self.taken.append(name)
        number = len(self.taken)
        if number == self._fail_at or (self._ends and number > self._fail_at):
            raise OSError(5, f"{name} failed")


class Failing:
    """A file whose writes are steps; a failed one may have written a part."""

    def __init__(self, file: Any, steps: Steps) -> None:
        self._file, self._steps = file, steps

    def __enter__(self) -> "Failing":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        try:
            self._steps.take("write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        self._file.write(data)

    def flush(self) -> None:
        self._steps.take("flush")
        self._file.flush()

    def fileno(self) -> int:
        return int(self._file.fileno())


@contextmanager
def failing(fail_at: int, ends: bool = False) -> Iterator[Steps]:
    """Saving goes wrong at this step; with `ends`, at every later one too, as in a crash."""
    steps = Steps(fail_at, ends)

    def step(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*args: Any, **named: Any) -> Any:
            steps.take(name)
            return original(*args, **named)

        return taken

    opening = step("open", Path.open)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", lambda *args: Failing(opening(*args), steps))
        patch.setattr(os, "fsync", step("fsync", os.fsync))
        patch.setattr(Path, "replace", step("replace", Path.replace))
        patch.setattr(Path, "unlink", step("unlink", Path.unlink))
        synced = step("sync_directory", disk.sync_directory)
        patch.setattr(snapshots, "sync_directory", synced)
        yield steps


def snapshot(seq: int) -> Snapshot:
    return Snapshot(seq, seq, b"d" * 32, b"engine" * 500, {"service": b"blob" * 300})


def stored(directory: Path) -> SnapshotStore:
    store = SnapshotStore(directory, keep=2)
    for seq in (10, 20):
        store.save(snapshot(seq))
    return store


def steps_of_a_save(directory: Path) -> list[str]:
    store = stored(directory)
    with failing(fail_at=0) as steps:
        store.save(snapshot(30))
    return steps.taken


@pytest.mark.parametrize("ends", [False, True], ids=["an error", "a crash"])
def test_every_step_may_fail(tmp_path: Path, ends: bool) -> None:
    taken = steps_of_a_save(tmp_path / "healthy")
    assert set(taken) == set(STEPS)
    for at, name in enumerate(taken, 1):
        directory = tmp_path / str(at)
        store = stored(directory)
        with failing(at, ends), pytest.raises(OSError, match="failed"):
            store.save(snapshot(30))
        assert_usable(store, name)
        store.save(snapshot(40))
        assert store.paths()[0][0] == 40
        assert len(list(directory.iterdir())) == 2, "what a failure left is cleared away"


def assert_usable(store: SnapshotStore, where: str) -> None:
    """What has a snapshot's name is one, and the newest that was saved before is among them."""
    held = {seq: load_snapshot(path) for seq, path in store.paths()}
    assert 20 in held, where
    for seq, each in held.items():
        assert (each.seq, each.engine) == (seq, snapshot(seq).engine), where
