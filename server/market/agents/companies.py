"""What comes over the agents' companies day by day: listings, suspensions, marks of risk.

Made up, the same for a seed. A company is suspended for a few days, or for one and trades under
the mark ST from the next: so it goes at the exchanges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from server.engine.codes import LimitKind
from server.market.agents.new_companies import NewCompany
from server.market.agents.temper import Temper
from server.market.bars import Bars
from server.market.calendar import TradingCalendar
from server.market.columns import Floats
from server.market.corporate_actions import CorporateAction
from server.market.dates import time_us
from server.market.hours import SESSION_START
from server.market.rules import LONG_LISTED, Rules, Status
from server.market.short_names import ex_mark, listing_mark, marked, status_mark
from server.market.universe import UniverseEntry

_HORIZON = 60  # sessions for which something is made up
_SUSPENDED_A_DAY = 0.5
_WARNED_A_DAY = 0.15
_LONGEST = 5  # sessions of a suspension
_SETBACK = (-0.22, -0.08)  # of a company's worth when the mark comes
_NEWS = (-0.10, 0.12)  # when a suspension ends
# By listing day: (times the usual deviation, times the usual volume).
_FIRST_DAY, _FIRST_DAYS = (8.0, 8.0), (2.5, 6.0)


class CompanyDay(NamedTuple):
    listing_day: int = LONG_LISTED
    suspended_sessions: int = 0  # in a row, today included; 0 when it trades
    status: Status = "normal"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A suspension, from one session to before another (0: for good), and what comes of it."""

    suspended: int
    resumes: int
    warned: bool
    change: float  # of its worth, at the resumption


class Companies:
    """Days by position in `entries`, which `new` ends."""

    def __init__(
        self,
        entries: Sequence[UniverseEntry],
        new: Sequence[NewCompany],
        troubles: Mapping[str, Trouble],
        calendar: TradingCalendar,
        rules: Rules,
    ) -> None:
        self._entries = entries
        self._new = {each.entry.symbol: each for each in new}
        self._troubles = troubles
        self._calendar = calendar
        self._rules = rules

    def day(self, index: int, date: int) -> CompanyDay:
        entry = self._entries[index]
        if entry.symbol in self._new:
            if date < entry.list_date:
                return CompanyDay(suspended_sessions=1)
            return CompanyDay(1 + self._calendar.sessions_between(entry.list_date, date))
        trouble = self._troubles.get(entry.symbol)
        if trouble is None or date < trouble.suspended:
            return CompanyDay(status=entry.status)
        if not trouble.resumes or date < trouble.resumes:
            waited = 1 + self._calendar.sessions_between(trouble.suspended, date)
            return CompanyDay(suspended_sessions=waited, status=entry.status)
        return CompanyDay(status="st" if trouble.warned else entry.status)

    def since_listing(self, index: int, bars: Bars) -> Bars:
        """Without those from before a new company's listing."""
        entry = self._entries[index]
        if entry.symbol not in self._new:
            return bars
        return bars[bars["time"] >= time_us(entry.list_date, SESSION_START)]

    def name(self, index: int, date: int, actions: Sequence[CorporateAction]) -> str:
        entry, day = self._entries[index], self.day(index, date)
        key = entry.rule_key(date, day.status, day.listing_day)
        unlimited = self._rules.limit(key).kind_code is LimitKind.UNLIMITED
        listing = listing_mark(day.listing_day, unlimited=unlimited)
        name = marked(entry.name, status_mark(day.status) if day.status != entry.status else "")
        return marked(name, listing or ex_mark(actions, date))

    def revalued(self, value: Floats, date: int) -> Floats:
        """What each is worth this morning: a first price, or news of a suspension."""
        out = value.copy()
        for index, entry in enumerate(self._entries):
            trouble = self._troubles.get(entry.symbol)
            if entry.symbol in self._new and date == entry.list_date:
                out[index] = self._new[entry.symbol].worth
            elif trouble is not None and date == trouble.resumes:
                out[index] *= 1 + trouble.change
        return out

    def first_runs(self, date: int) -> Floats:
        """The log return that is to come once trading begins: a first price is only a guess."""
        return np.array(
            [
                self._new[entry.symbol].run
                if entry.symbol in self._new and date == entry.list_date
                else 0.0
                for entry in self._entries
            ]
        )

    def temper(self, usual: Temper, date: int) -> Temper:
        """The day's: shares that are new move and trade more."""
        days = np.array([self.day(i, date).listing_day for i in range(len(self._entries))])
        return usual.livelier(
            *(
                np.select([days == 1, days <= _LONGEST], [first, later], 1.0)
                for first, later in zip(_FIRST_DAY, _FIRST_DAYS, strict=True)
            )
        )


def made_up_troubles(
    entries: Sequence[UniverseEntry], sessions: Sequence[int], seed: int
) -> dict[str, Trouble]:
    """By symbol, over the first of the `sessions`: on the first day one is suspended, on the third
    one is marked. No company is struck twice.
    """
    rng = np.random.default_rng([seed, 5])
    sound = [each for each in entries if each.kind == "share" and each.status == "normal"]
    order: list[int] = rng.permutation(len(sound)).tolist()
    pool = [sound[i] for i in order]
    main = _small([each for each in pool if each.board == "main"])
    found: dict[str, Trouble] = {}
    for place, date in enumerate(sessions[:_HORIZON]):
        suspended, warned, part, length = rng.random(4)
        if pool and (place == 0 or suspended < _SUSPENDED_A_DAY):
            share = pool.pop()
            until = place + 1 + int(length * _LONGEST)
            change = _NEWS[0] + part * (_NEWS[1] - _NEWS[0])
            found[share.symbol] = Trouble(date, _at(sessions, until), False, change)
        main = [each for each in main if each.symbol not in found]
        if main and (place == 1 or (place > 1 and warned < _WARNED_A_DAY)):
            share = main.pop()
            pool.remove(share)
            change = _SETBACK[0] + part * (_SETBACK[1] - _SETBACK[0])
            found[share.symbol] = Trouble(date, _at(sessions, place + 1), True, change)
    return found


def _small(entries: list[UniverseEntry]) -> list[UniverseEntry]:
    """The smaller half, in the same order: the mark seldom comes to a large company."""
    worth = {each.symbol: each.float_shares * each.start_price for each in entries}
    smaller = set(sorted(worth, key=lambda symbol: worth[symbol])[: (len(worth) + 1) // 2])
    return [each for each in entries if each.symbol in smaller]


def _at(sessions: Sequence[int], place: int) -> int:
    return sessions[place] if place < len(sessions) else 0
