"""Made-up daily bars from before the first day, so that a chart has a past. All simulated."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from server.market.agents.fair import returns
from server.market.agents.temper import Temper
from server.market.bars import BAR, Bars
from server.market.columns import Floats, Ints
from server.market.dates import time_us
from server.market.hours import SESSION_START

_LARGEST = 2.8  # daily deviations: keeps the past inside its price limits
_GAP = 0.5  # of a day's return that comes overnight


def made_up_history(
    temper: Temper, last_close: Ints, tick: Ints, sessions: Sequence[int], rng: Generator
) -> list[Bars]:
    """Bars by instrument; the last one closes at `last_close`."""
    days = len(sessions)
    bound = _LARGEST * temper.deviation
    change = np.stack([np.clip(returns(temper, rng), -bound, bound) for _ in range(days + 1)])
    later = np.cumsum(change[::-1], axis=0)[::-1]  # returns from a day's close to the present
    close = _on_ticks(last_close * np.exp(-np.vstack([later[1:], 0 * bound])), tick)
    before = _on_ticks(last_close * np.exp(-later), tick)
    opening = _on_ticks(before * np.exp(_GAP * change * rng.random(change.shape)), tick)
    reach = np.abs(rng.standard_normal((2, *change.shape))) * 0.4 * temper.deviation
    top, bottom = np.maximum(opening, close), np.minimum(opening, close)
    high = np.maximum(_on_ticks(top * (1 + reach[0]), tick), top)
    low = np.minimum(_on_ticks(bottom * (1 - reach[1]), tick), bottom)
    volume = temper.day_volume * rng.lognormal(0, 0.35, change.shape)
    volume = np.rint(volume / 100).astype(np.int64) * 100
    columns = {"open": opening, "high": high, "low": low, "close": close, "volume": volume}
    times = np.array([time_us(date, SESSION_START) for date in sessions], np.int64)
    return [_bars(times, {n: c[1:, i] for n, c in columns.items()}) for i in range(len(tick))]


def _on_ticks(price: Floats | Ints, tick: Ints) -> Ints:
    return np.maximum(np.rint(price / tick).astype(np.int64), 1) * tick


def _bars(times: Ints, columns: dict[str, Ints]) -> Bars:
    out = np.zeros(len(times), BAR)
    out["time"] = times
    for name, column in columns.items():
        out[name] = column
    middle = (columns["high"] + columns["low"] + 2 * columns["close"]) // 4
    out["turnover"] = middle * columns["volume"]
    return out
