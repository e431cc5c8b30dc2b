"""How an accepted order comes into the book: at once, from the broker's queue, from the cage."""

import numpy as np

from server.engine.access import account_at, header_at, instrument_at, order_at
from server.engine.after_hours import (
    check_against_close,
    exchange_takes,
    takes_orders,
    waits_for_hours,
)
from server.engine.book import NONE, insert, level_of, price_of
from server.engine.checks import check_order, check_self_trade
from server.engine.codes import AccountClass, Event, OrderType, Phase
from server.engine.halts import watch
from server.engine.jit import kernel
from server.engine.limits import check_gate
from server.engine.order_prices import carries_limit, reach, resting_level, walk
from server.engine.output import emit_order
from server.engine.reasons import Reason
from server.engine.settlement import hold, unhold, unhold_all
from server.engine.trading import close_order, finish, follow_last, match
from server.engine.valid_range import must_be_held
from server.engine.waiting import keep_outside_book, stop_waiting


@kernel
def enter_market(s, slot):
    """An order that has passed its checks comes to the exchange: into the book, or held."""
    order = order_at(s, slot)
    index = np.int64(order["instrument"])
    instrument = instrument_at(s, index)
    if order["type"] == OrderType.FIXED_PRICE:
        if waits_for_hours(instrument):
            keep_outside_book(s, slot)
            emit_order(s, Event.ORDER_HELD, order, Reason.NONE)
        else:
            _enter_at_close(s, slot)
        return
    if (
        instrument["ruled"] != 0
        and order["type"] == OrderType.LIMIT
        and account_at(s, order["account"])["klass"] != AccountClass.MARKET
        and must_be_held(s, index, instrument, np.int64(order["side"]), order["price"])
    ):
        keep_outside_book(s, slot)
        emit_order(s, Event.ORDER_HELD, order, Reason.NONE)
        return
    enter_book(s, slot)
    if instrument["holding"] != 0:
        release_held(s, index)


@kernel
def _enter_at_close(s, slot):
    """A fixed price order comes into the book after hours, at the close."""
    order = order_at(s, slot)
    close = instrument_at(s, order["instrument"])["close"]
    order["price"] = close
    order["level"] = level_of(instrument_at(s, order["instrument"]), close)
    unhold(s, slot, 0)
    enter_book(s, slot)


@kernel
def enter_book(s, slot):
    """Trades an order with what it meets; its rest stays in the book or is cancelled (2.5)."""
    order = order_at(s, slot)
    index = np.int64(order["instrument"])
    instrument = instrument_at(s, index)
    side, order_type = np.int64(order["side"]), np.int64(order["type"])
    worst = order["price"]
    own, opposite = np.int64(instrument["best"][side]), np.int64(instrument["best"][1 - side])
    last = np.int64(NONE)
    trading = instrument["phase"] == Phase.CONTINUOUS or order_type == OrderType.FIXED_PRICE
    if trading and _trades(s, order, instrument, order_type):
        last = match(s, slot, reach(s, instrument, side, order_type, worst))
        if last != NONE and order_type != OrderType.FIXED_PRICE:
            follow_last(s, index)
            if instrument["watched"] != 0:
                watch(s, index)
    if order["remaining"] == 0:
        finish(s, slot)
        return
    level = resting_level(instrument, side, order_type, worst, last, own, opposite)
    if level == NONE:
        close_order(s, slot, Event.ORDER_CANCELLED, Reason.NONE, 0)
        return
    order["level"] = level
    if not carries_limit(order_type):
        order["price"] = price_of(instrument, level)
        unhold(s, slot, 0)
        emit_order(s, Event.ORDER_CONVERTED, order, Reason.NONE)
    insert(s, slot)


@kernel
def _trades(s, order, instrument, order_type):
    """Whether an order trades with what it meets: all or nothing, or never."""
    if order_type != OrderType.FILL_OR_KILL:
        return order_type != OrderType.OWN_BEST
    rest = order["remaining"]
    worst = level_of(instrument, order["price"])
    filled, _, _ = walk(s, instrument, np.int64(order["side"]), worst, rest)
    return filled == rest


@kernel
def _is_kept_out(s, index, instrument, order):
    if order["type"] == OrderType.FIXED_PRICE:
        return waits_for_hours(instrument)
    return must_be_held(s, index, instrument, np.int64(order["side"]), order["price"])


@kernel
def _check_release(s, index, instrument, order):
    """(reason, figure) for which an order that waited is not let in; (NONE, 0) when it is."""
    side, price, rest = np.int64(order["side"]), order["price"], order["remaining"]
    if order["type"] == OrderType.FIXED_PRICE:
        reason, figure = check_against_close(instrument, side, price)
        if reason != Reason.NONE:
            return reason, figure
    person = account_at(s, order["account"])["person"]
    return check_self_trade(s, person, index, side, level_of(instrument, price), rest)


@kernel
def release_held(s, index):
    """Lets into the book what waits at the exchange and need no longer, in order of time.

    The price cage keeps it out (section 1.6), or the hour (2.2); in a pause nothing is let in,
    whatever price a source sends. After each one the base may have moved: the search begins anew.
    """
    instrument = instrument_at(s, index)
    if not takes_orders(instrument["phase"]) and instrument["phase"] != Phase.AFTER_HOURS:
        return
    slot = np.int64(instrument["first_waiting"]) - 1
    while slot != NONE:
        order = order_at(s, slot)
        if _is_kept_out(s, index, instrument, order):
            slot = np.int64(order["next"])
            continue
        stop_waiting(s, slot)
        reason, figure = _check_release(s, index, instrument, order)
        if reason != Reason.NONE:
            close_order(s, slot, Event.ORDER_CANCELLED, reason, figure)
        else:
            emit_order(s, Event.ORDER_RELEASED, order, Reason.NONE)
            if order["type"] == OrderType.FIXED_PRICE:
                _enter_at_close(s, slot)
            else:
                enter_book(s, slot)
        slot = np.int64(instrument["first_waiting"]) - 1


@kernel
def send_queued(s):
    """Sends the orders that the broker kept and the market now takes, in order of arrival (2.1).

    Each is checked again, as if it came only now.
    """
    slot = np.int64(header_at(s)["first_waiting"]) - 1
    while slot != NONE:
        order = order_at(s, slot)
        following = np.int64(order["next"])
        index = np.int64(order["instrument"])
        if exchange_takes(s, index, instrument_at(s, index), np.int64(order["type"])):
            _send(s, slot)
        slot = following


@kernel
def _send(s, slot):
    order = order_at(s, slot)
    account, index = np.int64(order["account"]), np.int64(order["instrument"])
    side, order_type = np.int64(order["side"]), np.int64(order["type"])
    held, quantity, price = np.int64(order["position"]), order["quantity"], order["price"]
    stop_waiting(s, slot)
    unhold_all(s, slot)
    reason, figure = check_gate(s, account, index, side, np.int64(order["origin"]))
    if reason == Reason.NONE:
        financed = np.int64(order["financed"])
        reason, figure = check_order(
            s, account, index, held, side, order_type, quantity, price, financed
        )
    hold(s, slot)
    if reason != Reason.NONE:
        close_order(s, slot, Event.ORDER_CANCELLED, reason, figure)
        return
    emit_order(s, Event.ORDER_RELEASED, order, Reason.NONE)
    enter_market(s, slot)
