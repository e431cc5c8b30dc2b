"""A whole server on real days, as fast as it goes, and what its journal then says."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.app import Server, build
from server.config import Config, LogConfig, MarketConfig, ServerConfig
from server.engine.engine import Engine
from server.journal.sqlite import SqliteJournal


@dataclass(frozen=True, slots=True)
class Replayed:
    """Every command and event of a journal, and the state hash a replay of it ends in."""

    commands: NDArray[np.void]
    events: NDArray[np.void]
    state_hash: bytes
    engine: Engine


def replay_config(data: Path, source: Path, first: str, last: str) -> Config:
    return Config(
        server=ServerConfig(data_dir=str(data), port=0, demo=True),
        market=MarketConfig(
            kind="replay", path=str(source), from_date=first, to=last, speed=0.0, history_days=0
        ),
        log=LogConfig(level="error"),
    )


async def run_to_the_end(config: Config) -> bytes:
    """Runs a server until its market has ended; returns the live engine's state hash."""
    server = build(config)
    running = asyncio.ensure_future(server.run(lambda ready: None))
    try:
        while not server.pacer.status.finished and not running.done():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await _settle(server)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.journal.close()
    assert server.sequencer.stopped is not None
    return server.services.engine.state_hash()


async def _settle(server: Server) -> None:
    """Waits until what the last frames set off has been carried out."""
    seq = -1
    while seq != server.services.engine.seq:
        seq = server.services.engine.seq
        await asyncio.sleep(0.1)


def read_back(data: Path) -> Replayed:
    """Replays the journal from its first record."""
    journal = SqliteJournal.open(data / "journal.db", read_only=True)
    engine = Engine()
    commands, events = [], []
    for batch in journal.batches():
        commands.append(batch.commands)
        events.append(engine.apply(batch.commands))
    journal.close()
    return Replayed(np.concatenate(commands), np.concatenate(events), engine.state_hash(), engine)
