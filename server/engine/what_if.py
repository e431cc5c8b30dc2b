"""What an order would do to an account, without sending it.

The checks are those of the order path itself, on the state as it is; nothing is changed.
"""

from dataclasses import dataclass

from server.engine.arithmetic import PPM
from server.engine.assess import assess, grade_at, largest_quantity, limit_down_loss
from server.engine.codes import Grade, OrderType, Reason, Side
from server.engine.engine import Engine
from server.engine.queries import assets, interest_a_day, ratio_ppm


@dataclass(frozen=True, slots=True)
class LineDistance:
    """How far a line is from the assets after the order."""

    grade: Grade
    line_ppm: int
    assets: int  # at which the line is reached
    fall: int  # money; negative when already passed
    fall_ppm: int  # of the holdings' value
    limit_downs_ppm: int  # whole-portfolio limit-down days, in ppm of a day


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
    debt: int
    assets_before: int
    assets_after: int
    ratio_before_ppm: int
    ratio_after_ppm: int
    grade_after: Grade
    interest_a_day: int
    largest_quantity: int
    lines: list[LineDistance]


def what_if(
    engine: Engine,
    account: int,
    instrument: int,
    side: Side,
    order_type: OrderType,
    price: int,
    quantity: int,
) -> WhatIf:
    """Assesses one order; the rest of a limit order is taken to fill at its price.

    `account` and `instrument` must be known indices; everything else may be anything an order may.
    """
    s = engine.workspace
    reason, figure, filled, amount, fees = assess(
        s, account, instrument, side, order_type, quantity, price
    )
    mark = int(engine.state.instruments[instrument]["mark"])
    rest = quantity - filled if order_type == OrderType.LIMIT else 0
    total = amount + rest * price
    sign = 1 if side == Side.BUY else -1
    change = sign * ((filled + rest) * mark - total) - fees
    before = assets(engine, account)
    row = engine.state.accounts[account]
    debt = int(row["debt"])
    value = int(row["value"]) + sign * (filled + rest) * mark
    loss = limit_down_loss(s, account)
    limit_ppm = int(engine.state.instruments[instrument]["limit_ppm"])
    loss += sign * (filled + rest) * mark * limit_ppm // PPM
    return WhatIf(
        reason=Reason(reason),
        figure=int(figure),
        filled_now=int(filled),
        average_price=int(amount // filled) if filled else 0,
        amount=int(total),
        fees=int(fees),
        frozen=int(rest * price) if side == Side.BUY else 0,
        debt=debt,
        assets_before=before,
        assets_after=before + change,
        ratio_before_ppm=ratio_ppm(before, debt),
        ratio_after_ppm=ratio_ppm(before + change, debt),
        grade_after=Grade(grade_at(s, account, before + change)),
        interest_a_day=interest_a_day(engine, account),
        largest_quantity=int(largest_quantity(s, account, instrument, side, order_type, price)),
        lines=distances(engine, account, before + change, value, int(loss)),
    )


def distances(engine: Engine, account: int, held: int, value: int, loss: int) -> list[LineDistance]:
    """The four lines, from assets `held`; the holdings are worth `value`, a limit-down `loss`."""
    row = engine.state.accounts[account]
    debt = int(row["debt"])
    if debt <= 0:
        return []
    found: list[LineDistance] = []
    for i, line in enumerate(engine.state.terms[row["product"]]["line_ppm"].tolist()):
        reached = debt * line // PPM
        fall = held - reached
        found.append(
            LineDistance(
                grade=Grade(i + 1),
                line_ppm=line,
                assets=reached,
                fall=fall,
                fall_ppm=fall * PPM // value if value > 0 else 0,
                limit_downs_ppm=fall * PPM // loss if loss > 0 else 0,
            )
        )
    return found
