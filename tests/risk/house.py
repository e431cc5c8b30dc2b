"""Risk on a real sequencer and journal, started and stopped as the server does it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from server.database import open_database
from server.engine import building
from server.engine.engine import Engine
from server.journal.journal import Journal
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.protocol.accounts import Notice
from server.risk.catch_up import BLOB, CatchUp
from server.risk.service import RiskService
from server.risk.store import RiskStore
from server.sequencing.sequencer import Sequencer
from server.sequencing.snapshotting import SnapshotWriter
from tests.risk.stage import RULES, Commands

HOUR_US = 3_600_000_000
WALL = 1_700_000_000_000_000


class House:
    """A running server, as far as risk is concerned; `told` is what the gateway was handed."""

    def __init__(self, journal: Journal, directory: Path, *, snapshots: bool = True) -> None:
        self.store = RiskStore(open_database(f"sqlite:///{directory / 'risk.sqlite'}"))
        catch_up = CatchUp(self.store, RULES)
        shelf = SnapshotStore(directory / "snapshots")
        recovered = recover(
            journal,
            shelf,
            Engine,
            restore_services=lambda blobs: catch_up.restore(blobs.get(BLOB)),
            follow=catch_up.follow,
            watch=catch_up.watch,
        )
        self.engine = recovered.engine
        projection = catch_up.finish(journal, Engine)
        writer = SnapshotWriter(shelf, every=1_000_000, interval_us=HOUR_US)
        self.sequencer = Sequencer(
            self.engine, journal, lambda: 1_700_000_000_000_000, None, writer if snapshots else None
        )
        self.risk = RiskService(projection, self.sequencer, self.store, lambda: WALL)
        writer.include(BLOB, self.risk.snapshot)
        self.sequencer.subscribe(self.risk.applied)
        self.told: list[tuple[int, Notice]] = []
        self.risk.on_notice(lambda person, notice: self.told.append((person, notice)))

    async def play(self, batches: Iterable[Commands]) -> None:
        """Submits recorded batches at their market times, each once the one before has settled."""
        for commands in batches:
            await self.sequencer.submit(commands, time=int(commands["time"][0]))
            await self.quiet()

    async def quiet(self) -> None:
        """Waits until nothing comes after what was asked last."""
        while True:
            before = self.engine.seq
            await self.sequencer.submit(building.frame_end())
            if self.engine.seq == before + 1:
                return


@asynccontextmanager
async def open_house(
    journal: Journal, directory: Path, *, snapshots: bool = True
) -> AsyncIterator[House]:
    house = House(journal, directory, snapshots=snapshots)
    task = asyncio.ensure_future(house.sequencer.run())
    house.risk.start()
    yield house
    house.sequencer.stop()
    await task
    house.risk.close()
