"""Plans as messages of the wire."""

from typing import Final, get_args

from server.engine.codes import Grade, OrderType
from server.engine.engine import Engine
from server.protocol import words
from server.protocol.risk import LiquidationPlan, PlanOrder, PlanQueued, PlanSteps
from server.risk.book import Book
from server.risk.cure import deposit_to_cure, repayment_to_cure
from server.risk.foresight import PlanNow, plan_now
from server.risk.reading import amount_overdue, figures_of, grade_of, restore_ppm

ORDER_TYPES: Final = dict(zip(OrderType, get_args(words.OrderType), strict=True))
OBSTACLES: Final[tuple[words.Obstacle, ...]] = get_args(words.Obstacle)  # from 1
WISHES: Final[tuple[words.Wish, ...]] = get_args(words.Wish)


def plan_message(
    engine: Engine, book: Book, held_until: int, request_id: int, account: int
) -> LiquidationPlan:
    message = LiquidationPlan(request_id, account)
    message.sell_last = [engine.symbol(each) for each in sorted(book.wishes(account))]
    planned = plan_now(engine, book, account)
    if planned is None:
        return message
    now, restrict = figures_of(engine, account), restore_ppm(engine, account)
    assets = now.cash + now.value
    message.kind = kind_of(planned)
    message.when = _when(engine, book, account, held_until)
    message.held_until = held_until
    message.deposit = deposit_to_cure(assets, now.debt, restrict)
    cure = repayment_to_cure(assets, now.debt, restrict)
    message.repay = max(cure, amount_overdue(engine, account))
    message.steps = steps(engine, planned)
    call = book.calls.get(account)
    if call is not None:
        message.deadline, message.acknowledged = call.deadline, call.acknowledged
        message.next_reminder = call.remind_at
    return message


def _when(engine: Engine, book: Book, account: int, held_until: int) -> words.PlanTime:
    """When the orders are sent."""
    if held_until:
        return "held"
    if account in book.runs:
        return "running"
    if grade_of(engine, account) >= Grade.LIQUIDATE:
        return "at_once"
    return "at_deadline" if account in book.calls else "if_called"


def steps(engine: Engine, planned: PlanNow) -> PlanSteps:
    plan = planned.plan
    return PlanSteps(
        repay=plan.repay,
        orders=[
            PlanOrder(
                *(order.rank, order.symbol, order.quantity, ORDER_TYPES[order.order_type]),
                *(order.price, order.floor, order.weight_ppm, order.limit_ppm),
                WISHES[order.wish],
            )
            for order in plan.orders
        ],
        queued=[
            PlanQueued(each.symbol, each.quantity, OBSTACLES[each.obstacle - 1])
            for each in plan.queued
        ],
        spared=[engine.symbol(each) for each in plan.spared],
        proceeds=planned.proceeds,
        assets_after=planned.assets_after,
        debt_after=planned.debt_after,
    )


def kind_of(planned: PlanNow | None) -> words.PlanKind:
    if planned is None:
        return "none"
    return "liquidation" if planned.kind == "liquidation" else "reduction"
