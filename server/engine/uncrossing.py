"""Call auctions, all of them at one price (section 2.3), and the end of trading (2.1)."""

import numpy as np

from server.engine.access import event_at, header_at, instrument_at, level_at, order_at, rules_at
from server.engine.auction import auction_level, take_pair
from server.engine.book import NONE, level_of, price_of, row_of
from server.engine.codes import NO_AGGRESSOR, Event, MarkPolicy, OrderType, Phase
from server.engine.entering import release_held
from server.engine.halts import end_halt, watch
from server.engine.jit import kernel
from server.engine.margin import set_mark
from server.engine.output import emit, emit_refusal
from server.engine.reasons import Reason
from server.engine.records import AUCTION_EVENT, PRICE_EVENT
from server.engine.tape import minute_average
from server.engine.trading import finish, follow_last, trade, withdraw_order


@kernel
def auction_reference(instrument):
    """The previous close in the opening call, the last trade in any later one."""
    phase = instrument["phase"]
    opening = phase == Phase.OPENING_CALL or phase == Phase.OPENING_CALL_NO_CANCEL
    price = instrument["reference"] if opening else instrument["last"]
    return level_of(instrument, price + np.int64(instrument["tick"]) // 2)


@kernel
def _cross(s, index):
    """Trades the call auction of one instrument at its single price; returns price and volume."""
    instrument = instrument_at(s, index)
    rule = rules_at(s, index)["auction_rule"]
    level, volume, _ = auction_level(s, instrument, rule, auction_reference(instrument))
    if level == NONE:
        return np.int64(0), np.int64(0)
    price = price_of(instrument, level)
    n = emit(s, Event.AUCTION, -1, index)
    event_at(s, n, AUCTION_EVENT)["price"] = price
    event_at(s, n, AUCTION_EVENT)["quantity"] = volume
    left = volume
    while left > 0:
        buy_slot, sell_slot, quantity = take_pair(s, instrument, left)
        trade(s, buy_slot, sell_slot, price, quantity, NO_AGGRESSOR)
        if order_at(s, buy_slot)["remaining"] == 0:
            finish(s, buy_slot)
        if order_at(s, sell_slot)["remaining"] == 0:
            finish(s, sell_slot)
        left -= quantity
    follow_last(s, index)
    return price, volume


@kernel
def uncross(s, index):
    """A call auction, and what the price cage lets in after it; returns price and volume."""
    price, volume = _cross(s, index)
    if volume > 0 and instrument_at(s, index)["holding"] != 0:
        release_held(s, index)
    return price, volume


@kernel
def resume(s, index):
    """The auction that ends a temporary halt; its price may ask for the next one (section 1.7)."""
    if instrument_at(s, index)["phase"] != Phase.HALTED:
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, 0)
        return
    price, volume = _cross(s, index)
    end_halt(s, index, Phase.CONTINUOUS, price, volume)
    watch(s, index)
    if instrument_at(s, index)["holding"] != 0:
        release_held(s, index)


@kernel
def _closing_price(s, index, auctioned):
    """Section 2.1: the auction's, else the average of the last minute, else the previous close.

    A source's own last price is its closing price: it has seen the auction.
    """
    instrument = instrument_at(s, index)
    if header_at(s)["mark_policy"] == MarkPolicy.SOURCE:
        return instrument["last"]
    if auctioned > 0:
        return auctioned
    average = minute_average(s, index)
    return average if average > 0 else instrument["reference"]


@kernel
def _expire_book(s, index):
    instrument = instrument_at(s, index)
    for side in range(2):
        while instrument["best"][side] != NONE:
            row = row_of(instrument, side, np.int64(instrument["best"][side]))
            withdraw_order(s, np.int64(level_at(s, row)["head"]), Event.ORDER_EXPIRED)
    slot = np.int64(instrument["first_waiting"]) - 1
    while slot != NONE:
        following = np.int64(order_at(s, slot)["next"])
        if order_at(s, slot)["type"] != OrderType.FIXED_PRICE:
            withdraw_order(s, slot, Event.ORDER_EXPIRED)
        slot = following


@kernel
def close_trading(s, index):
    """An instrument's closing call, its closing price, and the end of its orders.

    Those for after hours stay.
    """
    instrument = instrument_at(s, index)
    auctioned, volume = np.int64(0), np.int64(0)
    if instrument["phase"] == Phase.CLOSING_CALL:
        auctioned, volume = uncross(s, index)
    instrument["phase"] = Phase.CLOSED
    price = _closing_price(s, index, auctioned)
    instrument["close"] = price
    n = emit(s, Event.CLOSED, -1, index)
    event = event_at(s, n, PRICE_EVENT)
    event["price"] = price
    event["old_price"] = instrument["last"]
    event["volume"] = volume
    if header_at(s)["mark_policy"] == MarkPolicy.LAST_TRADE:
        set_mark(s, index, price)
    _expire_book(s, index)
