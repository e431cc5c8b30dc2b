"""Commands with tickets: numbered, answered before anybody else hears, failed when they must be."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from server.engine import building
from server.engine.codes import Event, Side
from server.journal.batch import Applied
from server.journal.memory import MemoryJournal
from server.sequencing.errors import Overloaded, Stopped
from server.sequencing.outcomes import outcomes
from server.sequencing.sequencer import Limits
from server.sequencing.stamping import Ticket
from tests.journal.sample_market import CASH, YUAN, order, trading
from tests.sequencing.running import OPENED, Running, running


@dataclass
class Waiting:
    """A ticket that notes what becomes of it."""

    seq: int = 0
    failures: list[Exception] = field(default_factory=list)

    def fail(self, error: Stopped) -> None:
        self.failures.append(error)


def buy(name: bytes) -> bytes:
    return order(CASH, Side.BUY, 900, 100, name).tobytes()


async def until(run: Running, batches: int) -> None:
    """Waits until so many batches have been applied."""
    enough = asyncio.Event()
    run.sequencer.subscribe(lambda _: enough.set() if len(run.applied) >= batches else None)
    await enough.wait()


async def test_tickets_are_answered_first_futures_last() -> None:
    async with running() as run:
        heard: list[str] = []
        run.sequencer.subscribe(lambda _: heard.append("listener"))
        run.sequencer.answer_by(lambda *_: heard.append("first answerer"))
        run.sequencer.answer_by(lambda *_: heard.append("second answerer"))
        done = run.sequencer.submit(trading(1, 1))
        done.add_done_callback(lambda _: heard.append("future"))
        await done
        await asyncio.sleep(0)
        assert heard == ["first answerer", "second answerer", "listener", "future"]


async def test_what_sockets_bring_between_answers_and_listeners_joins_the_next_batch() -> None:
    async with running() as run:
        late = Waiting()

        def answer(_: Applied, tickets: list[Ticket]) -> None:
            if tickets and not late.seq:
                loop = asyncio.get_running_loop()
                loop.call_soon(run.sequencer.enter, buy(b"late"), late)

        run.sequencer.answer_by(answer)
        run.sequencer.enter(buy(b"early"), Waiting())
        await until(run, 2)
        assert [len(applied.commands) for applied in run.applied] == [1, 1]
        assert late.seq == OPENED + 2


async def test_tickets_and_submissions_keep_the_order_they_came_in() -> None:
    async with running() as run:
        given: list[Ticket] = []
        run.sequencer.answer_by(lambda _, tickets: given.extend(tickets))
        tickets = [Waiting() for _ in range(3)]
        run.sequencer.enter(buy(b"a"), tickets[0])
        events = run.sequencer.submit(trading(2, 1))
        run.sequencer.enter(buy(b"b"), tickets[1])
        run.sequencer.enter(buy(b"c"), tickets[2])
        assert set((await events)["seq"].tolist()) == {OPENED + 2, OPENED + 3}
        assert [ticket.seq for ticket in tickets] == [OPENED + n for n in (1, 4, 5)]
        assert given == tickets
        assert len(run.applied) == 1


async def test_openings_with_tickets_each_get_a_number() -> None:
    async with running() as run:
        tickets = [Waiting() for _ in range(2)]
        for number, ticket in enumerate(tickets):
            opening = building.contract_open(CASH, 0, 20_000 * YUAN, b"open %d" % number)
            run.sequencer.enter(opening.tobytes(), ticket)
        await until(run, 2)
        events = np.concatenate([applied.events for applied in run.applied])
        opened = events[events["kind"] == Event.CONTRACT_OPENED]["account"]
        assert len(set(opened.tolist())) == len(opened) == 2
        assert [ticket.seq for ticket in tickets] == [OPENED + 1, OPENED + 2]


async def test_a_ticket_fails_when_its_command_is_not_durable() -> None:
    journal = MemoryJournal()
    run = Running(journal)
    run.start()
    await run.open_market()
    journal.failure = "the disk is full"
    ticket = Waiting()
    run.sequencer.enter(buy(b"a"), ticket)
    await run.task
    assert [str(error) for error in ticket.failures] == [str(Stopped(run.sequencer.stopped))]
    with pytest.raises(Stopped):
        run.sequencer.enter(buy(b"b"), ticket)
    assert len(ticket.failures) == 1


async def test_tickets_beyond_the_limit_are_refused() -> None:
    async with running(limits=Limits(client_queue=2)) as run:
        run.sequencer.enter(buy(b"a"), Waiting())
        run.sequencer.enter(buy(b"b"), Waiting())
        with pytest.raises(Overloaded, match="2 commands are waiting"):
            run.sequencer.enter(buy(b"c"), Waiting())


async def test_outcomes_are_those_of_each_command_alone() -> None:
    commands = [
        order(CASH, Side.BUY, 900, 100, b"a"),
        building.cancel_all(CASH),
        order(CASH, Side.SELL, 900, 100, b"nothing to sell"),
        building.cancel(CASH, 12345),
        building.cancel_all(CASH),
        building.deposit(CASH, -1, b"d"),
    ]
    async with running() as run:
        await run.sequencer.submit(building.concat(commands))
        (applied,) = run.applied
        found = outcomes(applied, range(len(commands)))
        assert [each.accepted for each in found] == [True, True, False, False, True, False]
        assert [each.seq for each in found] == applied.commands["seq"].tolist()
        assert found[0].order_id > 0
        assert [each.order_id for each in found[1:2] + found[3:]] == [0, 0, 0, 0]
        assert outcomes(applied, [2, 5]) == [found[2], found[5]]
