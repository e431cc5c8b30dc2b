"""Where an order may trade, where its rest stays, and the price its cash is held at (section 2.5).

Everything follows from one bound, the order's worst price: its limit, its protection price, or the
day's limit for a market order without one.
"""

import numpy as np

from server.engine.access import level_at, rules_at
from server.engine.book import NONE, crosses, level_of, next_worse, price_of, row_of
from server.engine.codes import OrderType, Side
from server.engine.jit import kernel

BEST_FIVE = 5


@kernel
def carries_limit(order_type):
    """Whether the order's price is a limit."""
    return order_type == OrderType.LIMIT or order_type == OrderType.FIXED_PRICE


@kernel
def carries_protection(s, index, instrument, order_type):
    """Whether the order's price is the protection price of a market order."""
    if carries_limit(order_type) or instrument["ruled"] == 0:
        return False
    return rules_at(s, index)["protection"] != 0


@kernel
def worst_price(s, index, instrument, side, order_type, price):
    """The price cash is held at: the limit, the protection price, or limit-up for a buy."""
    if carries_limit(order_type) or carries_protection(s, index, instrument, order_type):
        return price
    if side == Side.BUY:
        return instrument["limit_up"]
    return instrument["limit_down"]


@kernel
def _nearer(side, level, bound):
    """`level`, but no further than `bound` goes."""
    return min(level, bound) if side == Side.BUY else max(level, bound)


@kernel
def reach(s, instrument, side, order_type, worst):
    """The worst level an order of this worst price may trade at."""
    bound = level_of(instrument, worst)
    if (
        carries_limit(order_type)
        or order_type == OrderType.IOC
        or order_type == OrderType.FILL_OR_KILL
    ):
        return bound
    opposite = 1 - np.int64(side)
    level = np.int64(instrument["best"][opposite])
    if level == NONE:
        return bound
    if order_type != OrderType.OPPOSITE_BEST:
        for _ in range(BEST_FIVE - 1):
            following = next_worse(s, instrument, opposite, level)
            if following == NONE:
                break
            level = following
    return _nearer(side, level, bound)


@kernel
def walk(s, instrument, side, worst, quantity):
    """(quantity, amount, level of the last trade) that would trade down to level `worst`."""
    opposite = 1 - np.int64(side)
    level = np.int64(instrument["best"][opposite])
    filled, amount, last = np.int64(0), np.int64(0), np.int64(NONE)
    while level != NONE and filled < quantity and crosses(side, worst, level):
        there = level_at(s, row_of(instrument, opposite, level))["quantity"]
        taken = min(there, quantity - filled)
        filled += taken
        amount += taken * price_of(instrument, level)
        last = level
        level = next_worse(s, instrument, opposite, level)
    return filled, amount, last


@kernel
def trades_at_once(s, instrument, side, order_type, worst, quantity):
    """As `walk`, by the order's type: all or nothing, or nothing at all."""
    if order_type == OrderType.OWN_BEST:
        return np.int64(0), np.int64(0), np.int64(NONE)
    level = reach(s, instrument, side, order_type, worst)
    filled, amount, last = walk(s, instrument, side, level, quantity)
    if order_type == OrderType.FILL_OR_KILL and filled < quantity:
        return np.int64(0), np.int64(0), np.int64(NONE)
    return filled, amount, last


@kernel
def resting_level(instrument, side, order_type, worst, last, own, opposite):
    """The level at which the rest of an order stays in the book; NONE: it is cancelled.

    `last` is the level of its last trade, `own` and `opposite` the best levels it found.
    """
    bound = level_of(instrument, worst)
    if carries_limit(order_type):
        return bound
    level = np.int64(NONE)
    if order_type == OrderType.BEST_FIVE_LIMIT:
        level = last if last != NONE else own
    elif order_type == OrderType.OPPOSITE_BEST:
        level = opposite
    elif order_type == OrderType.OWN_BEST:
        level = own
    return _nearer(side, level, bound) if level != NONE else level
