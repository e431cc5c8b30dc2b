"""The engine's books as the agents read them, for many instruments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.engine.codes import LimitKind, Side
from server.engine.layout import State
from server.market.columns import Ints, Mask


@dataclass(frozen=True, slots=True)
class DayBook:
    """What holds for a day: limits and ladders. Prices in 1/10 000 yuan."""

    tick: Ints
    limit_up: Ints
    limit_down: Ints
    reference: Ints
    lot: Ints
    smallest: Ints
    open: Mask  # not suspended, limits known
    _base: Ints  # row in `State.levels` of the buy side's lowest level
    _levels: Ints

    @classmethod
    def of(cls, state: State, instruments: int) -> "DayBook":
        table = state.instruments[:instruments]
        wide = {
            name: table[name].astype(np.int64)
            for name in ("tick", "limit_up", "limit_down", "reference")
        }
        return cls(
            **wide,
            lot=table["buy_step"].astype(np.int64),
            smallest=table["buy_minimum"].astype(np.int64),
            open=(table["suspended"] == 0) & (table["limit_kind"] != LimitKind.UNKNOWN),
            _base=table["level_base"].astype(np.int64),
            _levels=table["levels"].astype(np.int64),
        )

    def best(self, state: State) -> tuple[Ints, Ints]:
        """(best bid, best ask) prices; 0 where a side is empty."""
        best = state.instruments["best"][: len(self.tick)].astype(np.int64)
        price = self.limit_down[:, None] + best * self.tick[:, None]
        price = np.where(best >= 0, price, 0)
        return price[:, Side.BUY], price[:, Side.SELL]

    def quantity(self, state: State, who: Ints, side: int, price: Ints) -> Ints:
        """Open quantity at prices inside the limits; `price` is (who, levels)."""
        level = (price - self.limit_down[who, None]) // self.tick[who, None]
        level = np.clip(level, 0, self._levels[who, None] - 1)
        rows = self._base[who, None] + side * self._levels[who, None] + level
        return state.levels["quantity"][rows]

    def inside(self, who: Ints, price: Ints) -> Mask:
        return (price >= self.limit_down[who, None]) & (price <= self.limit_up[who, None])

    def whole(self, who: Ints, size: NDArray[np.float64]) -> Ints:
        """Sizes as traders could send them, the smallest order at least."""
        lots = np.rint(size / self.lot[who]).astype(np.int64) * self.lot[who]
        return np.maximum(lots, self.smallest[who])
