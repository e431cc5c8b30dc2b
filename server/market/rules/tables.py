"""Dated tables: one key, exactly one row, or an error that names the key.

Every rule of the market is a row in a TOML file under `server/market/data`; the code that reads it
knows keys and dates, no boards. A row's empty condition admits everything.
"""

from collections.abc import Sequence
from datetime import date
from typing import Generic, Literal, NamedTuple, TypeVar

import msgspec

from server.market.dates import to_date
from server.protocol.words import Board, Exchange

# What the instrument is: a share, or a fund by its official type.
Kind = Literal["share", "stock", "stock_20", "cross_border", "gold", "bond", "money", "commodity"]
# By the short name of the day (section 1.1). `unreformed_st` is SST and S*ST;
# `relisted` and `delisting_first` are single days.
Status = Literal[
    "normal", "st", "unreformed", "unreformed_st", "delisting", "delisting_first", "relisted"
]
Ipo = Literal["unknown", "registration", "approval"]

LONG_LISTED = 9_999  # listing day of an instrument whose first days are long over


class RuleMissing(LookupError):
    """No row covers the key: the rule is not known, and nothing is guessed."""


class RuleAmbiguous(LookupError):
    """More than one row covers the key."""


class RuleKey(NamedTuple):
    """What a rule may depend on. `listing_day` is 1 on the first session after listing."""

    exchange: Exchange
    board: Board
    kind: Kind
    date: int
    status: Status = "normal"
    listing_day: int = LONG_LISTED
    ipo: Ipo = "unknown"


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conditions of a row; `valid_to` is inclusive and empty while it is in force."""

    rule: str  # section of the rules and how far to trust it
    exchange: tuple[Exchange, ...] = ()
    board: tuple[Board, ...] = ()
    kind: tuple[Kind, ...] = ()
    status: tuple[Status, ...] = ()
    ipo: tuple[Ipo, ...] = ()
    days: tuple[int, int] = (1, LONG_LISTED)
    choice: tuple[str, str] | None = None  # setting and value that it is in force with
    valid_from: date = msgspec.field(name="from")
    valid_to: date | None = msgspec.field(name="to", default=None)

    def covers(self, key: RuleKey, on: date) -> bool:
        return (
            self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
            and (not self.exchange or key.exchange in self.exchange)
            and (not self.board or key.board in self.board)
            and (not self.kind or key.kind in self.kind)
            and (not self.status or key.status in self.status)
            and (not self.ipo or key.ipo in self.ipo)
            and self.days[0] <= key.listing_day <= self.days[1]
        )


RowType_co = TypeVar("RowType_co", bound=Row, covariant=True)


class Table(Generic[RowType_co]):
    """Rows of one rule. Answers are remembered: keys repeat by the thousand."""

    def __init__(self, name: str, rows: Sequence[RowType_co]) -> None:
        self.name = name
        self.rows = tuple(rows)
        self._found: dict[RuleKey, RowType_co | None] = {}

    def find(self, key: RuleKey) -> RowType_co:
        """Raises RuleMissing or RuleAmbiguous, naming the key."""
        row = self.get(key)
        if row is None:
            raise RuleMissing(f"{self.name}: no rule for {_text(key)}")
        return row

    def get(self, key: RuleKey) -> RowType_co | None:
        """As `find`, but None where there is no row."""
        if key not in self._found:
            self._found[key] = self._search(key)
        return self._found[key]

    def _search(self, key: RuleKey) -> RowType_co | None:
        on = to_date(key.date)
        rows = [row for row in self.rows if row.covers(key, on)]
        if len(rows) > 1:
            rules = " and ".join(f"{row.rule} from {row.valid_from}" for row in rows)
            raise RuleAmbiguous(f"{self.name}: {rules} both cover {_text(key)}")
        return rows[0] if rows else None


def _text(key: RuleKey) -> str:
    return ", ".join(f"{name} {value}" for name, value in key._asdict().items())
