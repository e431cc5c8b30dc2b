"""A disk that can be told to fail, underneath SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

NAME = "faulty"


class Faults:
    """`fail("write" | "sync", error)`: the next such call, and every later one, raises it."""

    def __init__(self) -> None:
        self._operation = ""
        self._error: Exception | None = None

    def fail(self, operation: str, error: Exception) -> None:
        self._operation, self._error = operation, error

    def mend(self) -> None:
        self._error = None

    def check(self, operation: str) -> None:
        if self._error is not None and operation == self._operation:
            raise self._error


class _File(apsw.VFSFile):
    def __init__(self, name: object, flags: list[int], faults: Faults) -> None:
        super().__init__("", name, flags)
        self._faults = faults

    def xWrite(self, data: bytes, offset: int) -> None:
        self._faults.check("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._faults.check("sync")
        super().xSync(flags)


class _Disk(apsw.VFS):
    def __init__(self, faults: Faults) -> None:
        super().__init__(NAME, "")
        self._faults = faults

    def xOpen(self, name: object, flags: list[int]) -> _File:
        return _File(name, flags, self._faults)


@contextmanager
def faulty_disk() -> Iterator[Faults]:
    """The VFS `NAME` stands while the block runs."""
    faults = Faults()
    disk = _Disk(faults)
    try:
        yield faults
    finally:
        disk.unregister()
