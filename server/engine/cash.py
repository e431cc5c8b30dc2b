"""Accounts and their cash in double entry: opening, deposits, withdrawals, transfers."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    header_at,
    slot_at,
    terms_at,
)
from server.engine.arithmetic import PPM, muldiv_up
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    CashMove,
    Convention,
    Event,
    Family,
    Grade,
    Ledger,
)
from server.engine.credit import available_margin, family_of, free_margin, is_overdue
from server.engine.jit import kernel
from server.engine.layout import STOP_OF_PERSON
from server.engine.margin import set_band, touch
from server.engine.output import emit, emit_cash, emit_refusal
from server.engine.positions import EMPTY, find_slot, person_key
from server.engine.reasons import Reason
from server.engine.records import CONTRACT_EVENT, MAX_MONEY


@kernel
def refuse(s, account, reason, figure):
    emit_refusal(s, Event.COMMAND_REJECTED, account, -1, reason, figure)


@kernel
def known_account(s, account):
    if 0 <= account < header_at(s)["accounts"]:
        return True
    refuse(s, account, Reason.UNKNOWN_ACCOUNT, 0)
    return False


@kernel
def _inherit_stop(s, index, older):
    """A person who is stopped is so in every new account too."""
    stop = np.int64(account_at(s, older)["stop"]) // STOP_OF_PERSON * STOP_OF_PERSON
    account_at(s, index)["stop"] = stop
    contract_at(s, index)["person_stop_until"] = contract_at(s, older)["person_stop_until"]
    if stop != 0:
        header_at(s)["stops"] += 1


@kernel
def make_account(s, index, person, klass, time):
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
        older = np.int64(slot_at(s, slot)["position"])
        contract["next_account"] = older
        _inherit_stop(s, index, older)
    slot_at(s, slot)["key"] = key
    slot_at(s, slot)["position"] = index


@kernel
def open_account(s, command):
    index = np.int64(header_at(s)["accounts"])
    klass = np.int64(command["account_class"])
    if command["account"] != index:
        refuse(s, np.int64(command["account"]), Reason.OUT_OF_ORDER, index)
        return
    if (klass != AccountClass.CASH and klass != AccountClass.MARKET) or command["person"] < 0:
        refuse(s, index, Reason.OUT_OF_RANGE, 0)
        return
    make_account(s, index, command["person"], klass, command["time"])
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
def _above_line(account, terms):
    """Assets above the line at which money may leave: the product's, or the initial ratio."""
    debt = account["debt"]
    if terms["withdraw_ppm"] > 0:
        pledged = muldiv_up(debt, np.int64(terms["withdraw_ppm"]), PPM)
    else:
        leverage = np.int64(terms["leverage"])
        pledged = (debt * (leverage + 1) + leverage - 1) // leverage
    return account["cash"] + account["value"] - pledged


@kernel
def withdrawable(s, index):
    """What may leave an account now (sections 5.4, 6.1)."""
    account = account_at(s, index)
    unsettled = contract_at(s, index)["unsettled"]
    held = account["frozen"] + unsettled
    if header_at(s)["conventions"] & Convention.UNSETTLED_FIRST != 0:
        held = max(account["frozen"], unsettled)
    free = account["cash"] - held
    if account["status"] == AccountStatus.RELEASING:
        return np.int64(0)
    if account["klass"] == AccountClass.CONTRACT:
        if account["debt"] > 0:
            if account["grade"] >= Grade.RESTRICT or is_overdue(account):
                return np.int64(0)
            free = min(free, _above_line(account, terms_at(s, account["product"])))
        if family_of(account) == Family.COMBINATION:
            free = min(free, free_margin(s, account, terms_at(s, account["product"])))
        elif family_of(account) == Family.LICENSED:
            free = min(free, available_margin(s, index))
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
def leave(s, index, amount):
    """Books own money out of an account: net deposit and today's baseline."""
    contract = contract_at(s, index)
    contract["deposit"] -= amount
    contract["opening_assets"] -= amount


@kernel
def check_leaving(s, index, amount):
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
    if not known_account(s, index):
        return
    amount = command["amount"]
    account = account_at(s, index)
    if amount <= 0 or amount > MAX_MONEY:
        reason = Reason.AMOUNT_NOT_POSITIVE if amount <= 0 else Reason.OUT_OF_RANGE
        refuse(s, index, reason, MAX_MONEY)
    elif account["status"] != AccountStatus.OPEN:
        refuse(s, index, Reason.ACCOUNT_CLOSED, 0)
    else:
        leave(s, index, -amount)
        move(s, index, Ledger.OUTSIDE, amount, CashMove.DEPOSIT)


@kernel
def withdraw(s, command):
    index = np.int64(command["account"])
    if not known_account(s, index):
        return
    account = account_at(s, index)
    owed = person_shortfall(s, account["person"])
    if owed > 0:
        refuse(s, index, Reason.DEBT_BLOCKS_WITHDRAWAL, owed)
        return
    reason, figure = check_leaving(s, index, command["amount"])
    if reason != Reason.NONE:
        refuse(s, index, reason, figure)
        return
    leave(s, index, command["amount"])
    move(s, index, Ledger.OUTSIDE, -command["amount"], CashMove.WITHDRAW)


@kernel
def _check_transfer(s, source, target, amount):
    account = account_at(s, source)
    other = account_at(s, target)
    if account["person"] != other["person"] or source == target:
        return np.int64(Reason.DIFFERENT_PERSON), np.int64(0)
    if other["status"] == AccountStatus.SETTLED or other["status"] == AccountStatus.RELEASING:
        return np.int64(Reason.ACCOUNT_CLOSED), np.int64(0)
    owed = contract_at(s, target)["shortfall"]
    if other["status"] == AccountStatus.SHORTFALL and amount > owed:
        return np.int64(Reason.OUT_OF_RANGE), owed
    return check_leaving(s, source, amount)


@kernel
def transfer(s, command):
    """Between two accounts of one person; into a shortfall it pays the debt."""
    source = np.int64(command["account"])
    target = np.int64(command["counter"])
    if not known_account(s, source) or not known_account(s, target):
        return
    amount = command["amount"]
    reason, figure = _check_transfer(s, source, target, amount)
    if reason != Reason.NONE:
        refuse(s, source, reason, figure)
        return
    leave(s, source, amount)
    leave(s, target, -amount)
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
        contract["opening_assets"] -= amount
        contract["shortfall"] -= amount
        if contract["shortfall"] == 0:
            account_at(s, target)["status"] = AccountStatus.SETTLED
