"""A whole server: it signs what it leaves, and refuses a journal that is not what it signed."""

import asyncio
from pathlib import Path

import pytest

from server.app import build
from server.config import Config, JournalConfig, LogConfig, MarketConfig, ServerConfig
from server.journal.errors import Damage, JournalCorrupt
from server.journal.head_check import HeadsChecked, check_heads
from server.journal.heads import read_lines
from server.journal.keys import load_key
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import cut, tampering


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        server=ServerConfig(data_dir=str(tmp_path / "data"), port=0),
        market=MarketConfig(speed=0.0, instruments=["600519.SSE"]),
        journal=JournalConfig(key_file=str(tmp_path / "keys" / "journal.key")),
        log=LogConfig(level="error"),
    )


async def serve(config: Config, commands: int) -> None:
    """Runs a server until it has carried out that many commands, and stops it in order."""
    server = build(config)
    running = asyncio.ensure_future(server.run(lambda _: None))
    try:
        enough = server.services.engine.seq + commands
        while server.services.engine.seq < enough and not running.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.journal.close()


def heads_of(config: Config) -> HeadsChecked:
    key = load_key(config.journal.key_path)
    journal = SqliteJournal.open(config.server.data_path / "journal.db", read_only=True)
    try:
        return check_heads(read_lines(config.heads_path), [key.public], journal)
    finally:
        journal.close()


async def test_a_stop_is_signed_at_the_journals_end(config: Config) -> None:
    await serve(config, commands=300)
    first = heads_of(config)
    assert first.fault is None
    assert first.heads[-1].kind == "stop"
    await serve(config, commands=300)
    second = heads_of(config)
    assert second.fault is None
    assert second.heads[: len(first.heads)] == first.heads
    assert second.heads[-1].seq > first.heads[-1].seq


async def test_a_journal_that_was_cut_since_does_not_start(config: Config) -> None:
    await serve(config, commands=300)
    data = config.server.data_path
    with tampering(data / "journal.db") as db:
        seq = db.execute("SELECT max(first_seq) - 1 FROM batches").get
    cut(data / "journal.db", seq)
    (data / "journal.head").unlink()
    for snapshot in (data / "snapshots").iterdir():
        snapshot.unlink()
    with pytest.raises(JournalCorrupt, match="was cut at sequence") as refused:
        build(config)
    assert refused.value.damage == Damage.CUT


async def test_a_missing_key_is_made_anew_and_the_server_goes_on(config: Config) -> None:
    await serve(config, commands=300)
    config.journal.key_path.unlink()
    await serve(config, commands=300)
    result = heads_of(config)
    assert result.fault is None  # the new key vouches for what was there before it
    assert len({head.key for head in result.heads}) == 2
