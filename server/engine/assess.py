"""What an order would meet if it were sent now: the checks and the walk through the book."""

import numpy as np

from server.engine.access import (
    account_at,
    fees_at,
    instrument_at,
    level_at,
    position_at,
    terms_at,
)
from server.engine.arithmetic import PPM, muldiv_up
from server.engine.book import NONE, crosses, next_worse, price_of, row_of
from server.engine.cash import withdrawable
from server.engine.checks import check_order, reach, sellable
from server.engine.codes import OrderType, Origin, Phase, Reason
from server.engine.fees import total_fees
from server.engine.jit import entry, kernel
from server.engine.limits import check_gate
from server.engine.margin import grade_of
from server.engine.positions import find_position

TRIES = 12  # each refusal's figure is smaller than the quantity asked for


@kernel
def _walk(s, instrument, side, order_type, quantity, price):
    """(quantity, amount) that would trade at once."""
    if instrument["phase"] != Phase.CONTINUOUS:
        return np.int64(0), np.int64(0)
    opposite = 1 - side
    worst = reach(s, instrument, side, order_type, price)
    level = np.int64(instrument["best"][opposite])
    filled, amount = np.int64(0), np.int64(0)
    while level != NONE and filled < quantity and crosses(side, worst, level):
        there = level_at(s, row_of(instrument, opposite, level))["quantity"]
        taken = min(there, quantity - filled)
        filled += taken
        amount += taken * price_of(instrument, level)
        level = next_worse(s, instrument, opposite, level)
    return filled, amount


@entry
def assess(s, account, index, side, order_type, quantity, price):
    """(reason, figure, quantity traded at once, its amount, fees if the whole order trades).

    The rest of a limit order is taken to trade at its price. Indices must be known ones.
    """
    held = find_position(s, account, index)
    reason, figure = check_gate(s, account, index, side, Origin.CLIENT)
    if reason == Reason.NONE:
        reason, figure = check_order(s, account, index, held, side, order_type, quantity, price)
    instrument = instrument_at(s, index)
    filled, amount = _walk(s, instrument, side, order_type, quantity, price)
    whole, total = filled, amount
    if order_type == OrderType.LIMIT:
        whole, total = quantity, amount + (quantity - filled) * price
    terms = fees_at(s, instrument["fee_schedule"])
    return reason, figure, filled, amount, total_fees(terms, side, whole, total)


@entry
def largest_quantity(s, account, index, side, order_type, price):
    """The largest quantity that would be accepted now; 0 when none."""
    instrument = instrument_at(s, index)
    quantity = np.int64(instrument["max_limit_quantity"])
    if order_type != OrderType.LIMIT:
        quantity = np.int64(instrument["max_market_quantity"])
    held = find_position(s, account, index)
    if check_gate(s, account, index, side, Origin.CLIENT)[0] != Reason.NONE:
        return np.int64(0)
    for _ in range(TRIES):
        reason, figure = check_order(s, account, index, held, side, order_type, quantity, price)
        if reason == Reason.NONE:
            return quantity
        by_price = (
            reason == Reason.PRICE_ABOVE_LIMIT
            or reason == Reason.PRICE_BELOW_LIMIT
            or reason == Reason.PRICE_OFF_TICK
            or reason == Reason.GRADE_RESTRICTED
            or reason == Reason.SELF_TRADE
            or reason == Reason.FINANCING_FULL
        )
        if by_price or figure <= 0 or figure >= quantity:
            return np.int64(0)
        quantity = figure
    return np.int64(0)


@entry
def limit_down_loss(s, account):
    """What an account's holdings lose when every one of them falls by its board's limit."""
    loss = np.int64(0)
    index = np.int64(account_at(s, account)["first_position"])
    while index >= 0:
        position = position_at(s, index)
        instrument = instrument_at(s, position["instrument"])
        value = position["quantity"] * instrument["mark"]
        if value > 0:
            loss += muldiv_up(value, np.int64(instrument["limit_ppm"]), PPM)
        index = np.int64(position["next"])
    return loss


@entry
def grade_at(s, account, assets):
    """The grade an account would have with these assets and its present debt."""
    row = account_at(s, account)
    if row["debt"] <= 0:
        return 0
    return grade_of(row["debt"], assets, terms_at(s, row["product"]))


@entry
def withdrawable_of(s, account):
    """What may leave an account now (sections 5.4, 6.1)."""
    return withdrawable(s, account)


@entry
def sellable_of(s, index):
    """Shares of a position that may be sold now (section 6.1)."""
    position = position_at(s, index)
    return sellable(position, instrument_at(s, position["instrument"]))
