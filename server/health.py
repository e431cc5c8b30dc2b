"""The server's own health: a line in the log now and then, for whoever keeps it running."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from server.pulse import Pulse

_log = structlog.get_logger("honghe.health")


class Load(msgspec.Struct, frozen=True):
    """What the server holds at this moment."""

    seq: int  # commands in the journal
    connections: int
    sessions: int  # logged in
    remembered: int  # commands that a repeat of would be answered from memory
    unwritten: int  # batches that history has still to write
    state_bytes: int  # of the engine's tables, room to grow included


class Health(msgspec.Struct, frozen=True):
    """One line: the load, the tasks of the loop, and its pulse since the line before."""

    load: Load
    tasks: int
    beats: int
    late_p99_ms: float
    late_ms: float  # the latest beat, and how much of it the loop's thread was busy
    busy_ms: float
    busiest_ms: float
    collection_ms: float  # the longest garbage collection
    doing: str  # while the latest beat was overdue, if it was seen


class HealthReport:
    """Says how the server is every `interval_s`; not at all when that is 0."""

    def __init__(self, pulse: Pulse, load: Callable[[], Load], interval_s: float) -> None:
        self._pulse = pulse
        self._load = load
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled; the pulse is taken while it runs."""
        if not self._interval_s:
            return
        with self._pulse:
            beating = asyncio.create_task(self._pulse.run(), name="pulse")
            try:
                while True:
                    await asyncio.sleep(self._interval_s)
                    _log.info("health", **_flat(self.take()))
            finally:
                beating.cancel()

    def take(self) -> Health:
        beats = self._pulse.take()
        return Health(
            load=self._load(),
            tasks=len(asyncio.all_tasks()),
            beats=beats.count,
            late_p99_ms=_ms(beats.p99_s),
            late_ms=_ms(beats.worst.late_s),
            busy_ms=_ms(beats.worst.busy_s),
            busiest_ms=_ms(beats.busiest_s),
            collection_ms=_ms(beats.collection_s),
            doing=beats.worst.doing,
        )


def _flat(health: Health) -> dict[str, object]:
    """One figure a name, as a log line wants them."""
    figures = msgspec.structs.asdict(health)
    return msgspec.structs.asdict(health.load) | {k: v for k, v in figures.items() if k != "load"}


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 1)
