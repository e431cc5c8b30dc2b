"""What happens to a contract between its opening and its end: draws, extensions, terms, release.

The engine counts calendar days by ACCRUE. A term is a number of days from the opening, or from the
draw of a loan of its own; on the due day the debt is overdue until it is repaid.
"""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    header_at,
    loan_at,
    position_at,
    terms_at,
)
from server.engine.arithmetic import PPM, muldiv, round_fen
from server.engine.cash import known_account, leave, move, refuse
from server.engine.codes import AccountClass, AccountStatus, CashMove, Event, Family, Grade, Ledger
from server.engine.credit import NO_LOAN, OVERDUE, drawable, draws, family_of, is_overdue
from server.engine.jit import kernel
from server.engine.limits import check_lending
from server.engine.loans import days_left, describe_loan, emit_loan, find_loan, interest_of, lend
from server.engine.margin import missing_above_restrict, set_debt
from server.engine.output import emit, emit_cash
from server.engine.reasons import Reason
from server.engine.records import CONTRACT_EVENT, LOAN_EVENT


@kernel
def is_open_contract(account):
    return account["klass"] == AccountClass.CONTRACT and account["status"] == AccountStatus.OPEN


@kernel
def draw(s, command):
    """Takes money of the credit line before it is needed; it bears interest from today."""
    index = np.int64(command["account"])
    if not known_account(s, index):
        return
    account = account_at(s, index)
    amount = command["amount"]
    if not is_open_contract(account):
        refuse(s, index, Reason.NOT_A_CONTRACT, 0)
    elif not draws(account):
        refuse(s, index, Reason.FINANCING_NOT_ALLOWED, 0)
    elif amount <= 0:
        refuse(s, index, Reason.AMOUNT_NOT_POSITIVE, 0)
    elif is_overdue(account):
        refuse(s, index, Reason.CONTRACT_OVERDUE, account["debt"])
    elif account["grade"] >= Grade.RESTRICT:
        refuse(s, index, Reason.GRADE_RESTRICTED, missing_above_restrict(s, account))
    elif amount > drawable(s, index):
        refuse(s, index, Reason.CREDIT_LINE_EXCEEDED, drawable(s, index))
    else:
        reason, figure = check_lending(s, index, amount)
        if reason != Reason.NONE:
            refuse(s, index, reason, figure)
        else:
            lend(s, index, -1, amount)


@kernel
def _extend_loan(s, index, number, terms):
    row = find_loan(s, index, number)
    if row == NO_LOAN:
        refuse(s, index, Reason.UNKNOWN_LOAN, 0)
        return
    loan = loan_at(s, row)
    if loan["overdue"] != 0:
        refuse(s, index, Reason.CONTRACT_OVERDUE, loan["principal"] + loan["interest"])
    elif loan["due_day"] == 0 or loan["extensions"] >= terms["extensions"]:
        refuse(s, index, Reason.EXTENSION_NOT_ALLOWED, 0)
    else:
        loan["extensions"] += 1
        loan["due_day"] += terms["extension_days"]
        amount = loan["principal"] + loan["interest"]
        n = emit_loan(s, Event.EXTENDED, index, -1, amount, loan["interest"])
        describe_loan(s, n, loan)


@kernel
def extend(s, command):
    """Puts off the due day of a contract, or of one loan of a licensed account."""
    index = np.int64(command["account"])
    if not known_account(s, index):
        return
    account = account_at(s, index)
    if not is_open_contract(account):
        refuse(s, index, Reason.NOT_A_CONTRACT, 0)
    elif account["grade"] >= Grade.RESTRICT:
        refuse(s, index, Reason.GRADE_RESTRICTED, missing_above_restrict(s, account))
    elif command["loan"] != 0:
        _extend_loan(s, index, command["loan"], terms_at(s, account["product"]))
    else:
        _extend_contract(s, index)


@kernel
def _extend_contract(s, index):
    account = account_at(s, index)
    contract = contract_at(s, index)
    terms = terms_at(s, account["product"])
    if is_overdue(account):
        refuse(s, index, Reason.CONTRACT_OVERDUE, account["debt"])
    elif contract["due_day"] == 0 or contract["extensions"] >= terms["extensions"]:
        refuse(s, index, Reason.EXTENSION_NOT_ALLOWED, 0)
    else:
        contract["extensions"] += 1
        contract["due_day"] += terms["extension_days"]
        n = emit_loan(s, Event.EXTENDED, index, -1, account["debt"], contract["interest"])
        event_at(s, n, LOAN_EVENT)["days"] = days_left(s, contract["due_day"])


@kernel
def _note_overdue_loans(s, index):
    """Says of each loan that has reached its due day that it has; whether any is overdue."""
    today = header_at(s)["days"]
    late = False
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        position = position_at(s, held)
        row = np.int64(position["first_loan"])
        while row != NO_LOAN:
            loan = loan_at(s, row)
            if 0 < loan["due_day"] <= today:
                late = True
                if loan["overdue"] == 0:
                    loan["overdue"] = 1
                    owed = loan["principal"] + loan["interest"]
                    instrument = np.int64(position["instrument"])
                    n = emit_loan(s, Event.OVERDUE, index, instrument, owed, loan["interest"])
                    describe_loan(s, n, loan)
            row = np.int64(loan["next"])
        held = np.int64(position["next"])
    return late


@kernel
def note_overdue(s, index):
    """After the days have gone on: a debt whose due day has come is overdue from now on."""
    account = account_at(s, index)
    contract = contract_at(s, index)
    if family_of(account) == Family.LICENSED:
        if _note_overdue_loans(s, index):
            account["family"] |= np.uint8(OVERDUE)
    elif account["debt"] > 0 and 0 < contract["due_day"] <= header_at(s)["days"]:
        if is_overdue(account):
            return
        account["family"] |= np.uint8(OVERDUE)
        n = emit_loan(s, Event.OVERDUE, index, -1, account["debt"], contract["interest"])
        event_at(s, n, LOAN_EVENT)["days"] = days_left(s, contract["due_day"])


@kernel
def _days_missing(s, index, terms):
    today = max(header_at(s)["days"], np.int64(contract_at(s, index)["charged_until"]))
    until = np.int64(contract_at(s, index)["opened_day"]) + terms["minimum_days"]
    return max(np.int64(0), until - today) if terms["minimum_days"] > 0 else np.int64(0)


@kernel
def minimum_interest(s, index):
    """(interest, remainder) of a contract that owes its product's smallest number of days.

    An early repayment owes it (section 5.4).
    """
    contract = contract_at(s, index)
    terms = terms_at(s, account_at(s, index)["product"])
    unit = np.int64(terms["day_count"]) * PPM
    a_day = contract["loan"] * np.int64(terms["annual_rate_ppm"])
    interest, remainder = contract["interest"], contract["interest_remainder"]
    for _ in range(_days_missing(s, index, terms)):
        sum_ = a_day + remainder
        interest += sum_ // unit
        remainder = sum_ % unit
    return interest, remainder


@kernel
def emit_interest(s, index, added):
    n = emit(s, Event.INTEREST_ACCRUED, index, -1)
    event = event_at(s, n, CONTRACT_EVENT)
    event["interest"] = added
    event["loan"] = contract_at(s, index)["loan"]


@kernel
def charge_minimum(s, index):
    """Before an early repayment: the interest of the smallest number of days, once."""
    contract = contract_at(s, index)
    terms = terms_at(s, account_at(s, index)["product"])
    if _days_missing(s, index, terms) == 0 or contract["loan"] <= 0:
        return
    interest, remainder = minimum_interest(s, index)
    emit_interest(s, index, interest - contract["interest"])
    contract["interest"] = interest
    contract["interest_remainder"] = remainder
    contract["charged_until"] = np.int64(contract["opened_day"]) + terms["minimum_days"]
    set_debt(s, index)


@kernel
def early_fee(s, index, by_client):
    """What ending before the due day costs, of the loan at the opening; never more than is left."""
    account = account_at(s, index)
    contract = contract_at(s, index)
    terms = terms_at(s, account["product"])
    if not by_client or contract["due_day"] <= header_at(s)["days"]:
        return np.int64(0)
    fee = round_fen(muldiv(contract["financed"], np.int64(terms["early_fee_ppm"]), PPM))
    fee = min(fee, account["cash"])
    if fee > 0:
        move(s, index, Ledger.CONTRACT_FEE, -fee, CashMove.EARLY_FEE)
        contract["opening_assets"] -= fee
    return fee


@kernel
def accrue_days(s, index, terms, days):
    """(interest) of a contract's one loan for the last `days`, less what was charged before."""
    contract = contract_at(s, index)
    counted = header_at(s)["days"] - np.int64(contract["charged_until"])
    days = min(days, max(np.int64(0), counted))
    added, rest = interest_of(
        s, terms, contract["loan"], contract["due_day"], days, contract["interest_remainder"]
    )
    contract["interest_remainder"] = rest
    return added


@kernel
def release_due(s):
    """At a day's opening: what is left of settled contracts goes back when its time has come."""
    for index in range(header_at(s)["accounts"]):
        account = account_at(s, index)
        if account["status"] != AccountStatus.RELEASING:
            continue
        contract = contract_at(s, index)
        contract["release_left"] -= 1
        if contract["release_left"] > 0:
            continue
        target = np.int64(contract["release_to"])
        amount = account["cash"]
        account["cash"] = 0
        account["status"] = AccountStatus.SETTLED
        account_at(s, target)["cash"] += amount
        leave(s, index, amount)
        leave(s, target, -amount)
        emit_cash(s, index, CashMove.TRANSFER_OUT, -amount, 0, target)
        balance = account_at(s, target)["cash"]
        emit_cash(s, target, CashMove.TRANSFER_IN, amount, balance, index)
        emit_loan(s, Event.RELEASED, index, -1, amount, np.int64(0))
        header_at(s)["releasing"] -= 1
