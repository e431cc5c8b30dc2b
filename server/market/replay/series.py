"""What the readers hand on: one symbol's data as integer columns, whatever file it came from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints


@dataclass(frozen=True, slots=True)
class DailySeries:
    """Daily bars in date order. A day without trading has `traded` False and flat prices.

    `names` holds each day's short name, empty where the file has none; `preclose` is the exchange's
    reference price, 0 where the file does not know it. `floats` holds the shares that float, as
    volume and turnover rate say to about one in a hundred; 0 where the file has no rate.
    """

    symbol: str
    names: list[str]
    date: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    preclose: Ints
    volume: Ints
    turnover: Ints
    traded: NDArray[np.bool_]
    st: NDArray[np.bool_]
    floats: Ints


@dataclass(frozen=True, slots=True)
class IntradaySeries:
    """Bars of a minute or more, minute lines, or ticks; market times in µs.

    A bar covers `start` to `start + span_us`. A tick and the point of a minute line have one price
    in all four columns; a tick's `span_us` is 0, a minute line's one minute.
    """

    symbol: str
    date: Ints
    start: Ints
    span_us: int
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    @property
    def single(self) -> bool:
        """One price a row: nothing inside it has to be made up."""
        return self.span_us == 0 or bool((self.high == self.low).all())


@dataclass(frozen=True, slots=True)
class SnapshotSeries:
    """Order-book snapshots of one day. Depth arrays are (rows, levels), best first, 0 for none.

    `high` and `low` are the day's so far, `volume` the day's so far.
    """

    symbol: str
    date: int
    preclose: int
    time: Ints
    last: Ints
    high: Ints
    low: Ints
    volume: Ints
    bid_price: Ints
    bid_quantity: Ints
    ask_price: Ints
    ask_quantity: Ints


Series = DailySeries | IntradaySeries | SnapshotSeries
