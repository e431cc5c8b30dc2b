"""Order sizes, turnaround, phases of the day, and what a suspended instrument is worth."""

from datetime import date, time
from typing import Literal

import msgspec

from server.engine.codes import AuctionRule, Phase
from server.market.rules.limits import PPM
from server.market.rules.tables import Row, RuleMissing


class QuantityRow(Row, frozen=True, kw_only=True):
    """Tick, lot and order sizes (sections 1.2 and 1.3)."""

    tick: int
    lot: int
    buy_minimum: int
    buy_step: int
    sell_minimum: int
    sell_step: int
    max_limit_quantity: int
    max_market_quantity: int


class TurnaroundRow(Row, frozen=True, kw_only=True):
    """Whether what was bought today may be sold today (section 1.9)."""

    same_day_sale: bool


class GroupRow(Row, frozen=True, kw_only=True):
    """The session group of an instrument: all in it go through the same phases."""

    group: int


class AuctionRow(Row, frozen=True, kw_only=True):
    """How a call chooses among prices that trade as much (section 2.3)."""

    prices: Literal["order_prices", "order_prices_down", "every_tick"]

    @property
    def code(self) -> AuctionRule:
        return AuctionRule[self.prices.upper()]


class SuspensionRow(Row, frozen=True, kw_only=True):
    """Section 5.6."""

    at_once_ppm: int
    sessions_a_step: int
    most_ppm: int

    def valuation_ppm(self, suspended_sessions: int, daily_limit_ppm: int) -> int:
        """Share of the last price that counts; `suspended_sessions` includes today, 0 is none."""
        if suspended_sessions <= 0:
            return PPM
        steps = suspended_sessions // self.sessions_a_step
        return PPM - min(self.at_once_ppm + steps * daily_limit_ppm, self.most_ppm)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: time
    phase: str

    @property
    def code(self) -> Phase:
        return Phase[self.phase.upper()]


class PhasesRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: str
    groups: tuple[int, ...]
    steps: tuple[Step, ...]
    valid_from: date = msgspec.field(name="from")
    valid_to: date | None = msgspec.field(name="to", default=None)

    def covers(self, group: int, on: date) -> bool:
        ended = self.valid_to is not None and self.valid_to < on
        return group in self.groups and self.valid_from <= on and not ended


def steps_of(rows: tuple[PhasesRow, ...], group: int, on: date) -> tuple[Step, ...]:
    """Phase changes of a session group on a date. Raises RuleMissing unless one row covers it."""
    found = [row for row in rows if row.covers(group, on)]
    if len(found) != 1:
        raise RuleMissing(f"phases: {len(found)} rules for session group {group} on {on}")
    return found[0].steps
