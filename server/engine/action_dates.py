"""What follows an ex-date (6.2): cash arrives, shares are listed, rights are paid for or lapse."""

import numpy as np

from server.engine.access import (
    account_at,
    claim_at,
    contract_at,
    event_at,
    header_at,
    instrument_at,
    position_at,
)
from server.engine.claims import NO_CLAIM, drop_if_settled, find_claim
from server.engine.codes import AccountStatus, CashMove, Event, Grade
from server.engine.corporate_actions import add_receivable, add_shares, emit_action, pay_cash
from server.engine.day import known_instrument
from server.engine.jit import kernel
from server.engine.lots import add_lot, settle_lots
from server.engine.output import emit_refusal
from server.engine.positions import find_position
from server.engine.reasons import Reason
from server.engine.records import ACTION_EVENT


@kernel
def pay_dividend(s, command):
    """The payment date: what was receivable arrives."""
    for number in range(1, header_at(s)["claims"]):
        claim = claim_at(s, number)
        if not _is_of(claim, command) or claim["cash"] == 0:
            continue
        index = np.int64(claim["position"])
        account = np.int64(position_at(s, index)["account"])
        cash = claim["cash"]
        claim["cash"] = 0
        add_receivable(s, account, -cash)
        n = emit_action(s, Event.DIVIDEND_PAID, index, command["action"])
        event_at(s, n, ACTION_EVENT)["cash"] = cash
        pay_cash(s, account, cash, CashMove.DIVIDEND)
        drop_if_settled(s, number)


@kernel
def _is_of(claim, command):
    return (
        claim["action"] != 0
        and claim["action"] == command["action"]
        and claim["instrument"] == command["instrument"]
    )


@kernel
def list_shares(s, command):
    """The listing date: the new shares may be sold."""
    for number in range(1, header_at(s)["claims"]):
        claim = claim_at(s, number)
        if not _is_of(claim, command) or claim["shares"] == 0:
            continue
        index = np.int64(claim["position"])
        position_at(s, index)["unlisted"] -= claim["shares"]
        n = emit_action(s, Event.SHARES_LISTED, index, command["action"])
        event_at(s, n, ACTION_EVENT)["shares"] = claim["shares"]
        claim["shares"] = 0
        drop_if_settled(s, number)


@kernel
def lapse_rights(s, command):
    """The window is over: rights that were not paid for are worth nothing (section 6.2)."""
    for number in range(1, header_at(s)["claims"]):
        claim = claim_at(s, number)
        if not _is_of(claim, command) or claim["rights"] == 0:
            continue
        index = np.int64(claim["position"])
        rights = claim["rights"]
        add_receivable(s, np.int64(position_at(s, index)["account"]), -rights * claim["worth"])
        n = emit_action(s, Event.RIGHTS_LAPSED, index, command["action"])
        event = event_at(s, n, ACTION_EVENT)
        event["rights"] = rights
        event["price"] = claim["price"]
        event["value"] = rights * claim["worth"]
        claim["rights"] = 0
        drop_if_settled(s, number)


@kernel
def _check_rights(s, account_index, index, command):
    """(reason, figure, claim) of a payment for rights."""
    account = account_at(s, account_index)
    position = position_at(s, find_position(s, account_index, index))
    number = NO_CLAIM
    if position["first_claim"] != NO_CLAIM:
        number = find_claim(s, find_position(s, account_index, index), command["action"])
    quantity = command["quantity"]
    claim = claim_at(s, number)
    if account["status"] != AccountStatus.OPEN:
        return np.int64(Reason.ACCOUNT_CLOSED), np.int64(0), number
    if quantity <= 0:
        return np.int64(Reason.QUANTITY_NOT_POSITIVE), np.int64(1), number
    if quantity > claim["rights"]:
        return np.int64(Reason.RIGHTS_EXCEEDED), claim["rights"], number
    dear = claim["price"] > instrument_at(s, index)["mark"]
    if dear and account["grade"] >= Grade.RESTRICT:
        return np.int64(Reason.GRADE_RESTRICTED), np.int64(0), number
    free = account["cash"] - account["frozen"]
    if quantity * claim["price"] > free:
        most = max(np.int64(0), free) // max(np.int64(1), claim["price"])
        return np.int64(Reason.INSUFFICIENT_CASH), most, number
    return np.int64(Reason.NONE), np.int64(0), number


@kernel
def pay_for_rights(s, command):
    """A client takes up rights out of free cash; the shares are sold from their listing on.

    Below the restrict line only rights that are worth their price may be paid for.
    """
    account_index = np.int64(command["account"])
    index = np.int64(command["instrument"])
    if account_index < 0 or account_index >= header_at(s)["accounts"]:
        emit_refusal(s, Event.COMMAND_REJECTED, account_index, index, Reason.UNKNOWN_ACCOUNT, 0)
        return
    if not known_instrument(s, index):
        return
    reason, figure, number = _check_rights(s, account_index, index, command)
    if reason != Reason.NONE:
        emit_refusal(s, Event.COMMAND_REJECTED, account_index, index, reason, figure)
        return
    claim = claim_at(s, number)
    held = np.int64(claim["position"])
    position = position_at(s, held)
    quantity = command["quantity"]
    amount = quantity * claim["price"]
    settle_lots(s, position, np.int64(header_at(s)["date"]))
    claim["rights"] -= quantity
    claim["shares"] += quantity
    position["unlisted"] += quantity
    position["cost"] += amount
    position["day_flow"] -= amount + quantity * claim["worth"]
    contract = contract_at(s, account_index)
    contract["unsettled"] -= min(contract["unsettled"], amount)
    add_shares(s, held, quantity)
    add_lot(s, position, quantity, np.int64(header_at(s)["date"]))
    add_receivable(s, account_index, -quantity * claim["worth"])
    n = emit_action(s, Event.RIGHTS_PAID, held, command["action"])
    event = event_at(s, n, ACTION_EVENT)
    event["shares"] = quantity
    event["cash"] = -amount
    event["rights"] = claim["rights"]
    event["price"] = claim["price"]
    if amount > 0:
        pay_cash(s, account_index, -amount, CashMove.RIGHTS_PAYMENT)
