"""Pre-trade checks: every order passes them in the call that matches it.

A check returns (reason, figure), the figure being what would pass; (NONE, 0) is a pass. Orders that
reduce risk are never refused for margin: nothing below a sale's sellable quantity looks at grades.
Market accounts answer only to the ladder.
"""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    header_at,
    instrument_at,
    level_at,
    order_at,
    position_at,
    rules_at,
    slot_at,
)
from server.engine.admission import check_admission
from server.engine.after_hours import (
    check_against_close,
    exchange_takes,
    takes_orders,
    waits_for_hours,
)
from server.engine.book import NONE, crosses, next_worse, row_of
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Family,
    Grade,
    LimitKind,
    OrderType,
    Phase,
    Side,
)
from server.engine.credit import family_of, is_overdue
from server.engine.jit import kernel
from server.engine.limits import check_limits
from server.engine.margin import missing_above_restrict
from server.engine.order_prices import carries_limit, carries_protection, reach, worst_price
from server.engine.positions import EMPTY, find_position, find_slot, person_key
from server.engine.power import check_cash, check_power, passed, refused
from server.engine.reasons import Reason
from server.engine.records import MAX_QUANTITY
from server.engine.valid_range import check_valid_range

FIRST_TYPES = 1 << OrderType.LIMIT | 1 << OrderType.BEST_FIVE_IOC  # where no rule names any
MOST_TYPES = 16  # bits of `order_types`
PROTECTED_WITHOUT_LIMIT = 2  # of `protection`
LUNCH_QUEUE, PAUSE_QUEUE = 1, 2  # bits of `queue`


@kernel
def takes_cancels(phase):
    return phase == Phase.CONTINUOUS or phase == Phase.OPENING_CALL or phase == Phase.HALTED


@kernel
def waits_for_phase(instrument):
    """Whether the broker keeps orders now and sends them when the market takes them (2.1)."""
    if instrument["phase"] == Phase.LUNCH:
        return instrument["queue"] & LUNCH_QUEUE != 0
    return instrument["phase"] == Phase.PAUSE and instrument["queue"] & PAUSE_QUEUE != 0


@kernel
def check_session(s, index, instrument, is_market, order_type):
    """Market accounts stand at the exchange itself: no broker keeps their orders."""
    if order_type == OrderType.FIXED_PRICE and rules_at(s, index)["after_hours"] == 0:
        return refused(Reason.AFTER_HOURS_NOT_OFFERED, 0)
    if instrument["limit_kind"] == LimitKind.UNKNOWN:
        return refused(Reason.LIMIT_UNKNOWN, 0)
    if instrument["suspended"] != 0:
        return refused(Reason.SUSPENDED, 0)
    if exchange_takes(s, index, instrument, order_type):
        return passed()
    if is_market or not waits_for_phase(instrument):
        return refused(Reason.PHASE_CLOSED, 0)
    return passed()


@kernel
def _check_market_type(s, index, instrument, side, order_type, price):
    """Whether the board takes this market order now (section 2.5)."""
    types, protection = np.int64(0), np.int64(0)
    if instrument["ruled"] != 0:
        types = np.int64(rules_at(s, index)["order_types"])
        protection = np.int64(rules_at(s, index)["protection"])
    if order_type >= MOST_TYPES or (types if types != 0 else FIRST_TYPES) >> order_type & 1 == 0:
        if types != 0:
            return refused(Reason.ORDER_TYPE_NOT_ON_BOARD, 0)
        return refused(Reason.ORDER_TYPE_NOT_ALLOWED, 0)
    in_call = takes_orders(instrument["phase"]) and instrument["phase"] != Phase.CONTINUOUS
    unlimited = instrument["limit_kind"] != LimitKind.LIMITED
    if in_call or (unlimited and protection != PROTECTED_WITHOUT_LIMIT):
        return refused(Reason.ORDER_TYPE_NOT_ALLOWED, 0)
    if protection != 0 and price <= 0:
        least = instrument["limit_up"] if side == Side.BUY else instrument["limit_down"]
        return refused(Reason.PROTECTION_PRICE_MISSING, least)
    return passed()


@kernel
def check_type(s, index, instrument, side, order_type, price):
    """The type, and the price that it carries: a limit, or a market order's protection."""
    if not carries_limit(order_type):
        reason, figure = _check_market_type(s, index, instrument, side, order_type, price)
        if reason != Reason.NONE:
            return reason, figure
        if not carries_protection(s, index, instrument, order_type):
            return passed()
    reason, figure = check_price(instrument, price)
    if reason == Reason.NONE and order_type == OrderType.FIXED_PRICE:
        return check_against_close(instrument, side, price)
    return reason, figure


@kernel
def check_price(instrument, price):
    if price > instrument["limit_up"]:
        return refused(Reason.PRICE_ABOVE_LIMIT, instrument["limit_up"])
    if price < instrument["limit_down"]:
        return refused(Reason.PRICE_BELOW_LIMIT, instrument["limit_down"])
    tick = np.int64(instrument["tick"])
    if price % tick != 0:
        nearest = (price + tick // 2) // tick * tick
        return refused(Reason.PRICE_OFF_TICK, min(nearest, instrument["limit_up"]))
    return passed()


@kernel
def largest_size(s, index, instrument, order_type):
    if order_type == OrderType.FIXED_PRICE and rules_at(s, index)["fixed_maximum"] > 0:
        return np.int64(rules_at(s, index)["fixed_maximum"])
    if carries_limit(order_type):
        return np.int64(instrument["max_limit_quantity"])
    return np.int64(instrument["max_market_quantity"])


@kernel
def _check_size(largest, quantity, smallest):
    if quantity <= 0:
        return refused(Reason.QUANTITY_NOT_POSITIVE, smallest)
    if quantity > largest:
        return refused(Reason.QUANTITY_ABOVE_MAXIMUM, largest)
    return passed()


@kernel
def check_buy_quantity(instrument, largest, quantity):
    minimum = np.int64(instrument["buy_minimum"])
    reason, figure = _check_size(largest, quantity, minimum)
    if reason != Reason.NONE:
        return reason, figure
    if quantity < minimum:
        return refused(Reason.QUANTITY_BELOW_MINIMUM, minimum)
    step = np.int64(instrument["buy_step"])
    if quantity % step != 0:
        return refused(Reason.QUANTITY_OFF_LOT, max(quantity // step * step, minimum))
    return passed()


@kernel
def _smallest_sale(instrument, available):
    """The smallest quantity of `available` that the lot rules let go; 0 when there is none."""
    step = np.int64(instrument["sell_step"])
    if step == 1:
        return min(np.int64(instrument["sell_minimum"]), available)
    residue = available % step
    return residue if residue > 0 else min(step, available)


@kernel
def check_sell_quantity(instrument, largest, quantity, available):
    """Odd lots by section 1.3, on `available`: the position less what is frozen or not listed."""
    smallest = _smallest_sale(instrument, available)
    reason, figure = _check_size(largest, quantity, smallest)
    if reason != Reason.NONE:
        return reason, figure
    step = np.int64(instrument["sell_step"])
    if step == 1:
        minimum = np.int64(instrument["sell_minimum"])
        if quantity < minimum and quantity != available:
            return refused(Reason.QUANTITY_BELOW_MINIMUM, min(minimum, available))
        return passed()
    residue = available % step
    rest = quantity % step
    if rest == 0 or rest == residue:
        return passed()
    lots = quantity // step * step
    valid = lots + residue if rest > residue else lots
    if valid == 0:
        valid = residue if residue > 0 else step
    reason = Reason.ODD_LOT_SPLIT if residue > 0 else Reason.QUANTITY_OFF_LOT
    return refused(reason, valid)


@kernel
def sellable(position, instrument):
    """Shares that may be sold now (section 6.1)."""
    quantity = position["quantity"] - position["frozen"] - position["unlisted"]
    if instrument["same_day_sale"] == 0:
        quantity -= position["bought_today"]
    return max(np.int64(0), quantity)


@kernel
def check_grade(s, account):
    """RESTRICT and worse may not buy; figure: the deposit that lifts the ratio above the line."""
    if is_overdue(account):
        return refused(Reason.CONTRACT_OVERDUE, account["debt"])
    if account["grade"] < Grade.RESTRICT:
        return passed()
    return refused(Reason.GRADE_RESTRICTED, missing_above_restrict(s, account))


@kernel
def _works_opposite(s, person, instrument_index, side):
    """Whether any account of the person has open orders on the other side."""
    slot = find_slot(s, person_key(person))
    if slot_at(s, slot)["key"] == EMPTY:
        return False
    account = np.int64(slot_at(s, slot)["position"])
    while account >= 0:
        position = position_at(s, find_position(s, account, instrument_index))
        if side == Side.BUY and position["frozen"] > 0:
            return True
        if side == Side.SELL and position["open_buy"] > 0:
            return True
        account = np.int64(contract_at(s, account)["next_account"])
    return False


@kernel
def check_self_trade(s, person, instrument_index, side, level, quantity):
    """Refuses an order that would meet one of the same person's; figure: that one's price.

    In continuous trading and after hours it meets as many as fill it. In a call auction it is not
    known who meets whom, so any crossing price counts; the walk is then as long as the other side,
    and is spared a person who has nothing there.
    """
    instrument = instrument_at(s, instrument_index)
    opposite = 1 - np.int64(side)
    other = np.int64(instrument["best"][opposite])
    if other == NONE or not crosses(side, level, other):
        return passed()
    whole = instrument["phase"] != Phase.CONTINUOUS and instrument["phase"] != Phase.AFTER_HOURS
    if whole and not _works_opposite(s, person, instrument_index, side):
        return passed()
    ahead = np.int64(0)
    while other != NONE and crosses(side, level, other) and (whole or ahead < quantity):
        slot = np.int64(level_at(s, row_of(instrument, opposite, other))["head"])
        while slot != NONE and (whole or ahead < quantity):
            order = order_at(s, slot)
            if account_at(s, order["account"])["person"] == person:
                return refused(Reason.SELF_TRADE, order["price"])
            ahead += order["remaining"]
            slot = np.int64(order["next"])
        other = next_worse(s, instrument, opposite, other)
    return passed()


@kernel
def _check_buy(s, account_index, index, position, order_type, quantity, price, worst, financed):
    account = account_at(s, account_index)
    instrument = instrument_at(s, index)
    largest = largest_size(s, index, instrument, order_type)
    reason, figure = check_buy_quantity(instrument, largest, quantity)
    if reason != Reason.NONE:
        return reason, figure
    reason, figure = check_grade(s, account)
    if reason != Reason.NONE:
        return reason, figure
    if family_of(account) == Family.FIXED and financed == 0:
        reason, figure = check_cash(s, account, instrument, quantity, worst)
    else:
        reason, figure = check_power(s, account_index, index, quantity, worst, financed)
    if reason != Reason.NONE:
        return reason, figure
    valued = price if carries_limit(order_type) else instrument["mark"]
    return check_admission(s, account_index, index, position, quantity, valued, financed)


@kernel
def _check_sell(position, instrument, largest, quantity):
    free = sellable(position, instrument)
    if quantity > free:
        return refused(Reason.NOT_SELLABLE, free)
    available = position["quantity"] - position["frozen"] - position["unlisted"]
    return check_sell_quantity(instrument, largest, quantity, available)


@kernel
def _check_market_quantity(quantity):
    if quantity <= 0:
        return refused(Reason.QUANTITY_NOT_POSITIVE, 1)
    return passed()


@kernel
def known_names(s, account, instrument):
    header = header_at(s)
    if account < 0 or account >= header["accounts"]:
        return refused(Reason.UNKNOWN_ACCOUNT, 0)
    if instrument < 0 or instrument >= header["instruments"]:
        return refused(Reason.UNKNOWN_INSTRUMENT, 0)
    return passed()


@kernel
def check_order(
    s, account_index, instrument_index, position_index, side, order_type, quantity, price, financed
):
    """Every check of one order, in the order a trader would expect to hear of them.

    Account and instrument are known; the position is theirs, or NO_POSITION.
    """
    account = account_at(s, account_index)
    position = position_at(s, position_index)
    instrument = instrument_at(s, instrument_index)
    if account["status"] != AccountStatus.OPEN:
        return refused(Reason.ACCOUNT_CLOSED, 0)
    is_market = account["klass"] == AccountClass.MARKET
    reason, figure = check_session(s, instrument_index, instrument, is_market, order_type)
    if reason != Reason.NONE:
        return reason, figure
    reason, figure = check_type(s, instrument_index, instrument, side, order_type, price)
    if reason != Reason.NONE:
        return reason, figure
    ranged = order_type == OrderType.LIMIT and not is_market and instrument["ruled"] != 0
    if ranged and takes_orders(instrument["phase"]):
        reason, figure = check_valid_range(s, instrument_index, instrument, side, price)
        if reason != Reason.NONE:
            return reason, figure
    if quantity > MAX_QUANTITY:
        return refused(Reason.OUT_OF_RANGE, MAX_QUANTITY)
    worst = worst_price(s, instrument_index, instrument, side, order_type, price)
    if is_market:
        reason, figure = _check_market_quantity(quantity)
    elif side == Side.BUY:
        reason, figure = _check_buy(
            s,
            account_index,
            instrument_index,
            position,
            order_type,
            quantity,
            price,
            worst,
            financed,
        )
        if reason == Reason.NONE and header_at(s)["limits"] != 0:
            valued = price if carries_limit(order_type) else instrument["mark"]
            reason, figure = check_limits(
                s, account_index, instrument_index, position_index, quantity, valued
            )
    else:
        largest = largest_size(s, instrument_index, instrument, order_type)
        reason, figure = _check_sell(position, instrument, largest, quantity)
    if reason != Reason.NONE:
        return reason, figure
    if order_type == OrderType.FIXED_PRICE:
        meets = not waits_for_hours(instrument)
    else:
        meets = order_type != OrderType.OWN_BEST and takes_orders(instrument["phase"])
    if not meets:
        return passed()
    level = reach(s, instrument, side, order_type, worst)
    return check_self_trade(s, account["person"], instrument_index, side, level, quantity)
