"""Companies that come to the agents' market: names made up, days and first prices by the seed."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from server.engine.codes import LimitKind
from server.market.calendar import TradingCalendar
from server.market.rules import RuleMissing, Rules
from server.market.universe import UniverseEntry, load_universe

# Sessions from the market's first day: two lists that day, two have listed in the days before.
_SESSIONS = (0, 0, -1, -3, 1, 2, 4, 5, 7, 9, 11, 13)
_BEFORE = -min(_SESSIONS)
_PREMIUM = (0.25, 1.8)  # over the issue price, on the first day
_RUN = (-0.35, 0.6)
_TICK = 100


class NewCompany(NamedTuple):
    """`worth` is what it opens at, about, in 1/10 000 yuan, `run` the log return soon after that.

    The entry's price is what it costs before: the issue price, or what it came to if it listed
    before the market's first day.
    """

    entry: UniverseEntry
    worth: float
    run: float


def new_companies(
    first_date: int, calendar: TradingCalendar, rules: Rules, seed: int
) -> list[NewCompany]:
    """In the order of their listing; none whose board or listing day the rules do not know then."""
    rng = np.random.default_rng([seed, 4])
    table = _in_turns(list(_made_up()), rng)
    dates = _dates(first_date, calendar)
    premium: list[float] = rng.uniform(*_PREMIUM, len(table)).tolist()
    runs: list[float] = rng.uniform(*_RUN, len(table)).tolist()
    found: list[NewCompany] = []
    for entry, place, more, run in zip(table, _SESSIONS, premium, runs, strict=True):
        date = dates.get(place, 0)
        if not date or not _has_rules(entry, date, rules):
            continue
        worth = entry.start_price * (1 + more)
        price = round(worth / _TICK) * _TICK if date < first_date else entry.start_price
        listed = msgspec.structs.replace(entry, list_date=date, start_price=price)
        found.append(NewCompany(listed, worth, run))
    return found


@cache
def _made_up() -> tuple[UniverseEntry, ...]:
    path = Path(str(files("server.market").joinpath("data", "new_companies.csv")))
    registered = load_universe(path).values()
    return tuple(msgspec.structs.replace(entry, ipo="registration") for entry in registered)


def _in_turns(entries: list[UniverseEntry], rng: np.random.Generator) -> list[UniverseEntry]:
    """One board after the other, so that none waits for long; by chance within a board."""
    order: list[int] = rng.permutation(len(entries)).tolist()
    boards: dict[str, list[UniverseEntry]] = {}
    for place in order:
        boards.setdefault(entries[place].board, []).append(entries[place])
    rounds = zip_longest(*boards.values())
    return [entry for each in rounds for entry in each if entry is not None]


def _dates(first_date: int, calendar: TradingCalendar) -> dict[int, int]:
    """Sessions by their distance from the first day, as far as the calendar goes."""
    later = calendar.sessions(first_date, calendar.last_session)[: max(_SESSIONS) + 1]
    before: Sequence[int] = []
    if first_date > calendar.first_session:
        last = calendar.previous_session(first_date)
        before = calendar.sessions(calendar.first_session, last)[-_BEFORE:]
    earlier = {-i: date for i, date in enumerate(reversed(before), 1)}
    return {**dict(enumerate(later)), **earlier}


def _has_rules(entry: UniverseEntry, date: int, rules: Rules) -> bool:
    try:
        row = rules.limit(entry.rule_key(date, listing_day=1))
    except RuleMissing:
        return False
    return row.kind_code is not LimitKind.UNKNOWN
