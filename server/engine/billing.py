"""When interest is collected: at a repayment, or by periods, after them or before (section 5.4).

A bill is taken from free cash. What is missing is added to the loan, or is owed at once and makes
the contract overdue until it is paid, as the product says. Loans for one share each are not billed:
their interest is paid with them.
"""

import numpy as np

from server.engine.access import account_at, contract_at, header_at, terms_at
from server.engine.arithmetic import FEN, PPM, muldiv, round_fen
from server.engine.cash import move
from server.engine.codes import CashMove, Event, Family, Ledger
from server.engine.credit import OVERDUE, family_of, is_overdue
from server.engine.jit import kernel
from server.engine.life import emit_interest
from server.engine.loans import emit_loan, lend, lift_overdue, pay_loans
from server.engine.margin import set_debt
from server.engine.term_codes import Billing, Refund, Unpaid


@kernel
def pay(s, index, instrument, number, most):
    """Repays with at most `most`: interest first (half up to the fen), then principal.

    Of a licensed account the loan with a number, or (0) a share's or all.
    """
    contract = contract_at(s, index)
    if family_of(account_at(s, index)) == Family.LICENSED:
        return pay_loans(s, index, instrument, number, most)
    due = round_fen(contract["interest"])
    interest = min(most, due)
    principal = min(most - interest, contract["loan"])
    if interest == due:
        contract["interest"] = 0
        contract["interest_remainder"] = 0
    else:
        contract["interest"] -= interest
    contract["billed"] -= min(contract["billed"], interest)
    contract["interest_paid"] += interest
    contract["loan"] -= principal
    contract["opening_assets"] -= interest + principal  # a repayment is no loss of the day
    if interest > 0:
        move(s, index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
    if principal > 0:
        move(s, index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
    set_debt(s, index)
    lift_overdue(s, index)
    return interest


@kernel
def unused_interest(s, index, principal):
    """What was charged ahead on a part of the loan for the days to come, down to the fen.

    Days that the product charges at least are none of them (section 5.4).
    """
    contract = contract_at(s, index)
    terms = terms_at(s, account_at(s, index)["product"])
    if terms["refund"] == Refund.NONE:
        return np.int64(0)
    used_until = np.int64(contract["opened_day"]) + terms["minimum_days"]
    used_until = max(used_until, np.int64(header_at(s)["days"]))
    days = max(np.int64(0), np.int64(contract["charged_until"]) - used_until)
    unit = np.int64(terms["day_count"]) * PPM
    charged = min(principal, contract["prepaid"])
    return muldiv(charged, days * np.int64(terms["annual_rate_ppm"]), unit) // FEN * FEN


@kernel
def refund_interest(s, index, principal):
    """Gives back the unused interest of a part of the loan that ends today; returns it."""
    amount = unused_interest(s, index, principal)
    contract = contract_at(s, index)
    contract["prepaid"] -= min(principal, contract["prepaid"])
    if amount > 0:
        contract["interest_paid"] -= amount
        contract["opening_assets"] += amount  # no profit of the day, as the payment was no loss
        move(s, index, Ledger.INTEREST, amount, CashMove.REFUND_INTEREST)
    return amount


@kernel
def _collect(s, index, terms):
    account = account_at(s, index)
    contract = contract_at(s, index)
    due = round_fen(contract["interest"])
    free = max(np.int64(0), account["cash"] - account["frozen"]) // FEN * FEN
    if due > free and terms["unpaid"] == Unpaid.CAPITALISED:
        lend(s, index, np.int64(-1), due - free)
        free = due
    paid = min(due, free)
    if paid > 0:
        pay(s, index, np.int64(-1), np.int64(0), paid)
    contract["billed"] = due - paid
    if due > paid and not is_overdue(account):
        account["family"] |= np.uint8(OVERDUE)
        emit_loan(s, Event.OVERDUE, index, np.int64(-1), due - paid, due - paid)


@kernel
def _charge_ahead(s, index, terms):
    """The interest of the period that begins, no further than the due day."""
    contract = contract_at(s, index)
    today = header_at(s)["days"]
    until = today + terms["billing_days"]
    if contract["due_day"] > 0:
        until = min(until, np.int64(contract["due_day"]))
    if terms["refund"] != Refund.NONE:
        # What a bill has been added to the loan for is not charged in a period that has begun.
        bound = contract["prepaid"] if contract["charged_until"] > today else contract["loan"]
        contract["prepaid"] = min(bound, contract["loan"])
    unit = np.int64(terms["day_count"]) * PPM
    added = np.int64(0)
    for _ in range(max(today, np.int64(contract["charged_until"])), until):
        sum_ = contract["loan"] * np.int64(terms["annual_rate_ppm"])
        sum_ += contract["interest_remainder"]
        added += sum_ // unit
        contract["interest_remainder"] = sum_ % unit
    contract["charged_until"] = max(contract["charged_until"], until)
    if added > 0:
        contract["interest"] += added
        set_debt(s, index)
        emit_interest(s, index, added)


@kernel
def bill(s, index, terms):
    """What a period's end or beginning asks for, on the first opening on or after it."""
    contract = contract_at(s, index)
    today = header_at(s)["days"]
    if contract["next_bill"] == 0 or contract["next_bill"] > today:
        return
    while contract["next_bill"] <= today:
        contract["next_bill"] += terms["billing_days"]
    if terms["billing"] == Billing.ADVANCE:
        _charge_ahead(s, index, terms)
    _collect(s, index, terms)


@kernel
def begin_billing(s, index, terms):
    """At a contract's opening; only a whole loan can be charged ahead."""
    if terms["billing"] == Billing.AT_REPAYMENT or terms["family"] == Family.LICENSED:
        return
    contract = contract_at(s, index)
    contract["next_bill"] = header_at(s)["days"] + terms["billing_days"]
    if terms["billing"] == Billing.ADVANCE and contract["loan"] > 0:
        _charge_ahead(s, index, terms)
        _collect(s, index, terms)
