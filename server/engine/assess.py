"""What an order would meet if it were sent now: the checks and the walk through the book."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    fees_at,
    instrument_at,
    position_at,
    terms_at,
)
from server.engine.after_hours import takes_orders
from server.engine.arithmetic import PPM, muldiv_up
from server.engine.billing import unused_interest
from server.engine.book import NONE, price_of
from server.engine.cash import withdrawable
from server.engine.checks import check_order, largest_size, sellable
from server.engine.codes import Family, OrderType, Origin, Phase, Side
from server.engine.credit import available_margin, drawable, family_of, free_margin, line_left
from server.engine.fees import total_fees
from server.engine.jit import entry, kernel
from server.engine.limits import check_gate
from server.engine.margin import grade_of
from server.engine.order_prices import carries_limit, resting_level, trades_at_once, worst_price
from server.engine.positions import find_position
from server.engine.reasons import Reason
from server.engine.valid_range import check_valid_range

TRIES = 12  # each refusal's figure is smaller than the quantity asked for


@kernel
def _resting_price(instrument, side, order_type, worst, last):
    """Where the rest of a market order would rest, its last trade at level `last`; 0: nowhere."""
    if instrument["levels"] == 0:
        return np.int64(0)
    own, opposite = np.int64(instrument["best"][side]), np.int64(instrument["best"][1 - side])
    level = resting_level(instrument, side, order_type, worst, last, own, opposite)
    return price_of(instrument, level) if level != NONE else np.int64(0)


@entry
def assess(s, account, index, side, order_type, quantity, price, financed):
    """(reason, figure, traded at once, its amount, quantity and price of what rests, fees).

    What rests is taken to trade at its price; the fees are those of the whole. Indices must be
    known ones, the side a side.
    """
    held = find_position(s, account, index)
    reason, figure = check_gate(s, account, index, side, Origin.CLIENT)
    if reason == Reason.NONE:
        reason, figure = check_order(
            s, account, index, held, side, order_type, quantity, price, financed
        )
    instrument = instrument_at(s, index)
    worst = worst_price(s, index, instrument, side, order_type, price)
    filled, amount, last = np.int64(0), np.int64(0), np.int64(NONE)
    trading = instrument["phase"] == Phase.CONTINUOUS and order_type != OrderType.FIXED_PRICE
    if trading or instrument["phase"] == Phase.AFTER_HOURS:
        filled, amount, last = trades_at_once(s, instrument, side, order_type, worst, quantity)
    rest, rests_at = quantity - filled, price
    if not carries_limit(order_type):
        rests_at = _resting_price(instrument, side, order_type, worst, last)
    if rests_at <= 0:
        rest = np.int64(0)
    terms = fees_at(s, instrument["fee_schedule"])
    total = total_fees(terms, side, filled + rest, amount + rest * rests_at)
    return reason, figure, filled, amount, rest, rests_at, total


@entry
def largest_quantity(s, account, index, side, order_type, price, financed):
    """The largest quantity that would be accepted now; 0 when none."""
    instrument = instrument_at(s, index)
    quantity = largest_size(s, index, instrument, order_type)
    held = find_position(s, account, index)
    if check_gate(s, account, index, side, Origin.CLIENT)[0] != Reason.NONE:
        return np.int64(0)
    for _ in range(TRIES):
        reason, figure = check_order(
            s, account, index, held, side, order_type, quantity, price, financed
        )
        if reason == Reason.NONE:
            return quantity
        by_price = (
            reason == Reason.PRICE_ABOVE_LIMIT
            or reason == Reason.PRICE_BELOW_LIMIT
            or reason == Reason.PRICE_OFF_TICK
            or reason == Reason.GRADE_RESTRICTED
            or reason == Reason.SELF_TRADE
            or reason == Reason.FINANCING_FULL
            or Reason.AFTER_HOURS_NOT_OFFERED <= reason <= Reason.PRICE_ABOVE_CLOSE
            or Reason.ORDER_TYPE_NOT_ON_BOARD <= reason <= Reason.SIDE_UNKNOWN
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
def credit_of(s, account):
    """(credit line left, what a draw may take, margin left) of a contract.

    Margin: the available margin of a licensed account, the free margin of a combination contract,
    0 of any other.
    """
    row = account_at(s, account)
    margin = np.int64(0)
    if family_of(row) == Family.LICENSED:
        margin = available_margin(s, account)
    elif family_of(row) == Family.COMBINATION:
        margin = free_margin(s, row, terms_at(s, row["product"]))
    return line_left(s, account), drawable(s, account), margin


@entry
def refund_of(s, account):
    """Of interest charged ahead, what comes back if a contract is settled now (section 5.4)."""
    return unused_interest(s, account, contract_at(s, account)["loan"])


@entry
def sellable_of(s, index):
    """Shares of a position that may be sold now (section 6.1)."""
    position = position_at(s, index)
    return sellable(position, instrument_at(s, position["instrument"]))


@entry
def lowest_sale_of(s, index):
    """The lowest price at which a limit sale is valid now (sections 1.4, 1.6)."""
    instrument = instrument_at(s, index)
    lowest = instrument["limit_down"]
    if instrument["ruled"] == 0 or not takes_orders(instrument["phase"]):
        return lowest
    reason, figure = check_valid_range(s, index, instrument, np.int64(Side.SELL), lowest)
    return lowest if reason == Reason.NONE else figure
