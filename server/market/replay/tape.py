"""A replayed day as steps: at each market time, which instruments get which price.

Whatever the files hold (bars, ticks, snapshots) becomes one strip an instrument, and the strips
become one tape; the source that plays it knows no file formats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints


@dataclass(frozen=True, slots=True)
class Depth:
    """Both sides' levels by row: (rows, side, level), best first, quantity 0 where none is."""

    price: Ints
    quantity: Ints

    def take(self, rows: NDArray[np.int64]) -> "Depth":
        return Depth(self.price[rows], self.quantity[rows])


@dataclass(frozen=True, slots=True)
class Strip:
    """One instrument's day. `bar` numbers the bars from 0, `capacity` is the bar's whole volume.

    Times never fall; prices of one time are in order. Volumes are since the row before.
    """

    time: Ints
    price: Ints
    volume: Ints
    bar: Ints
    capacity: Ints
    depth: Depth | None = None


@dataclass(frozen=True, slots=True)
class Tape:
    """Step k is at `times[k]` and has the rows `first[k]` up to `first[k + 1]`."""

    times: Ints
    first: Ints
    instrument: Ints
    price: Ints
    volume: Ints
    bar: Ints
    capacity: Ints
    depth: Depth | None

    def rows(self, step: int) -> slice:
        return slice(int(self.first[step]), int(self.first[step + 1]))


def merge(strips: Sequence[tuple[int, Strip]]) -> Tape:
    """All strips, each with its instrument's index, in order of time, then of instrument."""
    columns = {
        name: np.concatenate([getattr(strip, name) for _, strip in strips] or [_NONE])
        for name in ("time", "price", "volume", "bar", "capacity")
    }
    instrument = np.concatenate(
        [np.full(len(strip.time), index, np.int64) for index, strip in strips] or [_NONE]
    )
    order = np.lexsort((np.arange(len(instrument)), instrument, columns["time"]))
    time = columns.pop("time")[order]
    times, first = np.unique(time, return_index=True)
    return Tape(
        times=times,
        first=np.append(first, len(time)).astype(np.int64),
        instrument=instrument[order],
        depth=_merged_depth(strips, order),
        **{name: column[order] for name, column in columns.items()},
    )


_NONE = np.zeros(0, np.int64)


def _merged_depth(strips: Sequence[tuple[int, Strip]], order: NDArray[np.int64]) -> Depth | None:
    depths = [strip.depth for _, strip in strips if strip.depth is not None]
    if not depths or len(depths) < len(strips):
        return None
    price = np.concatenate([depth.price for depth in depths])
    quantity = np.concatenate([depth.quantity for depth in depths])
    return Depth(price[order], quantity[order])


def turning_points(time: Ints, price: Ints, volume: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """Thins rows of one time to first highest, first lowest and last: (rows kept, volumes).

    The whole volume of the time goes to its last row.
    """
    starts = np.flatnonzero(np.diff(time, prepend=-1))
    sizes = np.diff(np.append(starts, len(time)))
    group = np.repeat(np.arange(len(starts)), sizes)
    keep = np.zeros(len(time), np.bool_)
    keep[starts + sizes - 1] = True
    for extreme in (np.maximum, np.minimum):
        hits = np.flatnonzero(price == extreme.reduceat(price, starts)[group])
        _, firsts = np.unique(group[hits], return_index=True)
        keep[hits[firsts]] = True
    gathered = np.zeros_like(volume)
    gathered[starts + sizes - 1] = np.add.reduceat(volume, starts)
    return keep, gathered
