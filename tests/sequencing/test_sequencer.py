"""Commands are numbered, made durable, applied and answered: in order, together, exactly once."""

import asyncio
import threading

import numpy as np
import pytest

from server.engine import building
from server.engine.codes import AccountClass, Command, Event, Side
from server.engine.engine import Engine
from server.engine.records import CONTRACT_EVENT
from server.journal.batch import Batch
from server.journal.memory import MemoryJournal
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.sequencing.errors import StopKind, Stopped
from server.sequencing.sequencer import STALL_US, STALLS, Limits
from tests.journal.sample_market import (
    CASH,
    MAKER,
    OPENING,
    SECOND,
    YUAN,
    opening,
    order,
    trading,
)
from tests.sequencing.running import OPENED, Running, WallClock, running

THREAD = Limits(commit_in_loop=False)
both_ways = pytest.mark.parametrize("limits", [Limits(), THREAD], ids=["loop", "thread"])


@both_ways
async def test_each_submission_gets_exactly_its_own_events(limits: Limits) -> None:
    async with running(limits=limits) as run:
        submissions = [trading(count, seed=count) for count in (1, 7, 1, 30, 2)]
        answers = await asyncio.gather(*map(run.sequencer.submit, submissions))
    assert len(run.applied) == 1, "what arrives together is one batch"
    first = OPENED + 1
    for commands, events in zip(submissions, answers, strict=True):
        assert set(events["seq"]) == set(range(first, first + len(commands)))
        first += len(commands)
    everything = np.concatenate([events.view("V128") for events in answers])
    assert everything.tobytes() == run.applied[0].events.tobytes()


async def test_a_trade_is_in_the_events_of_the_order_that_made_it() -> None:
    async with running() as run:
        resting = run.sequencer.submit(order(MAKER, Side.SELL, 1_000, 100))
        taking = run.sequencer.submit(order(CASH, Side.BUY, 1_000, 100))
        assert [Event(kind) for kind in (await resting)["kind"]] == [Event.ORDER_ACCEPTED]
        kinds = {Event(kind) for kind in (await taking)["kind"]}
        assert {Event.ORDER_ACCEPTED, Event.TRADE, Event.FILL} <= kinds


@both_ways
async def test_what_is_answered_is_in_the_journal(limits: Limits) -> None:
    journal = MemoryJournal()
    async with running(journal=journal, limits=limits) as run:
        for seed in range(5):
            events = await run.sequencer.submit(trading(3, seed))
            assert journal.last_seq >= int(events["seq"][-1])
    replayed = [batch.commands.tobytes() for batch in journal.batches(OPENED + 1)]
    assert replayed == [applied.commands.tobytes() for applied in run.applied]


@both_ways
async def test_while_one_batch_commits_the_next_one_gathers(limits: Limits) -> None:
    async with running(limits=limits) as run:
        first = run.sequencer.submit(trading(1, 1))
        first.add_done_callback(lambda _: [run.sequencer.post(trading(1, i)) for i in range(50)])
        await first
        await run.sequencer.submit(trading(1, 99))
    assert sum(len(applied.commands) for applied in run.applied) == 52
    assert len(run.applied) <= 3


async def test_numbers_have_no_gaps_and_the_wall_time_is_the_batch_s() -> None:
    async with running() as run:
        for seed in range(4):
            run.wall.now += SECOND
            await run.sequencer.submit(trading(5, seed))
    seqs = np.concatenate([applied.commands["seq"] for applied in run.applied])
    assert seqs.tolist() == list(range(OPENED + 1, OPENED + 21))
    assert [applied.wall_time for applied in run.applied] == [
        1_700_000_000_000_000 + i * SECOND for i in range(1, 5)
    ]
    assert [(a.first_seq, a.last_seq) for a in run.applied] == [
        (12, 16),
        (17, 21),
        (22, 26),
        (27, 31),
    ]


async def test_market_time_comes_from_frames_and_never_goes_back() -> None:
    async with running() as run:
        run.sequencer.post(trading(1, 1))
        run.sequencer.post(trading(2, 2), time=OPENING + SECOND)
        run.sequencer.post(trading(2, 3))
        with pytest.raises(ValueError, match="is before"):
            run.sequencer.post(trading(1, 4), time=OPENING)
        await run.sequencer.submit(trading(1, 5), time=OPENING + SECOND)
        assert run.sequencer.clock.now == OPENING + SECOND
        await run.sequencer.submit(trading(1, 6))
    (first, second) = run.applied
    assert (first.commands["time"] - OPENING).tolist() == [0, *[SECOND] * 5]
    assert (second.commands["time"] - OPENING).tolist() == [SECOND]


async def test_the_clock_goes_on_from_the_recovered_engine() -> None:
    async with running() as run:
        await run.sequencer.submit(trading(1, 1), time=OPENING + 5 * SECOND)
    again = Running(run.journal, run.engine)
    assert again.sequencer.clock.now == OPENING + 5 * SECOND
    with pytest.raises(ValueError, match="is before"):
        again.sequencer.post(trading(1, 2), time=OPENING)


async def test_the_submitted_array_stays_the_callers() -> None:
    async with running() as run:
        commands = trading(3, 1)
        future = run.sequencer.submit(commands)
        commands["account"] = 99
        await future
        assert (commands["seq"] == 0).all()
    assert (run.applied[0].commands["account"] < 3).all()


@pytest.mark.parametrize(
    "commands", [np.zeros(0, "V128"), np.zeros(2, "V64"), np.zeros((2, 2), "V128")]
)
async def test_only_arrays_of_commands_are_taken(commands: np.ndarray) -> None:
    async with running() as run:
        with pytest.raises(ValueError, match="array of commands"):
            run.sequencer.submit(commands)
    assert run.applied == []


async def test_new_accounts_get_the_next_free_numbers() -> None:
    both = [building.account_open(person, AccountClass.CASH) for person in (7, 8)]
    async with running() as run:
        one = run.sequencer.submit(building.concat(both))
        other = run.sequencer.submit(building.account_open(9, AccountClass.CASH))
        assert (await one)["account"].tolist() == [3, 4]
        assert (await other)["account"].tolist() == [5]
    assert run.applied[0].commands["account"].tolist() == [3, 4, 5]


async def test_a_refused_contract_does_not_upset_the_next_one() -> None:
    async with running() as run:
        refused, taken, account = await asyncio.gather(
            run.sequencer.submit(building.contract_open(CASH, 0, 1 * YUAN, b"small")),
            run.sequencer.submit(building.contract_open(CASH, 0, 2_000 * YUAN, b"enough")),
            run.sequencer.submit(building.account_open(9, AccountClass.CASH)),
        )
    assert refused["kind"].tolist() == [Event.COMMAND_REJECTED]
    assert taken["kind"][0] == Event.CONTRACT_OPENED
    assert taken.view(CONTRACT_EVENT)["deposit"][0] == 2_000 * YUAN
    assert (taken["account"][0], account["account"][0]) == (3, 4)


async def test_an_account_that_is_named_is_left_as_it_is() -> None:
    async with running() as run:
        wrong = building.account_open(9, AccountClass.CASH, account=17)
        events = await run.sequencer.submit(wrong)
        assert events["kind"].tolist() == [Event.COMMAND_REJECTED]
    assert run.applied[0].commands["account"].tolist() == [17]


async def test_listeners_hear_every_batch_in_order_and_may_answer() -> None:
    heard: list[tuple[str, int]] = []
    async with running() as run:
        sequencer = run.sequencer

        def answers(applied: object) -> None:
            heard.append(("answers", run.applied[-1].first_seq))
            if len(heard) == 1:
                sequencer.post(order(MAKER, Side.SELL, 1_001, 100))

        sequencer.subscribe(answers)
        sequencer.subscribe(lambda applied: heard.append(("last", applied.first_seq)))
        await sequencer.submit(order(MAKER, Side.SELL, 1_000, 100))
    assert heard == [("answers", 12), ("last", 12), ("answers", 13), ("last", 13)]


async def test_a_client_that_went_away_does_not_disturb_the_others() -> None:
    async with running() as run:
        gone = run.sequencer.submit(trading(1, 1))
        stays = run.sequencer.submit(trading(1, 2))
        gone.cancel()
        assert set((await stays)["seq"]) == {OPENED + 2}
    assert len(run.applied[0].commands) == 2


async def test_stopping_finishes_what_was_queued_and_takes_no_more() -> None:
    run = Running()
    run.start()
    queued = run.sequencer.submit(opening(), time=OPENING)
    run.sequencer.stop()
    with pytest.raises(Stopped):
        run.sequencer.submit(trading(1, 1))
    assert len(await queued) > 0
    await run.end()
    reason = run.sequencer.stopped
    assert reason is not None
    assert (reason.kind, reason.seq, reason.in_order) == (StopKind.ASKED, OPENED, True)
    with pytest.raises(Stopped, match="stopping"):
        run.sequencer.post(trading(1, 1))
    with pytest.raises(Stopped):
        await run.sequencer.room()
    record = run.journal.clean_shutdown()
    assert record is not None
    assert (record.seq, record.state_hash) == (OPENED, run.engine.state_hash())


async def test_the_engine_must_stand_where_the_journal_ends() -> None:
    async with running() as run:
        pass
    with pytest.raises(ValueError, match="the engine is at 0, the journal at 11"):
        Running(run.journal, Engine())


@both_ways
async def test_however_it_is_cut_the_history_replays_to_the_same_state(
    limits: Limits, tmp_path: object
) -> None:
    random = np.random.default_rng(7)
    async with running(limits=limits) as run:
        for seed in range(30):
            for part in range(int(random.integers(1, 6))):
                frame = None if part else OPENING + seed * SECOND
                run.sequencer.post(trading(int(random.integers(1, 9)), seed), time=frame)
            if random.integers(0, 2):
                await run.sequencer.submit(order(CASH, Side.BUY, 1_000, 100))
    replayed = recover(run.journal, SnapshotStore(tmp_path), Engine)  # type: ignore[arg-type]
    assert replayed.engine.state_hash() == run.engine.state_hash()
    assert replayed.clean
    kinds = [int(kind) for applied in run.applied for kind in applied.commands["kind"]]
    assert set(kinds) == {Command.ORDER}


class Stalling(MemoryJournal):
    """Takes as long as it is told, by the clock on the wall, and says which thread waited."""

    taking_us = 0

    def __init__(self) -> None:
        super().__init__()
        self.wall = WallClock()
        self.threads: list[str] = []

    def append(self, batch: Batch) -> None:
        super().append(batch)
        self.threads.append(threading.current_thread().name.partition("_")[0])
        self.wall.now += self.taking_us


@pytest.mark.parametrize(
    ("taking_us", "then"), [(STALL_US, "journal"), (STALL_US - 1, "MainThread")]
)
async def test_a_disk_that_stalls_again_and_again_is_waited_for_in_a_thread(
    taking_us: int, then: str
) -> None:
    journal = Stalling()
    async with running(journal=journal) as run:
        journal.wall, journal.taking_us = run.wall, taking_us
        for seed in range(STALLS + 2):
            await run.sequencer.submit(trading(1, seed))
    assert journal.threads == ["MainThread"] * (1 + STALLS) + [then] * 2
