"""A sequencer at work on the small market, with what it did written down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.engine.engine import Engine
from server.journal.batch import Applied
from server.journal.journal import Journal
from server.journal.memory import MemoryJournal
from server.sequencing.sequencer import Limits, Sequencer
from server.sequencing.snapshotting import SnapshotWriter
from tests.journal.sample_market import OPENING, opening

OPENED = 11  # commands that open the market


class WallClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now


class Running:
    """The parts, and every batch applied, newest last."""

    def __init__(
        self,
        journal: Journal | None = None,
        engine: Engine | None = None,
        limits: Limits | None = None,
        snapshots: SnapshotWriter | None = None,
    ) -> None:
        self.journal = journal or MemoryJournal()
        self.engine = engine or Engine()
        self.wall = WallClock()
        self.sequencer = Sequencer(self.engine, self.journal, self.wall, limits, snapshots)
        self.applied: list[Applied] = []
        self.sequencer.subscribe(self.applied.append)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.ensure_future(self.sequencer.run())

    async def open_market(self) -> None:
        await self.sequencer.submit(opening(), time=OPENING)

    async def end(self) -> None:
        """Stops and waits; raises what `run` raised."""
        assert self.task is not None
        self.sequencer.stop()
        await self.task


@asynccontextmanager
async def running(**parts: object) -> AsyncIterator[Running]:
    """A started sequencer on an open market, stopped at the end of the block."""
    run = Running(**parts)  # type: ignore[arg-type]
    run.start()
    await run.open_market()
    run.applied.clear()
    yield run
    await run.end()
