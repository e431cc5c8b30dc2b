"""The price of a call auction, by exchange (section 2.3 of the rules)."""

import numpy as np

from server.engine.access import level_at, order_at
from server.engine.bitmap import next_above
from server.engine.book import NONE, next_worse, reduce, row_of, summary_base_of, word_base_of
from server.engine.codes import AuctionRule, Side
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
def _bought_from(s, instrument, lowest):
    """Quantity of all buys at or above level `lowest`."""
    total = np.int64(0)
    level = np.int64(instrument["best"][Side.BUY])
    while level != NONE and level >= lowest:
        total += _quantity_at(s, instrument, Side.BUY, level)
        level = next_worse(s, instrument, Side.BUY, level)
    return total


@kernel
def _chosen(rule, low, high, rest, reference):
    """The level among the lowest and the highest that remain.

    Without a rest every level between them remains too; with one, the two alone, and of two that
    are as near the higher.
    """
    if rule == AuctionRule.ORDER_PRICES:
        return (low + high + 1) // 2
    if rule == AuctionRule.ORDER_PRICES_DOWN:
        return (low + high) // 2
    if rest == 0:
        return min(max(reference, low), high)
    return low if reference - low < high - reference else high


@kernel
def auction_level(s, instrument, rule, reference):
    """Level, quantity and what is left over at the auction's price: the buys' rest above 0, the
    sells' below. (-1, 0, 0) when no two orders meet.

    The largest quantity wins among the prices at which every better order fills in full; then the
    smallest rest. By ORDER_PRICES only order prices compete, and the midpoint of those that remain,
    half up to the tick, is taken (by ORDER_PRICES_DOWN half down); by EVERY_TICK all ticks do, and
    the nearest to level `reference`.
    """
    best_bid = np.int64(instrument["best"][Side.BUY])
    best_ask = np.int64(instrument["best"][Side.SELL])
    if best_bid == NONE or best_ask == NONE or best_bid < best_ask:
        return NONE, np.int64(0), np.int64(0)
    buys = _bought_from(s, instrument, best_ask)  # at or above `level`
    sells = np.int64(0)  # at or below `level`
    volume, rest, low, high = np.int64(0), np.int64(0), NONE, NONE
    low_left, high_left = np.int64(0), np.int64(0)
    level = best_ask
    while level != NONE and level <= best_bid:
        bid = _quantity_at(s, instrument, Side.BUY, level)
        ask = _quantity_at(s, instrument, Side.SELL, level)
        sells += ask
        matched = min(buys, sells)
        left = buys - sells
        if buys - bid <= matched and sells - ask <= matched:
            if matched > volume or (matched == volume and abs(left) < rest):
                volume, rest, low, high = matched, abs(left), level, level
                low_left, high_left = left, left
            elif matched == volume and abs(left) == rest:
                high, high_left = level, left
        buys -= bid
        following = _next_order_price(s, instrument, level)
        # Between two order prices better orders fill in full only where both sides are equal.
        balanced = rule == AuctionRule.EVERY_TICK and buys == sells and buys > 0
        if balanced and following > level + 1:
            if sells > volume or (sells == volume and rest > 0):
                volume, rest, low, low_left = sells, np.int64(0), level + 1, np.int64(0)
            if sells == volume:
                high, high_left = following - 1, np.int64(0)
        level = following
    if volume == 0:
        return NONE, np.int64(0), np.int64(0)
    chosen = _chosen(rule, low, high, rest, reference)
    return chosen, volume, _left_at(s, instrument, chosen, low, high, low_left, high_left)


@kernel
def _left_at(s, instrument, chosen, low, high, low_left, high_left):
    """What is left over at the chosen level: known at both ends, counted between them."""
    if chosen == low:
        return low_left
    if chosen == high:
        return high_left
    sold = np.int64(0)
    level = np.int64(instrument["best"][Side.SELL])
    while level != NONE and level <= chosen:
        sold += _quantity_at(s, instrument, Side.SELL, level)
        level = next_worse(s, instrument, Side.SELL, level)
    return _bought_from(s, instrument, chosen) - sold


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
