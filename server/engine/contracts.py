"""The life of a contract: the loan, interest by the day, repayment, settlement (section 5.4)."""

import numpy as np

from server.engine.access import account_at, contract_at, event_at, header_at, position_at, terms_at
from server.engine.arithmetic import PPM, round_fen
from server.engine.cash import (
    check_leaving,
    known_account,
    leave,
    make_account,
    move,
    person_shortfall,
    refuse,
)
from server.engine.codes import AccountClass, AccountStatus, CashMove, Event, Grade, Ledger, Reason
from server.engine.jit import kernel
from server.engine.limits import check_contract_loan
from server.engine.margin import set_band, set_debt
from server.engine.output import emit, emit_cash
from server.engine.records import CONTRACT_EVENT


@kernel
def _check_contract(s, source, product, amount):
    header = header_at(s)
    if product < 0 or product >= header["products"] or terms_at(s, product)["leverage"] == 0:
        return np.int64(Reason.UNKNOWN_PRODUCT), np.int64(0)
    terms = terms_at(s, product)
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
    person = np.int64(account_at(s, source)["person"])
    make_account(s, index, person, AccountClass.CONTRACT, command["time"])
    account_at(s, index)["product"] = product
    loan = amount * np.int64(terms_at(s, product)["leverage"])
    n = emit(s, Event.CONTRACT_OPENED, index, -1)
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = amount
    event["loan"] = loan
    event["person"] = person
    event["product"] = product
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
    move(s, index, Ledger.LENDER, loan, CashMove.LOAN)
    set_debt(s, index)


@kernel
def accrue(s, command):
    """Adds interest for calendar days on every contract's loan, exact to the last fraction."""
    for index in range(header_at(s)["accounts"]):
        account = account_at(s, index)
        contract = contract_at(s, index)
        if account["klass"] != AccountClass.CONTRACT or contract["loan"] <= 0:
            continue
        terms = terms_at(s, account["product"])
        unit = np.int64(terms["day_count"]) * PPM
        a_day = contract["loan"] * np.int64(terms["annual_rate_ppm"])
        added = np.int64(0)
        for _ in range(command["days"]):
            sum_ = a_day + contract["interest_remainder"]
            added += sum_ // unit
            contract["interest_remainder"] = sum_ % unit
        contract["interest"] += added
        set_debt(s, index)
        n = emit(s, Event.INTEREST_ACCRUED, index, -1)
        event = event_at(s, n, CONTRACT_EVENT)
        event["interest"] = added
        event["loan"] = contract["loan"]


@kernel
def _pay(s, index, most):
    """Repays with at most `most`: interest first (half up to the fen), then principal."""
    contract = contract_at(s, index)
    due = round_fen(contract["interest"])
    interest = min(most, due)
    principal = min(most - interest, contract["loan"])
    if interest == due:
        contract["interest"] = 0
        contract["interest_remainder"] = 0
    else:
        contract["interest"] -= interest
    contract["interest_paid"] += interest
    contract["loan"] -= principal
    contract["opening_assets"] -= interest + principal  # a repayment is no loss of the day
    if interest > 0:
        move(s, index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
    if principal > 0:
        move(s, index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
    set_debt(s, index)
    return interest


@kernel
def repay(s, command):
    """Repays from a contract's free cash."""
    index = np.int64(command["account"])
    if not known_account(s, index):
        return
    account = account_at(s, index)
    amount = command["amount"]
    contract = contract_at(s, index)
    if account["klass"] != AccountClass.CONTRACT or account["status"] != AccountStatus.OPEN:
        refuse(s, index, Reason.NOT_A_CONTRACT, 0)
    elif amount <= 0:
        refuse(s, index, Reason.AMOUNT_NOT_POSITIVE, 0)
    elif amount > contract["loan"] + round_fen(contract["interest"]):
        owed = contract["loan"] + round_fen(contract["interest"])
        refuse(s, index, Reason.OUT_OF_RANGE, owed)
    elif amount > account["cash"] - account["frozen"]:
        refuse(s, index, Reason.INSUFFICIENT_CASH, account["cash"] - account["frozen"])
    else:
        contract["unsettled"] -= min(contract["unsettled"], amount)
        _pay(s, index, amount)


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
    deposited = contract["deposit"]
    interest = _pay(s, index, account["cash"])
    shortfall = contract["loan"] + round_fen(contract["interest"])
    rest = account["cash"]
    if rest > 0:
        account["cash"] = 0
        account_at(s, target)["cash"] += rest
        contract_at(s, target)["unsettled"] += min(contract["unsettled"], rest)
        leave(s, index, rest)
        leave(s, target, -rest)
        emit_cash(s, index, CashMove.TRANSFER_OUT, -rest, 0, target)
        balance = account_at(s, target)["cash"]
        emit_cash(s, target, CashMove.TRANSFER_IN, rest, balance, index)
    contract["loan"] = 0
    contract["interest"] = 0
    contract["interest_remainder"] = 0
    contract["unsettled"] = 0
    contract["shortfall"] = shortfall
    account["debt"] = 0
    account["grade"] = Grade.NORMAL
    account["status"] = AccountStatus.SHORTFALL if shortfall > 0 else AccountStatus.SETTLED
    set_band(account, terms_at(s, account["product"]))
    n = emit(s, Event.CONTRACT_SETTLED, index, -1)
    _fill_settlement(s, n, deposited, interest, rest, shortfall, account)
    if shortfall > 0:
        n = emit(s, Event.SHORTFALL, index, -1)
        _fill_settlement(s, n, deposited, interest, rest, shortfall, account)


@kernel
def _fill_settlement(s, n, deposited, interest, rest, shortfall, account):
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = deposited
    event["interest"] = interest
    event["returned"] = rest
    event["shortfall"] = shortfall
    event["person"] = account["person"]
    event["product"] = account["product"]
