"""Carries out forced sales: makes a run's next plan when something has changed, and sends it.

A run starts with CANCEL_ALL; each step then repays, cancels what is in the way and sells; a
liquidation that has nothing left settles the contract into the person's cash account. All of it
are ordinary commands of forced origin. Nothing is sent while the last step is still on its way, and
an instrument is tried again only after someone else's order, a price, a phase or a day has changed
it: there is no timer and no loop.

Choices where the rules leave one: a liquidation ends early when the ratio is above the restrict
line again (the contract goes on, cash from sales stays in it); reductions sell in continuous
trading only; what rests at limit-down since the opening call stays in the book and keeps its place.
"""

from dataclasses import dataclass, field

import numpy as np

from server.engine import building, queries
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Command,
    Event,
    OrderStatus,
    Origin,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.risk.book import Book
from server.risk.plan import Plan, PlannedOrder
from server.risk.ports import Post, Records
from server.risk.reading import OpenOrder, open_orders
from server.risk.run_events import plan_of
from server.risk.runs import ORIGIN, Run, order_tag

COUNTED = (Command.ORDER, Command.CANCEL_ALL, Command.REPAY, Command.CONTRACT_SETTLE)
MOVES_BOOK = (Command.ORDER, Command.PRICE, Command.UNCROSS)
MOVES_ALL = (Command.PHASE, Command.DAY_OPEN, Command.LADDERS)
REFUSALS = (Event.ORDER_REJECTED, Event.CANCEL_REJECTED, Event.COMMAND_REJECTED)
CANCELLABLE = (Phase.OPENING_CALL, Phase.CONTINUOUS)
FORCED = (Origin.FORCED_REDUCE, Origin.FORCED_LIQUIDATE)


@dataclass(slots=True)
class Attempt:
    """Where the sending for one run stands; forgotten at a restart, which costs one more try."""

    in_flight: int = 0  # commands sent and not yet seen in a batch
    idle: bool = False  # the last look found nothing to do
    watched: set[int] = field(default_factory=set)  # instruments held
    tried: set[int] = field(default_factory=set)  # not again until the market has moved them
    refused: set[int] = field(default_factory=set)  # not again until account or phase has changed

    def wake(self) -> None:
        self.idle = False
        self.refused.clear()


class ForcedSales:
    """One for all runs of the book; call `act` after each batch has been observed."""

    def __init__(self, engine: Engine, book: Book, post: Post, holds: dict[int, int]) -> None:
        """`holds`: until when (market time) the risk desk has an account left alone."""
        self._engine = engine
        self._book = book
        self._post = post
        self._holds = holds
        self._attempts: dict[int, Attempt] = {}

    # What the risk desk may do --------------------------------------------------------------------

    def hold(self, account: int, until: int) -> None:
        """Nothing is sent for the account before market time `until`."""
        self._holds[account] = until

    def release(self, account: int) -> None:
        self._holds.pop(account, None)
        if account in self._book.runs:
            self._attempt(account).wake()
            self._look_after(self._book.runs[account])

    def reduce_now(self, account: int) -> None:
        """Orders a reduction whatever the deadline; raises ValueError when one is under way."""
        if account in self._book.runs:
            raise ValueError(f"a forced sale of account {account} is under way")
        self._post(building.cancel_all(account, origin=Origin.OFFICER))

    # After each batch -----------------------------------------------------------------------------

    def resume(self) -> None:
        """Goes on after a restart."""
        orders = self._engine.state.orders[: int(self._engine.state.header[0]["orders"])]
        forced = np.isin(orders["origin"], FORCED) & (orders["status"] == OrderStatus.WORKING)
        for account in np.unique(orders["account"][forced]):
            if int(account) not in self._book.runs:
                self._withdraw(int(account))
        for run in list(self._book.runs.values()):
            self._look_after(run)

    def act(self, applied: Applied) -> None:
        for account in self._attempts.keys() - self._book.runs.keys():
            del self._attempts[account]
            self._withdraw(account)
        if not self._book.runs:
            return
        self._note_own(applied)
        self._note_market(applied)
        now = int(applied.commands[-1]["time"])
        for account, until in list(self._holds.items()):
            if until <= now:
                del self._holds[account]
        for run in list(self._book.runs.values()):
            self._look_after(run)

    def _attempt(self, account: int) -> Attempt:
        return self._attempts.setdefault(account, Attempt())

    def _note_own(self, applied: Applied) -> None:
        """What came back of our own, and what else happened to the accounts."""
        commands, events = applied.commands, applied.events
        own = np.isin(commands["origin"], FORCED) & np.isin(commands["kind"], COUNTED)
        for account in commands["account"][own]:
            attempt = self._attempt(int(account))
            attempt.in_flight = max(0, attempt.in_flight - 1)
        concerned = np.isin(events["account"], list(self._book.runs))
        concerned &= events["kind"] != Event.NOTICE_RECORDED
        for event in events[concerned]:
            attempt = self._attempt(int(event["account"]))
            if int(event["kind"]) not in REFUSALS:
                attempt.wake()
            elif int(event["kind"]) == Event.ORDER_REJECTED:
                attempt.refused.add(int(event["instrument"]))

    def _note_market(self, applied: Applied) -> None:
        """Whom a phase, a price or someone's order gives a new chance."""
        commands = applied.commands
        kinds = commands["kind"]
        if np.isin(kinds, MOVES_ALL).any():
            for attempt in self._attempts.values():
                attempt.tried.clear()
                attempt.wake()
            return
        of_others = np.isin(kinds, MOVES_BOOK) & ~np.isin(commands["origin"], FORCED)
        moved = set(np.unique(commands["instrument"][of_others]).tolist())
        for attempt in self._attempts.values():
            if not moved.isdisjoint(attempt.watched):
                attempt.tried -= moved
                attempt.idle = False

    # One step -------------------------------------------------------------------------------------

    def _look_after(self, run: Run) -> None:
        attempt = self._attempt(run.account)
        if attempt.in_flight or attempt.idle or run.account in self._holds:
            return
        if run.opening is None:
            self._send(run, [building.cancel_all(run.account, origin=ORIGIN[run.kind])])
            return
        parts = self._step(run, attempt)
        if parts:
            self._send(run, parts)
        else:
            attempt.idle = True

    def _send(self, run: Run, parts: list[Records]) -> None:
        commands = building.concat(parts)
        commands["origin"] = ORIGIN[run.kind]
        counted = np.isin(commands["kind"], COUNTED) & (commands["account"] == run.account)
        self._attempt(run.account).in_flight = int(counted.sum())
        self._post(commands)

    def _step(self, run: Run, attempt: Attempt) -> list[Records]:
        plan = plan_of(self._engine, run.account, run.kind)
        working = open_orders(self._engine, run.account)
        attempt.watched = self._held(run.account)
        parts = [self._cancel(order) for order in working if self._in_the_way(order)]
        if plan.repay > 0:
            parts.append(building.repay(run.account, plan.repay))
        parts += self._sales(run, attempt, plan)
        over = not parts and not working and not attempt.watched
        if over and run.kind == "liquidation":
            parts += self._settlement(run)
        return parts

    def _held(self, account: int) -> set[int]:
        positions = self._engine.state.positions
        rows = positions[queries.positions_of(self._engine, account)]
        return set(rows["instrument"][rows["quantity"] > 0].tolist())

    def _phase(self, instrument: int) -> int:
        return int(self._engine.state.instruments[instrument]["phase"])

    def _in_the_way(self, order: OpenOrder) -> bool:
        """The client's own orders, and ours that the bids have fallen away from."""
        if self._phase(order.instrument) not in CANCELLABLE:
            return False
        if order.origin not in FORCED:
            return True
        bids = queries.book_side(self._engine, order.instrument, Side.BUY, 1)
        bottom = int(self._engine.state.instruments[order.instrument]["limit_down"])
        return order.price > bottom and bool(bids) and bids[0][0] < order.price

    def _cancel(self, order: OpenOrder) -> Records:
        return building.cancel(order.account, order.order_id)

    def _sales(self, run: Run, attempt: Attempt, plan: Plan) -> list[Records]:
        waiting = attempt.tried | attempt.refused
        parts: list[Records] = []
        step = run.steps
        for order in plan.orders:
            if order.instrument in waiting:
                continue
            step += 1
            attempt.tried.add(order.instrument)
            parts += self._clear_own_bids(run, order)
            parts.append(_order(run, order, step))
        return parts

    def _clear_own_bids(self, run: Run, order: PlannedOrder) -> list[Records]:
        """Cancels the person's own bids in the sale's way: the engine refuses self-trades."""
        if self._phase(order.instrument) not in CANCELLABLE:
            return []
        return [
            self._cancel(bid)
            for account in queries.accounts_of(self._engine, run.person)
            for bid in open_orders(self._engine, account, Side.BUY)
            if bid.instrument == order.instrument and bid.price >= order.floor
        ]

    def _settlement(self, run: Run) -> list[Records]:
        """Into the person's first open cash account; without one the money stays where it is."""
        rows = self._engine.state.accounts
        for account in queries.accounts_of(self._engine, run.person):
            row = rows[account]
            if row["klass"] == AccountClass.CASH and row["status"] == AccountStatus.OPEN:
                return [building.contract_settle(run.account, account)]
        return []

    def _withdraw(self, account: int) -> None:
        """Takes back what a run that is over still has in the market, where that can be done."""
        parts = [
            self._cancel(order)
            for order in open_orders(self._engine, account)
            if order.origin in FORCED and self._phase(order.instrument) in CANCELLABLE
        ]
        if parts:
            commands = building.concat(parts)
            commands["origin"] = Origin.FORCED_LIQUIDATE
            self._post(commands)


def _order(run: Run, order: PlannedOrder, step: int) -> Records:
    return building.order(
        run.account,
        order.instrument,
        Side.SELL,
        order.order_type,
        order.price,
        order.quantity,
        client_order_id=order_tag(run, step, order.rank, order.weight_ppm),
    )
