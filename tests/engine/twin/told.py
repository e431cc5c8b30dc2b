"""Events and commands as plain values, so that the twin and the engine can be compared."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import Command, Event

_HEAD = records.COMMAND.names[:-1]

EVENT_BODIES = {
    Event.DAY_OPENED: records.DAY_EVENT,
    Event.PHASE_CHANGED: records.DAY_EVENT,
    Event.DAY_CLOSED: records.DAY_EVENT,
    Event.PRICE_MARKED: records.PRICE_EVENT,
    Event.CLOSED: records.PRICE_EVENT,
    Event.AUCTION: records.AUCTION_EVENT,
    Event.TRADING_HALTED: records.HALT_EVENT,
    Event.TRADING_RESUMED: records.AUCTION_EVENT,
    Event.ENTITLED: records.ENTITLED_EVENT,
    Event.ORDER_ACCEPTED: records.ORDER_EVENT,
    Event.ORDER_REJECTED: records.ORDER_EVENT,
    Event.ORDER_CANCELLED: records.ORDER_EVENT,
    Event.ORDER_EXPIRED: records.ORDER_EVENT,
    Event.CANCEL_REJECTED: records.ORDER_EVENT,
    Event.COMMAND_REJECTED: records.ORDER_EVENT,
    Event.ORDER_QUEUED: records.ORDER_EVENT,
    Event.ORDER_HELD: records.ORDER_EVENT,
    Event.ORDER_RELEASED: records.ORDER_EVENT,
    Event.ORDER_CONVERTED: records.ORDER_EVENT,
    Event.TRADE: records.TRADE_EVENT,
    Event.FILL: records.FILL_EVENT,
    Event.LINE_CROSSED: records.GRADE_EVENT,
    Event.GRADE_CHANGED: records.GRADE_EVENT,
    Event.ACCOUNT_OPENED: records.CONTRACT_EVENT,
    Event.CONTRACT_OPENED: records.CONTRACT_EVENT,
    Event.CONTRACT_SETTLED: records.CONTRACT_EVENT,
    Event.SHORTFALL: records.CONTRACT_EVENT,
    Event.INTEREST_ACCRUED: records.CONTRACT_EVENT,
    Event.CASH_MOVED: records.CASH_EVENT,
    Event.NOTICE_RECORDED: records.NOTICE_EVENT,
    Event.EX_RIGHTS: records.ACTION_EVENT,
    Event.DIVIDEND_PAID: records.ACTION_EVENT,
    Event.SHARES_LISTED: records.ACTION_EVENT,
    Event.RIGHTS_PAID: records.ACTION_EVENT,
    Event.RIGHTS_LAPSED: records.ACTION_EVENT,
    Event.DELISTED: records.ACTION_EVENT,
    Event.ANNOUNCED: records.ANNOUNCED_EVENT,
    Event.SELL_LAST_SET: records.SELL_LAST_EVENT,
    Event.DESK_RECORDED: records.DESK_EVENT,
    Event.FINANCING_CHANGED: records.FINANCING_EVENT,
    Event.PLATFORM_CHANGED: records.PLATFORM_EVENT,
    Event.STOP_CHANGED: records.STOP_EVENT,
    Event.PRICE_QUARANTINED: records.QUARANTINE_EVENT,
    Event.PRICE_OVERRIDDEN: records.OVERRIDE_EVENT,
    Event.DRAWN: records.LOAN_EVENT,
    Event.LOAN_REPAID: records.LOAN_EVENT,
    Event.EXTENDED: records.LOAN_EVENT,
    Event.OVERDUE: records.LOAN_EVENT,
    Event.RELEASED: records.LOAN_EVENT,
}
COMMAND_BODIES = {
    Command.DAY_OPEN: records.DAY_OPEN,
    Command.INSTRUMENT_ADD: records.INSTRUMENT_ADD,
    Command.INSTRUMENT_DAY: records.INSTRUMENT_DAY,
    Command.INSTRUMENT_RULES: records.INSTRUMENT_RULES,
    Command.FEE_SCHEDULE: records.FEE_SCHEDULE,
    Command.PRODUCT: records.PRODUCT,
    Command.PHASE: records.PHASE,
    Command.PRICE: records.PRICE,
    Command.ENTITLEMENT: records.ENTITLEMENT,
    Command.ACCOUNT_OPEN: records.ACCOUNT_OPEN,
    Command.CONTRACT_OPEN: records.CONTRACT_OPEN,
    Command.CONTRACT_SETTLE: records.CONTRACT_SETTLE,
    Command.DEPOSIT: records.CASH,
    Command.WITHDRAW: records.CASH,
    Command.TRANSFER: records.CASH,
    Command.REPAY: records.CASH,
    Command.ACCRUE: records.ACCRUE,
    Command.ORDER: records.ORDER,
    Command.CANCEL: records.CANCEL,
    Command.NOTICE: records.NOTICE,
    Command.CORPORATE_ACTION: records.CORPORATE_ACTION,
    Command.ACTION_CASH_PAID: records.ACTION,
    Command.ACTION_SHARES_LISTED: records.ACTION,
    Command.RIGHTS_PAY: records.RIGHTS_PAY,
    Command.RIGHTS_LAPSE: records.ACTION,
    Command.TAX_PERIODS: records.TAX_PERIODS,
    Command.ACTION_ANNOUNCE: records.ACTION_ANNOUNCE,
    Command.SELL_LAST: records.SELL_LAST,
    Command.DESK_ACTION: records.DESK_ACTION,
    Command.RISK_LIMITS: records.RISK_LIMITS,
    Command.CONCENTRATION: records.CONCENTRATION,
    Command.STOCK_LIMIT: records.STOCK_LIMIT,
    Command.PLATFORM_STATE: records.PLATFORM_STATE,
    Command.STOP: records.STOP,
    Command.PRICE_OVERRIDE: records.PRICE_OVERRIDE,
    Command.PRODUCT_TERMS: records.PRODUCT_TERMS,
    Command.DRAW: records.CASH,
    Command.EXTEND: records.EXTEND,
    Command.FINANCING_MARGIN: records.FINANCING_MARGIN,
}


class Told(NamedTuple):
    """An event: what it is of, and its figures that are not 0."""

    kind: Event
    account: int
    instrument: int
    figures: tuple[tuple[str, Any], ...]


def told(kind: Event, account: int = -1, instrument: int = -1, **figures: Any) -> Told:
    return Told(kind, account, instrument, tuple(sorted((k, v) for k, v in figures.items() if v)))


def events_as_told(events: NDArray[np.void]) -> list[tuple[int, int, Told]]:
    """(seq, number within its command, event) of each event record."""
    return [_as_told(events[i : i + 1]) for i in range(len(events))]


def _as_told(event: NDArray[np.void]) -> tuple[int, int, Told]:
    kind = Event(int(event[0]["kind"]))
    row = event.view(EVENT_BODIES[kind])[0]
    names = [n for n in row.dtype.names if n not in _HEAD and n != "padding"]
    figures = {name: row[name].item() for name in [*names, "side", "type", "origin"]}
    what = told(kind, int(row["account"]), int(row["instrument"]), **figures)
    return int(row["seq"]), int(row["index"]), what


def as_values(command: NDArray[np.void]) -> dict[str, Any]:
    """The fields of a one-record COMMAND array."""
    kind = Command(int(command[0]["kind"]))
    row = command.view(COMMAND_BODIES.get(kind, records.COMMAND))[0]
    values = dict(zip(row.dtype.names, row.item(), strict=True))
    values.pop("padding", None)
    return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in values.items()}
