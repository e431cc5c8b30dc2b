"""The plan that a page expects, beside the one that would be carried out now."""

from collections.abc import Iterator

from server.engine.codes import OrderType
from server.protocol.reasons import yuan
from server.risk.foresight import PlanNow
from server.risk.plan import PlannedOrder, Queued
from server.scenarios.forced_sales import planned
from server.scenarios.kinds import money
from server.scenarios.page_plans import Plan, PlannedSale, Waiting
from server.scenarios.setting import Setting

Pair = tuple[str, str]  # expected, got


def plan_differences(setting: Setting, account: int, wanted: Plan) -> Iterator[Pair]:
    """Raises ScenarioError for names there are not."""
    now = planned(setting, account)
    yield wanted.kind, now.kind if now is not None else "none"
    if now is None:
        return
    yield yuan(money(wanted.repay)), yuan(now.plan.repay)
    yield from _of_orders(setting, wanted.orders, now)
    names = setting.names
    waiting = [_waiting_text(setting, each) for each in wanted.waiting]
    yield _list(waiting), _list([_queued_text(setting, each) for each in now.plan.queued])
    spared = [names.symbol(names.instrument_number(each), "") for each in wanted.spared]
    yield _list(spared), _list([names.symbol(each, "") for each in now.plan.spared])


def _of_orders(setting: Setting, wanted: list[PlannedSale], now: PlanNow) -> Iterator[Pair]:
    told = [_sale_text(setting, each) for each in wanted]
    for number, order in enumerate(now.plan.orders):
        like = wanted[number] if number < len(wanted) else None
        got = _order_text(setting, order, like)
        yield told[number] if like is not None else "-", got
    for text in told[len(now.plan.orders) :]:
        yield text, "-"


def _sale_text(setting: Setting, said: PlannedSale) -> str:
    symbol = setting.names.symbol(setting.names.instrument_number(said.sell), "")
    price = yuan(money(said.price)) if said.price is not None else None
    rank = f"rank {said.rank}" if said.rank is not None else None
    parts = [f"{symbol} x {said.quantity:,}", price, said.type, rank, said.wish]
    return " ".join(part for part in parts if part is not None)


def _order_text(setting: Setting, order: PlannedOrder, like: PlannedSale | None) -> str:
    """With the figures that the page has."""
    parts = [f"{setting.names.symbol(order.instrument, '')} x {order.quantity:,}"]
    if like is None or like.price is not None:
        parts.append(yuan(order.price))
    if like is None or like.type is not None:
        parts.append(OrderType(order.order_type).name.lower())
    if like is None or like.rank is not None:
        parts.append(f"rank {order.rank}")
    if like is None or like.wish is not None:
        parts.append(order.wish.name.lower())
    return " ".join(parts)


def _waiting_text(setting: Setting, said: Waiting) -> str:
    symbol = setting.names.symbol(setting.names.instrument_number(said.symbol), "")
    return f"{symbol} x {said.quantity:,} {said.why}"


def _queued_text(setting: Setting, queued: Queued) -> str:
    symbol = setting.names.symbol(queued.instrument, "")
    return f"{symbol} x {queued.quantity:,} {queued.obstacle.name.lower()}"


def _list(texts: list[str]) -> str:
    return ", ".join(texts) or "-"
