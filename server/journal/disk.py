"""How long this disk takes to make something durable, measured and not assumed."""

import os
import time
from pathlib import Path

import msgspec

LOOP_LIMIT_US = 1_000  # a commit shorter than this costs less in the loop than a thread would
_WRITES = 24
_BLOCK = bytes(4_096)
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class DiskSpeed(msgspec.Struct, frozen=True):
    """Microseconds of small synced writes."""

    p50_us: float
    max_us: float

    @property
    def commit_in_loop(self) -> bool:
        return self.p50_us < LOOP_LIMIT_US


def measure_disk(directory: Path) -> DiskSpeed:
    """The speed of a few small writes in a directory. Raises `OSError`."""
    taken = sorted(sync_times(directory))
    return DiskSpeed(taken[_WRITES // 2], taken[-1])


def sync_times(directory: Path, writes: int = _WRITES) -> list[float]:
    """Appends and syncs blocks in a file of its own, which it removes; µs of each."""
    path = directory / ".disk-speed"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return [_timed_write(file) for _ in range(writes)]
    finally:
        os.close(file)
        path.unlink()


def _timed_write(file: int) -> float:
    start = time.perf_counter_ns()
    os.write(file, _BLOCK)
    _sync(file)
    return (time.perf_counter_ns() - start) / 1_000


def sync_directory(directory: Path) -> None:
    """Makes the directory's entries durable: needed after a file is created or renamed in it."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_again(path: Path) -> None:
    """Makes a file durable as it reads now, even after a sync of it failed.

    A failed sync can leave data in the cache as if they were written: no later sync would write
    them. Does nothing when there is no such file.
    """
    if not path.exists():
        return
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
