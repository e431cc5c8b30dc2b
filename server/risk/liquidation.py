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

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog

from server.engine import building, queries
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Command,
    Event,
    OrderStatus,
    Origin,
    Side,
)
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.risk.book import Book
from server.risk.plan import Obstacle, Plan, PlannedOrder
from server.risk.plans import Plans
from server.risk.ports import Post, Records
from server.risk.reading import CANCELLABLE, OpenOrder, open_orders
from server.risk.runs import ORIGIN, Run, order_tag

COUNTED = (Command.ORDER, Command.CANCEL_ALL, Command.REPAY, Command.CONTRACT_SETTLE)
MOVES_BOOK = (Command.ORDER, Command.PRICE, Command.UNCROSS)
MOVES_ALL = (Command.PHASE, Command.RESUME, Command.DAY_OPEN, Command.LADDERS)
UNREMARKABLE = (Event.CANCEL_REJECTED, Event.NOTICE_RECORDED)
FOR_A_BID = (Obstacle.LIMIT_DOWN_LOCKED, Obstacle.NO_BID)
FORCED = (Origin.FORCED_REDUCE, Origin.FORCED_LIQUIDATE)
MONEY = -1  # stands for repaying and settling among the instruments

_log = structlog.get_logger("honghe.risk")
_COUNTED = np.zeros(256, np.bool_)  # by kind of command
_COUNTED[[*COUNTED]] = True


@dataclass(slots=True)
class Attempt:
    """Where the sending for one run stands; forgotten at a restart, which costs one more try."""

    in_flight: int = 0  # commands sent and not yet seen in a batch
    tried: set[int] = field(default_factory=set)  # instruments: not before the market moves them
    refused: set[int] = field(default_factory=set)  # not before account or phase has changed


class ForcedSales:
    """One for all runs of the book; call `act` after each batch has been observed."""

    def __init__(
        self,
        engine: Engine,
        book: Book,
        post: Post,
        holds: dict[int, int],
        plans: Plans | None = None,
    ) -> None:
        """`holds`: until when (market time) the risk desk has an account left alone.

        `plans` are the projection's, which has made some of them already.
        """
        self._engine = engine
        self._plans = plans or Plans(engine)
        self._book = book
        self._post = post
        self._holds = holds
        self._attempts: dict[int, Attempt] = {}
        self._awake: dict[int, None] = {}  # accounts to look at, in order
        self._waiting: dict[int, set[int]] = {}  # by instrument: accounts that wait for a bid

    # What the risk desk may do --------------------------------------------------------------------

    def hold(self, account: int, until: int) -> None:
        """Nothing is sent for the account before market time `until`."""
        self._holds[account] = until

    def held_until(self, account: int) -> int:
        """Market time; 0 when the account is not held."""
        return self._holds.get(account, 0)

    def release(self, account: int) -> None:
        self._holds.pop(account, None)
        self._wake(account)
        self._look_after_awake()

    @property
    def holds(self) -> Mapping[int, int]:
        """Until when (market time) accounts are left alone."""
        return self._holds

    def reduce_now(self, account: int) -> None:
        """Orders a reduction whatever the deadline; raises as `check_reducible` does."""
        self.check_reducible(account)
        self._post(self.reduction(account))

    def reduction(self, account: int) -> Records:
        """The CANCEL_ALL of an officer, which a reduction begins with, and which is its record."""
        return building.cancel_all(account, origin=Origin.OFFICER)

    def check_reducible(self, account: int) -> None:
        """Raises ValueError when a forced sale is under way, and for what is no open contract."""
        row = self._engine.state.accounts[account]
        if row["klass"] != AccountClass.CONTRACT or row["status"] != AccountStatus.OPEN:
            raise ValueError(f"account {account} is no open contract")
        if account in self._book.runs:
            raise ValueError(f"a forced sale of account {account} is under way")

    # After each batch -----------------------------------------------------------------------------

    def resume(self) -> None:
        """Goes on after a restart."""
        orders = self._engine.state.orders[: int(self._engine.state.header[0]["orders"])]
        forced = np.isin(orders["origin"], FORCED) & (orders["status"] == OrderStatus.WORKING)
        for account in np.unique(orders["account"][forced]):
            if int(account) not in self._book.runs:
                self._withdraw(int(account))
        for account in self._book.runs:
            self._wake(account)
        self._look_after_awake()

    def act(self, applied: Applied) -> None:
        for account in sorted(self._attempts.keys() - self._book.runs.keys()):
            del self._attempts[account]
            self._withdraw(account)
        for account in sorted(self._book.runs.keys() - self._attempts.keys()):
            self._wake(account)
        if not self._book.runs:
            self._waiting.clear()
            return
        self._note_own(applied)
        self._note_market(applied)
        self._end_holds(int(applied.commands[-1]["time"]))
        self._look_after_awake()

    def _wake(self, account: int) -> None:
        if account in self._book.runs:
            self._attempts.setdefault(account, Attempt())
            self._awake[account] = None

    def _end_holds(self, now: int) -> None:
        for account, until in list(self._holds.items()):
            if until <= now:
                del self._holds[account]
                self._wake(account)

    def _note_own(self, applied: Applied) -> None:
        """What came back of our own, and what else happened to the accounts."""
        commands, events = applied.commands, applied.events
        own = np.isin(commands["origin"], FORCED) & _COUNTED[commands["kind"]]
        for account in commands["account"][own].tolist():
            if account in self._attempts:
                attempt = self._attempts[account]
                attempt.in_flight = max(0, attempt.in_flight - 1)
                self._wake(account)
        accounts = events["account"].tolist()
        for i in [i for i, account in enumerate(accounts) if account in self._attempts]:
            self._note_event(self._attempts[accounts[i]], events[i])

    def _note_event(self, attempt: Attempt, event: Any) -> None:
        kind = int(event["kind"])
        if kind == Event.ORDER_REJECTED:
            attempt.refused.add(int(event["instrument"]))
        elif kind == Event.COMMAND_REJECTED:
            attempt.refused.add(MONEY)
        elif kind not in UNREMARKABLE:
            attempt.refused.clear()
            self._wake(int(event["account"]))

    def _note_market(self, applied: Applied) -> None:
        """Whom a phase, or a price or an order that leaves a bid, gives a new chance."""
        commands = applied.commands
        kinds = commands["kind"]
        if np.isin(kinds, MOVES_ALL).any():
            for account, attempt in self._attempts.items():
                attempt.tried.clear()
                attempt.refused.clear()
                self._wake(account)
            return
        of_others = np.isin(kinds, MOVES_BOOK) & ~np.isin(commands["origin"], FORCED)
        for instrument in np.unique(commands["instrument"][of_others]).tolist():
            if instrument in self._waiting and self._best_bid(instrument):
                for account in sorted(self._waiting.pop(instrument)):
                    if account in self._attempts:
                        self._attempts[account].tried.discard(instrument)
                        self._wake(account)

    # One step -------------------------------------------------------------------------------------

    def _look_after_awake(self) -> None:
        """Looks at each once; who is held or has something in flight is woken when that is over."""
        awake, self._awake = self._awake, {}
        for account in awake:
            run = self._book.runs.get(account)
            if run is not None and account not in self._holds:
                attempt = self._attempts[account]
                if not attempt.in_flight:
                    self._look_after(run, attempt)

    def _look_after(self, run: Run, attempt: Attempt) -> None:
        if run.opening is None:
            parts = [building.cancel_all(run.account)]
        else:
            parts = self._step(run, attempt)
        if parts:
            self._send(run, attempt, parts)

    def _send(self, run: Run, attempt: Attempt, parts: list[Records]) -> None:
        commands = building.concat(parts)
        commands["origin"] = ORIGIN[run.kind]
        counted = _COUNTED[commands["kind"]] & (commands["account"] == run.account)
        attempt.in_flight = int(counted.sum())
        self._post(commands)

    def _step(self, run: Run, attempt: Attempt) -> list[Records]:
        plan = self._plans.next_step(run.account, run.kind, self._book.wishes(run.account))
        working = open_orders(self._engine, run.account)
        parts = [self._cancel(order) for order in working if self._in_the_way(order)]
        may_pay = MONEY not in attempt.refused
        if plan.repay > 0 and may_pay:
            parts.append(building.repay(run.account, plan.repay))
        parts += self._sales(run, attempt, plan)
        self._wait_for_bids(run.account, plan, working)
        over = not parts and not working and self._is_empty(run.account)
        if over and may_pay and run.kind == "liquidation":
            parts += self._settlement(run)
        return parts

    def _is_empty(self, account: int) -> bool:
        rows = self._engine.state.positions[queries.positions_of(self._engine, account)]
        return not (rows["quantity"] > 0).any()

    def _wait_for_bids(self, account: int, plan: Plan, working: list[OpenOrder]) -> None:
        """The market wakes the account for these; what waits for a day or a phase is not there."""
        instruments = {order.instrument for order in (*plan.orders, *working)}
        instruments |= {each.instrument for each in plan.queued if each.obstacle in FOR_A_BID}
        for instrument in instruments:
            self._waiting.setdefault(instrument, set()).add(account)

    def _phase(self, instrument: int) -> int:
        return int(self._engine.state.instruments[instrument]["phase"])

    def _in_the_way(self, order: OpenOrder) -> bool:
        """The client's own orders, and ours that the bids have fallen away from."""
        if self._phase(order.instrument) not in CANCELLABLE:
            return False
        if order.origin not in FORCED:
            return True
        bottom = int(self._engine.state.instruments[order.instrument]["limit_down"])
        return order.price > bottom and 0 < self._best_bid(order.instrument) < order.price

    def _best_bid(self, instrument: int) -> int:
        """0 when there is none."""
        bids = queries.book_side(self._engine, instrument, Side.BUY, 1)
        return bids[0][0] if bids else 0

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
            _log.info(
                "forced_order",
                kind=run.kind,
                account=run.account,
                step=step,
                symbol=order.symbol,
                quantity=order.quantity,
                floor=order.floor,
                reason=order.reason,
            )
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
