"""History at work: written behind, read after it was written, the same after any restart."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import text

from server.database import open_database
from server.engine.codes import Side
from server.engine.engine import Engine
from server.history.catch_up import BLOB, CatchUp, rebuild
from server.history.changes import Changes
from server.history.projector import Projector
from server.history.service import History, HistoryFailed
from server.history.store import HistoryStore, Page
from server.journal.recovery import recover
from server.journal.snapshots import Snapshot, SnapshotStore
from tests.history.tape import ANNA, CONTRACT, MAKER, Tape, order

TABLES = ("orders", "fills", "cash_moves", "projection")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'honghe.sqlite'}", durable=False)
    yield made
    made.dispose()


def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with database.connect() as connection:
        return {
            table: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))))
            for table in TABLES
        }


@asynccontextmanager
async def at_work(database: Database, projector: Projector) -> AsyncIterator[History]:
    history = History(HistoryStore(database), projector)
    running = asyncio.create_task(history.run())
    yield history
    running.cancel()
    await asyncio.wait([running])
    await history.close()


async def follow(database: Database, tape: Tape) -> None:
    """Has history follow everything on the tape, live."""
    async with at_work(database, Projector()) as history:
        for applied in tape.applied:
            history.applied(applied)
            await asyncio.sleep(0)


async def test_an_answer_holds_everything_applied_before_the_question(database: Database) -> None:
    tape = Tape()
    async with at_work(database, Projector()) as history:
        history.applied(tape.applied[0])
        for number in range(5):
            history.applied(tape.apply(order(ANNA, Side.BUY, 950, 100, f"order {number}")))
            assert len(await history.orders(Page([ANNA]))) == number + 1
        history.applied(tape.apply(order(MAKER, Side.SELL, 950, 500)))
        assert len(await history.fills(Page([ANNA]))) == 5
        assert history.backlog == 0


async def test_listeners_hear_of_each_batch_that_concerns_traders(database: Database) -> None:
    tape = Tape()
    heard: list[Changes] = []
    async with at_work(database, Projector()) as history:
        history.applied(tape.applied[0])
        history.subscribe(heard.append)
        history.applied(tape.apply(order(MAKER, Side.SELL, 1_000, 100)))
        history.applied(tape.apply(order(ANNA, Side.BUY, 1_000, 100)))
    assert [[each.status for each in changes.orders] for changes in heard] == [["filled"]]


async def test_dropped_and_rebuilt_it_is_the_same(database: Database) -> None:
    """Also the end of `follow`, which cancels the writer at work, loses nothing."""
    tape = Tape()
    tape.trade(batches=30, seed=7)
    await follow(database, tape)
    lived = dump(database)
    assert len(lived["orders"]) > 100
    assert len(lived["fills"]) > 30

    store = HistoryStore(database)
    store.clear()
    assert dump(database)["orders"] == []
    projector = rebuild(store, tape.journal, Engine())
    assert dump(database) == lived
    assert projector.seq == tape.engine.seq


async def catch_up(
    database: Database, tape: Tape, snapshots: SnapshotStore
) -> tuple[Projector, bool]:
    """A start of the server; says whether the journal had to be read from its beginning."""
    started: list[Engine] = []
    work = CatchUp(HistoryStore(database))
    recover(
        tape.journal,
        snapshots,
        Engine,
        restore_services=lambda blobs: work.restore(blobs.get(BLOB)),
        follow=work.follow,
    )

    def new_engine() -> Engine:
        started.append(Engine())
        return started[-1]

    return work.finish(tape.journal, new_engine), bool(started)


def snapshot(tape: Tape, snapshots: SnapshotStore, blobs: dict[str, bytes]) -> None:
    engine = tape.engine
    snapshots.save(
        Snapshot(engine.seq, engine.time, tape.journal.head_digest, engine.snapshot(), blobs)
    )


async def test_it_goes_on_from_a_snapshot_and_what_was_not_written_then(
    database: Database, tmp_path: Path
) -> None:
    """Killed with a snapshot taken while batches waited to be written: nothing is missing."""
    snapshots = SnapshotStore(tmp_path / "snapshots")
    tape = Tape()
    tape.trade(batches=5, seed=1)
    history = History(HistoryStore(database), Projector())
    for applied in tape.applied:
        history.applied(applied)
    snapshot(tape, snapshots, {BLOB: history.snapshot()})
    tape.trade(batches=5, seed=2)

    projector, rebuilt = await catch_up(database, tape, snapshots)
    caught_up = dump(database)
    assert not rebuilt
    assert projector.seq == tape.engine.seq
    rebuild(HistoryStore(database), tape.journal, Engine())
    assert dump(database) == caught_up


async def test_a_store_ahead_of_the_snapshot_is_not_written_twice(
    database: Database, tmp_path: Path
) -> None:
    snapshots = SnapshotStore(tmp_path / "snapshots")
    tape = Tape()
    async with at_work(database, Projector()) as history:
        for applied in tape.applied:
            history.applied(applied)
        snapshot(tape, snapshots, {BLOB: history.snapshot()})
        before = len(tape.applied)
        tape.trade(batches=5, seed=2)
        for applied in tape.applied[before:]:
            history.applied(applied)
    lived = dump(database)
    projector, rebuilt = await catch_up(database, tape, snapshots)
    assert (projector.seq, rebuilt) == (tape.engine.seq, False)
    assert dump(database) == lived


@pytest.mark.parametrize("damage", ["tables lost", "blob lost", "blob unreadable", "tables ahead"])
async def test_it_is_rebuilt_when_it_cannot_go_on(
    database: Database, tmp_path: Path, damage: str
) -> None:
    snapshots = SnapshotStore(tmp_path / "snapshots")
    tape = Tape()
    tape.trade(batches=5, seed=1)
    async with at_work(database, Projector()) as history:
        for applied in tape.applied:
            history.applied(applied)
        await history.orders(Page([ANNA, CONTRACT]))
        blob = history.snapshot()
    lived = dump(database)
    blobs = {"blob lost": {}, "blob unreadable": {BLOB: b"\xc1"}}.get(damage, {BLOB: blob})
    snapshot(tape, snapshots, blobs)
    if damage == "tables lost":
        HistoryStore(database).clear()
    if damage == "tables ahead":
        HistoryStore(database).write([Changes(tape.engine.seq + 1, 0, [], [], [])])
    projector, rebuilt = await catch_up(database, tape, snapshots)
    assert rebuilt
    assert (dump(database), projector.seq) == (lived, tape.engine.seq)


async def test_a_disk_that_fails_is_said_and_stops_nothing_else(database: Database) -> None:
    tape = Tape()
    store = HistoryStore(database)
    history = History(store, Projector())
    running = asyncio.create_task(history.run())
    history.applied(tape.applied[0])
    with database.begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    history.applied(tape.apply(order(ANNA, Side.BUY, 950, 100)))
    with pytest.raises(HistoryFailed):
        await history.orders(Page([ANNA]))
    await running
    history.applied(tape.apply(order(ANNA, Side.BUY, 951, 100)))
    assert len(history.open_orders([ANNA])) == 2
    with pytest.raises(HistoryFailed):
        await history.fills(Page([ANNA]))
    await history.close()
