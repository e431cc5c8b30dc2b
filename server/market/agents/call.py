"""The calls: orders on both sides of what an instrument is worth, many of them crossing."""

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Side
from server.market.agents.book import DayBook
from server.market.agents.population import takers
from server.market.columns import Floats, Ints, Mask
from server.market.market_orders import limit_orders

STEPS = 40  # frames of call orders in the opening call
CLOSING_STEPS = 12
_CHANCE = 0.35  # that an instrument gets an order of a side in one of them
_SPREAD = 6.0  # spacings: how far from the value orders are


def call_orders(
    book: DayBook, here: Mask, spacing: Ints, size: Floats, value: Floats, rng: Generator
) -> Commands:
    """One frame's orders for those in `here`.

    Buyers and sellers are different persons, so all of them may meet.
    """
    parts: list[Commands] = []
    count = len(value)
    for side in (Side.BUY, Side.SELL):
        who = np.flatnonzero(book.open & here & (rng.random(count) < _CHANCE))
        tick = book.tick[who]
        away = rng.standard_normal(len(who)) * _SPREAD * spacing[who]
        price = np.rint(value[who] / tick + away).astype(np.int64) * tick
        price = np.clip(price, book.limit_down[who], book.limit_up[who])
        quantity = book.whole(who, size[who] * rng.lognormal(0, 0.7, len(who)))
        accounts = takers(np.full(len(who), int(side)), rng)
        parts.append(limit_orders(accounts, who, side, price, quantity))
    return building.concat(parts)
