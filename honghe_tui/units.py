"""What the integers of the wire count, by the names of their fields, and how a table shows them."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

import msgspec

from server.protocol.trading import Position

_SHANGHAI: Final = timezone(timedelta(hours=8))
_MONEY_DECIMALS: Final = 4
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes a text for

MONEY: Final = frozenset(
    {
        *("price", "last", "previous_close", "open", "high", "low", "close", "turnover", "bid"),
        *("ask", "indicative", "tick", "limit_up", "limit_down", "floor", "rights_price"),
        *("cash", "frozen", "withdrawable", "unsettled", "market_value", "assets", "deposit"),
        *("loan", "interest", "debt", "interest_a_day", "profit", "profit_today", "shortfall"),
        *("cure_deposit", "cure_repay", "receivable", "credit", "credit_left", "drawable"),
        *("buying_power", "margin", "margin_need", "financing_power", "interest_paid", "principal"),
        *("cost", "realised", "filled_amount", "amount", "repay", "proceeds", "assets_after"),
        *("commission", "stamp_duty", "transfer_fee", "handling_fee", "regulatory_fee"),
        *("average_price", "fees", "debt_before", "assets_before", "withdrawable_before"),
        *("withdrawable_after", "credit_left_after", "margin_after", "buying_power_after"),
        *("dividend_tax", "deposit_minimum", "deposit_maximum", "credit_maximum", "debt_after"),
        *(
            "refund",
            "rest_price",
            "assets_now",
            "debt_now",
            "margin_now",
            "value",
            "cap",
            "waiting",
            "loss",
            "uncovered",
        ),
    }
)
"""Yuan in 1/10 000."""

TIMES: Final = frozenset(
    {
        *("time", "wall_time", "market_time", "cure_deadline", "deadline", "held_until"),
        *("next_reminder", "since", "stop_until", "until"),
    }
)
"""Microseconds since the epoch; 0 is none."""

DATES: Final = frozenset({"date", "due", "opened", "session"})
"""YYYYMMDD; 0 is none."""


COUNTS_OF: Final[dict[type, frozenset[str]]] = {Position: frozenset({"frozen"})}
"""Shares, under names that are money elsewhere."""


def shown(kind: type, name: str, value: object) -> str:
    """A field of the message `kind` for a table: yuan, fractions of one, ISO 8601 at UTC+8."""
    if name in COUNTS_OF.get(kind, ()):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _number(name, value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()


def _number(name: str, value: int) -> str:
    if name in MONEY:
        return str(Decimal(value).scaleb(-_MONEY_DECIMALS))
    if name.endswith("_ppm"):
        return str(Decimal(value).scaleb(-6))
    if name.endswith("_ppb"):
        return str(Decimal(value).scaleb(-9))
    if name in TIMES:
        return _moment(value) if value else ""
    if name in DATES:
        return f"{value // 10_000:04d}-{value // 100 % 100:02d}-{value % 100:02d}" if value else ""
    return str(value)


def _moment(time: int) -> str:
    seconds, micros = divmod(time, 1_000_000)
    moment = datetime.fromtimestamp(seconds, _SHANGHAI).replace(microsecond=micros)
    return moment.isoformat(timespec="milliseconds")
