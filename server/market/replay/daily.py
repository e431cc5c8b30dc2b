"""Daily files: our own columns, baostock's, akshare's, and the text export of 通达信."""

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints
from server.market.replay.numbers import numbers, prices, quantities, require_positive, yuan
from server.market.replay.rows import Rows
from server.market.replay.series import DailySeries

_UNIT = 10_000


def read_daily(rows: Rows, tick: int) -> DailySeries:
    """One symbol's daily bars; raises `BadFile` for rows that contradict themselves."""
    _refuse_duplicates(rows)
    volume = quantities(rows, "volume", rows.sheet.volume_unit)
    traded = _traded(rows, volume)
    quotes = {name: prices(rows, name, tick) for name in ("open", "high", "low", "close")}
    for name, values in quotes.items():
        require_positive(rows, name, values, traded)
    refuse_contradictions(rows, quotes, traded)
    preclose = _preclose(rows, quotes["close"], tick)
    flat = np.where(quotes["close"] > 0, quotes["close"], preclose)
    whole = {name: np.where(traded, values, flat) for name, values in quotes.items()}
    st = numbers(rows, "is_st") > 0 if "is_st" in rows.sheet.columns else np.zeros_like(traded)
    return DailySeries(
        symbol=rows.symbol,
        names=_names(rows),
        date=np.array(rows.days, np.int64),
        **whole,
        preclose=preclose,
        volume=np.where(traded, volume, 0),
        turnover=_turnover(rows, volume, quotes["close"]),
        traded=traded,
        st=st,
        floats=_floats(rows, np.where(traded, volume, 0)),
    )


def _floats(rows: Rows, volume: Ints) -> Ints:
    """Volume by turnover rate; a day without either keeps the float of the day before."""
    floats = np.zeros_like(volume)
    if "turnover_pct" not in rows.sheet.columns:
        return floats
    rate = numbers(rows, "turnover_pct")
    known = (rate > 0) & (volume > 0)
    floats[known] = np.rint(volume[known] * 100 / rate[known]).astype(np.int64)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(floats)), 0))
    return floats[latest]


def _names(rows: Rows) -> list[str]:
    """Each day's short name; that of an export's title line for all of its days."""
    if "name" in rows.sheet.columns:
        return [name.strip() for name in rows.column("name")]
    words = rows.sheet.title.split()
    return [words[1] if len(words) > 1 else ""] * len(rows.cells)


def _turnover(rows: Rows, volume: Ints, close: Ints) -> Ints:
    """As the file says; volume at the close where it does not."""
    if "amount" not in rows.sheet.columns:
        return volume * close
    return np.rint(numbers(rows, "amount") * _UNIT).astype(np.int64)


def _traded(rows: Rows, volume: Ints) -> NDArray[np.bool_]:
    if "trade_status" in rows.sheet.columns:
        return numbers(rows, "trade_status") > 0
    return volume > 0


def _preclose(rows: Rows, close: Ints, tick: int) -> Ints:
    """As the file says, else close less change, else the close before; 0 where unknown."""
    if "preclose" in rows.sheet.columns:
        return prices(rows, "preclose", tick)
    if "change" in rows.sheet.columns:
        change = [float(cell or 0) for cell in rows.column("change")]
        return close - np.rint(np.array(change) * _UNIT).astype(np.int64)
    before = np.zeros_like(close)
    before[1:] = close[:-1]
    return before


def _refuse_duplicates(rows: Rows) -> None:
    for row, day in enumerate(rows.days[1:], 1):
        if day == rows.days[row - 1]:
            first = rows.lines[row - 1]
            zh, en = f"日期 {day} 与第 {first} 行重复", f"date {day} is on line {first} already"
            raise rows.fault(row, "date", zh, en)


def refuse_contradictions(rows: Rows, quotes: dict[str, Ints], traded: NDArray[np.bool_]) -> None:
    """High must be the highest of the four, low the lowest."""
    body = np.stack([quotes["open"], quotes["close"]])
    top = np.maximum(body.max(axis=0), quotes["low"])
    bottom = np.minimum(body.min(axis=0), quotes["high"])
    for name, bound, bad in (
        ("high", top, (quotes["high"] < top) & traded),
        ("low", bottom, (quotes["low"] > bottom) & traded),
    ):
        if bad.any():
            row = int(bad.argmax())
            found, need = yuan(int(quotes[name][row])), yuan(int(bound[row]))
            least = name == "high"
            zh = f"{found} {'低' if least else '高'}于同日其他价格;应{'≥' if least else '≤'} {need}"
            word = ("below", "at least") if least else ("above", "at most")
            en = f"{found} is {word[0]} another price of the day; {word[1]} {need} would pass"
            raise rows.fault(row, name, zh, en)
