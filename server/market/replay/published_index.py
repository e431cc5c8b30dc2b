"""A market's published index from a file: what the platform's rules of section 7.5 go by then."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from server.market.calendar import TradingCalendar
from server.market.columns import Ints
from server.market.dates import date_of
from server.market.hours import hours_of
from server.market.replay.bad_file import BadFile, NothingThen
from server.market.replay.draws import generator
from server.market.replay.reading import read_series
from server.market.replay.rows import Window
from server.market.replay.settings import ReplaySettings
from server.market.replay.tracks import Track, track_of

_LOG = logging.getLogger(__name__)
_TICK = 100  # a hundredth of a point, as a price in 1/10 000 yuan
_HOURS_OF = 0  # session group: Shanghai's shares
PPM = 1_000_000


class _Day(NamedTuple):
    reference: int
    time: Ints
    level: Ints


class PublishedIndex:
    """Between the figures of a bar its path is made up, as that of a share is."""

    def __init__(
        self, track: Track, calendar: TradingCalendar, seed: int, steps_a_day: int
    ) -> None:
        self._track = track
        self._calendar = calendar
        self._seed = seed
        self._steps = steps_a_day
        self._of: tuple[int, _Day | None] = (0, None)  # date, what it is

    def change_ppm(self, time: int) -> int | None:
        """Since the close before, at a market time; None on a day that the file does not have."""
        date = date_of(time)
        if self._of[0] != date:
            self._of = date, self._day(date)
        day = self._of[1]
        if day is None:
            return None
        past = int(day.time.searchsorted(time, "right"))
        if past == 0:
            return 0
        return (int(day.level[past - 1]) - day.reference) * PPM // day.reference

    def since_ppm(self, last_traded: int, date: int) -> int:
        """The close before `date` over that of another day; 0 where the file does not have both."""
        after, today = (
            self._track.day(day) for day in (self._calendar.next_session(last_traded), date)
        )
        if not (after.traded and today.traded):
            return 0
        return today.reference * PPM // after.reference

    def _day(self, date: int) -> _Day | None:
        found = self._track.day(date)
        if not found.traded:
            return None
        hours = hours_of(self._calendar, date, _HOURS_OF)
        rng = generator(self._seed, date, self._track.symbol)
        strip = self._track.strip(date, _TICK, self._steps, hours, rng)
        return _Day(found.reference, strip.time, strip.price)


def read_index(
    settings: ReplaySettings, calendar: TradingCalendar, dates: Sequence[int]
) -> PublishedIndex | None:
    """None without a file; says in the log which of `dates` the market's own index stands in for.

    Raises `BadFile`.
    """
    if settings.index is None:
        _LOG.info("platform rules go by the market's own index: market.index names no file")
        return None
    track = _track(settings.index, settings.index_symbol, Window(dates[0], dates[-1]))
    missing = [date for date in dates if track is None or not track.day(date).traded]
    if missing:
        _LOG.warning(
            "%s has no %s on %s of %s days, the first %s: the market's own index stands in",
            *(settings.index, settings.index_symbol, len(missing), len(dates), missing[0]),
        )
    if track is None:
        return None
    return PublishedIndex(track, calendar, settings.seed, settings.steps_a_day)


def _track(path: Path, symbol: str, window: Window) -> Track | None:
    try:
        series = read_series(path, window, lambda _: _TICK)
    except NothingThen:
        return None
    found = {each.symbol: each for each in series}
    if symbol not in found:
        there = ", ".join(found)
        raise BadFile(path, f"没有指数 {symbol},只有 {there}", f"holds no {symbol}, only {there}")
    return track_of(found[symbol], {})
