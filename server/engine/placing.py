"""An order command: accepted or refused, and sent on its way."""

import numpy as np

from server.engine.access import account_at, event_at, instrument_at, order_at, position_at
from server.engine.after_hours import exchange_takes
from server.engine.book import NONE, allocate, level_of
from server.engine.checks import check_order, known_names
from server.engine.codes import AccountClass, Event, Family, Side
from server.engine.credit import NO_LOAN, family_of
from server.engine.entering import enter_market
from server.engine.jit import kernel
from server.engine.limits import check_gate
from server.engine.loans import find_loan
from server.engine.order_prices import worst_price
from server.engine.output import emit_order, emit_refusal
from server.engine.positions import NO_POSITION, find_position, take_position
from server.engine.reasons import Reason
from server.engine.records import ORDER_EVENT
from server.engine.settlement import hold
from server.engine.waiting import keep_at_broker


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
    order["price"] = worst_price(s, index, instrument, side, order_type, command["price"])
    order["quantity"] = command["quantity"]
    order["remaining"] = command["quantity"]
    order["amount"] = 0
    order["frozen"] = 0
    order["level"] = level_of(instrument, order["price"])
    order["position"] = held if held != NO_POSITION else take_position(s, account, index)
    order["seq"] = command["seq"]
    order["time"] = command["time"]
    owner = account_at(s, account)
    borrows = side == Side.BUY and owner["klass"] == AccountClass.CONTRACT
    repays = side == Side.SELL and family_of(owner) == Family.LICENSED
    order["financed"] = command["financed"] if borrows or repays else 0
    order["loan"] = command["loan"] if repays and command["financed"] != 0 else 0
    order["lent"] = 0
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
def _names_no_loan(s, command, account):
    """Whether a sale to repay names a loan that its account does not have."""
    if command["loan"] == 0 or command["financed"] == 0 or command["side"] != Side.SELL:
        return False
    if family_of(account_at(s, account)) != Family.LICENSED:
        return False
    return find_loan(s, account, command["loan"]) == NO_LOAN


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
    if side > Side.SELL:
        _refuse(s, command, np.int64(Reason.SIDE_UNKNOWN), np.int64(0))
        return
    reason, figure = check_gate(s, account, index, side, np.int64(command["origin"]))
    if reason != Reason.NONE:
        _refuse(s, command, reason, figure)
        return
    if _names_no_loan(s, command, account):
        _refuse(s, command, np.int64(Reason.UNKNOWN_LOAN), np.int64(0))
        return
    held = find_position(s, account, index)
    quantity = command["quantity"]
    financed = np.int64(command["financed"])
    reason, figure = check_order(
        s, account, index, held, side, order_type, quantity, price, financed
    )
    if reason != Reason.NONE:
        _refuse(s, command, reason, figure)
        return
    slot = _accept(s, command, account, index, held)
    if not exchange_takes(s, index, instrument_at(s, index), order_type):
        keep_at_broker(s, slot)
        emit_order(s, Event.ORDER_QUEUED, order_at(s, slot), Reason.NONE)
        return
    enter_market(s, slot)
