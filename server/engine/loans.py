"""Loans for one share each, of licensed accounts: drawn by a buy, repaid by its sale (section 4).

Each keeps the margin ratio of its day (section 4.1: open contracts keep theirs), its own interest
and its own term. A day's buys of one share at one ratio are one loan.
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
from server.engine.cash import move
from server.engine.codes import CashMove, Event, Family, Ledger
from server.engine.credit import NO_LOAN, OVERDUE, draws, family_of, financing_ratio_ppm, is_overdue
from server.engine.jit import kernel
from server.engine.margin import set_debt
from server.engine.output import emit
from server.engine.records import LOAN_EVENT
from server.engine.term_codes import RepayOrder

ANY = -1


@kernel
def emit_loan(s, kind, index, instrument, amount, interest):
    """An event about a contract's debt; `total` is its loan as it is now."""
    n = emit(s, kind, index, instrument)
    event = event_at(s, n, LOAN_EVENT)
    event["amount"] = amount
    event["interest"] = interest
    event["total"] = contract_at(s, index)["loan"]
    return n


@kernel
def days_left(s, due_day):
    return np.int64(due_day) - header_at(s)["days"] if due_day > 0 else np.int64(0)


@kernel
def describe_loan(s, n, loan):
    event = event_at(s, n, LOAN_EVENT)
    event["loan"] = loan["number"]
    event["ratio_ppm"] = loan["ratio_ppm"]
    event["days"] = days_left(s, loan["due_day"])


@kernel
def lend(s, index, instrument, amount):
    """Brings money from the lender into a contract."""
    contract = contract_at(s, index)
    contract["loan"] += amount
    contract["opening_assets"] += amount  # a loan is no profit of the day
    move(s, index, Ledger.LENDER, amount, CashMove.DRAW)
    set_debt(s, index)
    return emit_loan(s, Event.DRAWN, index, instrument, amount, np.int64(0))


@kernel
def draw_for_buy(s, index, instrument, cost):
    """Draws what a buy lacks of cash."""
    lack = cost - account_at(s, index)["cash"]
    if lack > 0:
        lend(s, index, instrument, lack)


@kernel
def _new_loan(s, index, position_index, terms):
    """A blank loan at the head of a position's chain."""
    header = header_at(s)
    row = np.int64(header["free_loan"])
    if row == NO_LOAN:
        row = np.int64(header["loans"])
        header["loans"] = row + 1
    else:
        header["free_loan"] = loan_at(s, row)["next"]
    header["loan_no"] += 1
    loan = loan_at(s, row)
    position = position_at(s, position_index)
    loan["number"] = header["loan_no"]
    loan["principal"] = 0
    loan["interest"] = 0
    loan["interest_remainder"] = 0
    loan["quantity"] = 0
    loan["account"] = index
    loan["position"] = position_index
    loan["next"] = position["first_loan"]
    loan["ratio_ppm"] = financing_ratio_ppm(s, terms)
    loan["opened_day"] = header["days"]
    loan["due_day"] = header["days"] + terms["term_days"] if terms["term_days"] > 0 else 0
    loan["extensions"] = 0
    loan["overdue"] = 0
    position["first_loan"] = row
    return row


@kernel
def finance_buy(s, index, position_index, quantity, amount):
    """Lends the whole amount of a buy on margin, as part of today's loan for the share."""
    position = position_at(s, position_index)
    terms = terms_at(s, account_at(s, index)["product"])
    row = np.int64(position["first_loan"])
    if (
        row == NO_LOAN
        or loan_at(s, row)["opened_day"] != header_at(s)["days"]
        or loan_at(s, row)["ratio_ppm"] != financing_ratio_ppm(s, terms)
    ):
        row = _new_loan(s, index, position_index, terms)
    loan = loan_at(s, row)
    loan["principal"] += amount
    loan["quantity"] += quantity
    n = lend(s, index, np.int64(position["instrument"]), amount)
    describe_loan(s, n, loan)


@kernel
def pay_for_fill(s, index, position_index, financed, quantity, amount, cost):
    """What a buy of a contract that borrows as it buys is lent, before it pays."""
    account = account_at(s, index)
    if financed != 0:
        finance_buy(s, index, position_index, quantity, amount)
    elif draws(account):
        draw_for_buy(s, index, np.int64(position_at(s, position_index)["instrument"]), cost)


@kernel
def _goes_before(s, row, other, repay_order):
    """Whether one loan is repaid before another; what is overdue was due earliest."""
    loan, than = loan_at(s, row), loan_at(s, other)
    if repay_order == RepayOrder.EARLIEST_DUE and loan["due_day"] != than["due_day"]:
        return loan["due_day"] < than["due_day"]
    return loan["number"] < than["number"]


@kernel
def first_to_repay(s, index, instrument):
    """The loan of a contract that is repaid first, of one share's or (ANY) of all; NO_LOAN."""
    found = np.int64(NO_LOAN)
    repay_order = terms_at(s, account_at(s, index)["product"])["repay_order"]
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        position = position_at(s, held)
        if instrument == ANY or position["instrument"] == instrument:
            row = np.int64(position["first_loan"])
            while row != NO_LOAN:
                if found == NO_LOAN or _goes_before(s, row, found, repay_order):
                    found = row
                row = np.int64(loan_at(s, row)["next"])
        held = np.int64(position["next"])
    return found


@kernel
def find_loan(s, index, number):
    """The loan of a contract with a number, or NO_LOAN."""
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        row = np.int64(position_at(s, held)["first_loan"])
        while row != NO_LOAN:
            if loan_at(s, row)["number"] == number:
                return row
            row = np.int64(loan_at(s, row)["next"])
        held = np.int64(position_at(s, held)["next"])
    return np.int64(NO_LOAN)


@kernel
def owed_of_loans(s, index, instrument, number):
    """What repays the loan with a number, or (0) a share's or (ANY) all, each to the fen."""
    owed = np.int64(0)
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        position = position_at(s, held)
        row = np.int64(position["first_loan"])
        while row != NO_LOAN:
            loan = loan_at(s, row)
            of_share = instrument == ANY or position["instrument"] == instrument
            if loan["number"] == number or (number == 0 and of_share):
                owed += loan["principal"] + round_fen(loan["interest"])
            row = np.int64(loan["next"])
        held = np.int64(position["next"])
    return owed


@kernel
def free_loan(s, row):
    """Takes a loan that is over from its position's chain."""
    loan = loan_at(s, row)
    position = position_at(s, loan["position"])
    if position["first_loan"] == row:
        position["first_loan"] = loan["next"]
    else:
        before = np.int64(position["first_loan"])
        while loan_at(s, before)["next"] != row:
            before = np.int64(loan_at(s, before)["next"])
        loan_at(s, before)["next"] = loan["next"]
    header = header_at(s)
    loan["number"] = 0
    loan["next"] = header["free_loan"]
    header["free_loan"] = row


@kernel
def _any_overdue_loan(s, index):
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        row = np.int64(position_at(s, held)["first_loan"])
        while row != NO_LOAN:
            if loan_at(s, row)["overdue"] != 0:
                return True
            row = np.int64(loan_at(s, row)["next"])
        held = np.int64(position_at(s, held)["next"])
    return False


@kernel
def lift_overdue(s, index):
    """After a repayment: an account that owes nothing overdue any more is free again."""
    account = account_at(s, index)
    if not is_overdue(account):
        return
    if family_of(account) == Family.LICENSED:
        if not _any_overdue_loan(s, index):
            account["family"] &= ~np.uint8(OVERDUE)
        return
    contract = contract_at(s, index)
    past_due = 0 < contract["due_day"] <= header_at(s)["days"]
    if account["debt"] <= 0 or (contract["billed"] == 0 and not past_due):
        account["family"] &= ~np.uint8(OVERDUE)


@kernel
def _pay_one(s, index, row, most):
    """(interest, principal) paid of one loan with at most `most`."""
    loan = loan_at(s, row)
    contract = contract_at(s, index)
    due = round_fen(loan["interest"])
    interest = min(most, due)
    if interest == due:
        contract["interest"] -= loan["interest"]
        loan["interest"] = 0
        loan["interest_remainder"] = 0
    else:
        contract["interest"] -= interest
        loan["interest"] -= interest
    principal = min(most - interest, loan["principal"])
    if principal > 0:
        left = loan["principal"] - principal
        scale = (loan["principal"] >> 31) + 1  # so that no product overflows
        loan["quantity"] = loan["quantity"] * (left // scale) // (loan["principal"] // scale)
        loan["principal"] = left
        contract["loan"] -= principal
    if loan["principal"] == 0 and loan["interest"] == 0:
        free_loan(s, row)
    return interest, principal


@kernel
def _next_to_repay(s, index, instrument, number):
    return find_loan(s, index, number) if number != 0 else first_to_repay(s, index, instrument)


@kernel
def pay_loans(s, index, instrument, number, most):
    """Repays the loan with a number, or (0) a share's or all in their order; interest first.

    Returns the interest paid.
    """
    contract = contract_at(s, index)
    interest, principal = np.int64(0), np.int64(0)
    while interest + principal < most:
        row = _next_to_repay(s, index, instrument, number)
        if row == NO_LOAN:
            break
        of_interest, of_principal = _pay_one(s, index, row, most - interest - principal)
        interest += of_interest
        principal += of_principal
    contract["interest_paid"] += interest
    contract["opening_assets"] -= interest + principal
    if interest > 0:
        move(s, index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
    if principal > 0:
        move(s, index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
    set_debt(s, index)
    lift_overdue(s, index)
    n = emit_loan(s, Event.LOAN_REPAID, index, instrument, interest + principal, interest)
    event_at(s, n, LOAN_EVENT)["loan"] = number
    return interest


@kernel
def _spend(s, index, instrument, number, money):
    """Repays what there is to repay with at most `money`; returns what is left of it."""
    if money <= 0 or _next_to_repay(s, index, instrument, number) == NO_LOAN:
        return money
    before = account_at(s, index)["cash"]
    pay_loans(s, index, instrument, number, money)
    return money - (before - account_at(s, index)["cash"])


@kernel
def repay_from_sale(s, index, position_index, proceeds, all_loans, named):
    """The sale of a financed share repays that share's debt first (section 4.5).

    A sale to repay then repays the account's other loans. The loan it names goes before the others
    of its share, and before those of all shares once the sold share's own are repaid.
    """
    account = account_at(s, index)
    position = position_at(s, position_index)
    before = account["cash"]
    left = min(proceeds, before)
    if left <= 0:
        return
    row = find_loan(s, index, named) if named != 0 else np.int64(NO_LOAN)
    if position["first_loan"] != NO_LOAN:
        instrument = np.int64(position["instrument"])
        if row != NO_LOAN and loan_at(s, row)["position"] == position_index:
            left = _spend(s, index, instrument, named, left)
        left = _spend(s, index, instrument, np.int64(0), left)
    if all_loans:
        if row != NO_LOAN:
            left = _spend(s, index, np.int64(ANY), named, left)
        _spend(s, index, np.int64(ANY), np.int64(0), left)
    contract = contract_at(s, index)
    contract["unsettled"] -= min(contract["unsettled"], before - account["cash"])


@kernel
def accrue_loans(s, index, terms, days):
    """Interest of each loan of a licensed account; returns the sum."""
    total = np.int64(0)
    held = np.int64(account_at(s, index)["first_position"])
    while held >= 0:
        row = np.int64(position_at(s, held)["first_loan"])
        while row != NO_LOAN:
            loan = loan_at(s, row)
            added, rest = interest_of(
                s, terms, loan["principal"], loan["due_day"], days, loan["interest_remainder"]
            )
            loan["interest"] += added
            loan["interest_remainder"] = rest
            total += added
            row = np.int64(loan["next"])
        held = np.int64(position_at(s, held)["next"])
    return total


@kernel
def interest_of(s, terms, principal, due_day, days, remainder):
    """(interest, new remainder) for the last `days`; from the due day on at the overdue rate."""
    unit = np.int64(terms["day_count"]) * PPM
    rate = np.int64(terms["annual_rate_ppm"])
    late_rate = muldiv(rate, np.int64(terms["overdue_ppm"]), PPM)
    first = header_at(s)["days"] - days
    added = np.int64(0)
    for i in range(days):
        late = 0 < due_day <= first + i and late_rate > 0
        sum_ = principal * (late_rate if late else rate) + remainder
        added += sum_ // unit
        remainder = sum_ % unit
    return added, remainder


@kernel
def forget_loans(s, index):
    """Ends every loan of an account whose shortfall is a debt of its own now."""
    row = first_to_repay(s, index, ANY)
    while row != NO_LOAN:
        free_loan(s, row)
        row = first_to_repay(s, index, ANY)


@kernel
def scale_loans(s, position_index, up, down):
    """After a split or a bonus issue: `up` shares bought with a loan for every `down`."""
    row = np.int64(position_at(s, position_index)["first_loan"])
    while row != NO_LOAN:
        loan = loan_at(s, row)
        loan["quantity"] = muldiv(loan["quantity"], up, down)
        row = np.int64(loan["next"])
