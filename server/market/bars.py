"""Bars of every instrument from the events of the engine: minutes as they come, days as they close.

A store is a projection: fed the same events it holds the same bars, however they are cut into
batches. Minutes are kept for a few days, days for a few years; longer intervals are folded from
minutes when asked for. Minute slots are those of continuous trading (section 2.1): 9:30 to 11:30
and 13:00 to 15:00; the opening auction counts in the first, a price stamped at the end of a session
in its last.
"""

from collections import deque
from collections.abc import Callable
from datetime import time as clock_time
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.codes import Event, MarkPolicy
from server.engine.records import DAY_EVENT, PRICE_EVENT, TRADE_EVENT
from server.market.columns import Ints
from server.market.dates import DAY_US, time_us
from server.protocol.words import Interval

_FIELDS = ("open", "high", "low", "close", "volume", "turnover")
BAR = np.dtype(
    [
        ("time", "i8"),  # its start, market time in µs
        *((name, "i8") for name in _FIELDS),
        ("final", "?"),
        ("interpolated", "?"),
    ]
)

INTERVALS: dict[Interval, int] = {  # in minutes
    "1m": 1,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "60m": 60,
    "1d": 240,
}
SLOTS = 240  # minutes of trading a day
_HALF = 120
_MINUTE_US = 60_000_000
_OFFSET_US = 8 * 60 * _MINUTE_US
_MORNING, _AFTERNOON = 9 * 60 + 30, 13 * 60  # minutes of the day
_STARTS = np.concatenate([np.arange(_HALF) + _MORNING, np.arange(_HALF) + _AFTERNOON])

_HIGHEST = np.iinfo(np.int64).max

Bars: TypeAlias = NDArray[np.void]  # of BAR


def slots_of(time: Ints) -> Ints:
    """The minute slot of each market time, 0 to 239."""
    minute = (time + _OFFSET_US) % DAY_US // _MINUTE_US
    morning = np.clip(minute - _MORNING, 0, _HALF - 1)
    afternoon = np.clip(minute - _AFTERNOON, 0, _HALF - 1) + _HALF
    return np.where(minute < _AFTERNOON, morning, afternoon)


class _Day:
    """One day's minutes: a row an instrument, a column a slot; `open` 0 where nothing happened."""

    def __init__(self, date: int, instruments: int) -> None:
        self.date = date
        self.midnight = time_us(date, clock_time())
        self.table = {name: np.zeros((instruments, SLOTS), np.int64) for name in _FIELDS}
        self.close = np.zeros(instruments, np.int64)  # the closing price, 0 until there is one

    def packed(self) -> list[memoryview]:
        """The tables' own memory: to be copied before anything is added."""
        columns = [self.table[name] for name in _FIELDS]
        return [column.view(np.uint8).data for column in (*columns, self.close)]

    def unpack(self, tables: list[bytes]) -> None:
        """Raises ValueError when they are of other sizes."""
        *minutes, close = tables
        for name, packed in zip(_FIELDS, minutes, strict=True):
            self.table[name][:] = np.frombuffer(packed, np.int64).reshape(-1, SLOTS)
        self.close[:] = np.frombuffer(close, np.int64)

    def add(self, cells: Ints, price: Ints, quantity: Ints) -> None:
        """Counts in prices in their order; `cells` are instrument * SLOTS + slot."""
        order = np.argsort(cells, kind="stable")
        cells, price, quantity = cells[order], price[order], quantity[order]
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        lasts = np.append(starts[1:], len(cells)) - 1
        where = cells[starts]
        flat = {name: column.reshape(-1) for name, column in self.table.items()}
        is_new = flat["open"][where] == 0
        high, low = np.maximum.reduceat(price, starts), np.minimum.reduceat(price, starts)
        flat["open"][where] = np.where(is_new, price[starts], flat["open"][where])
        flat["high"][where] = np.maximum(high, flat["high"][where])
        flat["low"][where] = np.where(is_new, low, np.minimum(low, flat["low"][where]))
        flat["close"][where] = price[lasts]
        flat["volume"][where] += np.add.reduceat(quantity, starts)
        flat["turnover"][where] += np.add.reduceat(price * quantity, starts)

    def bars(self, instrument: int, minutes: int) -> Bars:
        """The day's bars of an instrument that have a price, oldest first."""
        rows = {
            name: column[instrument].reshape(-1, minutes) for name, column in self.table.items()
        }
        used = rows["open"] > 0
        some = used.any(axis=1)
        groups = np.flatnonzero(some)
        first = used.argmax(axis=1)[some]
        last = minutes - 1 - used[:, ::-1].argmax(axis=1)[some]
        out = np.zeros(len(groups), BAR)
        out["time"] = self.midnight + _STARTS[groups * minutes] * _MINUTE_US
        out["open"] = rows["open"][groups, first]
        out["close"] = rows["close"][groups, last]
        out["high"] = rows["high"][some].max(axis=1)
        out["low"] = np.where(used, rows["low"], _HIGHEST)[some].min(axis=1)
        out["volume"] = rows["volume"][some].sum(axis=1)
        out["turnover"] = rows["turnover"][some].sum(axis=1)
        if minutes == SLOTS and self.close[instrument]:
            out["close"] = self.close[instrument]  # not always the last trade's (section 2.1)
        return out


class _SavedDay(msgspec.Struct, array_like=True):
    date: int
    tables: list[bytes]


class _Saved(msgspec.Struct, array_like=True):
    time: int
    open_day: bool
    days: list[_SavedDay]
    daily: bytes
    counts: bytes


class _Days:
    """Finished days: a row an instrument, the newest `count` of them at the front."""

    def __init__(self, instruments: int, kept: int) -> None:
        self._bars = np.zeros((instruments, kept), BAR)
        self._count = np.zeros(instruments, np.int64)

    def append(self, instrument: int, bars: Bars) -> None:
        kept = self._bars.shape[1]
        count = int(self._count[instrument])
        joined = np.concatenate([self._bars[instrument, :count], bars])[-kept:]
        self._bars[instrument, : len(joined)] = joined
        self._count[instrument] = len(joined)

    def packed(self) -> tuple[memoryview, memoryview]:
        """As `_Day.packed`."""
        return self._bars.view(np.uint8).data, self._count.view(np.uint8).data

    def unpack(self, bars: bytes, counts: bytes) -> None:
        """Raises ValueError when they are of other sizes."""
        self._bars[:] = np.frombuffer(bars, BAR).reshape(self._bars.shape)
        self._count[:] = np.frombuffer(counts, np.int64)

    def newest(self, instrument: int, limit: int) -> Bars:
        count = int(self._count[instrument])
        return self._bars[instrument, max(0, count - limit) : count]


class BarStore:
    """`interpolated_below` is the length in minutes of the source's own bars, 0 when it has ticks.

    Shorter bars, and longer ones under way, then follow a path that the source made up.
    """

    def __init__(
        self,
        instruments: int,
        policy: MarkPolicy,
        interpolated_below: int = 0,
        minute_days: int = 5,
        daily_bars: int = 500,
    ) -> None:
        self._instruments = instruments
        self._prices = Event.TRADE if policy == MarkPolicy.LAST_TRADE else Event.PRICE_MARKED
        self._matters = np.zeros(256, np.bool_)  # by kind of event
        self._matters[[self._prices, Event.CLOSED, Event.DAY_OPENED, Event.DAY_CLOSED]] = True
        self._interpolated_below = interpolated_below
        self._days: deque[_Day] = deque(maxlen=minute_days)
        self._daily = _Days(instruments, daily_bars)
        self._open_day = False
        self._time = 0

    def export(self) -> Callable[[], bytes]:
        """What a snapshot must hold: every bar now, finished or under way, encoded when called.

        Another thread may call it. Only what may still change is copied: the newest day, and the
        finished days' bars.
        """
        days = [(day.date, day.packed()) for day in self._days]
        for date, tables in days[-1:]:
            days[-1] = (date, [memoryview(bytes(table)) for table in tables])
        daily = [bytes(table) for table in self._daily.packed()]
        now, is_open = self._time, self._open_day
        return lambda: msgspec.msgpack.encode((now, is_open, days, *daily))

    def load(self, blob: bytes) -> None:
        """Takes back what `export` gave; raises `msgspec.DecodeError`, or ValueError on sizes."""
        saved = msgspec.msgpack.decode(blob, type=_Saved)
        self._time, self._open_day = saved.time, saved.open_day
        self._daily.unpack(saved.daily, saved.counts)
        self._days.clear()
        for each in saved.days:
            day = _Day(each.date, self._instruments)
            day.unpack(each.tables)
            self._days.append(day)

    def load_daily(self, instrument: int, bars: Bars) -> None:
        """Appends finished days, oldest first, from before the market opened."""
        history = bars.copy()
        history["final"] = True
        self._daily.append(instrument, history)

    def apply(self, events: NDArray[np.void]) -> Ints:
        """Takes the events of one batch; returns the instruments whose bars have changed."""
        if len(events) == 0:
            return np.zeros(0, np.int64)
        kind = events["kind"]
        if not self._matters[kind].any():  # most batches: orders that rest, and cancels
            self._time = int(events["time"][-1])
            return np.zeros(0, np.int64)
        turns = np.flatnonzero((kind == Event.DAY_OPENED) | (kind == Event.DAY_CLOSED))
        touched: list[Ints] = []
        start = 0
        for turn in turns.tolist():
            touched.append(self._count(events[start:turn]))
            self._turn(events[turn : turn + 1])
            start = turn + 1
        touched.append(self._count(events[start:]))
        self._time = int(events["time"][-1])
        return np.unique(np.concatenate(touched))

    def bars(self, instrument: int, interval: Interval, limit: int) -> Bars:
        """The newest `limit` bars, oldest first; the one under way has `final` False."""
        minutes = INTERVALS[interval]
        parts = [day.bars(instrument, minutes) for day in self._wanted(minutes, limit)]
        if interval == "1d":
            parts.insert(0, self._daily.newest(instrument, limit))
        found = np.concatenate(parts)[-limit:] if parts else np.zeros(0, BAR)
        return self._flagged(found, minutes)

    def current(self, instrument: int, interval: Interval) -> Bars:
        """The newest bar alone; empty when there is none."""
        return self.bars(instrument, interval, 1)

    def _wanted(self, minutes: int, limit: int) -> list[_Day]:
        """The kept days that may hold the newest `limit` bars; for days, the open one alone."""
        if minutes == SLOTS:
            return [self._days[-1]] if self._open_day else []
        # A day without trading holds no bar, so more days than limit / bars a day may be needed.
        return list(self._days)

    def _flagged(self, bars: Bars, minutes: int) -> Bars:
        """With the flags that depend on the present moment."""
        if len(bars) == 0:
            return bars
        out = bars.copy()
        today = self._days[-1].midnight if self._open_day else _HIGHEST
        ends = out["time"] + minutes * _MINUTE_US
        if minutes == SLOTS:
            ends = np.full(len(out), _HIGHEST)
        out["final"] = out["final"] | (out["time"] < today) | (ends <= self._time)
        if self._interpolated_below and minutes < self._interpolated_below:
            out["interpolated"] = True
        elif self._interpolated_below:
            out["interpolated"] |= ~out["final"]
        return out

    def _turn(self, event: NDArray[np.void]) -> None:
        """A day opens or closes."""
        self._finish_day()
        if int(event["kind"][0]) == Event.DAY_OPENED:
            date = int(event.view(DAY_EVENT)["date"][0])
            self._days.append(_Day(date, self._instruments))
            self._open_day = True

    def _finish_day(self) -> None:
        if not self._open_day:
            return
        self._open_day = False
        day = self._days[-1]
        for instrument in np.flatnonzero((day.table["open"] > 0).any(axis=1)).tolist():
            whole = day.bars(instrument, SLOTS)
            whole["final"] = True
            self._daily.append(instrument, whole)

    def _count(self, events: NDArray[np.void]) -> Ints:
        if not self._open_day:
            return np.zeros(0, np.int64)
        closed = events[events["kind"] == Event.CLOSED]
        if len(closed):
            self._days[-1].close[closed["instrument"]] = closed.view(PRICE_EVENT)["price"]
        chosen = events[events["kind"] == self._prices]
        if len(chosen) == 0:
            return np.zeros(0, np.int64)
        if self._prices == Event.TRADE:
            body = chosen.view(TRADE_EVENT)
            quantity = body["quantity"]
        else:
            body = chosen.view(PRICE_EVENT)
            quantity = body["volume"]
        instrument = chosen["instrument"].astype(np.int64)
        cells = instrument * SLOTS + slots_of(chosen["time"])
        self._days[-1].add(cells, body["price"].astype(np.int64), quantity.astype(np.int64))
        return np.unique(instrument)
