"""One instrument's order book: two price ladders, each level a queue in order of arrival.

The ladder is a slice of `State.levels`: the buy side's levels, then the sell side's. A level's
index is (price - bottom) / tick, so a price is found without a search and the next best one
through the bitmaps. Nothing here knows accounts, cash or rules.
"""

import numpy as np

from server.engine.access import header_at, instrument_at, level_at, order_at
from server.engine.bitmap import clear_bit, next_above, next_below, set_bit
from server.engine.codes import OrderStatus, Side
from server.engine.jit import kernel

SLOT_BITS = 24  # an order id is generation << 24 | index in the arena
SLOT_MASK = (1 << SLOT_BITS) - 1
NONE = -1


@kernel
def level_of(instrument, price):
    return (price - instrument["limit_down"]) // np.int64(instrument["tick"])


@kernel
def price_of(instrument, level):
    return instrument["limit_down"] + level * np.int64(instrument["tick"])


@kernel
def row_of(instrument, side, level):
    """Index in `State.levels` of a level of one side."""
    return instrument["level_base"] + np.int64(side) * instrument["levels"] + level


@kernel
def word_base_of(instrument, side):
    return instrument["word_base"] + np.int64(side) * instrument["words"]


@kernel
def summary_base_of(instrument, side):
    return instrument["summary_base"] + np.int64(side) * instrument["summaries"]


@kernel
def next_worse(s, instrument, side, level):
    """The next level that holds orders, away from the best; -1 at the end."""
    words = word_base_of(instrument, side)
    summaries = summary_base_of(instrument, side)
    count = np.int64(instrument["summaries"])
    if side == Side.BUY:
        return next_below(s, words, summaries, count, level)
    return next_above(s, words, summaries, count, level)


@kernel
def crosses(side, level, opposite_level):
    """Whether an order of `side` at `level` meets an opposite one."""
    if side == Side.BUY:
        return level >= opposite_level
    return level <= opposite_level


@kernel
def allocate(s):
    """Takes a free order, with a new id; its other fields are the caller's to fill."""
    header = header_at(s)
    slot = np.int64(header["free_order"])
    if slot >= 0:
        header["free_order"] = order_at(s, slot)["next"]
    else:
        slot = np.int64(header["orders"])
        header["orders"] = slot + 1
    order = order_at(s, slot)
    order["id"] = (((order["id"] >> SLOT_BITS) + 1) << SLOT_BITS) | slot
    order["status"] = OrderStatus.WORKING
    return slot


@kernel
def release(s, slot):
    """Gives an order back to the free chain."""
    header = header_at(s)
    order = order_at(s, slot)
    order["status"] = OrderStatus.FREE
    order["next"] = header["free_order"]
    header["free_order"] = slot


@kernel
def insert(s, slot):
    """Puts an order at the end of its level's queue."""
    order = order_at(s, slot)
    instrument = instrument_at(s, order["instrument"])
    side = np.int64(order["side"])
    level = np.int64(order["level"])
    row = level_at(s, row_of(instrument, side, level))
    order["next"] = NONE
    if row["head"] == NONE:
        order["previous"] = NONE
        row["head"] = slot
        set_bit(
            s,
            word_base_of(instrument, side),
            summary_base_of(instrument, side),
            level,
        )
        best = np.int64(instrument["best"][side])
        if best == NONE or (level > best if side == Side.BUY else level < best):
            instrument["best"][side] = level
    else:
        order["previous"] = row["tail"]
        order_at(s, row["tail"])["next"] = slot
    row["tail"] = slot
    row["quantity"] += order["remaining"]
    instrument["live"][side] += 1
    header_at(s)["live_orders"] += 1


@kernel
def remove(s, slot):
    """Takes an order out of its level's queue, whatever is left of it."""
    order = order_at(s, slot)
    instrument = instrument_at(s, order["instrument"])
    side = np.int64(order["side"])
    level = np.int64(order["level"])
    row = level_at(s, row_of(instrument, side, level))
    previous = order["previous"]
    following = order["next"]
    if previous == NONE:
        row["head"] = following
    else:
        order_at(s, previous)["next"] = following
    if following == NONE:
        row["tail"] = previous
    else:
        order_at(s, following)["previous"] = previous
    row["quantity"] -= order["remaining"]
    instrument["live"][side] -= 1
    header_at(s)["live_orders"] -= 1
    if row["head"] == NONE:
        clear_bit(
            s,
            word_base_of(instrument, side),
            summary_base_of(instrument, side),
            level,
        )
        if level == instrument["best"][side]:
            instrument["best"][side] = next_worse(s, instrument, side, level)


@kernel
def reduce(s, slot, quantity):
    """Trades `quantity` of a resting order; it leaves the book when nothing is left."""
    order = order_at(s, slot)
    if quantity == order["remaining"]:
        remove(s, slot)
        order["remaining"] = 0
        return
    instrument = instrument_at(s, order["instrument"])
    order["remaining"] -= quantity
    row = row_of(instrument, np.int64(order["side"]), np.int64(order["level"]))
    level_at(s, row)["quantity"] -= quantity


@kernel
def take_best(s, slot, worst):
    """Trades an incoming order with the first opposite one, down to level `worst`.

    Returns the other order's slot and the quantity, (NONE, 0) when they do not meet. The price is
    the resting order's. Both have their `remaining` reduced; a resting order that is over has left
    the book, and is the caller's to release.
    """
    order = order_at(s, slot)
    instrument = instrument_at(s, order["instrument"])
    side = np.int64(order["side"])
    level = np.int64(instrument["best"][1 - side])
    if level == NONE or not crosses(side, worst, level):
        return np.int64(NONE), np.int64(0)
    maker = np.int64(level_at(s, row_of(instrument, 1 - side, level))["head"])
    quantity = min(order["remaining"], order_at(s, maker)["remaining"])
    reduce(s, maker, quantity)
    order["remaining"] -= quantity
    return maker, quantity
