"""What would become of an account: deposits, orders and prices, by the kernel itself on a copy.

In this order: the deposit comes in, the orders are sent one after another, the prices move. What is
left of an order is taken to fill where its price is known: at its limit in continuous trading, at
the close after hours. In a call, a halt or a pause it waits, and the figures hold its money alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.arithmetic import PPM
from server.engine.assess import limit_down_loss
from server.engine.book import SLOT_MASK
from server.engine.codes import Event, Grade, OrderStatus, OrderType, Origin, Phase, Side
from server.engine.copying import AccountCopy
from server.engine.engine import Engine
from server.engine.queries import assets, ratio_ppm, withdrawable
from server.engine.reasons import Reason

FEES = (
    *("commission", "stamp_duty", "transfer_fee"),
    *("handling_fee", "regulatory_fee", "dividend_tax"),
)
_REFUSED = (Event.ORDER_REJECTED, Event.COMMAND_REJECTED)


@dataclass(frozen=True, slots=True)
class LineDistance:
    """How far a line is from the assets after the order."""

    grade: Grade
    line_ppm: int
    assets: int  # at which the line is reached
    fall: int  # money; negative when already passed
    fall_ppm: int  # of the holdings' value
    limit_downs_ppm: int  # whole-portfolio limit-down days, in ppm of a day


@dataclass(frozen=True, slots=True)
class SupposedOrder:
    """One order of a basket; `price` is 0 for a market order."""

    instrument: int
    side: Side
    order_type: int
    price: int
    quantity: int
    financed: int = 0  # 1: a buy on margin


class Rest(IntEnum):
    """What becomes of what does not trade at once."""

    NONE = 0  # nothing is left
    AT_LIMIT = 1  # taken to fill at the price it rests at
    AT_CLOSE = 2  # fixed price: taken to fill at the close
    AFTER_HOURS = 3  # fixed price: waits for the close, which nobody knows
    CALL_FILLS = 4  # waits for the call's end; the call's price of this moment would fill it
    CALL_WAITS = 5  # the same; that price would not
    KEPT = 6  # kept outside the book until the market takes it


@dataclass(frozen=True, slots=True)
class _Left:
    """What rests of an accepted order."""

    status: int
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one order, or of the deposit (its amount alone); money in 1/10 000 yuan."""

    reason: Reason
    figure: int
    filled_now: int = 0
    amount_now: int = 0
    amount: int = 0  # with what is taken to fill later
    fees: int = 0
    frozen: int = 0  # for what would rest in the book
    rest: Rest = Rest.NONE
    rest_price: int = 0  # the limit, the close, or the call's price; 0 where there is none


@dataclass(frozen=True, slots=True)
class Standing:
    """An account at one moment."""

    cash: int
    free_cash: int
    assets: int
    debt: int
    ratio_ppm: int
    grade: Grade
    withdrawable: int
    lines: list[LineDistance]


@dataclass(frozen=True, slots=True)
class Supposed:
    """`copy` is what the account has become; `crossed` are the lines reached on the way."""

    before: Standing
    after: Standing
    deposit: Outcome | None
    orders: list[Outcome]
    crossed: list[Grade]
    copy: AccountCopy


def standing(engine: Engine, account: int) -> Standing:
    row = engine.state.accounts[account]
    held, debt, value = assets(engine, account), int(row["debt"]), int(row["value"])
    loss = int(limit_down_loss(engine.workspace, account))
    return Standing(
        cash=int(row["cash"]),
        free_cash=int(row["cash"]) - int(row["frozen"]),
        assets=held,
        debt=debt,
        ratio_ppm=ratio_ppm(held, debt),
        grade=Grade(int(row["grade"])),
        withdrawable=withdrawable(engine, account),
        lines=distances(engine, account, held, value, loss),
    )


def suppose(
    engine: Engine,
    account: int,
    orders: Sequence[SupposedOrder] = (),
    deposit: int = 0,
    prices: Mapping[int, int] | None = None,
) -> Supposed:
    """`account` and the instruments must be known indices; `prices` are by instrument."""
    wanted = [(order.instrument, order.side, order.quantity) for order in orders]
    copy = AccountCopy(engine, account, wanted)
    watch = _Watch(account)
    money = watch.deposit(copy, deposit) if deposit else None
    outcomes = [watch.order(copy, order) for order in orders]
    if prices:
        held = set(copy.state.positions["instrument"][copy.positions].tolist()) | {
            order.instrument for order in orders
        }
        moves = [building.price(each, price) for each, price in prices.items() if each in held]
        watch.see(copy.apply(building.frame_begin(), *moves, building.frame_end()))
    return Supposed(
        standing(engine, account),
        standing(copy.engine, account),
        money,
        outcomes,
        watch.crossed,
        copy,
    )


class _Watch:
    """Sends what is supposed and reads what came of it."""

    def __init__(self, account: int) -> None:
        self._account = account
        self.crossed: list[Grade] = []

    def see(self, events: NDArray[np.void]) -> None:
        mine = (events["kind"] == Event.LINE_CROSSED) & (events["account"] == self._account)
        for event in events[mine].view(records.GRADE_EVENT):
            self.crossed.append(Grade(int(event["new_grade"])))

    def deposit(self, copy: AccountCopy, amount: int) -> Outcome:
        events = copy.apply(building.deposit(self._account, amount))
        self.see(events)
        return _refusal(events) or Outcome(Reason.NONE, 0, amount=amount)

    def order(self, copy: AccountCopy, order: SupposedOrder) -> Outcome:
        row = copy.state.accounts[self._account]
        frozen = int(row["frozen"])
        events = copy.apply(
            building.order(
                *(self._account, order.instrument, order.side, order.order_type),
                *(order.price, order.quantity, Origin.CLIENT),
                financed=order.financed,
            )
        )
        self.see(events)
        refused = _refusal(events)
        if refused is not None:
            return refused
        filled, amount_now, fees = _fills(events, self._account)
        held = max(0, int(row["frozen"]) - frozen)
        left = _left(copy, self._account, events)
        if left is None:
            return Outcome(Reason.NONE, 0, filled, amount_now, amount_now, fees, held)
        rest, price = _rest(copy, order, left)
        _, later, more_fees = self._fill(copy, order, rest, price, left.quantity)
        amount, fees = amount_now + later, fees + more_fees
        return Outcome(Reason.NONE, 0, filled, amount_now, amount, fees, held, rest, price)

    def _fill(
        self, copy: AccountCopy, order: SupposedOrder, rest: Rest, price: int, quantity: int
    ) -> tuple[int, int, int]:
        if rest not in {Rest.AT_LIMIT, Rest.AT_CLOSE}:
            return 0, 0, 0
        day = copy.state.instruments[order.instrument]
        if rest == Rest.AT_CLOSE and day["phase"] != Phase.AFTER_HOURS:
            self.see(copy.apply(building.phase(int(day["session"]), Phase.AFTER_HOURS)))
        events = copy.meet(order.instrument, order.side, price, quantity)
        self.see(events)
        return _fills(events, self._account)


def _refusal(events: NDArray[np.void]) -> Outcome | None:
    kinds = events["kind"]
    refused = events[(kinds == _REFUSED[0]) | (kinds == _REFUSED[1])].view(records.ORDER_EVENT)
    if not len(refused):
        return None
    return Outcome(Reason(int(refused[0]["reason"])), int(refused[0]["figure"]))


def _fills(events: NDArray[np.void], account: int) -> tuple[int, int, int]:
    """(quantity, amount, fees) of the account's fills."""
    ours = (events["kind"] == Event.FILL) & (events["account"] == account)
    fills = events[ours].view(records.FILL_EVENT)
    fees = sum(int(fills[name].sum()) for name in FEES)
    return int(fills["quantity"].sum()), int((fills["price"] * fills["quantity"]).sum()), fees


def _rest(copy: AccountCopy, order: SupposedOrder, left: _Left) -> tuple[Rest, int]:
    """What becomes of it, and the price that says so."""
    day = copy.state.instruments[order.instrument]
    if order.order_type == OrderType.FIXED_PRICE:
        close = int(day["close"])
        return (Rest.AT_CLOSE, close) if close else (Rest.AFTER_HOURS, 0)
    if left.status != OrderStatus.WORKING:
        return Rest.KEPT, left.price
    if day["phase"] == Phase.CONTINUOUS:
        return Rest.AT_LIMIT, left.price
    price = copy.call_price(order.instrument, order.side)
    fills = left.price >= price if order.side == Side.BUY else left.price <= price
    return (Rest.CALL_FILLS if price and fills else Rest.CALL_WAITS), price


def _left(copy: AccountCopy, account: int, events: NDArray[np.void]) -> _Left | None:
    """What rests of an order that was just accepted."""
    accepted = events[(events["kind"] == Event.ORDER_ACCEPTED) & (events["account"] == account)]
    order: Any = accepted.view(records.ORDER_EVENT)[0]
    slot = int(order["order_id"]) & SLOT_MASK
    row = copy.state.orders[slot]
    if int(row["id"]) != int(order["order_id"]) or row["status"] == OrderStatus.FREE:
        return None
    return _Left(int(row["status"]), int(row["remaining"]), int(row["price"]))


def distances(engine: Engine, account: int, held: int, value: int, loss: int) -> list[LineDistance]:
    """The four lines, from assets `held`; the holdings are worth `value`, a limit-down `loss`."""
    row = engine.state.accounts[account]
    debt = int(row["debt"])
    if debt <= 0:
        return []
    found: list[LineDistance] = []
    for i, line in enumerate(engine.state.terms[row["product"]]["line_ppm"].tolist()):
        reached = debt * line // PPM
        fall = held - reached
        found.append(
            LineDistance(
                grade=Grade(i + 1),
                line_ppm=line,
                assets=reached,
                fall=fall,
                fall_ppm=fall * PPM // value if value > 0 else 0,
                limit_downs_ppm=fall * PPM // loss if loss > 0 else 0,
            )
        )
    return found
