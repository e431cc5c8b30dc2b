"""Events to rows: follows every trader's open order through the events that change it.

Pure, and sufficient to itself: it learns accounts, symbols and dates from the journal's commands,
so the same record gives the same rows, live and in a replay. Orders of market accounts are the
market, not history: they are left out before Python sees them one by one.
"""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Final, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import AccountClass, Command, Event, OrderType, Origin, Reason
from server.history.changes import CashMove, Changes
from server.protocol import words
from server.protocol.trading import Fill, Order

SIDES: Final[dict[int, words.Side]] = dict(enumerate(get_args(words.Side)))
ORDER_TYPES: Final[dict[int, words.OrderType]] = dict(enumerate(get_args(words.OrderType)))
ORIGINS: Final[dict[int, words.Origin]] = dict(enumerate(get_args(words.Origin)))

_HEAD: Final = ["seq", "index", "kind", "time", "account", "instrument", "side", "type", "origin"]
_ORDER_FIELDS: Final = [*_HEAD, "order_id", "price", "quantity", "remaining", "figure", "reason"]
_FILL_FIELDS: Final = [
    *_HEAD,
    *("trade_no", "order_id", "price", "quantity", "remaining", "realised"),
    *("commission", "stamp_duty", "transfer_fee", "handling_fee", "regulatory_fee"),
]
_CASH_FIELDS: Final = [*_HEAD, "amount", "balance", "counter", "move"]
_DAY_FIELDS: Final = [*_HEAD, "date"]

_ENDINGS: Final[dict[int, words.OrderStatus]] = {
    Event.ORDER_CANCELLED: "cancelled",
    Event.ORDER_EXPIRED: "expired",
}


def _marks(*kinds: Event) -> NDArray[np.bool_]:
    """Which event kinds are meant, by number."""
    table = np.zeros(256, np.bool_)
    table[list(kinds)] = True
    return table


_ORDERS: Final = _marks(Event.ORDER_ACCEPTED, Event.ORDER_REJECTED, *map(Event, _ENDINGS))
_FILLS: Final = _marks(Event.FILL)
_CASH: Final = _marks(Event.CASH_MOVED)
_DAYS: Final = _marks(Event.DAY_OPENED)
_OPENINGS: Final = _marks(Event.ACCOUNT_OPENED, Event.CONTRACT_OPENED)


class ProjectionBroken(RuntimeError):
    """An event of an order that was never seen: the projection must be rebuilt."""


class ProjectorState(msgspec.Struct):
    """What a projector has learnt from the journal up to and with `seq`."""

    seq: int = 0
    date: int = 0
    symbols: list[str] = []
    classes: bytes = b""  # AccountClass of each account
    open_orders: list[Order] = []


class Projector:
    """Holds the open orders; `project` must see every batch of the journal once, in order."""

    def __init__(self, state: ProjectorState | None = None) -> None:
        known = state or ProjectorState()
        self.seq = known.seq
        self._date = known.date
        self._symbols = list(known.symbols)
        self._classes = np.frombuffer(known.classes, np.uint8).copy()
        self._open = {order.order_id: order for order in known.open_orders}
        self._steps: dict[int, Callable[[tuple[Any, ...]], None]] = {
            Event.DAY_OPENED: self._open_day,
            Event.ORDER_ACCEPTED: self._accept,
            Event.ORDER_REJECTED: self._reject,
            Event.ORDER_CANCELLED: self._end,
            Event.ORDER_EXPIRED: self._end,
            Event.FILL: self._fill,
            Event.CASH_MOVED: self._move,
        }
        self._begin(np.zeros(0, records.COMMAND))

    def state(self) -> ProjectorState:
        """A copy, to go on from later."""
        return ProjectorState(
            self.seq,
            self._date,
            list(self._symbols),
            self._classes.tobytes(),
            [copy(order) for order in self._open.values()],
        )

    def project(
        self, last_seq: int, commands: NDArray[np.void], events: NDArray[np.void]
    ) -> Changes:
        """What `events` (of `commands`, whole) changed. Raises ProjectionBroken."""
        self._begin(commands)
        self._learn(commands, events)
        self.seq = last_seq
        for row in self._rows(events):
            self._steps[row[2]](row)
        orders = [copy(order) for order in self._touched.values()]
        return Changes(last_seq, self._date, orders, self._fills, self._moves)

    def open_order(self, order_id: int) -> Order | None:
        """A copy of a working order."""
        order = self._open.get(order_id)
        return None if order is None else copy(order)

    def open_orders(self, accounts: Iterable[int]) -> list[Order]:
        """Copies of the working orders of some accounts, oldest first."""
        wanted = set(accounts)
        return [copy(order) for order in self._open.values() if order.account in wanted]

    def _begin(self, commands: NDArray[np.void]) -> None:
        self._commands = commands.view(records.ORDER)
        self._first_seq = int(commands["seq"][0]) if len(commands) else 0
        self._touched: dict[int, Order] = {}
        self._fills: list[Fill] = []
        self._moves: list[CashMove] = []

    def _rows(self, events: NDArray[np.void]) -> list[tuple[Any, ...]]:
        """The events that matter here, in order, each as a tuple that begins with `_HEAD`."""
        kinds = events["kind"]
        traders = self._is_trader(events["account"])
        rows: list[tuple[Any, ...]] = []
        for wanted, dtype, fields in (
            (_ORDERS[kinds] & traders, records.ORDER_EVENT, _ORDER_FIELDS),
            (_FILLS[kinds] & traders, records.FILL_EVENT, _FILL_FIELDS),
            (_CASH[kinds] & traders, records.CASH_EVENT, _CASH_FIELDS),
            (_DAYS[kinds], records.DAY_EVENT, _DAY_FIELDS),
        ):
            if wanted.any():
                rows += events.view(dtype)[wanted][fields].tolist()
        rows.sort(key=_place)
        return rows

    def _learn(self, commands: NDArray[np.void], events: NDArray[np.void]) -> None:
        """Takes in new instruments and accounts, by the engine's own rule of the next index."""
        kinds = commands["kind"]
        for command in commands[kinds == Command.INSTRUMENT_ADD].view(records.INSTRUMENT_ADD):
            if command["instrument"] == len(self._symbols):
                self._symbols.append(bytes(command["symbol"]).decode("ascii"))
        for event in events[_OPENINGS[events["kind"]]]:
            klass = int(AccountClass.CONTRACT)
            if event["kind"] == Event.ACCOUNT_OPENED:
                command = commands[int(event["seq"]) - self._first_seq]
                klass = int(command.view(records.ACCOUNT_OPEN)["account_class"])
            self._set_class(int(event["account"]), klass)

    def _set_class(self, account: int, klass: int) -> None:
        if account >= len(self._classes):
            grown = np.zeros(max(64, 2 * account), np.uint8)
            grown[: len(self._classes)] = self._classes
            self._classes = grown
        self._classes[account] = klass

    def _is_trader(self, accounts: NDArray[np.int32]) -> NDArray[np.bool_]:
        known = (accounts >= 0) & (accounts < len(self._classes))
        classes = np.zeros(len(accounts), np.uint8)
        classes[known] = self._classes[accounts[known]]
        return (classes == AccountClass.CASH) | (classes == AccountClass.CONTRACT)

    def _symbol(self, instrument: int) -> str:
        return self._symbols[instrument] if 0 <= instrument < len(self._symbols) else ""

    def _open_day(self, row: tuple[Any, ...]) -> None:
        self._date = row[-1]

    def _new(self, row: tuple[Any, ...]) -> Order:
        """The order of an ORDER_ACCEPTED or ORDER_REJECTED event, with what the command said."""
        seq, _, _, time, account, instrument, side, kind, origin = row[:9]
        order_id, price, quantity = row[9:12]
        command = self._commands[seq - self._first_seq]
        return Order(
            seq=seq,
            order_id=order_id or -seq,
            account=account,
            symbol=self._symbol(instrument),
            side=SIDES[side],
            order_type=ORDER_TYPES[kind],
            price=price if kind == OrderType.LIMIT else 0,
            quantity=quantity,
            filled=0,
            filled_amount=0,
            status="working",
            time=time,
            date=self._date,
            client_order_id=_client_id(command) if origin == Origin.CLIENT else "",
            origin=ORIGINS[origin],
        )

    def _accept(self, row: tuple[Any, ...]) -> None:
        order = self._new(row)
        self._open[order.order_id] = self._touched[order.order_id] = order

    def _reject(self, row: tuple[Any, ...]) -> None:
        order = self._new(row)
        order.status = "rejected"
        order.figure, order.code = row[13], Reason(row[14]).name.lower()
        self._touched[order.order_id] = order

    def _end(self, row: tuple[Any, ...]) -> None:
        order = self._known(row[9], row[0])
        order.status = _ENDINGS[row[2]]
        order.code = Reason(row[14]).name.lower() if row[14] else ""
        del self._open[order.order_id]

    def _known(self, order_id: int, seq: int) -> Order:
        order = self._open.get(order_id)
        if order is None:
            raise ProjectionBroken(f"event {seq} is of order {order_id}, which was never accepted")
        order.seq = seq
        self._touched[order_id] = order
        return order

    def _fill(self, row: tuple[Any, ...]) -> None:
        seq, _, _, time, account, instrument, side, _, origin = row[:9]
        trade_no, order_id, price, quantity, remaining, realised, *fees = row[9:]
        order = self._known(order_id, seq)
        order.filled += quantity
        order.filled_amount += price * quantity
        if remaining == 0:
            order.status = "filled"
            del self._open[order_id]
        self._fills.append(
            Fill(
                *(seq, trade_no, order_id, account, self._symbol(instrument), SIDES[side]),
                *(price, quantity, time, self._date),
                *fees,
                realised=realised,
                origin=ORIGINS[origin],
            )
        )

    def _move(self, row: tuple[Any, ...]) -> None:
        seq, index, _, time, account = row[:5]
        amount, balance, counter, move = row[9:]
        self._moves.append(
            CashMove(seq, index, account, amount, balance, counter, move, time, self._date)
        )


def _client_id(command: Any) -> str:
    return bytes(command["client_order_id"]).decode("ascii", "replace")


def _place(row: tuple[Any, ...]) -> tuple[int, int]:
    return row[0], row[1]
