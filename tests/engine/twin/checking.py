"""Pre-trade checks by sections 1.2 to 2.5 and 5.2, 5.3; figures are found by trying quantities."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Family,
    Grade,
    LimitKind,
    OrderType,
    Phase,
    RiskStatus,
    Side,
)
from server.engine.reasons import Reason
from server.engine.records import MAX_QUANTITY
from server.engine.terms import DayTerms, FeeTerms, ProductTerms
from tests.engine.twin.lending import DRAWING, Lending, base_for_caps
from tests.engine.twin.model import PPM, Account, Instrument, Order, Position, half_up
from tests.engine.twin.twin_fees import fees_of
from tests.engine.twin.valid_range import HELD, out_of_range

Refusal = tuple[Reason, int] | None
# Opposite levels that an order of a type trades with; any number where it is not here.
LEVELS_TAKEN: dict[int, int] = {
    OrderType.BEST_FIVE_IOC: 5,
    OrderType.BEST_FIVE_LIMIT: 5,
    OrderType.OPPOSITE_BEST: 1,
    OrderType.OWN_BEST: 0,
}
ORDERS_TAKEN = (
    *(Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL, Phase.CONTINUOUS),
    *(Phase.CLOSING_CALL, Phase.HALTED),
)
FIXED_TAKEN = (
    *(Phase.CONTINUOUS, Phase.HALTED, Phase.CLOSING_CALL),
    *(Phase.AFTER_HOURS_ENTRY, Phase.AFTER_HOURS),
)
MATCHING = (Phase.CONTINUOUS, Phase.AFTER_HOURS)
FIXED_EARLY = (Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL, Phase.PAUSE)
CANCELS_TAKEN = (Phase.OPENING_CALL, Phase.CONTINUOUS, Phase.HALTED)


class Asked(NamedTuple):
    """An order as it is asked for, and what it is checked against."""

    account: Account
    position: Position
    instrument: Instrument
    side: Side
    type: int
    quantity: int
    price: int
    fees: FeeTerms
    product: ProductTerms | None
    marks: Callable[[int], Instrument]
    person_of: Callable[[int], int]
    of_platform: "Callable[[Asked], Refusal]"
    of_lender: "Callable[[int], Refusal]"  # what it says to a loan
    house: Lending
    financed: int = 0

    @property
    def day(self) -> DayTerms:
        return self.instrument.day

    @property
    def is_limit(self) -> bool:
        """Its price is a limit."""
        return self.type in (OrderType.LIMIT, OrderType.FIXED_PRICE)

    @property
    def is_fixed(self) -> bool:
        return self.type == OrderType.FIXED_PRICE

    @property
    def trades(self) -> bool:
        return self.instrument.phase == Phase.CONTINUOUS

    @property
    def waits(self) -> bool:
        """The broker keeps it until the market takes orders (2.1)."""
        if exchange_takes(self.instrument, self.type):
            return False
        bits = {Phase.LUNCH: 1, Phase.PAUSE: 2}.get(self.instrument.phase, 0)
        return bool(bits & self.instrument.rules.queue) and not self.account.is_market

    @property
    def assets(self) -> int:
        return (
            self.account.cash
            + self.account.receivable
            + sum(
                held.quantity * self.marks(held.instrument).mark for held in self.account.positions
            )
        )


def refusal(asked: Asked) -> Refusal:
    if asked.account.status != AccountStatus.OPEN:
        return Reason.ACCOUNT_CLOSED, 0
    found = _of_session(asked) or _of_type(asked) or _of_range(asked)
    if found:
        return found
    if asked.quantity > MAX_QUANTITY:
        return Reason.OUT_OF_RANGE, MAX_QUANTITY
    if asked.account.is_market:
        found = (Reason.QUANTITY_NOT_POSITIVE, 1) if asked.quantity <= 0 else None
    elif asked.side == Side.BUY:
        found = _of_buy_size(asked) or _of_grade(asked) or _of_power(asked) or _of_holdings(asked)
        found = found or asked.of_platform(asked)
    else:
        found = _of_sale(asked)
    return found or self_trade(asked)


def exchange_takes(instrument: Instrument, order_type: int) -> bool:
    """Sections 2.1 and 2.2."""
    if order_type != OrderType.FIXED_PRICE:
        return instrument.phase in ORDERS_TAKEN
    early = FIXED_EARLY if instrument.rules.after_hours == 2 else ()
    return instrument.phase in (*FIXED_TAKEN, *early)


def waits_for_hours(instrument: Instrument) -> bool:
    day, close = instrument.day, instrument.close
    if instrument.phase != Phase.AFTER_HOURS or not close or not day.tick:
        return True
    return (close - day.limit_down) % day.tick != 0 or not day.limit_down <= close <= day.limit_up


def against_close(instrument: Instrument, side: Side, price: int) -> Refusal:
    """Section 2.2: a fixed price order trades at the close or not at all."""
    close = instrument.close
    if close and side == Side.BUY and price < close:
        return Reason.PRICE_BELOW_CLOSE, close
    if close and side == Side.SELL and price > close:
        return Reason.PRICE_ABOVE_CLOSE, close
    return None


def _of_session(asked: Asked) -> Refusal:
    if asked.is_fixed and not asked.instrument.rules.after_hours:
        return Reason.AFTER_HOURS_NOT_OFFERED, 0
    if asked.day.limit_kind == LimitKind.UNKNOWN:
        return Reason.LIMIT_UNKNOWN, 0
    if asked.day.suspended:
        return Reason.SUSPENDED, 0
    if not exchange_takes(asked.instrument, asked.type) and not asked.waits:
        return Reason.PHASE_CLOSED, 0
    return None


def _of_type(asked: Asked) -> Refusal:
    """Section 2.5: what the board takes, when, and with which price."""
    if asked.is_fixed:
        return _of_price(asked) or against_close(asked.instrument, asked.side, asked.price)
    if asked.is_limit:
        return _of_price(asked)
    rules, limited = asked.instrument.rules, asked.day.limit_kind == LimitKind.LIMITED
    named = [kind for kind in range(16) if rules.order_types >> kind & 1]
    if asked.type not in (named or (OrderType.LIMIT, OrderType.BEST_FIVE_IOC)):
        not_on_board, not_allowed = Reason.ORDER_TYPE_NOT_ON_BOARD, Reason.ORDER_TYPE_NOT_ALLOWED
        return (not_on_board if named else not_allowed), 0
    in_call = asked.instrument.phase in ORDERS_TAKEN and not asked.trades
    if in_call or not (limited or rules.protection == 2):
        return Reason.ORDER_TYPE_NOT_ALLOWED, 0
    if not rules.protection:
        return None
    if asked.price <= 0:
        least = asked.day.limit_up if asked.side == Side.BUY else asked.day.limit_down
        return Reason.PROTECTION_PRICE_MISSING, least
    return _of_price(asked)


def _of_range(asked: Asked) -> Refusal:
    """Section 1.6; what is only held until its time comes is no refusal."""
    if not asked.is_limit or asked.is_fixed or asked.account.is_market or asked.waits:
        return None
    if asked.trades and asked.instrument.rules.cage_hold & HELD:
        return None
    return out_of_range(asked.instrument, asked.side, asked.price)


def _of_price(asked: Asked) -> Refusal:
    day, price = asked.day, asked.price
    if price > day.limit_up:
        return Reason.PRICE_ABOVE_LIMIT, day.limit_up
    if price < day.limit_down:
        return Reason.PRICE_BELOW_LIMIT, day.limit_down
    if price % day.tick:
        return Reason.PRICE_OFF_TICK, min(half_up(price, day.tick), day.limit_up)
    return None


def _of_size(asked: Asked, smallest: int) -> Refusal:
    largest = asked.day.max_limit_quantity if asked.is_limit else asked.day.max_market_quantity
    if asked.is_fixed:
        largest = asked.instrument.rules.fixed_maximum or largest
    if asked.quantity <= 0:
        return Reason.QUANTITY_NOT_POSITIVE, smallest
    if asked.quantity > largest:
        return Reason.QUANTITY_ABOVE_MAXIMUM, largest
    return None


def _of_buy_size(asked: Asked) -> Refusal:
    day, quantity = asked.day, asked.quantity
    if found := _of_size(asked, day.buy_minimum):
        return found
    if quantity < day.buy_minimum:
        return Reason.QUANTITY_BELOW_MINIMUM, day.buy_minimum
    if quantity % day.buy_step:
        return Reason.QUANTITY_OFF_LOT, max(quantity - quantity % day.buy_step, day.buy_minimum)
    return None


def _may_be_sold(day: DayTerms, available: int, quantity: int) -> bool:
    """Section 1.3, and the single-share boards of 1.2."""
    if day.sell_step == 1:
        return quantity >= day.sell_minimum or quantity == available
    residue = available % day.sell_step
    return quantity % day.sell_step in (0, residue)


def sellable(position: Position, day: DayTerms) -> int:
    today = 0 if day.same_day_sale else position.bought_today
    return max(0, position.quantity - position.frozen - position.unlisted - today)


def _of_sale(asked: Asked) -> Refusal:
    day, quantity = asked.day, asked.quantity
    free = sellable(asked.position, day)
    if quantity > free:
        return Reason.NOT_SELLABLE, free
    available = asked.position.quantity - asked.position.frozen - asked.position.unlisted
    tried = range(1, min(available, max(day.sell_step, day.sell_minimum)) + 1)
    smallest = next((n for n in tried if _may_be_sold(day, available, n)), available)
    if found := _of_size(asked, smallest):
        return found
    if _may_be_sold(day, available, quantity):
        return None
    if day.sell_step == 1:
        return Reason.QUANTITY_BELOW_MINIMUM, smallest
    smaller = (n for n in range(quantity - 1, 0, -1) if _may_be_sold(day, available, n))
    odd = available % day.sell_step > 0
    reason = Reason.ODD_LOT_SPLIT if odd else Reason.QUANTITY_OFF_LOT
    return reason, next(smaller, smallest)


def _of_grade(asked: Asked) -> Refusal:
    if asked.account.overdue:
        return Reason.CONTRACT_OVERDUE, asked.account.debt
    if asked.account.grade < Grade.RESTRICT or asked.product is None:
        return None
    return Reason.GRADE_RESTRICTED, asked.house.missing_above_restrict(asked.account)


def worst_price(asked: Asked) -> int:
    if asked.is_limit or asked.instrument.rules.protection:
        return asked.price
    return asked.day.limit_up if asked.side == Side.BUY else asked.day.limit_down


def _of_power(asked: Asked) -> Refusal:
    """Paid for with cash, with what the buy draws, or on margin; the lender must lend that."""
    return _of_own_power(asked) or _of_loan(asked)


def _of_loan(asked: Asked) -> Refusal:
    if not asked.financed and asked.account.family not in DRAWING:
        return None
    free = max(0, asked.account.cash - asked.account.frozen)
    loan = asked.quantity * worst_price(asked)
    if not asked.financed:
        loan += fees_of(asked.fees, Side.BUY, asked.quantity, loan).total - free
    found = asked.of_lender(loan) if loan > 0 else None
    if found and found[0] == Reason.NO_NEW_FINANCING and not asked.financed:
        return _of_cash(asked, free, Reason.NO_NEW_FINANCING)
    return found


def _of_own_power(asked: Asked) -> Refusal:
    account = asked.account
    if account.family == Family.LICENSED and asked.financed:
        return _of_margin(asked)
    if asked.financed:
        return Reason.FINANCING_NOT_ALLOWED, 0
    free = account.cash - account.frozen
    if account.family not in DRAWING:
        return _of_cash(asked, free, Reason.INSUFFICIENT_CASH)
    free += asked.house.line_left(account)
    if found := _of_cash(asked, free, Reason.CREDIT_INSUFFICIENT):
        return found
    return _of_coefficients(asked) if account.family == Family.COMBINATION else None


def _fitting(asked: Asked, money: int) -> int:
    """Whole steps that `money` buys at the worst price."""
    day = asked.day
    most = max(0, money) // worst_price(asked) // day.buy_step * day.buy_step
    return most if most >= day.buy_minimum else 0


def _of_coefficients(asked: Asked) -> Refusal:
    coefficient = asked.house.coefficient(asked.account, asked.position.instrument)
    free = asked.house.free_margin(asked.account)
    new = asked.quantity * worst_price(asked)
    if ceil(Fraction(new * coefficient, PPM)) <= free:
        return None
    return Reason.MARGIN_INSUFFICIENT, _fitting(asked, max(0, free) * PPM // coefficient)


def _of_margin(asked: Asked) -> Refusal:
    account, house = asked.account, asked.house
    ratio = house.ratio_of_today(account)
    if ratio <= 0 or house.haircut(account, asked.position.instrument) == 0:
        return Reason.FINANCING_NOT_ALLOWED, 0
    new = asked.quantity * worst_price(asked)
    if new > house.line_left(account):
        return Reason.CREDIT_INSUFFICIENT, _fitting(asked, house.line_left(account))
    margin = house.available_margin(account)
    if ceil(Fraction(new * ratio, PPM)) > margin:
        return Reason.MARGIN_INSUFFICIENT, _fitting(asked, max(0, margin) * PPM // ratio)
    fees = fees_of(asked.fees, Side.BUY, asked.quantity, new).total
    if fees > account.cash - account.frozen:
        return Reason.INSUFFICIENT_CASH, 0
    return None


def _of_cash(asked: Asked, free: int, reason: Reason) -> Refusal:
    price, step = worst_price(asked), asked.day.buy_step

    def is_paid_for(quantity: int) -> bool:
        amount = quantity * price
        return amount + fees_of(asked.fees, Side.BUY, quantity, amount).total <= free

    if is_paid_for(asked.quantity):
        return None
    most = max(0, free) // price // step * step
    while most > 0 and not is_paid_for(most):
        most -= step
    return reason, most if most >= asked.day.buy_minimum else 0


def survived_gap_ppm(product: ProductTerms) -> int:
    """Section 5.2: the largest L with r (1 - c) (1 - L) >= 1."""
    kept = Fraction(product.liquidate_ppm, PPM) * Fraction(PPM - product.exit_cost_ppm, PPM)
    return max(0, floor((1 - 1 / kept) * PPM))


def _of_holdings(asked: Asked) -> Refusal:
    """Sections 5.2 and 5.3, for the holdings after the buy; open buys count."""
    if asked.account.klass != AccountClass.CONTRACT or asked.product is None:
        return None
    product, day = asked.product, asked.day
    if asked.instrument.rules.st == RiskStatus.DELISTING:
        return Reason.HOLDING_NOT_ADMITTED, 0
    price = asked.price if asked.is_limit else asked.instrument.mark
    new = asked.quantity * price
    base = base_for_caps(asked.account, asked.assets, new, financed=asked.financed)
    least = base_for_caps(asked.account, asked.assets, 0, financed=asked.financed)
    held = [
        (instrument.day, (position.quantity + position.open_buy) * instrument.mark)
        for position in asked.account.positions
        for instrument in [asked.marks(position.instrument)]
    ]

    def fits(money: int) -> int:
        """Whole steps that `money` buys."""
        if money <= 0:
            return 0
        most = money // price // day.buy_step * day.buy_step
        return most if most >= day.buy_minimum else 0

    cap = product.class_cap_ppm[day.holding_class]
    same = sum(value for other, value in held if other.holding_class == day.holding_class)
    if cap < PPM and new > base * cap // PPM - same:
        return Reason.HOLDING_NOT_ADMITTED, fits(least * cap // PPM - same)
    cap = product.single_cap_ppm
    own = (asked.position.quantity + asked.position.open_buy) * asked.instrument.mark
    if cap < PPM and new > base * cap // PPM - own:
        return Reason.CONCENTRATION, fits(least * cap // PPM - own)
    lost = sum(ceil(Fraction(value * other.limit_ppm, PPM)) for other, value in held)
    survived = survived_gap_ppm(product)
    if ceil(Fraction(new * day.limit_ppm, PPM)) > base * survived // PPM - lost:
        room = least * survived // PPM - lost
        return Reason.GAP_NOT_SURVIVED, fits(max(0, room) * PPM // day.limit_ppm)
    return None


def reached(instrument: Instrument, side: Side, order_type: int, worst: int) -> list[Order]:
    """The opposite orders that an order may trade with, in the order in which it would."""
    others = instrument.book[1 - side]
    levels = sorted({other.price for other in others}, reverse=side == Side.SELL)
    levels = levels[: LEVELS_TAKEN.get(order_type, len(levels))]
    sign = 1 if side == Side.BUY else -1
    return [
        other for other in others if other.price in levels and sign * other.price <= sign * worst
    ]


def self_trade(asked: Asked) -> Refusal:
    ahead = 0
    if asked.waits or (asked.is_fixed and waits_for_hours(asked.instrument)):
        return None
    for other in reached(asked.instrument, asked.side, asked.type, worst_price(asked)):
        if asked.instrument.phase in MATCHING and ahead >= asked.quantity:
            return None
        if asked.person_of(other.account) == asked.account.person:
            return Reason.SELF_TRADE, other.price
        ahead += other.remaining
    return None
