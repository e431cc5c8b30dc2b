"""Minute bars, minute lines, ticks and single trades."""

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints
from server.market.replay.daily import refuse_contradictions
from server.market.replay.numbers import prices, quantities, require_positive
from server.market.replay.rows import Rows
from server.market.replay.series import IntradaySeries

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_OFFSET_US = 8 * 3_600 * _SECOND_US


def read_bars(rows: Rows, tick: int) -> IntradaySeries:
    """Bars stamped at their end; their length is the shortest step between two of them."""
    end = _market_times(rows)
    _refuse_disorder(rows, end, strictly=True)
    span = _span(end)
    quotes = {name: prices(rows, name, tick) for name in ("open", "high", "low", "close")}
    every = np.ones(len(end), np.bool_)
    for name, values in quotes.items():
        require_positive(rows, name, values, every)
    refuse_contradictions(rows, quotes, every)
    return IntradaySeries(
        symbol=rows.symbol,
        date=np.array(rows.days, np.int64),
        start=end - span,
        span_us=span,
        **quotes,
        volume=quantities(rows, "volume", rows.sheet.volume_unit),
    )


def read_points(rows: Rows, tick: int) -> IntradaySeries:
    """Minute lines (stamped at the start of the minute) and ticks (stamped with seconds)."""
    start = _market_times(rows)
    by_minute = len(rows.column("datetime")[0].strip()) <= len("2018-12-03 09:30")
    _refuse_disorder(rows, start, strictly=by_minute)
    price = prices(rows, "price", tick)
    require_positive(rows, "price", price, np.ones(len(start), np.bool_))
    return _points(rows, start, price, quantities(rows, "volume"), by_minute)


def read_trades(rows: Rows, tick: int) -> IntradaySeries | None:
    """A day's trades and cancels: the trades as ticks; None when there is no trade among them."""
    is_trade = np.array([cell == "T" for cell in rows.column("kind")], np.bool_)
    day = rows.days[0]
    start = clock_times(rows, day)
    _refuse_disorder(rows, start, strictly=False)
    price = prices(rows, "price", tick)
    require_positive(rows, "price", price, is_trade)
    quantity = quantities(rows, "quantity")
    if not is_trade.any():
        return None
    series = _points(rows, start, price, quantity, by_minute=False)
    columns = ("date", "start", "open", "high", "low", "close", "volume")
    kept = {name: getattr(series, name)[is_trade] for name in columns}
    return IntradaySeries(symbol=rows.symbol, span_us=0, **kept)


def clock_times(rows: Rows, day: int) -> Ints:
    """Market times of a `time` column ("09:25:00.000") on a day; raises `BadFile`."""
    midnight = np.datetime64(f"{day // 10_000}-{day // 100 % 100:02}-{day % 100:02}", "us")
    base = int(midnight.astype(np.int64)) - _OFFSET_US
    cells = rows.column("time")
    try:
        return np.array([_clock_us(cell) for cell in cells], np.int64) + base
    except ValueError:
        row = next(i for i, cell in enumerate(cells) if not _is_clock(cell))
        zh, en = f"「{cells[row]}」不是时间,如 09:30:00", f"{cells[row]!r} is no time, as 09:30:00"
        raise rows.fault(row, "time", zh, en) from None


def _clock_us(cell: str) -> int:
    hour, minute, second = cell.strip().split(":")
    whole = int(hour) * 3_600 + int(minute) * 60
    return whole * _SECOND_US + round(float(second) * _SECOND_US)


def _is_clock(cell: str) -> bool:
    try:
        _clock_us(cell)
    except ValueError:
        return False
    return True


def _points(rows: Rows, start: Ints, price: Ints, volume: Ints, by_minute: bool) -> IntradaySeries:
    return IntradaySeries(
        symbol=rows.symbol,
        date=np.array(rows.days, np.int64),
        start=start,
        span_us=_MINUTE_US if by_minute else 0,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=volume,
    )


def _market_times(rows: Rows) -> Ints:
    cells = [cell.strip().replace("/", "-") for cell in rows.column("datetime")]
    try:
        stamps: NDArray[np.datetime64] = np.array(cells, "datetime64[us]")
    except ValueError:
        row = next(i for i, cell in enumerate(cells) if not _is_stamp(cell))
        zh = f"「{cells[row]}」不是日期时间,如 2018-01-02 09:31"
        en = f"{cells[row]!r} is no date and time, as 2018-01-02 09:31"
        raise rows.fault(row, "datetime", zh, en) from None
    return stamps.astype(np.int64) - _OFFSET_US


def _is_stamp(cell: str) -> bool:
    try:
        np.datetime64(cell, "us")
    except ValueError:
        return False
    return True


def _refuse_disorder(rows: Rows, times: Ints, strictly: bool) -> None:
    steps = np.diff(times)
    bad = steps <= 0 if strictly else steps < 0
    if bad.any():
        row = int(bad.argmax()) + 1
        column = "datetime" if "datetime" in rows.sheet.columns else "time"
        before = rows.column(column)[row - 1]
        zh = f"时间应{'晚于' if strictly else '不早于'}上一行的 {before}"
        en = f"its time should be {'after' if strictly else 'not before'} the row above, {before}"
        raise rows.fault(row, column, zh, en)


def _span(end: Ints) -> int:
    steps = np.diff(end)
    return int(steps.min()) if len(steps) else _MINUTE_US
