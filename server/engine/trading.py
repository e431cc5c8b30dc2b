"""The life of an order: accepted or refused, matched, resting, cancelled, expired."""

import numpy as np

from server.engine.access import (
    account_at,
    event_at,
    header_at,
    instrument_at,
    level_at,
    order_at,
    position_at,
    rules_at,
)
from server.engine.auction import auction_level, take_pair
from server.engine.book import (
    NONE,
    SLOT_MASK,
    allocate,
    insert,
    level_of,
    price_of,
    release,
    remove,
    row_of,
    take_best,
)
from server.engine.checks import check_order, known_names, reach, takes_cancels, worst_price
from server.engine.codes import (
    NO_AGGRESSOR,
    AccountClass,
    Event,
    MarkPolicy,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    Side,
)
from server.engine.jit import kernel
from server.engine.limits import check_gate
from server.engine.margin import set_mark
from server.engine.output import emit, emit_order, emit_refusal
from server.engine.positions import NO_POSITION, find_position, take_position
from server.engine.records import AUCTION_EVENT, ORDER_EVENT, PRICE_EVENT, TRADE_EVENT
from server.engine.settlement import hold, settle_fill, unhold
from server.engine.tape import minute_average, note_trade


@kernel
def _enlist(s, slot):
    """Adds an order to the chain of its position's open orders."""
    order = order_at(s, slot)
    position = position_at(s, order["position"])
    first = np.int64(position["first_order"])
    order["position_next"] = first
    order["position_previous"] = NONE
    if first != NONE:
        order_at(s, first)["position_previous"] = slot
    position["first_order"] = slot
    position["open_orders"] += 1


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
    if header["mark_policy"] == MarkPolicy.LAST_TRADE:
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
    """Trades an incoming order against the other side, down to level `worst`."""
    order = order_at(s, slot)
    side = np.int64(order["side"])
    while order["remaining"] > 0:
        maker_slot, quantity = take_best(s, slot, worst)
        if maker_slot == NONE:
            return
        maker = order_at(s, maker_slot)
        price = maker["price"]
        if side == Side.BUY:
            trade(s, slot, maker_slot, price, quantity, side)
        else:
            trade(s, maker_slot, slot, price, quantity, side)
        if maker["remaining"] == 0:
            finish(s, maker_slot)


@kernel
def _accept(s, command, account, index, held):
    """Makes an order of a command that has passed its checks."""
    instrument = instrument_at(s, index)
    slot = allocate(s)
    order = order_at(s, slot)
    side = np.int64(command["side"])
    order_type = np.int64(command["type"])
    order["account"] = account
    order["instrument"] = index
    order["side"] = side
    order["type"] = order_type
    order["origin"] = command["origin"]
    order["price"] = worst_price(instrument, side, order_type, command["price"])
    order["quantity"] = command["quantity"]
    order["remaining"] = command["quantity"]
    order["amount"] = 0
    order["frozen"] = 0
    order["level"] = level_of(instrument, order["price"])
    order["position"] = held if held != NO_POSITION else take_position(s, account, index)
    order["seq"] = command["seq"]
    order["time"] = command["time"]
    _enlist(s, slot)
    hold(s, slot)
    emit_order(s, Event.ORDER_ACCEPTED, order, Reason.NONE)
    return slot


@kernel
def _refuse(s, command, reason, figure):
    n = emit_refusal(
        s,
        Event.ORDER_REJECTED,
        np.int64(command["account"]),
        np.int64(command["instrument"]),
        reason,
        figure,
    )
    event = event_at(s, n, ORDER_EVENT)
    event["side"] = command["side"]
    event["type"] = command["type"]
    event["origin"] = command["origin"]
    event["price"] = command["price"]
    event["quantity"] = command["quantity"]


@kernel
def place_order(s, command):
    account = np.int64(command["account"])
    index = np.int64(command["instrument"])
    side = np.int64(command["side"])
    order_type = np.int64(command["type"])
    price = command["price"]
    reason, figure = known_names(s, account, index)
    if reason != Reason.NONE:
        _refuse(s, command, reason, figure)
        return
    reason, figure = check_gate(s, account, index, side, np.int64(command["origin"]))
    if reason != Reason.NONE:
        _refuse(s, command, reason, figure)
        return
    held = find_position(s, account, index)
    quantity = command["quantity"]
    reason, figure = check_order(s, account, index, held, side, order_type, quantity, price)
    if reason != Reason.NONE:
        _refuse(s, command, reason, figure)
        return
    slot = _accept(s, command, account, index, held)
    order = order_at(s, slot)
    instrument = instrument_at(s, index)
    if instrument["phase"] == Phase.CONTINUOUS:
        traded = header_at(s)["trade_no"]
        match(s, slot, reach(s, instrument, side, order_type, price))
        if header_at(s)["trade_no"] != traded:
            follow_last(s, index)
    if order["remaining"] == 0:
        finish(s, slot)
    elif order_type == OrderType.LIMIT:
        insert(s, slot)
    else:
        close_order(s, slot, Event.ORDER_CANCELLED)


@kernel
def close_order(s, slot, kind):
    """Ends an order that is not in the book: says so, frees what it held."""
    order = order_at(s, slot)
    emit_order(s, kind, order, Reason.NONE)
    rest = order["remaining"]
    order["remaining"] = 0
    unhold(s, slot, rest)
    finish(s, slot)


@kernel
def withdraw_order(s, slot, kind):
    """Takes a resting order from the book and ends it."""
    remove(s, slot)
    close_order(s, slot, kind)


@kernel
def _may_cancel(s, account, index):
    if account_at(s, account)["klass"] == AccountClass.MARKET:
        return True
    return takes_cancels(instrument_at(s, index)["phase"])


@kernel
def cancel_order(s, command):
    account = np.int64(command["account"])
    slot = np.int64(command["order_id"] & SLOT_MASK)
    known = slot < header_at(s)["orders"]
    if known:
        order = order_at(s, slot)
        known = (
            order["status"] == OrderStatus.WORKING
            and order["id"] == command["order_id"]
            and order["account"] == account
        )
    reason = np.int64(Reason.UNKNOWN_ORDER)
    if known:
        if _may_cancel(s, account, np.int64(order_at(s, slot)["instrument"])):
            withdraw_order(s, slot, Event.ORDER_CANCELLED)
            return
        reason = np.int64(Reason.CANCEL_NOT_ALLOWED)
    n = emit_refusal(s, Event.CANCEL_REJECTED, account, np.int64(command["instrument"]), reason, 0)
    event_at(s, n, ORDER_EVENT)["order_id"] = command["order_id"]


@kernel
def _cancel_position(s, index):
    position = position_at(s, index)
    if not _may_cancel(s, np.int64(position["account"]), np.int64(position["instrument"])):
        return
    while position["first_order"] != NONE:
        withdraw_order(s, np.int64(position["first_order"]), Event.ORDER_CANCELLED)


@kernel
def cancel_all(s, command):
    """Cancels every open order of an account, in one instrument or (-1) in all."""
    account = np.int64(command["account"])
    if account < 0 or account >= header_at(s)["accounts"]:
        emit_refusal(s, Event.CANCEL_REJECTED, account, -1, Reason.UNKNOWN_ACCOUNT, 0)
        return
    if command["instrument"] >= 0:
        index = find_position(s, account, np.int64(command["instrument"]))
        if index != NO_POSITION:
            _cancel_position(s, index)
        return
    index = np.int64(account_at(s, account)["first_position"])
    while index >= 0:
        if position_at(s, index)["open_orders"] > 0:
            _cancel_position(s, index)
        index = np.int64(position_at(s, index)["next"])


@kernel
def expire_all(s):
    """Ends every order at the close of the day."""
    for slot in range(header_at(s)["orders"]):
        if order_at(s, slot)["status"] == OrderStatus.WORKING:
            withdraw_order(s, np.int64(slot), Event.ORDER_EXPIRED)


@kernel
def auction_reference(instrument):
    """The previous close in the opening call, the last trade in any later one."""
    phase = instrument["phase"]
    opening = phase == Phase.OPENING_CALL or phase == Phase.OPENING_CALL_NO_CANCEL
    price = instrument["reference"] if opening else instrument["last"]
    return level_of(instrument, price + np.int64(instrument["tick"]) // 2)


@kernel
def uncross(s, index):
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


@kernel
def close_trading(s, index):
    """An instrument's closing call, its closing price, and the end of its orders."""
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
