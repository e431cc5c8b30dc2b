"""Signing the journal's head when a day has closed, beside the running sequencer."""

import asyncio

import numpy as np
import structlog

from server.engine.codes import Command, Event
from server.engine.records import DAY_EVENT
from server.journal.batch import Applied
from server.journal.heads import HeadFile, Point

_log = structlog.get_logger(__name__)


class HeadSigner:
    """A listener that sees days close, and the task that signs them, in a thread.

    A head that cannot be written is reported and tried again with the next.
    """

    def __init__(self, heads: HeadFile) -> None:
        self._heads = heads
        self._waiting: list[Point] = []
        self._wakeup = asyncio.Event()
        self._signing = asyncio.Lock()

    def applied(self, applied: Applied) -> None:
        """Takes note of a batch in which a day closes."""
        if Command.DAY_CLOSE not in applied.kinds:
            return
        closed = applied.events[applied.events["kind"] == Event.DAY_CLOSED].view(DAY_EVENT)
        if len(closed):
            date = int(np.max(closed["date"]))
            self.note(Point("day", date, applied.last_seq, applied.digest, applied.wall_time))

    def note(self, point: Point) -> None:
        """Has it signed, unless something newer is."""
        newest = self._waiting[-1].seq if self._waiting else self._heads.last_seq
        if point.seq > newest:
            self._waiting.append(point)
            self._wakeup.set()

    async def run(self) -> None:
        """Signs what comes, until cancelled."""
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            await self.sign()

    async def sign(self) -> None:
        """Signs all that waits."""
        async with self._signing:
            while self._waiting:
                point = self._waiting[0]
                try:
                    signed = await asyncio.to_thread(self._heads.add, point)
                except OSError as error:
                    _log.error("head_not_signed", seq=point.seq, error=str(error))
                    return
                self._waiting.pop(0)
                _log.info("head_signed", kind=point.kind, seq=point.seq, number=signed.head.number)
