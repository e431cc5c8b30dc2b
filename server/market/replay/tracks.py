"""One symbol through the replayed days: what each day is, and the strip of its prices."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator

from server.market.columns import Ints
from server.market.hours import Hours
from server.market.replay.bridge import Candle
from server.market.replay.series import DailySeries, IntradaySeries, Series, SnapshotSeries
from server.market.replay.strips import bars_strip, daily_strip, snapshots_strip, ticks_strip
from server.market.replay.tape import Strip
from server.market.rules import Status
from server.market.universe import status_of_name


@dataclass(frozen=True, slots=True)
class TrackDay:
    """One symbol's day. Prices in 1/10 000 yuan.

    A day with prices but without a reference, as the first of a file that has none, is not
    `traded`: its limits are not known. It is there as the close before the next.
    """

    reference: int
    traded: bool
    old_close: int = 0  # on an ex-date: the close before
    low: int = 0
    high: int = 0
    status: Status = "normal"
    last_traded: int = 0  # date, where this day is not traded and one before it was
    float_shares: int = 0  # as of the day before; 0 where nothing says


class Track(Protocol):
    """`dates` are the days with rows, ascending."""

    symbol: str
    dates: list[int]

    def day(self, date: int) -> TrackDay:
        """What the day is, whether or not the data has it."""
        ...

    def strip(self, date: int, tick: int, steps: int, hours: Hours, rng: Generator) -> Strip:
        """The prices of a traded day."""
        ...

    def name(self, date: int) -> str:
        """The short name of a day; empty where the data has none."""
        ...


class DailyTrack:
    """Daily bars: one row a day, those before the replay for charts and the first reference."""

    def __init__(self, series: DailySeries) -> None:
        self.symbol = series.symbol
        self.dates: list[int] = series.date.tolist()
        self.series = series

    def day(self, date: int) -> TrackDay:
        row = bisect_left(self.dates, date)
        if row == len(self.dates) or self.dates[row] != date:
            return self._without_row(row)
        series = self.series
        before = int(series.close[row - 1]) if row else 0
        reference = int(series.preclose[row]) or before
        traded = bool(series.traded[row]) and reference > 0
        return TrackDay(
            reference=reference or int(series.close[row]),
            traded=traded,
            old_close=before if before != reference else 0,
            low=int(series.low[row]) if traded else 0,
            high=int(series.high[row]) if traded else 0,
            status=self._status(row),
            last_traded=0 if traded else self._last_traded(row),
            float_shares=int(series.floats[row - 1]) if row else 0,
        )

    def strip(self, date: int, tick: int, steps: int, hours: Hours, rng: Generator) -> Strip:
        row = bisect_left(self.dates, date)
        series = self.series
        quotes = (series.open, series.high, series.low, series.close)
        candle = Candle(*(int(column[row]) for column in quotes))
        return daily_strip(candle, int(series.volume[row]), tick, steps, hours, rng)

    def _without_row(self, row: int) -> TrackDay:
        """A day before the first row or between two: suspended at the price that stands."""
        series = self.series
        first = int(series.preclose[0] or series.close[0])
        reference = int(series.close[row - 1]) if row else first
        status = self._status(max(row - 1, 0))
        return TrackDay(reference, False, status=status, last_traded=self._last_traded(row))

    def _last_traded(self, row: int) -> int:
        before = np.flatnonzero(self.series.traded[:row])
        return self.dates[int(before[-1])] if len(before) else 0

    def name(self, date: int) -> str:
        """The newest by that day: suspended days may have no row."""
        row = max(bisect_right(self.dates, date) - 1, 0)
        return self.series.names[row]

    def _status(self, row: int) -> Status:
        name = self.series.names[row]
        status = status_of_name(name) if name else "normal"
        if status == "delisting" and self._begins_delisting(row):
            return "delisting_first"
        return "st" if status == "normal" and self.series.st[row] else status

    def _begins_delisting(self, row: int) -> bool:
        """Whether the last day it traded before was none of the delisting period."""
        before = np.flatnonzero(self.series.traded[:row])
        if len(before) == 0:
            return False
        return status_of_name(self.series.names[int(before[-1])]) != "delisting"


class IntradayTrack:
    """Minute bars, minute lines or ticks: a day's reference is the close before it.

    `previous_close` is for a first day that nothing comes before.
    """

    def __init__(self, series: IntradaySeries, previous_close: int) -> None:
        self.symbol = series.symbol
        self.series = series
        self._previous_close = previous_close
        self._days: Ints = series.date
        self.dates: list[int] = np.unique(series.date).tolist()

    def rows(self, date: int) -> slice:
        first, last = np.searchsorted(self._days, [date, date + 1]).tolist()
        return slice(first, last)

    def day(self, date: int) -> TrackDay:
        rows = self.rows(date)
        series = self.series
        before = int(series.close[rows.start - 1]) if rows.start else self._previous_close
        if rows.start == rows.stop or before == 0:
            place = bisect_left(self.dates, date)
            last = self.dates[place - 1] if place else 0
            return TrackDay(before or int(series.open[rows.start]), False, last_traded=last)
        low, high = int(series.low[rows].min()), int(series.high[rows].max())
        return TrackDay(before, True, low=low, high=high)

    def name(self, date: int) -> str:
        return ""

    def strip(self, date: int, tick: int, steps: int, hours: Hours, rng: Generator) -> Strip:
        rows = self.rows(date)
        if self.series.span_us == 0:
            return ticks_strip(self.series, rows, hours)
        return bars_strip(self.series, rows, tick, steps, hours, rng)


class SnapshotTrack:
    """One day of snapshots, which carry their reference price."""

    def __init__(self, shots: SnapshotSeries) -> None:
        self.symbol = shots.symbol
        self.shots = shots
        self.dates = [shots.date]

    def day(self, date: int) -> TrackDay:
        shots = self.shots
        prices = shots.last[shots.last > 0]
        if date != shots.date or len(prices) == 0:
            return TrackDay(shots.preclose, False)
        low = shots.low[shots.low > 0].min(initial=prices.min())
        return TrackDay(shots.preclose, True, low=int(low), high=int(shots.high.max()))

    def name(self, date: int) -> str:
        return ""

    def strip(self, date: int, tick: int, steps: int, hours: Hours, rng: Generator) -> Strip:
        return snapshots_strip(self.shots, hours)


def track_of(series: Series, previous_closes: Mapping[str, int]) -> Track:
    """`previous_closes` by symbol, for intraday data that starts with the replay's first day."""
    if isinstance(series, DailySeries):
        return DailyTrack(series)
    if isinstance(series, IntradaySeries):
        return IntradayTrack(series, previous_closes.get(series.symbol, 0))
    return SnapshotTrack(series)
