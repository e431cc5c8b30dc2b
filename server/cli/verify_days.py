"""Real daily bars through the engine: each day is opened by its rules, and the bar is ordered.

On a day with price limits a buy at the bar's high and a sale at its low must be taken, and one tick
beyond either limit nothing may be. A suspended share may take no order at all.
"""

import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.cli.verify_files import rows_of
from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import (
    AccountClass,
    Event,
    LimitKind,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.market.calendar import load_calendar
from server.market.dates import parse_date, time_us
from server.market.hours import SESSION_START
from server.market.opening import DayInstrument, DayWarning, day_commands, listing_commands
from server.market.replay.plan import ReplayPlan, plan_replay
from server.market.replay.settings import ReplaySettings
from server.market.replay.symbols import symbol_in
from server.market.rules import Rules, Status
from server.market.universe import UniverseEntry, UniverseError, classify

BUYER, SELLER = 0, 1  # accounts of two people in the market
QUANTITY = 1_000  # a size that every board takes


class DayRow(NamedTuple):
    """One share's bar of one day; prices in 1/10 000 yuan, limits as the engine has them."""

    symbol: str
    date: int
    low: int
    high: int
    limit_kind: LimitKind
    limit_down: int
    limit_up: int
    traded: bool
    inside: bool  # the engine took the bar's high and low
    closed: bool  # and nothing one tick beyond, nor anything while the share was suspended
    status: Status
    listing_day: int
    rule: str


def daily_plan(folder: Path, listings: Path | None) -> ReplayPlan:
    """All days of a folder of daily bars. Raises BadFile, Malformed, OSError."""
    rules = Rules()
    with tempfile.TemporaryDirectory() as cache:
        calendar = load_calendar(Path(cache), rules)
    settings = ReplaySettings(folder, calendar.first_session, calendar.last_session, history_days=0)
    return plan_replay(settings, _known(listings), calendar, rules)


def _known(listings: Path | None) -> Mapping[str, UniverseEntry]:
    """Listing dates by symbol; what no code range explains is left out."""
    known: dict[str, UniverseEntry] = {}
    for row in rows_of(listings, ("symbol", "list_date")) if listings else ():
        symbol = symbol_in(row.cells[0])
        entry = _entry(symbol, row.cells[1]) if symbol else None
        if entry is not None:
            known[entry.symbol] = entry
    return known


def _entry(symbol: str, listed: str) -> UniverseEntry | None:
    code, _, place = symbol.partition(".")
    raw = {"code": code, "exchange": place, "board": "main", "kind": "share", "name": code}
    entry = msgspec.convert(raw, UniverseEntry)
    try:
        board, kind = classify(code, entry.exchange)
    except UniverseError:
        return None
    return msgspec.structs.replace(
        entry, board=board, kind=kind, list_date=parse_date(listed), ipo="registration"
    )


class DayProbe:
    """One engine that lives through every day of the plan."""

    def __init__(self, plan: ReplayPlan) -> None:
        self._plan = plan
        self._engine = Engine()
        self._time = 0
        self._previous = 0
        accounts = [building.account_open(i, AccountClass.MARKET, i) for i in (BUYER, SELLER)]
        self._apply(building.concat([*accounts, listing_commands(plan.entries)]))

    def rows(self) -> Iterator[DayRow]:
        for date in self._plan.dates:
            yield from self._day(date)

    def _day(self, date: int) -> Iterator[DayRow]:
        day = [(item, bar) for item, bar in self._plan.day(date, first=True)]
        self._time = time_us(date, SESSION_START)
        self._open(date, [item for item, _ in day])
        state = self._engine.state.instruments
        traded = [item for item, _ in day if not item.suspended]
        limited = [i for i in traded if state[i.index]["limit_kind"] == LimitKind.LIMITED]
        suspended = [item for item, _ in day if item.suspended and self._has_bar(item, date)]
        refused = self._refused(limited, inside=True)
        beyond = self._refused([*limited, *suspended], inside=False)
        for item in (*traded, *suspended):
            sides = {(item.index, Side.BUY), (item.index, Side.SELL)}
            yield self._row(item, date, not sides & refused, sides <= beyond)
        self._apply(building.concat([building.phase(-1, Phase.CLOSED), building.day_close()]))

    def _has_bar(self, item: DayInstrument, date: int) -> bool:
        dates = self._plan.tracks[item.index].dates
        place = bisect_left(dates, date)
        return place < len(dates) and dates[place] == date

    def _row(self, item: DayInstrument, date: int, inside: bool, closed: bool) -> DayRow:
        terms = self._engine.state.instruments[item.index]
        key = item.entry.rule_key(date, item.status, item.listing_day)
        return DayRow(
            item.symbol,
            date,
            item.day_low,
            item.day_high,
            LimitKind(int(terms["limit_kind"])),
            int(terms["limit_down"]),
            int(terms["limit_up"]),
            not item.suspended,
            inside,
            closed,
            key.status,
            item.listing_day,
            self._plan.rules.limit(key).rule,
        )

    def _open(self, date: int, items: list[DayInstrument]) -> None:
        blind = [_without_bar(item) for item in items]  # else the bar would lift the limits
        commands = day_commands(
            date,
            blind,
            self._plan.rules,
            MarkPolicy.SOURCE,
            previous_date=0,
            report=_silent,
        )
        self._apply(building.concat([commands, building.phase(-1, Phase.CONTINUOUS)]))

    def _refused(self, items: list[DayInstrument], *, inside: bool) -> set[tuple[int, int]]:
        """(instrument, side) of what was refused: orders at the bar's ends, or beyond the limits.

        Of a suspended share both are at its reference price.
        """
        index = np.array([item.index for item in items], np.int64)
        terms = self._engine.state.instruments[index]
        tick: NDArray[np.int64] = terms["tick"].astype(np.int64)
        buy = np.array([item.day_high for item in items]) if inside else terms["limit_up"] + tick
        sell = np.array([item.day_low for item in items]) if inside else terms["limit_down"] - tick
        suspended = np.array([item.suspended for item in items], np.bool_)
        buy, sell = (np.where(suspended, terms["reference"], price) for price in (buy, sell))
        refused: set[tuple[int, int]] = set()
        for account, side, price in ((BUYER, Side.BUY, buy), (SELLER, Side.SELL, sell)):
            orders = building.orders(
                account, index, side, OrderType.LIMIT, price, QUANTITY, Origin.MARKET
            )
            events = self._apply(orders)
            events = events[events["kind"] == Event.ORDER_REJECTED].view(records.ORDER_EVENT)
            refused |= {(int(i), int(side)) for i in events["instrument"]}
        return refused

    def _apply(self, commands: Commands) -> Commands:
        commands["seq"] = np.arange(len(commands)) + self._engine.seq + 1
        self._time += 1
        commands["time"] = self._time
        return self._engine.apply(commands)


def _without_bar(item: DayInstrument) -> DayInstrument:
    return replace(item, old_close=0, day_low=0, day_high=0, actions=())


def _silent(warning: DayWarning) -> None:
    """Every day without a known limit is in the rows."""
