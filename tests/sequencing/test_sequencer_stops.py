"""A failure stops everything for good: nothing more is acknowledged, and everybody is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from server.engine.engine import Engine, EngineFailed
from server.journal.memory import MemoryJournal
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.sequencing.errors import Overloaded, StopKind, Stopped
from server.sequencing.sequencer import Limits
from tests.journal.faults import NAME, Faults, faulty_disk
from tests.journal.journals import IDENTITY
from tests.journal.sample_market import OPENING, trading
from tests.sequencing.running import OPENED, Running, running

both_ways = pytest.mark.parametrize(
    "limits", [Limits(), Limits(commit_in_loop=False)], ids=["loop", "thread"]
)


@pytest.fixture
def faults() -> Iterator[Faults]:
    with faulty_disk() as faults:
        yield faults


async def stopped_for(run: Running, future: asyncio.Future[object]) -> Stopped:
    with pytest.raises(Stopped) as stopped:
        await future
    assert run.task is not None
    await run.task
    return stopped.value


@both_ways
@pytest.mark.parametrize("operation", ["write", "sync"])
async def test_a_failed_write_stops_everything(
    tmp_path: Path, faults: Faults, limits: Limits, operation: str
) -> None:
    path = tmp_path / "journal.db"
    journal = SqliteJournal.open(path, IDENTITY, vfs=NAME)
    run = Running(journal, limits=limits)
    run.start()
    await run.open_market()
    before = run.engine.state_hash()

    faults.fail(operation, apsw.IOError("disk I/O error"))
    waiting = [run.sequencer.submit(trading(2, seed)) for seed in range(3)]
    told = [await stopped_for(run, future) for future in waiting]
    faults.mend()

    assert {each.reason.kind for each in told} == {StopKind.JOURNAL}
    assert "IOError" in str(told[0])
    assert "日志写入失败" in told[0].reason.sentence("zh")
    assert run.engine.state_hash() == before, "what is not durable is not applied"
    assert [applied.first_seq for applied in run.applied] == [1]
    with pytest.raises(Stopped):
        run.sequencer.submit(trading(1, 1))
    with pytest.raises(Stopped):
        await run.sequencer.room()
    assert journal.clean_shutdown() is None
    journal.close()

    again = SqliteJournal.open(path, IDENTITY)
    recovered = recover(again, SnapshotStore(tmp_path / "none"), Engine)
    assert recovered.engine.seq in {OPENED, OPENED + 6}
    again.close()


class Breaking(Engine):
    """Fails on its second batch."""

    calls = 0

    def apply(self, commands):
        self.calls += 1
        if self.calls == 2:
            raise EngineFailed("the kernel raised")
        return super().apply(commands)


@both_ways
async def test_a_failed_engine_stops_everything(limits: Limits) -> None:
    run = Running(engine=Breaking(), limits=limits)
    run.start()
    await run.open_market()
    failing = run.sequencer.submit(trading(1, 1))
    told = await stopped_for(run, failing)
    assert (told.reason.kind, told.reason.seq) == (StopKind.ENGINE, OPENED)
    assert run.journal.last_seq == OPENED + 1, "it is in the journal: recovery will meet it"
    assert run.journal.clean_shutdown() is None
    with pytest.raises(Stopped, match="the kernel raised"):
        run.sequencer.submit(trading(1, 2))


async def test_a_listener_that_raises_stops_everything_loudly() -> None:
    run = Running()
    run.start()
    await run.open_market()

    def broken(_: object) -> None:
        run.sequencer.post(trading(1, 2))
        raise LookupError("a projection is wrong")

    run.sequencer.subscribe(broken)
    applied = await run.sequencer.submit(trading(1, 1))
    assert len(applied) > 0, "this one was durable and applied"
    with pytest.raises(LookupError, match="projection"):
        await run.task
    assert run.sequencer.stopped is not None
    assert run.sequencer.stopped.kind is StopKind.CRASHED
    with pytest.raises(Stopped):
        run.sequencer.submit(trading(1, 3))


async def test_a_cancelled_task_answers_everybody() -> None:
    run = Running()
    run.start()
    await run.open_market()
    waiting = run.sequencer.submit(trading(1, 1))
    run.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run.task
    with pytest.raises(Stopped):
        await waiting


async def test_clients_are_refused_beyond_the_limit_and_the_house_is_not() -> None:
    async with running(limits=Limits(client_queue=10)) as run:
        taken = run.sequencer.submit(trading(10, 1))
        with pytest.raises(Overloaded, match="10 commands are waiting"):
            run.sequencer.submit(trading(1, 2))
        house = run.sequencer.submit(trading(1, 3), urgent=True)
        market = run.sequencer.submit(trading(1, 4), time=OPENING)
        run.sequencer.post(trading(1, 5))
        await asyncio.gather(taken, house, market)
        await run.sequencer.submit(trading(10, 6))
    assert sum(len(applied.commands) for applied in run.applied) == 23


async def test_the_market_waits_for_room() -> None:
    async with running(limits=Limits(market_queue=5)) as run:
        run.sequencer.post(trading(4, 1))
        await run.sequencer.room()
        assert run.applied == [], "there is room, nothing to wait for"
        run.sequencer.post(trading(2, 2))
        await run.sequencer.room()
        assert len(run.applied) == 1


async def test_whoever_waits_for_room_is_told_of_the_stop() -> None:
    journal = MemoryJournal()
    run = Running(journal, limits=Limits(market_queue=5))
    run.start()
    await run.open_market()
    journal.failure = "no more"
    run.sequencer.post(trading(6, 1))
    with pytest.raises(Stopped, match="no more"):
        await run.sequencer.room()
    await run.task


async def test_a_shutdown_that_cannot_be_recorded_is_no_clean_one() -> None:
    journal = MemoryJournal()
    run = Running(journal)
    run.start()
    await run.open_market()
    journal.failure = "no more"
    await run.end()
    assert run.sequencer.stopped is not None
    assert run.sequencer.stopped.kind is StopKind.JOURNAL
    assert journal.clean_shutdown() is None
