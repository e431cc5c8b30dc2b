"""The hours of one session as a market source walks them: phase changes and trading time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time as clock_time
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from server.engine import building
from server.engine.building import ALL, Commands
from server.engine.codes import Phase
from server.market.calendar import TradingCalendar
from server.market.columns import Ints

OPENING_LEAD_US = 900_000_000  # a day's terms are sent so long before its first phase
_SECOND_US = 1_000_000
SESSION_START = clock_time(9, 30)  # what a daily bar is stamped with


class Turn(NamedTuple):
    """A phase that some session groups enter at a market time."""

    time: int
    phase: Phase
    groups: tuple[int, ...]


def turns_of(calendar: TradingCalendar, date: int, groups: Iterable[int]) -> list[Turn]:
    """Every phase change of a session in order of time; those that coincide are one."""
    found: dict[tuple[int, Phase], list[int]] = {}
    for group in sorted(set(groups)):
        for step in calendar.phases(date, group):
            found.setdefault(step, []).append(group)
    return sorted(Turn(time, phase, tuple(at)) for (time, phase), at in found.items())


def phase_commands(turn: Turn, groups: Iterable[int]) -> Commands:
    """PHASE for the groups of a turn: one command when that is all of `groups`."""
    if set(turn.groups) == set(groups):
        return building.phase(ALL, turn.phase)
    return building.concat([building.phase(group, turn.phase) for group in turn.groups])


@dataclass(frozen=True, slots=True)
class Hours:
    """Market times of one session: the opening call's end, (start, end) of continuous trading, the
    close, which is the closing call's end where there is one, and (start, end) of fixed price
    trading after hours.
    """

    auction: int
    continuous: tuple[tuple[int, int], ...]
    close: int
    after: tuple[int, int] | None = None

    @property
    def length(self) -> int:
        """Continuous trading in µs."""
        return sum(end - start for start, end in self.continuous)

    def at(self, elapsed: Ints) -> Ints:
        """Market times after so much trading; a break's start belongs to what lies before it."""
        time = np.zeros_like(elapsed)
        left = elapsed
        for start, end in self.continuous:
            here = (time == 0) & (left <= end - start)
            time = np.where(here, start + left, time)
            left = left - (end - start)
        return time

    def elapsed(self, time: int) -> int:
        """Continuous trading before a market time, in µs."""
        return sum(max(0, min(time, end) - start) for start, end in self.continuous)

    def clamp(self, time: Ints) -> Ints:
        """Stray stamps brought to the hours: one in a break to its start, one late to the close.

        What falls into the closing call comes at its end, and what is late after hours still in
        them; 0 for those before the opening call's.
        """
        inside = np.zeros_like(time)
        before = self.auction
        for start, end in self.continuous:
            inside = np.where((time >= before) & (time < start), before, inside)
            inside = np.where((time >= start) & (time < end), time, inside)
            before = end
        late = np.full_like(time, self.close)
        if self.after:
            start, end = self.after
            late = np.where(time >= start, np.minimum(time, end - _SECOND_US), late)
        return np.where(time >= before, late, inside)


def hours_of(calendar: TradingCalendar, date: int, group: int) -> Hours:
    steps = calendar.phases(date, group)
    ends = [time for time, _ in steps[1:]]
    spans = [
        (time, end)
        for (time, phase), end in zip(steps, ends, strict=False)
        if phase is Phase.CONTINUOUS
    ]
    auction = next(time for time, phase in steps if phase is Phase.PAUSE)
    last = spans[-1][1]
    if (last, Phase.CLOSING_CALL) in steps:
        last = next(time for time, _ in steps if time > last)
    return Hours(auction, tuple(spans), last, _after_hours(steps))


def _after_hours(steps: Sequence[tuple[int, Phase]]) -> tuple[int, int] | None:
    for (time, phase), (end, _) in pairwise(steps):
        if phase is Phase.AFTER_HOURS:
            return time, end
    return None
