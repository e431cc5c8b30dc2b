"""A path inside a bar of which only open, high, low and close are known.

The path is made up and says so wherever it is shown; what it keeps is what the bar says: it starts
at the open, touches high and low, ends at the close, never leaves them, and stays on ticks.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

MINIMUM_POINTS = 4  # open, two extremes, close
_ROUGHNESS = 0.8  # of the bar's range: how far the path wanders between its fixed points


class Candle(NamedTuple):
    """Prices of one bar."""

    open: int
    high: int
    low: int
    close: int


def bridge(candle: Candle, tick: int, points: int, rng: Generator) -> NDArray[np.int64]:
    """`points` (at least 4) prices, the first the open, the last the close."""
    if candle.high == candle.low:
        return np.full(points, candle.open, np.int64)
    places, values = _anchors(candle, points, rng)
    wander = _ROUGHNESS * (candle.high - candle.low) / math.sqrt(points)
    walk = np.cumsum(rng.standard_normal(points) * wander)
    missing = np.array(values, np.float64) - walk[places]
    path = walk + np.interp(np.arange(points, dtype=np.float64), np.array(places, float), missing)
    folded = _fold(path, candle.low, candle.high)
    on_ticks = np.rint(folded / tick).astype(np.int64) * tick
    on_ticks[places] = values
    return on_ticks


def _anchors(candle: Candle, points: int, rng: Generator) -> tuple[list[int], list[int]]:
    """Where the path must be: (positions, prices), positions strictly rising.

    The extreme that lies nearer to the open and further from the close comes first more often.
    """
    reach = (candle.high - candle.close) + (candle.open - candle.low)
    high_first = rng.random() * 2 * (candle.high - candle.low) < reach
    extremes = (candle.high, candle.low) if high_first else (candle.low, candle.high)
    inner = np.sort(rng.choice(points - 2, 2, replace=False)) + 1
    first = 0 if extremes[0] == candle.open else int(inner[0])
    second = points - 1 if extremes[1] == candle.close else int(inner[1])
    fixed = {0: candle.open, points - 1: candle.close, first: extremes[0], second: extremes[1]}
    places = sorted(fixed)
    return places, [fixed[place] for place in places]


def _fold(path: NDArray[np.float64], low: int, high: int) -> NDArray[np.float64]:
    """Reflects the path at both bounds, so that it does not stick to them."""
    span = high - low
    phase = np.mod(path - low, 2 * span)
    return low + np.minimum(phase, 2 * span - phase)
