"""Market makers: they keep both sides' ladders full around what an instrument is worth.

A maker looks at the book, not at its own orders: a level that is thin gets an order. What the price
leaves behind stays and is traded through; only after a jump do makers pull all they have.
"""

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Side
from server.engine.layout import State
from server.market.agents.book import DayBook
from server.market.agents.population import MAKERS, some_of
from server.market.columns import Floats, Ints, Mask
from server.market.market_orders import cancel_alls, limit_orders

LEVELS = 7
_THIN = 0.35  # of the usual size: then a level is filled up
_CARE = np.linspace(0.9, 0.45, LEVELS)  # chance that a thin level is noticed, best first
_DEEPER = np.linspace(1.0, 2.2, LEVELS)  # size by level


class Makers:
    """`spacing` in ticks and `size` in shares, by instrument."""

    def __init__(self, book: DayBook, spacing: Ints, size: Floats, rng: Generator) -> None:
        self._book = book
        self._spacing = spacing
        self._size = size
        self._rng = rng

    def quote(self, state: State, who: Ints, value: Floats, emptied: Mask) -> Commands:
        """Orders for the thin levels of `who`; `emptied` marks those whose makers have pulled."""
        half = self._spacing[who] * self._rng.uniform(0.15, 0.75, len(who))
        ticks = value / self._book.tick[who]
        best_bid, best_ask = self._book.best(state)
        sides = [
            self._side(state, who, Side.BUY, ticks - half, best_ask[who], emptied),
            self._side(state, who, Side.SELL, ticks + half, best_bid[who], emptied),
        ]
        return building.concat(sides)

    def _side(
        self, state: State, who: Ints, side: Side, ticks: Floats, opposite: Ints, emptied: Mask
    ) -> Commands:
        book, rng = self._book, self._rng
        price = self._ladder(who, side, ticks) * book.tick[who, None]
        legal = book.inside(who, price)
        if side is Side.BUY:
            legal &= (opposite[:, None] == 0) | (price < opposite[:, None])
        else:
            legal &= price > opposite[:, None]
        there = np.where(emptied[:, None], 0, book.quantity(state, who, side, price))
        thin = there < _THIN * self._size[who, None] * _DEEPER
        chosen = legal & thin & (rng.random(price.shape) < _CARE)
        row, level = np.nonzero(chosen)
        size = self._size[who[row]] * _DEEPER[level] * rng.lognormal(0, 0.5, len(row))
        return limit_orders(
            some_of(MAKERS, len(row), rng),
            who[row],
            side,
            price[row, level],
            book.whole(who[row], size),
        )

    def _ladder(self, who: Ints, side: Side, ticks: Floats) -> Ints:
        """Prices in ticks, best first: one in each cell of `spacing` ticks, the same every time."""
        spacing = self._spacing[who]
        cell = np.floor(ticks / spacing).astype(np.int64)
        if side is Side.BUY:
            cell -= self._spot(who, cell[:, None])[:, 0] > ticks
            return self._spot(who, cell[:, None] - np.arange(LEVELS))
        cell += self._spot(who, cell[:, None])[:, 0] < ticks
        return self._spot(who, cell[:, None] + np.arange(LEVELS))

    def _spot(self, who: Ints, cell: Ints) -> Ints:
        """The tick that a cell's order takes: any of the cell's, but always the same."""
        spacing = self._spacing[who, None]
        mixed = (cell * 2_654_435_761 + who[:, None] * 40_503) >> 7
        return cell * spacing + mixed % spacing


def pull(who: Ints) -> Commands:
    """CANCEL_ALL of every maker in each instrument."""
    return cancel_alls(np.tile(np.array(MAKERS), len(who)), np.repeat(who, len(MAKERS)))
