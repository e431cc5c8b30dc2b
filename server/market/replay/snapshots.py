"""Ten-level snapshots of the order book, one file a symbol and day."""

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints
from server.market.replay.intraday import clock_times
from server.market.replay.numbers import prices, quantities, require_positive
from server.market.replay.rows import Rows
from server.market.replay.series import SnapshotSeries

LEVELS = 10


def read_snapshots(rows: Rows, tick: int) -> SnapshotSeries:
    """One symbol's day; raises `BadFile`. Levels that the file lacks are 0."""
    day = rows.days[0]
    time = clock_times(rows, day)
    if (np.diff(time) < 0).any():
        row = int((np.diff(time) < 0).argmax()) + 1
        raise rows.fault(row, "time", "时间早于上一行", "its time is before the row above")
    preclose = prices(rows, "preclose", tick)
    require_positive(rows, "preclose", preclose, np.ones(len(time), np.bool_))
    return SnapshotSeries(
        symbol=rows.symbol,
        date=day,
        preclose=int(preclose[-1]),
        time=time,
        last=prices(rows, "last", tick),
        high=prices(rows, "high", tick),
        low=prices(rows, "low", tick),
        volume=quantities(rows, "volume"),
        bid_price=_levels(rows, "bid", tick),
        bid_quantity=_levels(rows, "bidq", 0),
        ask_price=_levels(rows, "ask", tick),
        ask_quantity=_levels(rows, "askq", 0),
    )


def _levels(rows: Rows, word: str, tick: int) -> Ints:
    """The columns word1 … word10 side by side; prices when there is a tick, else quantities."""
    columns: list[NDArray[np.int64]] = []
    for level in range(1, LEVELS + 1):
        name = f"{word}{level}"
        if name not in rows.sheet.columns:
            columns.append(np.zeros(len(rows.cells), np.int64))
        else:
            columns.append(prices(rows, name, tick) if tick else quantities(rows, name))
    return np.stack(columns, axis=1)
