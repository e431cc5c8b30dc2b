"""What one order would do to an account, without sending it.

An order that passes the checks is carried out by the kernel on a copy; of one that does not, the
figures are those of the order as it was asked for.
"""

from dataclasses import dataclass

from server.engine.arithmetic import PPM
from server.engine.assess import assess, grade_at, largest_quantity, limit_down_loss
from server.engine.codes import Grade, OrderType, Side
from server.engine.engine import Engine
from server.engine.queries import (
    assets,
    buying_power,
    credit_of,
    interest_a_day,
    ratio_ppm,
    withdrawable,
)
from server.engine.reasons import Reason
from server.engine.supposing import (
    LineDistance,
    Rest,
    SupposedOrder,
    distances,
    suppose,
)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The order's outcome and the account after it; money in 1/10 000 yuan."""

    reason: Reason
    figure: int
    filled_now: int
    average_price: int
    amount: int
    fees: int
    frozen: int
    rest: Rest
    rest_price: int
    debt: int
    assets_before: int
    assets_after: int
    ratio_before_ppm: int
    ratio_after_ppm: int
    grade_after: Grade
    interest_a_day: int
    largest_quantity: int
    withdrawable_before: int
    withdrawable_after: int
    debt_before: int
    credit_left_after: int
    margin_after: int
    buying_power_after: int
    lines: list[LineDistance]


def what_if(
    engine: Engine,
    account: int,
    instrument: int,
    side: Side,
    order_type: OrderType,
    price: int,
    quantity: int,
    financed: int = 0,
) -> WhatIf:
    """Assesses one order; what rests of it is taken to fill where `supposing` says.

    `account` and `instrument` must be known indices; everything else may be anything an order may.
    """
    s, plain = engine.workspace, (int(side), int(order_type))  # an enum is another type to numba
    reason, figure, filled, amount, rest, rests_at, fees = assess(
        s, account, instrument, *plain, quantity, price, financed
    )
    most = largest_quantity(s, account, instrument, *plain, price, financed)
    if reason != Reason.NONE:
        asked = _Asked(instrument, side, order_type, price, quantity)
        found = (reason, figure, filled, amount, rest, rests_at, fees, most)
        return _refused(engine, account, asked, found)
    order = SupposedOrder(instrument, side, order_type, price, quantity, financed=financed)
    seen = suppose(engine, account, [order])
    done, after = seen.orders[0], seen.copy.engine
    left, _, margin = credit_of(after, account)
    return WhatIf(
        reason=done.reason,
        figure=done.figure,
        filled_now=done.filled_now,
        average_price=done.amount_now // done.filled_now if done.filled_now else 0,
        amount=done.amount,
        fees=done.fees,
        frozen=done.frozen,
        rest=done.rest,
        rest_price=done.rest_price,
        debt=seen.after.debt,
        assets_before=seen.before.assets,
        assets_after=seen.after.assets,
        ratio_before_ppm=seen.before.ratio_ppm,
        ratio_after_ppm=seen.after.ratio_ppm,
        grade_after=seen.after.grade,
        interest_a_day=interest_a_day(after, account),
        largest_quantity=int(most),
        withdrawable_before=seen.before.withdrawable,
        withdrawable_after=seen.after.withdrawable,
        debt_before=seen.before.debt,
        credit_left_after=left,
        margin_after=margin,
        buying_power_after=buying_power(after, account),
        lines=seen.after.lines,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    instrument: int
    side: Side
    order_type: OrderType
    price: int
    quantity: int


def _refused(engine: Engine, account: int, asked: _Asked, found: tuple[int, ...]) -> WhatIf:
    """What the order would do if it were taken."""
    s = engine.workspace
    reason, figure, filled, amount, rest, rests_at, fees, most = (int(each) for each in found)
    day = engine.state.instruments[asked.instrument]
    mark = int(day["mark"])
    total = amount + rest * rests_at
    sign = 1 if asked.side == Side.BUY else -1
    change = sign * ((filled + rest) * mark - total) - fees
    before = assets(engine, account)
    row = engine.state.accounts[account]
    debt = int(row["debt"])
    value = int(row["value"]) + sign * (filled + rest) * mark
    loss = int(limit_down_loss(s, account))
    loss += sign * (filled + rest) * mark * int(day["limit_ppm"]) // PPM
    free = withdrawable(engine, account)
    left, _, margin = credit_of(engine, account)
    return WhatIf(
        reason=Reason(reason),
        figure=figure,
        filled_now=filled,
        average_price=amount // filled if filled else 0,
        amount=total,
        fees=fees,
        frozen=rest * rests_at if asked.side == Side.BUY else 0,
        rest=Rest.NONE,
        rest_price=0,
        debt=debt,
        assets_before=before,
        assets_after=before + change,
        ratio_before_ppm=ratio_ppm(before, debt),
        ratio_after_ppm=ratio_ppm(before + change, debt),
        grade_after=Grade(grade_at(s, account, before + change)),
        interest_a_day=interest_a_day(engine, account),
        largest_quantity=most,
        withdrawable_before=free,
        withdrawable_after=free,
        debt_before=debt,
        credit_left_after=left,
        margin_after=margin,
        buying_power_after=buying_power(engine, account),
        lines=distances(engine, account, before + change, value, loss),
    )
