"""What the whole platform has in each share, and what the risk desk has decided about it (4.6)."""

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.engine.engine import Engine
from server.protocol.desk import StockExposure, StockList
from server.protocol.words import StopLevel

PPM: Final = 1_000_000
LONGEST_LIST: Final = 500
_LEVELS: Final[tuple[StopLevel, ...]] = get_args(StopLevel)


def stocks(request_id: int, engine: Engine) -> StockList:
    """Those that contracts hold or that are watched; a millisecond with 5,000 instruments."""
    count = int(engine.state.header[0]["instruments"])
    x, days = engine.state.exposures[:count], engine.state.instruments[:count]
    value: NDArray[np.int64] = x["financed"] * days["mark"]
    watched = (x["quarantined"] != 0) | (x["stop"] != 0) | (x["full"] != 0)
    chosen = np.flatnonzero(watched | (value != 0))
    keys = (-value, x["full"] == 0, x["stop"] == 0, x["quarantined"] == 0)  # the last goes first
    order = np.lexsort([key[chosen] for key in keys])
    items = [_stock(engine, each) for each in chosen[order][:LONGEST_LIST].tolist()]
    return StockList(request_id, len(chosen), items)


def _stock(engine: Engine, index: int) -> StockExposure:
    x, day = engine.state.exposures[index], engine.state.instruments[index]
    financed, floating = int(x["financed"]), int(engine.state.rules[index]["float_shares"])
    return StockExposure(
        symbol=engine.symbol(index),
        accounts=int(day["holders"]),
        financed=financed,
        value=financed * int(day["mark"]),
        last=int(day["last"]),
        cap=int(x["cap"]),
        float_shares=floating,
        share_ppm=financed * PPM // floating if floating else 0,
        full=bool(x["full"]),
        stop=_LEVELS[int(x["stop"])],
        stop_until=int(x["stop_until"]),
        waiting=int(x["quarantined"]),
    )
