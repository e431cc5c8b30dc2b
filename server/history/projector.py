"""Events to rows: follows every trader's open order through the events that change it.

Pure, and sufficient to itself: it learns accounts, symbols and dates from the journal's commands,
so the same record gives the same rows, live and in a replay. Orders of market accounts are the
market, not history: they are left out before Python sees them one by one.
"""

from collections.abc import Callable, Iterable
from typing import Final, get_args

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import AccountClass, Command, Event, OrderType, Origin
from server.engine.reasons import Reason
from server.history.changes import CashMove, Changes
from server.protocol import words
from server.protocol.trading import Fill, Order
from server.sequencing.unpacking import layout

SIDES: Final[dict[int, words.Side]] = dict(enumerate(get_args(words.Side)))
ORDER_TYPES: Final[dict[int, words.OrderType]] = dict(enumerate(get_args(words.OrderType)))
ORIGINS: Final[dict[int, words.Origin]] = dict(enumerate(get_args(words.Origin)))

_HEAD: Final = ("seq", "time", "kind", "side", "type", "origin", "account", "instrument", "index")
_order_event = layout(
    records.ORDER_EVENT,
    *_HEAD,
    *("order_id", "price", "quantity", "figure", "reason"),
).unpack_from
_fill_event = layout(
    records.FILL_EVENT,
    *_HEAD,
    *("trade_no", "order_id", "price", "quantity", "remaining", "realised"),
    *("commission", "stamp_duty", "transfer_fee", "handling_fee", "regulatory_fee"),
    "dividend_tax",
).unpack_from
_cash_event = layout(records.CASH_EVENT, *_HEAD, "amount", "balance", "counter", "move").unpack_from
_day_event = layout(records.DAY_EVENT, "date").unpack_from
_of_client = layout(records.ORDER, "client_order_id", "financed").unpack_from
_KIND: Final = 16  # where a record's kind stands

_ENDINGS: Final[dict[int, words.OrderStatus]] = {
    Event.ORDER_CANCELLED: "cancelled",
    Event.ORDER_EXPIRED: "expired",
}

_STANDS: Final[dict[int, words.OrderStatus]] = {
    Event.ORDER_QUEUED: "queued",
    Event.ORDER_HELD: "held",
    Event.ORDER_RELEASED: "working",
}

_LIMITED: Final = (int(OrderType.LIMIT), int(OrderType.FIXED_PRICE))
_CLIENT: Final = int(Origin.CLIENT)
_INSTRUMENT_ADD: Final = int(Command.INSTRUMENT_ADD)
_OPENS_ACCOUNT: Final = np.zeros(256, np.bool_)
_OPENS_ACCOUNT[[Event.ACCOUNT_OPENED, Event.CONTRACT_OPENED]] = True
_TRADES: Final = np.zeros(256, np.bool_)  # by AccountClass
_TRADES[[AccountClass.CASH, AccountClass.CONTRACT]] = True


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
        self._is_trader = _traders(self._classes)
        self._open = {order.order_id: order for order in known.open_orders}
        self._steps: dict[int, Callable[[bytes, int], None]] = {
            int(Event.ORDER_ACCEPTED): self._accept,
            int(Event.ORDER_REJECTED): self._reject,
            int(Event.ORDER_CANCELLED): self._end,
            int(Event.ORDER_EXPIRED): self._end,
            int(Event.ORDER_QUEUED): self._stand,
            int(Event.ORDER_HELD): self._stand,
            int(Event.ORDER_RELEASED): self._stand,
            int(Event.ORDER_CONVERTED): self._convert,
            int(Event.FILL): self._fill,
            int(Event.CASH_MOVED): self._move,
            int(Event.DAY_OPENED): self._open_day,
        }
        self._has_step = np.zeros(256, np.bool_)
        self._has_step[list(self._steps)] = True
        self._begin(np.zeros(0, records.COMMAND))

    def state(self) -> ProjectorState:
        """A copy, to go on from later."""
        return ProjectorState(
            self.seq,
            self._date,
            list(self._symbols),
            self._classes.tobytes(),
            [replace(order) for order in self._open.values()],
        )

    def project(
        self, last_seq: int, commands: NDArray[np.void], events: NDArray[np.void]
    ) -> Changes:
        """What `events` (of `commands`, whole) changed. Raises ProjectionBroken."""
        self._begin(commands)
        kinds = events["kind"]
        self._learn(commands, events[_OPENS_ACCOUNT[kinds]])
        self.seq = last_seq
        ours = events[self._has_step[kinds] & self._concern_traders(events)].tobytes()
        steps = self._steps
        for number, kind in enumerate(ours[_KIND :: records.RECORD_BYTES]):
            steps[kind](ours, number * records.RECORD_BYTES)
        orders = [replace(order) for order in self._touched.values()]
        return Changes(last_seq, self._date, orders, self._fills, self._moves)

    def open_order(self, order_id: int) -> Order | None:
        """A copy of a working order."""
        order = self._open.get(order_id)
        return None if order is None else replace(order)

    def open_orders(self, accounts: Iterable[int]) -> list[Order]:
        """Copies of the working orders of some accounts, oldest first."""
        wanted = set(accounts)
        return [replace(order) for order in self._open.values() if order.account in wanted]

    def _begin(self, commands: NDArray[np.void]) -> None:
        self._commands = commands.tobytes()
        self._first_seq = int(commands["seq"][0]) if len(commands) else 0
        self._touched: dict[int, Order] = {}
        self._fills: list[Fill] = []
        self._moves: list[CashMove] = []

    def _concern_traders(self, events: NDArray[np.void]) -> NDArray[np.bool_]:
        """Which events are of a trader's account, or of none."""
        return self._is_trader.take(events["account"] + 1, mode="clip")

    def _learn(self, commands: NDArray[np.void], openings: NDArray[np.void]) -> None:
        """Takes in new instruments and accounts, by the engine's own rule of the next index."""
        if _INSTRUMENT_ADD in self._commands[_KIND :: records.RECORD_BYTES]:
            added = commands[commands["kind"] == Command.INSTRUMENT_ADD]
            for command in added.view(records.INSTRUMENT_ADD):
                if command["instrument"] == len(self._symbols):
                    self._symbols.append(bytes(command["symbol"]).decode("ascii"))
        for event in openings:
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
            self._is_trader = _traders(grown)
        self._classes[account] = klass
        self._is_trader[account + 1] = _TRADES[klass]

    def _symbol(self, instrument: int) -> str:
        return self._symbols[instrument] if 0 <= instrument < len(self._symbols) else ""

    def _open_day(self, data: bytes, at: int) -> None:
        (self._date,) = _day_event(data, at)

    def _new(self, row: tuple[int, ...], status: words.OrderStatus) -> Order:
        """The order of an ORDER_ACCEPTED or ORDER_REJECTED event, with what the command said."""
        seq, time, _, side, kind, origin, account, instrument, _, order_id, price, quantity = row
        client_id, financed = self._of_client(seq) if origin == _CLIENT else ("", False)
        return Order(
            *(seq, order_id or -seq, account, self._symbol(instrument), SIDES[side]),
            *(ORDER_TYPES[kind], price if kind in _LIMITED else 0, quantity, 0, 0, status),
            *(time, self._date, client_id, ORIGINS[origin]),
            financed=financed,
        )

    def _of_client(self, seq: int) -> tuple[str, bool]:
        """The sender's id of an order command in this batch, and whether it is financed."""
        at = (seq - self._first_seq) * records.RECORD_BYTES
        client_id, financed = _of_client(self._commands, at)
        return client_id.rstrip(b"\0").decode("ascii", "replace"), financed != 0

    def _accept(self, data: bytes, at: int) -> None:
        order = self._new(_order_event(data, at)[:12], "working")
        self._open[order.order_id] = self._touched[order.order_id] = order

    def _reject(self, data: bytes, at: int) -> None:
        *row, figure, reason = _order_event(data, at)
        order = self._new(tuple(row), "rejected")
        order.figure, order.code = figure, Reason(reason).name.lower()
        self._touched[order.order_id] = order

    def _end(self, data: bytes, at: int) -> None:
        row = _order_event(data, at)
        order_id, figure, reason = row[9], row[12], row[13]
        order = self._known(order_id, row[0])
        order.status = _ENDINGS[row[2]]
        order.code = Reason(reason).name.lower() if reason else ""
        order.figure = figure
        del self._open[order_id]

    def _stand(self, data: bytes, at: int) -> None:
        row = _order_event(data, at)
        self._known(row[9], row[0]).status = _STANDS[row[2]]

    def _convert(self, data: bytes, at: int) -> None:
        row = _order_event(data, at)
        self._known(row[9], row[0]).price = row[10]

    def _known(self, order_id: int, seq: int) -> Order:
        order = self._open.get(order_id)
        if order is None:
            raise ProjectionBroken(f"event {seq} is of order {order_id}, which was never accepted")
        order.seq = seq
        self._touched[order_id] = order
        return order

    def _fill(self, data: bytes, at: int) -> None:
        seq, time, _, side, _, origin, account, instrument, _, *row = _fill_event(data, at)
        trade_no, order_id, price, quantity, remaining, realised, *fees, dividend_tax = row
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
                dividend_tax=dividend_tax,
            )
        )

    def _move(self, data: bytes, at: int) -> None:
        seq, time, _, _, _, _, account, _, index, *row = _cash_event(data, at)
        amount, balance, counter, move = row
        self._moves.append(
            CashMove(seq, index, account, amount, balance, counter, move, time, self._date)
        )


def _traders(classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """By account + 1: whether a trader's, or (0) no account's at all; the last is nobody's."""
    return np.concatenate([[True], _TRADES[classes], [False]])
