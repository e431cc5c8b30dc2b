"""What a contract may still borrow, by the family of its product (sections 4.1 to 4.5, issue C).

A fixed contract has its whole loan from the opening and buys for cash. A flexible and a combination
contract draw from a line what a buy lacks of cash. A licensed account buys for cash, or on margin:
the whole amount is lent, and its available margin must carry it.
"""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    header_at,
    instrument_at,
    loan_at,
    position_at,
    rules_at,
    terms_at,
)
from server.engine.arithmetic import PPM, muldiv, muldiv_up
from server.engine.codes import Convention, Family
from server.engine.jit import kernel

NO_LOAN = 0  # row 0 of the loans
OVERDUE = 128  # bit of an account's family: a debt of it is past its due day
OF_FAMILY = OVERDUE - 1


@kernel
def family_of(account):
    return np.int64(account["family"]) & OF_FAMILY


@kernel
def is_overdue(account):
    return np.int64(account["family"]) & OVERDUE != 0


@kernel
def draws(account):
    """Whether a buy draws what it lacks of cash."""
    family = family_of(account)
    return family == Family.FLEXIBLE or family == Family.COMBINATION


@kernel
def exposure(position, instrument):
    """What a position and its open buys are worth at the mark."""
    return (position["quantity"] + position["open_buy"]) * instrument["mark"]


@kernel
def coefficient_ppm(s, index, terms):
    """Margin that a combination contract needs for each yuan held: the share's own, or its class's.

    A negative own one is 100 %.
    """
    own = np.int64(rules_at(s, index)["coefficient_ppm"])
    if own != 0:
        return own if own > 0 else np.int64(PPM)
    instrument = instrument_at(s, index)
    return np.int64(terms["class_coefficient_ppm"][instrument["holding_class"]])


@kernel
def haircut_ppm(s, index, terms):
    """Share of the value that counts as margin (section 4.4): the share's own, or its class's.

    A negative own one is none.
    """
    own = np.int64(rules_at(s, index)["collateral_ppm"])
    if own != 0:
        return max(own, np.int64(0))
    instrument = instrument_at(s, index)
    return np.int64(terms["class_haircut_ppm"][instrument["holding_class"]])


@kernel
def financing_ratio_ppm(s, terms):
    """Margin for each yuan newly financed: the exchange's of the day, or the product's if higher.

    Negative on a day on which nothing may be financed (section 4.1).
    """
    least = np.int64(header_at(s)["financing_margin_ppm"])
    return least if least < 0 else max(least, np.int64(terms["financing_margin_ppm"]))


@kernel
def margin_need(s, account, terms):
    """The sum of value times coefficient over all holdings, open buys included."""
    need = np.int64(0)
    index = np.int64(account["first_position"])
    while index >= 0:
        position = position_at(s, index)
        instrument = instrument_at(s, position["instrument"])
        coefficient = coefficient_ppm(s, np.int64(position["instrument"]), terms)
        need += muldiv_up(exposure(position, instrument), coefficient, PPM)
        index = np.int64(position["next"])
    return need


@kernel
def free_margin(s, account, terms):
    """What a combination contract's own money exceeds the need of its holdings by."""
    return account["cash"] + account["value"] - account["debt"] - margin_need(s, account, terms)


@kernel
def _margin_of(s, position, terms):
    """What one position adds to the available margin, its own loans deducted (section 4.2)."""
    instrument = instrument_at(s, position["instrument"])
    haircut = haircut_ppm(s, np.int64(position["instrument"]), terms)
    left = position["quantity"]
    margin = np.int64(0)
    row = np.int64(position["first_loan"])
    while row != NO_LOAN:
        loan = loan_at(s, row)
        financed = min(loan["quantity"], left)
        left -= financed
        gain = financed * instrument["mark"] - loan["principal"]
        margin += muldiv(gain, haircut, PPM) if gain > 0 else gain
        margin -= muldiv_up(loan["principal"], np.int64(loan["ratio_ppm"]), PPM)
        row = np.int64(loan["next"])
    return margin + muldiv(left * instrument["mark"], haircut, PPM)


@kernel
def available_margin(s, index):
    """Section 4.2; what open buys hold, in cash and of the line, is taken. May be negative."""
    account = account_at(s, index)
    contract = contract_at(s, index)
    terms = terms_at(s, account["product"])
    margin = account["cash"] - account["frozen"] - contract["interest"]
    ratio = max(np.int64(0), financing_ratio_ppm(s, terms))
    margin -= muldiv_up(contract["open_credit"], ratio, PPM)
    held = np.int64(account["first_position"])
    while held >= 0:
        position = position_at(s, held)
        if position["quantity"] > 0 or position["first_loan"] != NO_LOAN:
            margin += _margin_of(s, position, terms)
        held = np.int64(position["next"])
    return margin


@kernel
def line_left(s, index):
    """What the credit line still lends: what is agreed and not drawn, N times the equity at most.

    A licensed account's margin is another question. After its term a contract lends nothing more.
    """
    account = account_at(s, index)
    contract = contract_at(s, index)
    is_over = 0 < contract["due_day"] <= header_at(s)["days"]
    if is_over and header_at(s)["conventions"] & Convention.BOUNDED_LENDING != 0:
        return np.int64(0)
    left = contract["credit"] - contract["loan"]
    if draws(account):  # what open buys hold of it is in the frozen cash
        leverage = np.int64(terms_at(s, account["product"])["leverage"])
        equity = account["cash"] + account["value"] - account["debt"]
        left = min(left, leverage * equity - account["debt"])
    else:
        left -= contract["open_credit"]
    return max(np.int64(0), left)


@kernel
def drawable(s, index):
    """What an explicit draw may take: the line less what open buys count on."""
    account = account_at(s, index)
    counted = max(np.int64(0), account["frozen"] - account["cash"])
    return max(np.int64(0), line_left(s, index) - counted)


@kernel
def buying_cash(s, index):
    """Free cash, with what a buy would draw."""
    account = account_at(s, index)
    free = account["cash"] - account["frozen"]
    if draws(account):
        free += line_left(s, index)
    return free


@kernel
def base_for_caps(s, index, account, new, financed):
    """Assets after a buy of `new`: what it draws or is lent comes to them."""
    assets = account["cash"] + account["value"]
    if draws(account):
        return assets + max(np.int64(0), account["frozen"] + new - account["cash"])
    if family_of(account) == Family.LICENSED:
        lent = new if financed != 0 else np.int64(0)
        return assets + contract_at(s, index)["open_credit"] + lent
    return assets
