"""Trades, and the end of orders: what every way into and out of the book has in common."""

import numpy as np

from server.engine.access import event_at, header_at, instrument_at, order_at, position_at
from server.engine.book import NONE, release, remove, take_best
from server.engine.codes import Event, MarkPolicy, OrderStatus, OrderType, Side
from server.engine.jit import kernel
from server.engine.margin import set_mark
from server.engine.output import emit, emit_order
from server.engine.reasons import Reason
from server.engine.records import ORDER_EVENT, TRADE_EVENT
from server.engine.settlement import settle_fill, unhold
from server.engine.tape import note_trade
from server.engine.waiting import stop_waiting


@kernel
def finish(s, slot):
    """Takes an order that is over from its position's chain and frees it."""
    order = order_at(s, slot)
    position = position_at(s, order["position"])
    previous = np.int64(order["position_previous"])
    following = np.int64(order["position_next"])
    if previous == NONE:
        position["first_order"] = following
    else:
        order_at(s, previous)["position_next"] = following
    if following != NONE:
        order_at(s, following)["position_previous"] = previous
    position["open_orders"] -= 1
    release(s, slot)


@kernel
def record_trade(s, index, price, quantity):
    """The day's figures of an instrument whose mark follows its trades."""
    instrument = instrument_at(s, index)
    instrument["last"] = price
    if instrument["open"] == 0:
        instrument["open"] = price
        instrument["high"] = price
        instrument["low"] = price
    instrument["high"] = max(instrument["high"], price)
    instrument["low"] = min(instrument["low"], price)
    instrument["volume"] += quantity
    instrument["turnover"] += price * quantity


@kernel
def _record_after_hours(s, index, price, quantity):
    """Section 2.2: it counts in the day's volume, and moves no price."""
    if header_at(s)["mark_policy"] == MarkPolicy.LAST_TRADE:
        instrument = instrument_at(s, index)
        instrument["volume"] += quantity
        instrument["turnover"] += price * quantity


@kernel
def trade(s, buy_slot, sell_slot, price, quantity, aggressor):
    """One trade between two orders whose `remaining` has already been reduced."""
    header = header_at(s)
    header["trade_no"] += 1
    buy, sell = order_at(s, buy_slot), order_at(s, sell_slot)
    index = np.int64(buy["instrument"])
    n = emit(s, Event.TRADE, -1, index)
    event = event_at(s, n, TRADE_EVENT)
    event["side"] = aggressor
    event["trade_no"] = header["trade_no"]
    event["price"] = price
    event["quantity"] = quantity
    event["buy_order_id"] = buy["id"]
    event["sell_order_id"] = sell["id"]
    event["buy_account"] = buy["account"]
    event["sell_account"] = sell["account"]
    if buy["type"] == OrderType.FIXED_PRICE:
        _record_after_hours(s, index, price, quantity)
    elif header["mark_policy"] == MarkPolicy.LAST_TRADE:
        record_trade(s, index, price, quantity)
        note_trade(s, index, price, quantity)
    settle_fill(s, buy_slot, price, quantity)
    settle_fill(s, sell_slot, price, quantity)


@kernel
def follow_last(s, index):
    """Marks at the last trade where trades make the mark."""
    if header_at(s)["mark_policy"] == MarkPolicy.LAST_TRADE:
        set_mark(s, index, instrument_at(s, index)["last"])


@kernel
def match(s, slot, worst):
    """Trades an incoming order against the other side, down to level `worst`.

    Returns the level of the last trade, or NONE.
    """
    order = order_at(s, slot)
    side = np.int64(order["side"])
    last = np.int64(NONE)
    while order["remaining"] > 0:
        maker_slot, quantity = take_best(s, slot, worst)
        if maker_slot == NONE:
            break
        maker = order_at(s, maker_slot)
        price = maker["price"]
        last = np.int64(maker["level"])
        if side == Side.BUY:
            trade(s, slot, maker_slot, price, quantity, side)
        else:
            trade(s, maker_slot, slot, price, quantity, side)
        if maker["remaining"] == 0:
            finish(s, maker_slot)
    return last


@kernel
def close_order(s, slot, kind, reason, figure):
    """Ends an order that is not in the book: says so and why, frees what it held."""
    order = order_at(s, slot)
    n = emit_order(s, kind, order, reason)
    event_at(s, n, ORDER_EVENT)["figure"] = figure
    rest = order["remaining"]
    order["remaining"] = 0
    unhold(s, slot, rest)
    finish(s, slot)


@kernel
def withdraw_order(s, slot, kind):
    """Takes a resting or waiting order from where it is and ends it."""
    if order_at(s, slot)["status"] == OrderStatus.WORKING:
        remove(s, slot)
    else:
        stop_waiting(s, slot)
    close_order(s, slot, kind, Reason.NONE, 0)


@kernel
def expire_all(s):
    """Ends every order at the close of the day."""
    for slot in range(header_at(s)["orders"]):
        if order_at(s, slot)["status"] != OrderStatus.FREE:
            withdraw_order(s, np.int64(slot), Event.ORDER_EXPIRED)
