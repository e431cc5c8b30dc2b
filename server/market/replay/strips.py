"""One instrument's day from each kind of data, laid along the session's hours."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from server.market.columns import Ints
from server.market.hours import Hours
from server.market.replay.bridge import MINIMUM_POINTS, Candle, bridge
from server.market.replay.series import IntradaySeries, SnapshotSeries
from server.market.replay.tape import Depth, Strip, turning_points

_COLUMNS = ("time", "price", "volume", "bar", "capacity")
_SECOND_US = 1_000_000
_AUCTION_SHARE = 0.02  # of a day's volume, where only the day's is known
_MORNING, _EVENING = 20, 12  # steps in 240 over which the busy opening and close die away


def daily_strip(
    candle: Candle, volume: int, tick: int, steps: int, hours: Hours, rng: Generator
) -> Strip:
    """A day of which only the bar is known: the open at the auction, then `steps` to the close."""
    elapsed = np.arange(1, steps + 1) * hours.length // steps
    time = np.concatenate([np.array([hours.auction], np.int64), hours.at(elapsed)])
    time[-1] = hours.close
    return Strip(
        time=time,
        price=bridge(candle, tick, steps + 1, rng),
        volume=np.diff(np.floor(_busyness(steps) * volume).astype(np.int64)),
        bar=np.zeros(steps + 1, np.int64),
        capacity=np.full(steps + 1, volume, np.int64),
    )


def _busyness(steps: int) -> NDArray[np.float64]:
    """The share of a day's volume done before each step, from 0 to 1, `steps` + 2 of them."""
    minute = np.arange(steps) * 240 / steps
    weight = 1 + 2 * np.exp(-minute / _MORNING) + np.exp((minute - 240) / _EVENING)
    spread = np.cumsum(weight) / weight.sum() * (1 - _AUCTION_SHARE) + _AUCTION_SHARE
    spread[-1] = 1.0
    return np.concatenate([[0.0, _AUCTION_SHARE], spread])


def bars_strip(
    bars: IntradaySeries, rows: slice, tick: int, steps_a_day: int, hours: Hours, rng: Generator
) -> Strip:
    """Bars shorter than a day: each has its own path, ending before the next bar starts."""
    points = 1
    if not bars.single:
        points = max(MINIMUM_POINTS, steps_a_day * bars.span_us // hours.length)
    columns = (bars.open[rows], bars.high[rows], bars.low[rows], bars.close[rows])
    candles = [Candle(*map(int, candle)) for candle in zip(*columns, strict=True)]
    offsets = np.arange(points) * bars.span_us // points
    if points == 1:
        offsets = np.array([bars.span_us - _SECOND_US])
    time = (bars.start[rows][:, None] + offsets).ravel()
    shares = bars.volume[rows][:, None] * np.arange(points + 1) // points
    count = len(candles)
    strip = Strip(
        time=hours.clamp(time),
        price=np.concatenate([_prices(candle, tick, points, rng) for candle in candles]),
        volume=np.diff(shares, axis=1).ravel(),
        bar=np.repeat(np.arange(count), points),
        capacity=np.repeat(bars.volume[rows], points),
    )
    return _kept(strip) if bars.single else _opened(_kept(strip), hours)


def _prices(candle: Candle, tick: int, points: int, rng: Generator) -> Ints:
    if points == 1:
        return np.array([candle.close], np.int64)
    return bridge(candle, tick, points, rng)


def _opened(strip: Strip, hours: Hours) -> Strip:
    """With the first bar's open as the auction's price, without volume of its own."""
    columns = {name: np.concatenate([(c := getattr(strip, name))[:1], c]) for name in _COLUMNS}
    columns["time"][:1] = hours.auction
    columns["volume"][:1] = 0
    return Strip(**columns, depth=None)


def ticks_strip(ticks: IntradaySeries, rows: slice, hours: Hours) -> Strip:
    """Ticks by the second; those of one second are thinned to the prices that matter."""
    seconds = -(-ticks.start[rows] // _SECOND_US) * _SECOND_US
    time = hours.clamp(seconds)
    inside = time > 0
    time, price = time[inside], ticks.close[rows][inside]
    keep, volume = turning_points(time, price, ticks.volume[rows][inside])
    starts = np.diff(time, prepend=-1) != 0
    sizes = np.add.reduceat(volume, np.flatnonzero(starts)) if len(time) else volume
    group = np.cumsum(starts) - 1
    return Strip(time[keep], price[keep], volume[keep], group[keep], sizes[group][keep])


def snapshots_strip(shots: SnapshotSeries, hours: Hours) -> Strip:
    """Last prices with their depth; a new high or low between two snapshots is shown first."""
    time = hours.clamp(shots.time)
    use = np.flatnonzero((time > 0) & (shots.last > 0))
    changed = np.diff(shots.volume[use], prepend=-1) != 0
    settled = np.diff(time[use], prepend=-1) != 0
    use = use[changed | settled]
    if len(use) == 0:
        empty = np.zeros(0, np.int64)
        return Strip(empty, empty, empty, empty, empty, _depth(shots, use))
    rows = np.repeat(use, 3)
    price = np.stack([shots.high[use], shots.low[use], shots.last[use]], axis=1)
    volume = np.zeros_like(price)
    volume[:, 2] = np.diff(shots.volume[use], prepend=0)
    new_high = np.diff(shots.high[use], prepend=0) != 0
    new_low = np.diff(shots.low[use], prepend=0) != 0
    shown = np.stack([new_high, new_low, np.ones_like(new_high)], axis=1).ravel()
    return _kept(
        Strip(
            time=time[rows][shown],
            price=price.ravel()[shown],
            volume=volume.ravel()[shown],
            bar=np.repeat(np.arange(len(use)), 3)[shown],
            capacity=np.repeat(volume[:, 2], 3)[shown],
            depth=_depth(shots, rows[shown]),
        )
    )


def _depth(shots: SnapshotSeries, rows: NDArray[np.int64]) -> Depth:
    """Levels of continuous trading; a call auction's indicative ones cross and are left out."""
    price = np.stack([shots.bid_price[rows], shots.ask_price[rows]], axis=1)
    quantity = np.stack([shots.bid_quantity[rows], shots.ask_quantity[rows]], axis=1)
    best_bid, best_ask = price[:, 0, 0], price[:, 1, 0]
    crossed = (best_bid > 0) & (best_ask > 0) & (best_bid >= best_ask)
    quantity = np.where((price > 0) & ~crossed[:, None, None], quantity, 0)
    return Depth(price, quantity)


def _kept(strip: Strip) -> Strip:
    """Without rows outside the hours."""
    inside = strip.time > 0
    depth = None if strip.depth is None else strip.depth.take(np.flatnonzero(inside))
    return Strip(**{name: getattr(strip, name)[inside] for name in _COLUMNS}, depth=depth)
