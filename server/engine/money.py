"""Accounts and contracts: opening, cash in double entry, loans, interest, settlement."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    header_at,
    position_at,
    slot_at,
    terms_at,
)
from server.engine.arithmetic import PPM, round_fen
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    CashMove,
    Command,
    Event,
    Grade,
    Ledger,
    Reason,
)
from server.engine.jit import kernel
from server.engine.margin import set_band, set_debt, touch
from server.engine.output import emit, emit_cash, emit_refusal
from server.engine.positions import EMPTY, find_slot, person_key
from server.engine.records import CONTRACT_EVENT, MAX_MONEY


@kernel
def _refuse(s, account, reason, figure):
    emit_refusal(s, Event.COMMAND_REJECTED, account, -1, reason, figure)


@kernel
def _known(s, account):
    if 0 <= account < header_at(s)["accounts"]:
        return True
    _refuse(s, account, Reason.UNKNOWN_ACCOUNT, 0)
    return False


@kernel
def _make_account(s, index, person, klass, time):
    """Initialises the next account and links it to the person's others."""
    header = header_at(s)
    header["accounts"] = index + 1
    account = account_at(s, index)
    account["person"] = person
    account["klass"] = klass
    account["product"] = -1
    account["first_position"] = -1
    set_band(account, terms_at(s, 0))
    key = person_key(person)
    slot = find_slot(s, key)
    contract = contract_at(s, index)
    contract["opened"] = time
    contract["next_account"] = -1
    if slot_at(s, slot)["key"] == key:
        contract["next_account"] = slot_at(s, slot)["position"]
    slot_at(s, slot)["key"] = key
    slot_at(s, slot)["position"] = index


@kernel
def open_account(s, command):
    index = np.int64(header_at(s)["accounts"])
    klass = np.int64(command["account_class"])
    if command["account"] != index:
        _refuse(s, np.int64(command["account"]), Reason.OUT_OF_ORDER, index)
        return
    if klass != AccountClass.CASH and klass != AccountClass.MARKET or command["person"] < 0:
        _refuse(s, index, Reason.OUT_OF_RANGE, 0)
        return
    _make_account(s, index, command["person"], klass, command["time"])
    n = emit(s, Event.ACCOUNT_OPENED, index, -1)
    event = event_at(s, n, CONTRACT_EVENT)
    event["person"] = command["person"]
    event["product"] = -1


@kernel
def move(s, account, ledger, amount, kind):
    """Moves `amount` (signed, as the account sees it) between a house ledger and an account."""
    header_at(s)["ledger"][ledger] -= amount
    row = account_at(s, account)
    row["cash"] += amount
    touch(s, account)
    emit_cash(s, account, kind, amount, row["cash"], -1 - ledger)


@kernel
def withdrawable(s, index):
    """What may leave an account now (sections 5.4, 6.1)."""
    account = account_at(s, index)
    free = account["cash"] - account["frozen"] - contract_at(s, index)["unsettled"]
    if account["klass"] == AccountClass.CONTRACT and account["debt"] > 0:
        if account["grade"] >= Grade.RESTRICT:
            return np.int64(0)
        leverage = np.int64(terms_at(s, account["product"])["leverage"])
        pledged = (account["debt"] * (leverage + 1) + leverage - 1) // leverage
        free = min(free, account["cash"] + account["value"] - pledged)
    return max(np.int64(0), free)


@kernel
def person_shortfall(s, person):
    """What a person owes after shortfalls, over all accounts."""
    slot = find_slot(s, person_key(person))
    owed = np.int64(0)
    if slot_at(s, slot)["key"] == EMPTY:
        return owed
    account = np.int64(slot_at(s, slot)["position"])
    while account >= 0:
        owed += contract_at(s, account)["shortfall"]
        account = np.int64(contract_at(s, account)["next_account"])
    return owed


@kernel
def _leave(s, index, amount):
    """Books own money out of an account: net deposit and today's baseline."""
    contract = contract_at(s, index)
    contract["deposit"] -= amount
    contract["opening_assets"] -= amount


@kernel
def _check_leaving(s, index, amount):
    """(reason, figure) for money that is to leave an account."""
    if amount <= 0 or amount > MAX_MONEY:
        reason = Reason.AMOUNT_NOT_POSITIVE if amount <= 0 else Reason.OUT_OF_RANGE
        return np.int64(reason), np.int64(MAX_MONEY)
    largest = withdrawable(s, index)
    if amount > largest:
        return np.int64(Reason.WITHDRAWABLE_EXCEEDED), largest
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def deposit(s, command):
    """Simulated money from outside, into an unleveraged account or a market account."""
    index = np.int64(command["account"])
    if not _known(s, index):
        return
    amount = command["amount"]
    account = account_at(s, index)
    if amount <= 0 or amount > MAX_MONEY:
        reason = Reason.AMOUNT_NOT_POSITIVE if amount <= 0 else Reason.OUT_OF_RANGE
        _refuse(s, index, reason, MAX_MONEY)
    elif account["status"] != AccountStatus.OPEN:
        _refuse(s, index, Reason.ACCOUNT_CLOSED, 0)
    else:
        _leave(s, index, -amount)
        move(s, index, Ledger.OUTSIDE, amount, CashMove.DEPOSIT)


@kernel
def withdraw(s, command):
    index = np.int64(command["account"])
    if not _known(s, index):
        return
    account = account_at(s, index)
    owed = person_shortfall(s, account["person"])
    if owed > 0:
        _refuse(s, index, Reason.DEBT_BLOCKS_WITHDRAWAL, owed)
        return
    reason, figure = _check_leaving(s, index, command["amount"])
    if reason != Reason.NONE:
        _refuse(s, index, reason, figure)
        return
    _leave(s, index, command["amount"])
    move(s, index, Ledger.OUTSIDE, -command["amount"], CashMove.WITHDRAW)


@kernel
def _check_transfer(s, source, target, amount):
    account = account_at(s, source)
    other = account_at(s, target)
    if account["person"] != other["person"] or source == target:
        return np.int64(Reason.DIFFERENT_PERSON), np.int64(0)
    if other["status"] == AccountStatus.SETTLED:
        return np.int64(Reason.ACCOUNT_CLOSED), np.int64(0)
    owed = contract_at(s, target)["shortfall"]
    if other["status"] == AccountStatus.SHORTFALL and amount > owed:
        return np.int64(Reason.OUT_OF_RANGE), owed
    return _check_leaving(s, source, amount)


@kernel
def transfer(s, command):
    """Between two accounts of one person; into a shortfall it pays the debt."""
    source = np.int64(command["account"])
    target = np.int64(command["counter"])
    if not _known(s, source) or not _known(s, target):
        return
    amount = command["amount"]
    reason, figure = _check_transfer(s, source, target, amount)
    if reason != Reason.NONE:
        _refuse(s, source, reason, figure)
        return
    _leave(s, source, amount)
    _leave(s, target, -amount)
    account_at(s, source)["cash"] -= amount
    account_at(s, target)["cash"] += amount
    touch(s, source)
    touch(s, target)
    balance = account_at(s, source)["cash"]
    emit_cash(s, source, CashMove.TRANSFER_OUT, -amount, balance, target)
    emit_cash(s, target, CashMove.TRANSFER_IN, amount, account_at(s, target)["cash"], source)
    contract = contract_at(s, target)
    if account_at(s, target)["status"] == AccountStatus.SHORTFALL:
        move(s, target, Ledger.LENDER, -amount, CashMove.REPAY_PRINCIPAL)
        contract["shortfall"] -= amount
        if contract["shortfall"] == 0:
            account_at(s, target)["status"] = AccountStatus.SETTLED


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
    return _check_leaving(s, source, amount)


@kernel
def open_contract(s, command):
    """Moves the deposit from a cash account into a new contract and lends N times it."""
    source = np.int64(command["source"])
    if not _known(s, source):
        return
    index = np.int64(header_at(s)["accounts"])
    if command["account"] != index:
        _refuse(s, np.int64(command["account"]), Reason.OUT_OF_ORDER, index)
        return
    product = np.int64(command["product"])
    amount = command["deposit"]
    reason, figure = _check_contract(s, source, product, amount)
    if reason != Reason.NONE:
        _refuse(s, source, reason, figure)
        return
    person = np.int64(account_at(s, source)["person"])
    _make_account(s, index, person, AccountClass.CONTRACT, command["time"])
    account_at(s, index)["product"] = product
    loan = amount * np.int64(terms_at(s, product)["leverage"])
    n = emit(s, Event.CONTRACT_OPENED, index, -1)
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = amount
    event["loan"] = loan
    event["person"] = person
    event["product"] = product
    _leave(s, source, amount)
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
    if not _known(s, index):
        return
    account = account_at(s, index)
    amount = command["amount"]
    contract = contract_at(s, index)
    if account["klass"] != AccountClass.CONTRACT or account["status"] != AccountStatus.OPEN:
        _refuse(s, index, Reason.NOT_A_CONTRACT, 0)
    elif amount <= 0:
        _refuse(s, index, Reason.AMOUNT_NOT_POSITIVE, 0)
    elif amount > contract["loan"] + round_fen(contract["interest"]):
        owed = contract["loan"] + round_fen(contract["interest"])
        _refuse(s, index, Reason.OUT_OF_RANGE, owed)
    elif amount > account["cash"] - account["frozen"]:
        _refuse(s, index, Reason.INSUFFICIENT_CASH, account["cash"] - account["frozen"])
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
    return Reason.NONE


@kernel
def settle_contract(s, command):
    """Repays an emptied contract; the rest goes back, and a shortfall stays as a debt."""
    index = np.int64(command["account"])
    target = np.int64(command["destination"])
    if not _known(s, index) or not _known(s, target):
        return
    reason = _check_settlement(s, index, target)
    if reason != Reason.NONE:
        _refuse(s, index, reason, 0)
        return
    account = account_at(s, index)
    contract = contract_at(s, index)
    interest = _pay(s, index, account["cash"])
    shortfall = contract["loan"] + round_fen(contract["interest"])
    rest = account["cash"]
    if rest > 0:
        account["cash"] = 0
        account_at(s, target)["cash"] += rest
        contract_at(s, target)["unsettled"] += min(contract["unsettled"], rest)
        _leave(s, target, -rest)
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
    _fill_settlement(s, n, contract["deposit"], interest, rest, shortfall, account)
    if shortfall > 0:
        n = emit(s, Event.SHORTFALL, index, -1)
        _fill_settlement(s, n, contract["deposit"], interest, rest, shortfall, account)


@kernel
def _fill_settlement(s, n, deposited, interest, rest, shortfall, account):
    event = event_at(s, n, CONTRACT_EVENT)
    event["deposit"] = deposited
    event["interest"] = interest
    event["returned"] = rest
    event["shortfall"] = shortfall
    event["person"] = account["person"]
    event["product"] = account["product"]


@kernel
def move_money(s, kind, command):
    """DEPOSIT, WITHDRAW, TRANSFER and REPAY share one body."""
    if kind == Command.DEPOSIT:
        deposit(s, command)
    elif kind == Command.WITHDRAW:
        withdraw(s, command)
    elif kind == Command.TRANSFER:
        transfer(s, command)
    else:
        repay(s, command)
