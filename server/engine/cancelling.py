"""Cancels: of one order, of all of an account's, as far as the phase allows (section 2.1)."""

import numpy as np

from server.engine.access import (
    account_at,
    event_at,
    header_at,
    instrument_at,
    order_at,
    position_at,
    rules_at,
)
from server.engine.after_hours import takes_fixed
from server.engine.book import NONE, SLOT_MASK
from server.engine.checks import takes_cancels
from server.engine.codes import AccountClass, Event, OrderStatus, OrderType
from server.engine.entering import release_held
from server.engine.jit import kernel
from server.engine.output import emit_refusal
from server.engine.positions import NO_POSITION, find_position
from server.engine.reasons import Reason
from server.engine.records import ORDER_EVENT
from server.engine.trading import withdraw_order


@kernel
def _may_cancel(s, slot):
    """The exchange takes cancels by phase; what the broker still keeps may always be had back."""
    order = order_at(s, slot)
    if account_at(s, order["account"])["klass"] == AccountClass.MARKET:
        return True
    if order["status"] == OrderStatus.QUEUED:
        return True
    index = np.int64(order["instrument"])
    if order["type"] == OrderType.FIXED_PRICE:
        return takes_fixed(instrument_at(s, index)["phase"], rules_at(s, index)["after_hours"])
    return takes_cancels(instrument_at(s, index)["phase"])


@kernel
def cancel_order(s, command):
    account = np.int64(command["account"])
    slot = np.int64(command["order_id"] & SLOT_MASK)
    known = slot < header_at(s)["orders"]
    if known:
        order = order_at(s, slot)
        known = (
            order["status"] != OrderStatus.FREE
            and order["id"] == command["order_id"]
            and order["account"] == account
        )
    reason = np.int64(Reason.UNKNOWN_ORDER)
    if known:
        if _may_cancel(s, slot):
            index = np.int64(order_at(s, slot)["instrument"])
            withdraw_order(s, slot, Event.ORDER_CANCELLED)
            if instrument_at(s, index)["holding"] != 0:
                release_held(s, index)
            return
        reason = np.int64(Reason.CANCEL_NOT_ALLOWED)
    n = emit_refusal(s, Event.CANCEL_REJECTED, account, np.int64(command["instrument"]), reason, 0)
    event_at(s, n, ORDER_EVENT)["order_id"] = command["order_id"]


@kernel
def _cancel_position(s, index):
    """Cancels the open orders of a position; returns whether the phase kept any from it."""
    position = position_at(s, index)
    instrument = instrument_at(s, position["instrument"])
    kept = False
    slot = np.int64(position["first_order"])
    while slot != NONE:
        following = np.int64(order_at(s, slot)["position_next"])
        if _may_cancel(s, slot):
            withdraw_order(s, slot, Event.ORDER_CANCELLED)
        else:
            kept = True
        slot = following
    if instrument["holding"] != 0:
        release_held(s, np.int64(position["instrument"]))
    return kept and instrument["ruled"] != 0


@kernel
def _cancel_positions(s, account, instrument):
    """`_cancel_position` of one instrument or (below 0) of all, newest first."""
    kept = False
    if instrument >= 0:
        index = find_position(s, account, instrument)
        return index != NO_POSITION and _cancel_position(s, index)
    index = np.int64(account_at(s, account)["first_position"])
    while index >= 0:
        if position_at(s, index)["open_orders"] > 0 and _cancel_position(s, index):
            kept = True
        index = np.int64(position_at(s, index)["next"])
    return kept


@kernel
def cancel_all(s, command):
    """Cancels every open order of an account, in one instrument or (-1) in all.

    Where the phase keeps orders from it, that is said at the end; on a day without
    INSTRUMENT_RULES it is not, as journals of before have it.
    """
    account = np.int64(command["account"])
    instrument = np.int64(command["instrument"])
    if account < 0 or account >= header_at(s)["accounts"]:
        emit_refusal(s, Event.CANCEL_REJECTED, account, -1, Reason.UNKNOWN_ACCOUNT, 0)
    elif _cancel_positions(s, account, instrument):
        reason = Reason.CANCEL_NOT_ALLOWED
        emit_refusal(s, Event.CANCEL_REJECTED, account, instrument, reason, 0)
