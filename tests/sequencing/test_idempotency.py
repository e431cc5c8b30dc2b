"""A repeated command is answered with its first outcome, in flight, afterwards, after a restart."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from server.engine import building
from server.engine.codes import MarkPolicy, Side
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.journal.batch import Applied
from server.journal.memory import MemoryJournal
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.sequencing.errors import Overloaded
from server.sequencing.idempotency import AT_ONCE, Conflict, Duplicate, New, Registry
from server.sequencing.outcomes import Outcome
from server.sequencing.sequencer import Sequencer
from server.sequencing.snapshotting import SnapshotWriter
from tests.journal.sample_market import CASH, MAKER, SECOND, YUAN, order, trading
from tests.sequencing.running import OPENED, Running, running

BUY = order(CASH, Side.BUY, 1_000, 100, b"a-1")


async def first_outcome(registry: Registry, sequencer: Sequencer, command: np.ndarray) -> Outcome:
    """What the gateway does for a command that is new; returns what a repetition is told."""
    assert isinstance(registry.claim(command.tobytes()), New)
    await sequencer.submit(command)
    return await repeated(registry, command)


async def repeated(registry: Registry, command: np.ndarray) -> Outcome:
    claim = registry.claim(command.tobytes())
    assert isinstance(claim, Duplicate)
    return await claim.outcome


def registry_of(run: Running) -> Registry:
    registry = Registry()
    run.sequencer.subscribe(registry.observe)
    return registry


async def test_an_accepted_order_is_answered_again() -> None:
    async with running() as run:
        registry = registry_of(run)
        outcome = await first_outcome(registry, run.sequencer, BUY)
        events = run.applied[0].events
    assert outcome.accepted
    assert (outcome.seq, outcome.account, outcome.reason) == (OPENED + 1, CASH, 0)
    assert outcome.order_id > 0
    assert len(run.applied) == 1
    assert len(events) == 1


async def test_a_refused_order_is_answered_again() -> None:
    async with running() as run:
        registry = registry_of(run)
        sell = order(CASH, Side.SELL, 1_000, 100, b"a-2")
        outcome = await first_outcome(registry, run.sequencer, sell)
    assert (outcome.accepted, outcome.reason) == (False, Reason.NOT_SELLABLE)
    assert outcome.figure == 0


async def test_while_the_first_is_in_flight_everybody_waits_for_it() -> None:
    async with running() as run:
        registry = registry_of(run)
        assert isinstance(registry.claim(BUY.tobytes()), New)
        early = registry.claim(BUY.tobytes())
        run.sequencer.post(BUY)
        queued = registry.claim(BUY.tobytes())
        assert isinstance(early, Duplicate)
        assert isinstance(queued, Duplicate)
        assert not early.outcome.done()
        one, other = await asyncio.gather(early.outcome, queued.outcome)
    assert one == other
    assert one.seq == OPENED + 1


async def test_whoever_stopped_waiting_does_not_disturb() -> None:
    async with running() as run:
        registry = registry_of(run)
        registry.claim(BUY.tobytes())
        gone, stays = registry.claim(BUY.tobytes()), registry.claim(BUY.tobytes())
        assert isinstance(gone, Duplicate)
        assert isinstance(stays, Duplicate)
        gone.outcome.cancel()
        run.sequencer.post(BUY)
        assert (await stays.outcome).accepted


@pytest.mark.parametrize(
    "other",
    [
        order(CASH, Side.BUY, 1_000, 200, b"a-1"),
        order(CASH, Side.BUY, 1_001, 100, b"a-1"),
        order(CASH, Side.SELL, 1_000, 100, b"a-1"),
    ],
    ids=["quantity", "price", "side"],
)
async def test_the_same_id_for_something_else_is_a_conflict(other: np.ndarray) -> None:
    async with running() as run:
        registry = registry_of(run)
        registry.claim(BUY.tobytes())
        assert isinstance(registry.claim(other.tobytes()), Conflict), "in flight"
        await run.sequencer.submit(BUY)
        assert isinstance(registry.claim(other.tobytes()), Conflict), "and afterwards"


def test_ids_belong_to_an_account_and_orders_apart_from_money() -> None:
    registry = Registry()
    claims = [
        registry.claim(command.tobytes())
        for command in (
            BUY,
            order(MAKER, Side.BUY, 1_000, 100, b"a-1"),
            order(CASH, Side.BUY, 1_000, 100, b"a-10"),
            building.deposit(CASH, YUAN, b"a-1"),
        )
    ]
    assert all(isinstance(claim, New) for claim in claims)


def test_what_has_no_id_cannot_be_claimed() -> None:
    registry = Registry()
    with pytest.raises(ValueError, match="id is empty"):
        registry.claim(order(CASH, Side.BUY, 1_000, 100).tobytes())
    with pytest.raises(ValueError, match="no id of their sender"):
        registry.claim(building.day_close().tobytes())


async def test_a_claim_whose_command_was_not_taken_is_released() -> None:
    registry = Registry()
    claim, waiting = registry.claim(BUY.tobytes()), registry.claim(BUY.tobytes())
    assert isinstance(claim, New)
    assert isinstance(waiting, Duplicate)
    registry.release(claim, Overloaded("full"))
    with pytest.raises(Overloaded):
        await waiting.outcome
    assert isinstance(registry.claim(BUY.tobytes()), New)


async def test_releasing_what_was_carried_out_changes_nothing() -> None:
    async with running() as run:
        registry = registry_of(run)
        claim = registry.claim(BUY.tobytes())
        assert isinstance(claim, New)
        await run.sequencer.submit(BUY)
        registry.release(claim, Overloaded("late"))
        assert (await repeated(registry, BUY)).accepted


@pytest.mark.parametrize(
    ("command", "account", "accepted"),
    [
        (building.deposit(CASH, 5 * YUAN, b"r"), CASH, True),
        (building.withdraw(CASH, 5 * YUAN, b"r"), CASH, True),
        (building.withdraw(CASH, 10**12, b"r"), CASH, False),
        (building.contract_open(CASH, 0, 5_000 * YUAN, b"r"), 3, True),
        (building.contract_open(CASH, 0, 5 * YUAN, b"r"), 3, False),
        (building.transfer(CASH, 2, 5 * YUAN, b"r"), CASH, True),
        (building.contract_settle(2, CASH, b"r"), 2, True),
    ],
    ids=["deposit", "withdraw", "withdraw too much", "open", "open refused", "transfer", "settle"],
)
async def test_money_commands_are_answered_again(
    command: np.ndarray, account: int, accepted: bool
) -> None:
    async with running() as run:
        registry = registry_of(run)
        outcome = await first_outcome(registry, run.sequencer, command)
    assert (outcome.accepted, outcome.order_id) == (accepted, 0)
    if accepted:
        assert (outcome.account, outcome.reason) == (account, 0)
    else:
        assert outcome.reason != 0


async def test_order_ids_are_free_again_on_a_new_day_and_request_ids_are_not() -> None:
    deposit = building.deposit(CASH, YUAN, b"r")
    async with running() as run:
        registry = registry_of(run)
        await first_outcome(registry, run.sequencer, BUY)
        await first_outcome(registry, run.sequencer, deposit)
        await run.sequencer.submit(
            building.concat([building.day_close(), building.day_open(20150825, MarkPolicy.SOURCE)])
        )
        assert isinstance(registry.claim(BUY.tobytes()), New)
        assert isinstance(registry.claim(deposit.tobytes()), Duplicate)


async def test_a_busy_day_is_let_go_of_a_little_at_a_time() -> None:
    count = 2 * AT_ONCE + 1
    async with running() as run:
        registry = registry_of(run)
        orders = [order(CASH, Side.BUY, 1_000, 100, f"a-{i}".encode()) for i in range(count)]
        for each in orders:
            assert isinstance(registry.claim(each.tobytes()), New)
        await run.sequencer.submit(building.concat(orders))
        await run.sequencer.submit(building.day_open(20260106, MarkPolicy.SOURCE))
        held = [len(day) for day in registry._past]
        assert (held, len(registry)) == ([count], 0)
        for left in (AT_ONCE + 1, 1):
            await run.sequencer.submit(order(MAKER, Side.BUY, 1_000, 100))
            assert [len(day) for day in registry._past] == [left]
        await run.sequencer.submit(order(MAKER, Side.BUY, 1_000, 100))
        assert registry._past == []


async def test_an_order_in_flight_over_the_new_day_belongs_to_it() -> None:
    """In one batch: an order, the day's opening, another order; only the last is of the new day."""
    early = order(CASH, Side.BUY, 1_000, 100, b"early")
    late = order(CASH, Side.BUY, 1_000, 100, b"late")
    async with running() as run:
        registry = registry_of(run)
        registry.claim(early.tobytes())
        registry.claim(late.tobytes())
        answered = registry.claim(early.tobytes())
        assert isinstance(answered, Duplicate)
        run.sequencer.post(early)
        run.sequencer.post(building.day_open(20150825, MarkPolicy.SOURCE))
        await run.sequencer.submit(late)
        assert len(run.applied) == 1
        assert (await answered.outcome).seq == OPENED + 1
        assert isinstance(registry.claim(early.tobytes()), New)
        assert (await repeated(registry, late)).seq == OPENED + 3


@pytest.mark.parametrize("end", ["settled", "observed", "released"])
async def test_the_same_id_of_a_money_command_says_nothing_of_an_order_in_flight(end: str) -> None:
    deposit = building.deposit(CASH, YUAN, b"a-1")
    async with running() as run:
        registry = registry_of(run)
        registry.claim(BUY.tobytes())
        claim, waiting = registry.claim(deposit.tobytes()), registry.claim(BUY.tobytes())
        assert isinstance(claim, New)
        assert isinstance(waiting, Duplicate)
        if end == "settled":
            registry.settle(claim, Outcome(OPENED + 1, True, CASH))
        elif end == "released":
            registry.release(claim, Overloaded("full"))
        await run.sequencer.submit(deposit)
        await run.sequencer.submit(building.day_open(20150825, MarkPolicy.SOURCE))
        assert isinstance(registry.claim(BUY.tobytes()), Duplicate)
        await run.sequencer.submit(BUY)
        assert (await waiting.outcome).seq == OPENED + 3


async def test_after_a_restart_everything_is_known_again(tmp_path: Path) -> None:
    """Some of it from the snapshot's blob, the rest from the replayed batches."""
    store = SnapshotStore(tmp_path)
    writer = SnapshotWriter(store, every=1_000_000, interval_us=3_600 * SECOND)
    journal = MemoryJournal()
    commands = [
        BUY,
        order(CASH, Side.SELL, 1_000, 100, b"a-2"),
        building.deposit(CASH, YUAN, b"r-1"),
        building.contract_open(CASH, 0, 5_000 * YUAN, b"r-2"),
    ]
    async with running(journal=journal, snapshots=writer) as run:
        registry = registry_of(run)
        writer.include("idempotency", registry.export)
        outcomes = [await first_outcome(registry, run.sequencer, each) for each in commands[:2]]
        writer.take(run.engine, journal.head_digest, run.wall())
        outcomes += [await first_outcome(registry, run.sequencer, each) for each in commands[2:]]
    newest, _ = store.paths()[0]
    assert newest == OPENED + 4
    (tmp_path / f"snapshot-{newest}.bin").unlink()

    again = Registry()
    recovered = recover(
        journal, store, Engine, lambda blobs: again.load(blobs["idempotency"]), again.observe
    )
    assert recovered.replayed == 2
    assert [await repeated(again, each) for each in commands] == outcomes
    assert isinstance(again.claim(order(CASH, Side.BUY, 999, 100, b"a-1").tobytes()), Conflict)


async def test_what_was_in_flight_at_the_snapshot_is_not_in_it() -> None:
    registry, again = Registry(), Registry()
    registry.claim(BUY.tobytes())
    again.load(registry.export()())
    assert isinstance(again.claim(BUY.tobytes()), New)


async def test_what_settles_while_a_snapshot_is_written_is_not_in_it() -> None:
    later = order(CASH, Side.SELL, 1_000, 100, b"a-2")
    async with running() as run:
        registry, again = registry_of(run), Registry()
        await first_outcome(registry, run.sequencer, BUY)
        registry.claim(later.tobytes())
        encode = registry.export()
        await run.sequencer.submit(later)
        again.load(encode())
        assert isinstance(again.claim(BUY.tobytes()), Duplicate)
        assert isinstance(again.claim(later.tobytes()), New)
        again.load(again.export()())
        assert isinstance(again.claim(BUY.tobytes()), Duplicate), (
            "a snapshot before anything new is whole"
        )


def test_a_market_s_batch_leaves_nothing_behind() -> None:
    registry = Registry()
    before = registry.export()()
    commands = trading(500, 1)
    registry.observe(Applied(1, 500, 0, commands, commands[:0]))
    assert registry.export()() == before
