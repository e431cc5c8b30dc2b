"""Corporate actions: what an ex-date gives and taxes, what follows it, the end of a listing.

All is booked at the open of the ex-date (section 5.6): cash that is still to come and what unpaid
rights are worth count in an account's value, shares that are not listed yet in its position, so
that assets and ratio do not jump with the price. Shares are rounded half up to whole ones for each
holding: the register ranks the fractions of all holders and gives the largest a whole share, which
in a register of many cuts at one half.
"""

import numpy as np

from server.engine.access import (
    account_at,
    claim_at,
    contract_at,
    event_at,
    header_at,
    holder_at,
    instrument_at,
    position_at,
)
from server.engine.arithmetic import PPB, PPM, muldiv, round_fen
from server.engine.claims import NO_CLAIM, add_claim, drop_if_settled, scale_claims
from server.engine.codes import CashMove, Event, Ledger
from server.engine.day import known_instrument
from server.engine.jit import kernel
from server.engine.loans import NO_LOAN, scale_loans
from server.engine.lots import add_lot, settle_lots, tax_lots
from server.engine.margin import touch
from server.engine.output import emit, emit_cash, emit_refusal
from server.engine.positions import write_holder
from server.engine.reasons import Reason
from server.engine.records import ACTION_EVENT, ANNOUNCED_EVENT, MAX_PRICE

MOST = 9_000_000_000  # of a ratio in ppb
MOST_CASH = 9_000_000_000_000  # for 1,000,000 shares: 900 yuan a share


@kernel
def half_up(quantity, ppb):
    """Shares for `quantity` at a ratio, half up to a whole one."""
    halves = muldiv(quantity, ppb, PPB // 2)
    return (halves + 1) // 2


@kernel
def emit_action(s, kind, index, action):
    """Starts an event about a position; returns its number."""
    position = position_at(s, index)
    n = emit(s, kind, np.int64(position["account"]), np.int64(position["instrument"]))
    event_at(s, n, ACTION_EVENT)["action"] = action
    return n


@kernel
def pay_cash(s, account_index, amount, move):
    """From the issuer to an account."""
    account = account_at(s, account_index)
    account["cash"] += amount
    header_at(s)["ledger"][Ledger.ISSUER] -= amount
    emit_cash(s, account_index, move, amount, account["cash"], -1 - Ledger.ISSUER)


@kernel
def add_receivable(s, account_index, amount):
    """What is owed to an account is part of its value."""
    contract_at(s, account_index)["receivable"] += amount
    account_at(s, account_index)["value"] += amount
    touch(s, account_index)


@kernel
def relieve_cost(s, account_index, position, amount):
    """Cash of a holding lowers its cost; what the cost does not cover is profit."""
    relieved = min(position["cost"], amount)
    position["cost"] -= relieved
    position["realised"] += amount - relieved
    contract_at(s, account_index)["realised"] += amount - relieved


@kernel
def add_shares(s, index, shares):
    """New shares into a position, from the issuer."""
    position = position_at(s, index)
    instrument = instrument_at(s, position["instrument"])
    position["quantity"] += shares
    if position["bought_today"] > position["quantity"]:
        position["bought_today"] = max(np.int64(0), position["quantity"])
    instrument["issuer"] -= shares
    account_at(s, position["account"])["value"] += shares * instrument["mark"]
    write_holder(s, instrument, index)
    touch(s, np.int64(position["account"]))


@kernel
def _split(s, index, command):
    """A fund's shares at a factor; the fraction is paid in cash at the reference price."""
    position = position_at(s, index)
    account = np.int64(position["account"])
    old = position["quantity"]
    new = muldiv(old, command["factor_ppb"], PPB)
    rest = old % PPB * command["factor_ppb"] % PPB  # ppb of a share
    cash = round_fen(muldiv(command["reference"], rest, PPB))
    settle_lots(s, position, np.int64(header_at(s)["date"]))
    scale_claims(s, index, command["factor_ppb"], np.int64(PPB))
    if position["first_loan"] != NO_LOAN:
        scale_loans(s, index, new, old)
    add_shares(s, index, new - old)
    position["opening_quantity"] = new
    settle_lots(s, position, np.int64(header_at(s)["date"]))
    relieve_cost(s, account, position, cash)
    n = emit_action(s, Event.EX_RIGHTS, index, command["action"])
    event = event_at(s, n, ACTION_EVENT)
    event["old_quantity"] = old
    event["new_quantity"] = new
    event["cash"] = cash
    if cash > 0:
        pay_cash(s, account, cash, CashMove.FRACTION)


@kernel
def _distribute(s, index, command):
    """Dividend, bonus shares and rights of one holding, and the tax to be due at its sale."""
    position = position_at(s, index)
    account = np.int64(position["account"])
    header = header_at(s)
    old = position["quantity"]
    gross = round_fen(muldiv(old, command["cash"], PPM))
    taxable = muldiv(old, command["taxable"], PPM)
    tax = min(gross, round_fen(muldiv(taxable, np.int64(command["withheld_ppm"]), PPM)))
    shares = half_up(old, command["bonus_ppb"])
    rights = half_up(old, command["rights_ppb"])
    worth = max(np.int64(0), command["reference"] - command["rights_price"])
    settle_lots(s, position, np.int64(header["date"]))
    tax_lots(
        s,
        position,
        command["taxable"],
        np.int64(command["tax_month_ppm"]),
        np.int64(command["tax_year_ppm"]),
        np.int64(command["tax_long_ppm"]),
    )
    if shares > 0:
        if position["first_loan"] != NO_LOAN:
            scale_loans(s, index, old + shares, old)
        add_shares(s, index, shares)
        position["opening_quantity"] = position["quantity"]
        add_lot(s, position, shares, np.int64(header["date"]))
    header["ledger"][Ledger.ISSUER] -= tax
    header["ledger"][Ledger.DIVIDEND_TAX] += tax
    position["day_flow"] -= tax
    relieve_cost(s, account, position, gross - tax)
    touch(s, account)
    n = emit_action(s, Event.EX_RIGHTS, index, command["action"])
    event = event_at(s, n, ACTION_EVENT)
    event["old_quantity"] = old
    event["new_quantity"] = position["quantity"]
    event["shares"] = shares
    event["cash"] = gross - tax
    event["withheld"] = tax
    event["rights"] = rights
    event["price"] = command["rights_price"]
    event["value"] = rights * worth
    event["rights_until"] = command["rights_until"]
    later = gross - tax if command["cash_later"] != 0 else np.int64(0)
    if gross - tax > later:
        pay_cash(s, account, gross - tax, CashMove.DIVIDEND)
    unlisted = shares if command["shares_later"] != 0 else np.int64(0)
    if later > 0 or unlisted > 0 or rights > 0:
        claim = claim_at(s, add_claim(s, index, command["action"]))
        claim["cash"] = later
        claim["shares"] = unlisted
        claim["rights"] = rights
        claim["worth"] = worth
        claim["price"] = command["rights_price"]
        position["unlisted"] += unlisted
        add_receivable(s, account, later + rights * worth)


@kernel
def _within(value, most):
    return 0 <= value <= most


@kernel
def _check_action(command):
    """Terms that no exchange could announce, or that would not fit."""
    distributes = (
        command["cash"] > 0
        or command["taxable"] > 0
        or command["bonus_ppb"] > 0
        or command["rights_ppb"] > 0
    )
    return (
        command["action"] > 0
        and 0 < command["reference"] <= MAX_PRICE
        and _within(command["cash"], MOST_CASH)
        and _within(command["taxable"], MOST_CASH)
        and _within(command["bonus_ppb"], MOST)
        and _within(command["rights_ppb"], MOST)
        and _within(command["factor_ppb"], MOST)
        and _within(command["rights_price"], MAX_PRICE)
        and _within(command["tax_month_ppm"], PPM)
        and _within(command["tax_year_ppm"], PPM)
        and _within(command["tax_long_ppm"], PPM)
        and _within(command["withheld_ppm"], PPM)
        and (command["factor_ppb"] == 0 or not distributes)
    )


@kernel
def _at_the_opening(s, index):
    """Whether positions may change: between DAY_OPEN and LADDERS, while no order is open."""
    header = header_at(s)
    orders = header["live_orders"] + header["waiting"] + header["held"]
    if header["in_frame"] != 0 and orders == 0:
        return True
    emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, 0)
    return False


@kernel
def book_action(s, command):
    """Books an ex-date for every holder; valid between DAY_OPEN and INSTRUMENT_DAY.

    The mark stays the old one until INSTRUMENT_DAY brings the reference price.
    """
    index = np.int64(command["instrument"])
    if not known_instrument(s, index) or not _at_the_opening(s, index):
        return
    if not _check_action(command):
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_RANGE, 0)
        return
    instrument = instrument_at(s, index)
    for i in range(np.int64(instrument["holders"]) - 1, -1, -1):
        holder = np.int64(holder_at(s, np.int64(instrument["holder_base"]) + i)["position"])
        if command["factor_ppb"] > 0:
            _split(s, holder, command)
        else:
            _distribute(s, holder, command)


@kernel
def _drop_claims(s, index):
    """Rights and unlisted shares of a delisted share; cash that is due stays due."""
    account = np.int64(position_at(s, index)["account"])
    number = np.int64(position_at(s, index)["first_claim"])
    while number != NO_CLAIM:
        claim = claim_at(s, number)
        following = np.int64(claim["next"])
        add_receivable(s, account, -claim["rights"] * claim["worth"])
        claim["rights"] = 0
        claim["shares"] = 0
        drop_if_settled(s, number)
        number = following


@kernel
def _write_off(s, index):
    position = position_at(s, index)
    account = np.int64(position["account"])
    instrument = instrument_at(s, position["instrument"])
    old, cost = position["quantity"], position["cost"]
    _drop_claims(s, index)
    position["unlisted"] = 0
    position["opening_quantity"] = 0
    position["day_flow"] -= old * instrument["last"]
    position["cost"] = 0
    position["realised"] -= cost
    contract_at(s, account)["realised"] -= cost
    add_shares(s, index, -old)
    settle_lots(s, position, np.int64(0))
    n = emit_action(s, Event.DELISTED, index, 0)
    event = event_at(s, n, ACTION_EVENT)
    event["old_quantity"] = old
    event["value"] = old * instrument["mark"]


@kernel
def delist(s, command):
    """After the last day of a listing: the shares leave the accounts, their cost is a loss."""
    index = np.int64(command["instrument"])
    if not known_instrument(s, index) or not _at_the_opening(s, index):
        return
    instrument = instrument_at(s, index)
    for i in range(np.int64(instrument["holders"]) - 1, -1, -1):
        _write_off(s, np.int64(holder_at(s, np.int64(instrument["holder_base"]) + i)["position"]))


@kernel
def set_tax_periods(s, command):
    header_at(s)["month_from"] = command["month_from"]
    header_at(s)["year_from"] = command["year_from"]


@kernel
def announce(s, command):
    """Evidence for those who tell the holders; nothing is booked before the ex-date."""
    n = emit(s, Event.ANNOUNCED, -1, np.int64(command["instrument"]))
    event = event_at(s, n, ANNOUNCED_EVENT)
    event["action"] = command["action"]
    event["record_date"] = command["record_date"]
    event["ex_date"] = command["ex_date"]
    event["pay_date"] = command["pay_date"]
    event["list_date"] = command["list_date"]
    event["rights_until"] = command["rights_until"]
    event["cash"] = command["cash"]
    event["bonus_ppb"] = command["bonus_ppb"]
    event["rights_ppb"] = command["rights_ppb"]
    event["rights_price"] = command["rights_price"]
    event["factor_ppb"] = command["factor_ppb"]
