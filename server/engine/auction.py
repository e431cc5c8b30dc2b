"""The price of a call auction by the SSE rule (section 2.3 of the rules)."""

import numpy as np

from server.engine.access import level_at, order_at
from server.engine.bitmap import next_above
from server.engine.book import NONE, next_worse, reduce, row_of, summary_base_of, word_base_of
from server.engine.codes import Side
from server.engine.jit import kernel


@kernel
def _next_order_price(s, instrument, level):
    """The lowest level above `level` that holds an order of either side, or -1."""
    count = np.int64(instrument["summaries"])
    found = NONE
    for side in range(2):
        candidate = next_above(
            s,
            word_base_of(instrument, side),
            summary_base_of(instrument, side),
            count,
            level,
        )
        if candidate != NONE and (found == NONE or candidate < found):
            found = candidate
    return found


@kernel
def _quantity_at(s, instrument, side, level):
    return level_at(s, row_of(instrument, side, level))["quantity"]


@kernel
def auction_level(s, instrument):
    """Level and quantity of the auction; (-1, 0) when no two orders meet.

    Candidates are order prices. The largest quantity wins among the prices at which every better
    order fills in full; then the smallest rest; then the midpoint of those that remain, half up
    to the tick.
    """
    best_bid = np.int64(instrument["best"][Side.BUY])
    best_ask = np.int64(instrument["best"][Side.SELL])
    if best_bid == NONE or best_ask == NONE or best_bid < best_ask:
        return NONE, 0
    level = best_bid
    buys = np.int64(0)  # at or above `level`
    while level != NONE and level >= best_ask:
        buys += _quantity_at(s, instrument, Side.BUY, level)
        level = next_worse(s, instrument, Side.BUY, level)
    sells = np.int64(0)  # at or below `level`
    volume, rest, low, high = np.int64(0), np.int64(0), NONE, NONE
    level = best_ask
    while level != NONE and level <= best_bid:
        bid = _quantity_at(s, instrument, Side.BUY, level)
        ask = _quantity_at(s, instrument, Side.SELL, level)
        sells += ask
        matched = min(buys, sells)
        if buys - bid <= matched and sells - ask <= matched:
            left = abs(buys - sells)
            if matched > volume or (matched == volume and left < rest):
                volume, rest, low, high = matched, left, level, level
            elif matched == volume and left == rest:
                high = level
        buys -= bid
        level = _next_order_price(s, instrument, level)
    if volume == 0:
        return NONE, 0
    return (low + high + 1) // 2, volume


@kernel
def take_pair(s, instrument, most):
    """Trades the first buy order with the first sell order, `most` shares at the most.

    Returns both slots and the quantity. An order that is over has left the book, and is the
    caller's to release.
    """
    bid = row_of(instrument, Side.BUY, np.int64(instrument["best"][Side.BUY]))
    ask = row_of(instrument, Side.SELL, np.int64(instrument["best"][Side.SELL]))
    buy = np.int64(level_at(s, bid)["head"])
    sell = np.int64(level_at(s, ask)["head"])
    quantity = min(most, min(order_at(s, buy)["remaining"], order_at(s, sell)["remaining"]))
    reduce(s, buy, quantity)
    reduce(s, sell, quantity)
    return buy, sell, quantity
