"""The ways in which a disk fails, each to be tried at every operation in turn."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import apsw

from tests.journal.disk_model import SECTOR, Disk, Fault, Operation

Applies = Callable[[Operation], bool]
Make = Callable[[int], Fault]  # at which operation


@dataclass(frozen=True)
class Kind:
    """`is_end`: the process or the machine ends there, and nothing reaches the disk after it."""

    name: str
    applies: Applies
    make: Make
    is_end: bool = False


def io_error(operation: Operation) -> Exception:
    if operation.file.endswith(".head"):
        return OSError(errno.EIO, "Input/output error")
    return apsw.IOError("disk I/O error")


def disk_full(operation: Operation) -> Exception:
    if operation.file.endswith(".head"):
        return OSError(errno.ENOSPC, "No space left on device")
    return apsw.FullError("database or disk is full")


def once(at: int, error: Callable[[Operation], Exception] = io_error) -> Fault:
    def fault(operation: Operation) -> None:
        if operation.number == at:
            raise error(operation)

    return fault


def from_then_on(at: int) -> Fault:
    def fault(operation: Operation) -> None:
        if operation.number >= at:
            raise io_error(operation)

    return fault


def full_from_then_on(at: int) -> Fault:
    def fault(operation: Operation) -> None:
        if operation.number >= at and operation.kind in {"write", "open"}:
            raise disk_full(operation)

    return fault


def lying_sync(at: int) -> Fault:
    """It fails, and what it should have written stays in the cache for good, as if written."""

    def fault(operation: Operation) -> None:
        if operation.number == at:
            operation.lose()
            raise io_error(operation)

    return fault


def torn(at: int, cut: Callable[[int], int], lasting: bool) -> Fault:
    """The first bytes arrive; then the disk is full, or the process is no more."""

    def fault(operation: Operation) -> None:
        if operation.number == at:
            operation.part(cut(operation.size))
        if operation.number == at or (lasting and operation.number > at):
            raise disk_full(operation)

    return fault


def any_operation(_: Operation) -> bool:
    return True


def a_write(operation: Operation) -> bool:
    return operation.kind == "write"


def a_sync(operation: Operation) -> bool:
    return operation.kind == "sync"


def _wide(size: int) -> Applies:
    return lambda operation: operation.kind == "write" and operation.size > size


CUTS: dict[str, tuple[Applies, Callable[[int], int]]] = {
    "frame head": (_wide(24), lambda size: 24),
    "sector": (_wide(SECTOR), lambda size: SECTOR),
    "half": (_wide(1), lambda size: size // 2),
    "all but a byte": (_wide(1), lambda size: size - 1),
}

LYING_SYNC = Kind("failed sync that loses the data", a_sync, lying_sync)
FAILURES = [
    Kind("I/O error once", any_operation, once),
    Kind("I/O errors from then on", any_operation, from_then_on),
    Kind("disk full once", a_write, lambda at: once(at, disk_full)),
    Kind("disk full from then on", a_write, full_from_then_on),
    LYING_SYNC,
]
ENDS = [Kind("the end", any_operation, from_then_on, is_end=True)]


def _torn_kinds() -> Iterator[Kind]:
    for name, (applies, cut) in CUTS.items():

        def failing(at: int, cut: Callable[[int], int] = cut) -> Fault:
            return torn(at, cut, lasting=False)

        def ending(at: int, cut: Callable[[int], int] = cut) -> Fault:
            return torn(at, cut, lasting=True)

        yield Kind(f"torn at: {name}", applies, failing)
        yield Kind(f"killed at: {name}", applies, ending, is_end=True)


TORN = [kind for kind in _torn_kinds() if not kind.is_end]
KILLED = [kind for kind in _torn_kinds() if kind.is_end]


def places(disk: Disk, kind: Kind) -> list[int]:
    """The numbers of a healthy run's operations at which a fault of this kind can strike."""
    return [operation.number for operation in disk.trace if kind.applies(operation)]
