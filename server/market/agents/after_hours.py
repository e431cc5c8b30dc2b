"""After hours: some orders on both sides at the close (section 2.2)."""

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import OrderType, Phase, Side
from server.engine.layout import State
from server.market.agents.book import DayBook
from server.market.agents.population import takers
from server.market.columns import Floats

STEPS = 25  # frames of orders, one a minute
_CHANCE = 0.15  # that an instrument gets an order of a side in one of them


def after_hours_orders(state: State, book: DayBook, size: Floats, rng: Generator) -> Commands:
    """One frame's orders for those that trade at a fixed price now."""
    table = state.instruments[: len(size)]
    here = book.open & (table["phase"] == Phase.AFTER_HOURS) & (table["close"] > 0)
    parts: list[Commands] = []
    for side in (Side.BUY, Side.SELL):
        who = np.flatnonzero(here & (rng.random(len(size)) < _CHANCE))
        quantity = book.whole(who, size[who] * rng.lognormal(0, 0.7, len(who)))
        accounts = takers(np.full(len(who), int(side)), rng)
        price = table["close"][who]
        fixed = OrderType.FIXED_PRICE
        parts.append(building.orders(accounts, who, side, fixed, price, quantity))
    return building.concat(parts)
