"""What a trade does to the two accounts: cash, fees, shares, cost, value (sections 3.2, 6.1)."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    exposure_at,
    fees_at,
    header_at,
    instrument_at,
    order_at,
    position_at,
)
from server.engine.arithmetic import muldiv, round_fen
from server.engine.codes import AccountClass, Event, Family, Ledger, Side
from server.engine.credit import draws, family_of
from server.engine.fees import fees_on, total_fees
from server.engine.jit import kernel
from server.engine.loans import pay_for_fill, repay_from_sale
from server.engine.lots import take_oldest
from server.engine.margin import touch
from server.engine.output import emit
from server.engine.positions import borrows, write_holder
from server.engine.records import FILL_EVENT


@kernel
def cash_to_hold(s, order):
    """Cash a buy needs for what is left of it: the rest at its limit, and its worst-case fees.

    On margin the rest is lent.
    """
    instrument = instrument_at(s, order["instrument"])
    terms = fees_at(s, instrument["fee_schedule"])
    filled = order["quantity"] - order["remaining"]
    rest = order["price"] * order["remaining"]
    most = total_fees(terms, Side.BUY, order["quantity"], order["amount"] + rest)
    to_come = most - total_fees(terms, Side.BUY, filled, order["amount"])
    return to_come if order["financed"] != 0 else rest + to_come


@kernel
def note_pending(s, order, change):
    """Counts open buys of accounts that borrow over the whole platform."""
    if borrows(account_at(s, order["account"])["klass"]):
        exposure_at(s, order["instrument"])["pending"] += change


@kernel
def _hold_credit(s, order, amount):
    """Of the credit line, what the rest of an open buy may draw."""
    contract_at(s, order["account"])["open_credit"] += amount - order["lent"]
    header_at(s)["open_credit"] += amount - order["lent"]
    order["lent"] = amount


@kernel
def _take_credit(s, order, free):
    """A buy on margin is lent whole, one that draws what it lacks of the `free` cash."""
    if order["financed"] != 0:
        _hold_credit(s, order, order["price"] * order["remaining"])
    elif draws(account_at(s, order["account"])):
        _hold_credit(s, order, max(np.int64(0), order["frozen"] - max(np.int64(0), free)))


@kernel
def _keep_credit(s, order):
    """After a part of an open buy is gone: no more than what is left of it can draw."""
    if order["financed"] != 0:
        _hold_credit(s, order, order["price"] * order["remaining"])
    elif order["lent"] != 0:
        _hold_credit(s, order, min(order["lent"], order["frozen"]))


@kernel
def hold(s, slot):
    """Freezes the cash or the shares of an accepted order."""
    order = order_at(s, slot)
    position = position_at(s, order["position"])
    if order["side"] == Side.SELL:
        position["frozen"] += order["remaining"]
        return
    position["open_buy"] += order["remaining"]
    note_pending(s, order, order["remaining"])
    account = account_at(s, order["account"])
    if account["klass"] != AccountClass.MARKET:
        order["frozen"] = cash_to_hold(s, order)
        if account["family"] != Family.FIXED:
            _take_credit(s, order, account["cash"] - account["frozen"])
        account["frozen"] += order["frozen"]


@kernel
def unhold(s, slot, quantity):
    """Frees what `quantity` shares of an order held; call it after `remaining` has changed."""
    order = order_at(s, slot)
    position = position_at(s, order["position"])
    if order["side"] == Side.SELL:
        position["frozen"] -= quantity
        return
    position["open_buy"] -= quantity
    note_pending(s, order, -quantity)
    if account_at(s, order["account"])["klass"] != AccountClass.MARKET:
        still = cash_to_hold(s, order) if order["remaining"] > 0 else np.int64(0)
        account_at(s, order["account"])["frozen"] -= order["frozen"] - still
        order["frozen"] = still
        if order["lent"] != 0:
            _keep_credit(s, order)


@kernel
def unhold_all(s, slot):
    """Frees all that an order holds, as if it were not there; `hold` takes it again."""
    order = order_at(s, slot)
    position = position_at(s, order["position"])
    if order["side"] == Side.SELL:
        position["frozen"] -= order["remaining"]
        return
    position["open_buy"] -= order["remaining"]
    note_pending(s, order, -order["remaining"])
    account_at(s, order["account"])["frozen"] -= order["frozen"]
    order["frozen"] = 0
    if order["lent"] != 0:
        _hold_credit(s, order, np.int64(0))


@kernel
def post_fees(s, commission, stamp, transfer, handling, regulatory):
    ledger = header_at(s)["ledger"]
    ledger[Ledger.COMMISSION] += commission
    ledger[Ledger.STAMP_DUTY] += stamp
    ledger[Ledger.TRANSFER_FEE] += transfer
    ledger[Ledger.HANDLING_FEE] += handling
    ledger[Ledger.REGULATORY_FEE] += regulatory


@kernel
def _book_buy(s, account_index, position, quantity, cost):
    account = account_at(s, account_index)
    contract = contract_at(s, account_index)
    account["cash"] -= cost
    contract["unsettled"] -= min(contract["unsettled"], cost)
    position["quantity"] += quantity
    position["bought_today"] += quantity
    position["cost"] += cost
    position["day_flow"] -= cost


@kernel
def _book_sale(s, account_index, position, quantity, proceeds):
    """Returns the realised profit against the average cost."""
    account = account_at(s, account_index)
    contract = contract_at(s, account_index)
    account["cash"] += proceeds
    contract["unsettled"] += max(np.int64(0), proceeds)
    relieved = position["cost"]
    if quantity < position["quantity"]:
        relieved = muldiv(position["cost"], quantity, position["quantity"])
    position["cost"] -= relieved
    position["quantity"] -= quantity
    position["bought_today"] = min(position["bought_today"], position["quantity"])
    position["day_flow"] += proceeds
    position["realised"] += proceeds - relieved
    contract["realised"] += proceeds - relieved
    return proceeds - relieved


@kernel
def _collect_tax(s, position, quantity, proceeds):
    """Dividend tax of the oldest shares (section 6.2), never more than their sale brings."""
    tax = round_fen(take_oldest(s, position, quantity))
    tax = max(np.int64(0), min(tax, proceeds))
    header_at(s)["ledger"][Ledger.DIVIDEND_TAX] += tax
    return tax


@kernel
def _book_market(s, order, quantity, amount):
    """Market accounts pay no fees and may go short of cash and of shares."""
    account = account_at(s, order["account"])
    position = position_at(s, order["position"])
    if order["side"] == Side.BUY:
        account["cash"] -= amount
        position["quantity"] += quantity
    else:
        account["cash"] += amount
        position["quantity"] -= quantity


@kernel
def settle_fill(s, slot, price, quantity):
    """Books one side of a trade; call it after `remaining` has been reduced by `quantity`."""
    order = order_at(s, slot)
    amount = price * quantity
    order["amount"] += amount
    if account_at(s, order["account"])["klass"] == AccountClass.MARKET:
        _book_market(s, order, quantity, amount)
        unhold(s, slot, quantity)
        return
    account_index = np.int64(order["account"])
    position_index = np.int64(order["position"])
    position = position_at(s, position_index)
    instrument = instrument_at(s, order["instrument"])
    terms = fees_at(s, instrument["fee_schedule"])
    side = np.int64(order["side"])
    filled = order["quantity"] - order["remaining"]
    c0, d0, t0, h0, r0 = fees_on(terms, side, filled - quantity, order["amount"] - amount)
    c1, d1, t1, h1, r1 = fees_on(terms, side, filled, order["amount"])
    fees = c1 - c0 + d1 - d0 + t1 - t0 + h1 - h0 + r1 - r0
    post_fees(s, c1 - c0, d1 - d0, t1 - t0, h1 - h0, r1 - r0)
    contract_at(s, account_index)["fees_paid"] += fees
    realised, tax = np.int64(0), np.int64(0)
    if side == Side.BUY:
        if family_of(account_at(s, account_index)) != Family.FIXED:
            financed = np.int64(order["financed"])
            cost = amount + fees
            pay_for_fill(s, account_index, position_index, financed, quantity, amount, cost)
        _book_buy(s, account_index, position, quantity, amount + fees)
        account_at(s, account_index)["value"] += quantity * instrument["mark"]
    else:
        if position["taxed"] > 0:
            tax = _collect_tax(s, position, quantity, amount - fees)
        realised = _book_sale(s, account_index, position, quantity, amount - fees - tax)
        account_at(s, account_index)["value"] -= quantity * instrument["mark"]
    write_holder(s, instrument, position_index)
    unhold(s, slot, quantity)
    touch(s, account_index)

    n = emit(s, Event.FILL, account_index, np.int64(order["instrument"]))
    event = event_at(s, n, FILL_EVENT)
    event["side"] = side
    event["type"] = order["type"]
    event["origin"] = order["origin"]
    event["trade_no"] = header_at(s)["trade_no"]
    event["order_id"] = order["id"]
    event["price"] = price
    event["quantity"] = quantity
    event["remaining"] = order["remaining"]
    event["realised"] = realised
    event["commission"] = c1 - c0
    event["stamp_duty"] = d1 - d0
    event["transfer_fee"] = t1 - t0
    event["handling_fee"] = h1 - h0
    event["regulatory_fee"] = r1 - r0
    event["dividend_tax"] = tax
    if side == Side.SELL and family_of(account_at(s, account_index)) == Family.LICENSED:
        proceeds, all_loans = amount - fees, order["financed"] != 0
        named = np.int64(order["loan"])
        repay_from_sale(s, account_index, position_index, proceeds, all_loans, named)
