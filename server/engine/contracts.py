"""The life of a contract: the loan, interest by the day, repayment, settlement (section 5.4)."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    header_at,
    position_at,
    terms_at,
)
from server.engine.arithmetic import round_fen
from server.engine.billing import begin_billing, bill, pay, refund_interest
from server.engine.cash import (
    check_leaving,
    known_account,
    leave,
    make_account,
    move,
    person_shortfall,
    refuse,
)
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    CashMove,
    Convention,
    Event,
    Family,
    Grade,
    Ledger,
    Origin,
)
from server.engine.credit import NO_LOAN, OVERDUE, family_of
from server.engine.jit import kernel
from server.engine.life import (
    accrue_days,
    charge_minimum,
    early_fee,
    emit_interest,
    minimum_interest,
    note_overdue,
)
from server.engine.limits import check_contract_loan
from server.engine.loans import ANY, accrue_loans, find_loan, forget_loans, owed_of_loans
from server.engine.margin import reset_grade, set_band, set_debt
from server.engine.output import emit, emit_cash
from server.engine.reasons import Reason
from server.engine.records import CONTRACT_EVENT


@kernel
def _check_contract(s, source, product, amount):
    header = header_at(s)
    if product < 0 or product >= header["products"] or terms_at(s, product)["leverage"] == 0:
        return np.int64(Reason.UNKNOWN_PRODUCT), np.int64(0)
    terms = terms_at(s, product)
    if terms["family"] == Family.CASH or terms["refused"] != 0:
        return np.int64(Reason.UNKNOWN_PRODUCT), np.int64(0)
    if amount < terms["deposit_minimum"]:
        return np.int64(Reason.DEPOSIT_OUT_OF_RANGE), terms["deposit_minimum"]
    if amount > terms["deposit_maximum"]:
        return np.int64(Reason.DEPOSIT_OUT_OF_RANGE), terms["deposit_maximum"]
    account = account_at(s, source)
    if account["klass"] != AccountClass.CASH:
        return np.int64(Reason.NOT_A_CONTRACT), np.int64(0)
    owed = person_shortfall(s, account["person"])
    if owed > 0:
        return np.int64(Reason.DEBT_BLOCKS_WITHDRAWAL), owed
    reason, figure = check_leaving(s, source, amount)
    if reason != Reason.NONE:
        return reason, figure
    return check_contract_loan(s, source, product, amount)


@kernel
def _lines(terms, deposit, asked):
    """(credit line, loan at the opening); a fixed contract has no line."""
    loan = deposit * np.int64(terms["leverage"])
    if terms["family"] == Family.FIXED:
        return np.int64(0), loan
    most = terms["credit_maximum"]
    if terms["family"] != Family.LICENSED:
        most = min(most, loan)
    return min(most, asked) if asked > 0 else most, np.int64(0)


@kernel
def _begin_term(s, index, terms, loan, credit):
    header = header_at(s)
    account_at(s, index)["family"] = terms["family"]
    contract = contract_at(s, index)
    contract["credit"] = credit
    contract["financed"] = loan
    contract["opened_day"] = header["days"]
    if terms["family"] != Family.FIXED:
        header["lending"] += 1
    if terms["term_days"] > 0 and terms["family"] != Family.LICENSED:
        contract["due_day"] = header["days"] + terms["term_days"]


@kernel
def open_contract(s, command):
    """Moves the deposit from a cash account into a new contract and lends N times it."""
    source = np.int64(command["source"])
    if not known_account(s, source):
        return
    index = np.int64(header_at(s)["accounts"])
    if command["account"] != index:
        refuse(s, np.int64(command["account"]), Reason.OUT_OF_ORDER, index)
        return
    product = np.int64(command["product"])
    amount = command["deposit"]
    reason, figure = _check_contract(s, source, product, amount)
    if reason != Reason.NONE:
        refuse(s, source, reason, figure)
        return
    terms = terms_at(s, product)
    credit, loan = _lines(terms, amount, command["credit"])
    if command["credit"] > credit or command["credit"] < 0:
        refuse(s, source, Reason.CREDIT_LINE_EXCEEDED, credit)
        return
    person = np.int64(account_at(s, source)["person"])
    make_account(s, index, person, AccountClass.CONTRACT, command["time"])
    account_at(s, index)["product"] = product
    _begin_term(s, index, terms, loan, credit)
    n = emit(s, Event.CONTRACT_OPENED, index, -1)
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = amount
    event["loan"] = loan
    event["person"] = person
    event["product"] = product
    event["credit"] = credit
    event["days"] = terms["term_days"]
    leave(s, source, amount)
    account_at(s, source)["cash"] -= amount
    account_at(s, index)["cash"] = amount
    balance = account_at(s, source)["cash"]
    emit_cash(s, source, CashMove.TRANSFER_OUT, -amount, balance, index)
    emit_cash(s, index, CashMove.TRANSFER_IN, amount, amount, source)
    contract = contract_at(s, index)
    contract["deposit"] = amount
    contract["loan"] = loan
    contract["opening_assets"] = amount + loan
    if loan > 0:
        move(s, index, Ledger.LENDER, loan, CashMove.LOAN)
    set_debt(s, index)
    begin_billing(s, index, terms)


@kernel
def accrue(s, command):
    """Adds interest for calendar days on every contract's loan, exact to the last fraction."""
    days = max(np.int64(0), np.int64(command["days"]))
    header_at(s)["days"] += days
    for index in range(header_at(s)["accounts"]):
        account = account_at(s, index)
        contract = contract_at(s, index)
        if account["klass"] != AccountClass.CONTRACT or account["debt"] <= 0:
            continue
        terms = terms_at(s, account["product"])
        if family_of(account) == Family.LICENSED:
            added = accrue_loans(s, index, terms, days)
        elif contract["loan"] > 0:
            added = accrue_days(s, index, terms, days)
        else:
            continue
        contract["interest"] += added
        set_debt(s, index)
        emit_interest(s, index, added)
        if contract["next_bill"] > 0:
            bill(s, index, terms)
        note_overdue(s, index)


@kernel
def repay(s, command):
    """Repays from a contract's free cash."""
    index = np.int64(command["account"])
    if not known_account(s, index):
        return
    account = account_at(s, index)
    amount = command["amount"]
    if account["klass"] != AccountClass.CONTRACT or account["status"] != AccountStatus.OPEN:
        refuse(s, index, Reason.NOT_A_CONTRACT, 0)
    elif amount <= 0:
        refuse(s, index, Reason.AMOUNT_NOT_POSITIVE, 0)
    else:
        number, instrument = command["loan"], np.int64(command["instrument"])
        if number != 0 and find_loan(s, index, number) == NO_LOAN:
            refuse(s, index, Reason.UNKNOWN_LOAN, 0)
        else:
            _repay_checked(s, index, instrument, number, amount)


@kernel
def _owed(s, index, instrument, number):
    """The most that a repayment takes, with what an early one owes; of a licensed account of the
    loan with a number, or (0) of a share's or all.
    """
    interest, _ = minimum_interest(s, index)
    owed = contract_at(s, index)["loan"] + round_fen(interest)
    is_bounded = number != 0 or header_at(s)["conventions"] & Convention.BOUNDED_LENDING != 0
    if family_of(account_at(s, index)) != Family.LICENSED or not is_bounded:
        return owed
    of_loans = owed_of_loans(s, index, instrument, number)
    return of_loans if number != 0 or instrument != ANY else max(owed, of_loans)


@kernel
def _repay_checked(s, index, instrument, number, amount):
    account = account_at(s, index)
    contract = contract_at(s, index)
    owed = _owed(s, index, instrument, number)
    free = max(np.int64(0), account["cash"] - account["frozen"])
    if amount > owed:
        refuse(s, index, Reason.OUT_OF_RANGE, owed)
    elif amount > free:
        refuse(s, index, Reason.INSUFFICIENT_CASH, free)
    else:
        before, principal = account["cash"], contract["loan"]
        charge_minimum(s, index)
        pay(s, index, instrument, number, amount)
        contract["unsettled"] -= min(contract["unsettled"], before - account["cash"])
        refund_interest(s, index, principal - contract["loan"])


@kernel
def _check_settlement(s, index, target):
    account = account_at(s, index)
    if account["klass"] != AccountClass.CONTRACT or account["status"] != AccountStatus.OPEN:
        return Reason.NOT_A_CONTRACT
    other = account_at(s, target)
    if other["person"] != account["person"] or other["klass"] != AccountClass.CASH:
        return Reason.DIFFERENT_PERSON
    position = np.int64(account["first_position"])
    while position >= 0:
        row = position_at(s, position)
        if row["quantity"] != 0 or row["open_orders"] != 0:
            return Reason.CONTRACT_NOT_EMPTY
        position = np.int64(row["next"])
    if contract_at(s, index)["receivable"] != 0:
        return Reason.CONTRACT_NOT_EMPTY
    return Reason.NONE


@kernel
def settle_contract(s, command):
    """Repays an emptied contract; the rest goes back, and a shortfall stays as a debt."""
    index = np.int64(command["account"])
    target = np.int64(command["destination"])
    if not known_account(s, index) or not known_account(s, target):
        return
    reason = _check_settlement(s, index, target)
    if reason != Reason.NONE:
        refuse(s, index, reason, 0)
        return
    account = account_at(s, index)
    contract = contract_at(s, index)
    terms = terms_at(s, account["product"])
    deposited = contract["deposit"]
    principal = contract["loan"]
    charge_minimum(s, index)
    refund = refund_interest(s, index, principal)
    interest = pay(s, index, -1, 0, account["cash"])
    shortfall = contract["loan"] + round_fen(contract["interest"])
    principal -= contract["loan"]
    fee = early_fee(s, index, command["origin"] == Origin.CLIENT)
    rest = account["cash"]
    held_back = terms["release_sessions"] > 0 and rest > 0
    if held_back:
        contract["release_to"] = target
        contract["release_left"] = terms["release_sessions"]
        header_at(s)["releasing"] += 1
    elif rest > 0:
        _return_rest(s, index, target, rest)
    _end(s, index, shortfall)
    if held_back:
        account["status"] = AccountStatus.RELEASING
    if terms["ruled"] != 0:
        reset_grade(s, index)
    account["grade"] = Grade.NORMAL
    set_band(account, terms)
    n = emit(s, Event.CONTRACT_SETTLED, index, -1)
    _fill_settlement(s, n, deposited, interest, rest, shortfall, account)
    if terms["ruled"] != 0:
        event = event_at(s, n, CONTRACT_EVENT)
        event["principal"] = principal
        event["fee"] = fee
        event["refund"] = refund
        event["days"] = header_at(s)["days"] - contract["opened_day"]
    if shortfall > 0:
        n = emit(s, Event.SHORTFALL, index, -1)
        _fill_settlement(s, n, deposited, interest, rest, shortfall, account)


@kernel
def _return_rest(s, index, target, rest):
    contract = contract_at(s, index)
    account_at(s, index)["cash"] = 0
    account_at(s, target)["cash"] += rest
    contract_at(s, target)["unsettled"] += min(contract["unsettled"], rest)
    leave(s, index, rest)
    leave(s, target, -rest)
    emit_cash(s, index, CashMove.TRANSFER_OUT, -rest, 0, target)
    balance = account_at(s, target)["cash"]
    emit_cash(s, target, CashMove.TRANSFER_IN, rest, balance, index)


@kernel
def _end(s, index, shortfall):
    """No debt any more but a shortfall, no line, no term."""
    account = account_at(s, index)
    contract = contract_at(s, index)
    if family_of(account) == Family.LICENSED:
        forget_loans(s, index)
    if family_of(account) != Family.FIXED:
        header_at(s)["lending"] -= 1
    contract["loan"] = 0
    contract["interest"] = 0
    contract["interest_remainder"] = 0
    contract["unsettled"] = 0
    contract["shortfall"] = shortfall
    contract["credit"] = 0
    contract["due_day"] = 0
    contract["billed"] = 0
    contract["next_bill"] = 0
    contract["prepaid"] = 0
    account["family"] &= ~np.uint8(OVERDUE)
    account["debt"] = 0
    account["status"] = AccountStatus.SHORTFALL if shortfall > 0 else AccountStatus.SETTLED


@kernel
def _fill_settlement(s, n, deposited, interest, rest, shortfall, account):
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = deposited
    event["interest"] = interest
    event["returned"] = rest
    event["shortfall"] = shortfall
    event["person"] = account["person"]
    event["product"] = account["product"]
