"""Whether an account can pay for a buy: with cash, with what it draws, or on margin.

A check returns (reason, figure), the figure being what would pass; (NONE, 0) is a pass.
"""

import numpy as np

from server.engine.access import account_at, fees_at, header_at, instrument_at, terms_at
from server.engine.admission import whole_steps
from server.engine.arithmetic import PPM, muldiv, muldiv_up
from server.engine.codes import Family, PlatformState, Side
from server.engine.credit import (
    available_margin,
    buying_cash,
    coefficient_ppm,
    draws,
    family_of,
    financing_ratio_ppm,
    free_margin,
    haircut_ppm,
    line_left,
)
from server.engine.fees import total_fees
from server.engine.jit import kernel
from server.engine.limits import check_lending
from server.engine.reasons import Reason


@kernel
def passed():
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def refused(reason, figure):
    return np.int64(reason), np.int64(figure)


@kernel
def check_cash(s, account, instrument, quantity, price):
    """Whether free cash pays for a buy and its worst fees; figure: the quantity it pays for."""
    free = account["cash"] - account["frozen"]
    return check_paid(s, instrument, quantity, price, free, Reason.INSUFFICIENT_CASH)


@kernel
def check_paid(s, instrument, quantity, price, free, reason):
    """Whether `free` pays for a buy and its worst fees; figure: the quantity it pays for."""
    terms = fees_at(s, instrument["fee_schedule"])
    amount = quantity * price
    if amount + total_fees(terms, Side.BUY, quantity, amount) <= free:
        return passed()
    step = np.int64(instrument["buy_step"])
    affordable = max(np.int64(0), free) // price // step * step
    while affordable > 0:
        amount = affordable * price
        if amount + total_fees(terms, Side.BUY, affordable, amount) <= free:
            break
        affordable -= step
    if affordable < instrument["buy_minimum"]:
        affordable = np.int64(0)
    return refused(reason, affordable)


@kernel
def _check_line(s, account_index, index, quantity, price):
    """A buy that draws what it lacks of cash, within line and leverage; or within its margin."""
    account = account_at(s, account_index)
    instrument = instrument_at(s, index)
    free = buying_cash(s, account_index)
    reason, figure = check_paid(s, instrument, quantity, price, free, Reason.CREDIT_INSUFFICIENT)
    if reason != Reason.NONE or family_of(account) != Family.COMBINATION:
        return reason, figure
    terms = terms_at(s, account["product"])
    coefficient = coefficient_ppm(s, index, terms)
    margin = free_margin(s, account, terms)
    if muldiv_up(quantity * price, coefficient, PPM) <= margin:
        return passed()
    room = muldiv(max(np.int64(0), margin), PPM, coefficient)
    return refused(Reason.MARGIN_INSUFFICIENT, whole_steps(instrument, room, price))


@kernel
def _check_margin(s, account_index, index, quantity, price):
    """A buy on margin: lent in full, carried by the available margin; its fees are cash."""
    account = account_at(s, account_index)
    instrument = instrument_at(s, index)
    terms = terms_at(s, account["product"])
    ratio = financing_ratio_ppm(s, terms)
    if ratio <= 0 or haircut_ppm(s, index, terms) == 0:
        return refused(Reason.FINANCING_NOT_ALLOWED, 0)
    new = quantity * price
    line = line_left(s, account_index)
    if new > line:
        return refused(Reason.CREDIT_INSUFFICIENT, whole_steps(instrument, line, price))
    margin = available_margin(s, account_index)
    if muldiv_up(new, ratio, PPM) > margin:
        room = muldiv(max(np.int64(0), margin), PPM, ratio)
        return refused(Reason.MARGIN_INSUFFICIENT, whole_steps(instrument, room, price))
    fees = total_fees(fees_at(s, instrument["fee_schedule"]), Side.BUY, quantity, new)
    if fees > account["cash"] - account["frozen"]:
        return refused(Reason.INSUFFICIENT_CASH, 0)
    return passed()


@kernel
def _check_lender(s, account_index, index, quantity, price, financed):
    """Whether the lender gives what a buy would draw; figure: that loan, or what cash pays for."""
    account = account_at(s, account_index)
    instrument = instrument_at(s, index)
    amount = quantity * price
    free = max(np.int64(0), account["cash"] - account["frozen"])
    loan = amount
    if financed == 0:
        terms = fees_at(s, instrument["fee_schedule"])
        loan += total_fees(terms, Side.BUY, quantity, amount) - free
    if loan <= 0:
        return passed()
    reason, figure = check_lending(s, account_index, loan)
    if reason == Reason.NO_NEW_FINANCING and financed == 0:
        return check_paid(s, instrument, quantity, price, free, Reason.NO_NEW_FINANCING)
    return reason, figure


@kernel
def check_power(s, account_index, index, quantity, price, financed):
    """What a contract that borrows as it buys may buy, and what the lender lends for it."""
    reason, figure = _check_own(s, account_index, index, quantity, price, financed)
    header = header_at(s)
    quiet = header["platform"] == PlatformState.NORMAL and header["stops"] == 0
    if reason != Reason.NONE or (quiet and header["limits"] == 0):
        return reason, figure
    if financed == 0 and not draws(account_at(s, account_index)):
        return reason, figure
    return _check_lender(s, account_index, index, quantity, price, financed)


@kernel
def _check_own(s, account_index, index, quantity, price, financed):
    """What the contract's own cash, line and margin admit."""
    account = account_at(s, account_index)
    if family_of(account) == Family.LICENSED:
        if financed != 0:
            return _check_margin(s, account_index, index, quantity, price)
        return check_cash(s, account, instrument_at(s, index), quantity, price)
    if financed != 0:
        return refused(Reason.FINANCING_NOT_ALLOWED, 0)
    return _check_line(s, account_index, index, quantity, price)
