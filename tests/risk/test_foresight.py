"""Plans as they are shown are what is then sent; what-ifs say what would be sold."""

from random import Random

import numpy as np
import pytest

from server.engine import building, building_actions, queries, records
from server.engine.codes import Event, Grade, MarkPolicy, OrderType, Phase
from server.engine.terms import ActionTerms
from server.risk.foresight import PlanNow, foresee, plan_now
from server.risk.plan import Wish
from tests.risk.stage import TUESDAY, YUAN, Stage, day_terms


def _first_orders(stage: Stage, account: int) -> list[tuple[int, int, int, int]]:
    """(instrument, quantity, type, price) of the forced orders of the first batch that has any."""
    for batch in stage.batches:
        told = batch.commands
        forced = (told["origin"] >= 2) & (told["kind"] == 30) & (told["account"] == account)
        if forced.any():
            return [
                (int(o["instrument"]), int(o["quantity"]), int(o["type"]), int(o["price"]))
                for o in told[forced].view(records.ORDER)
            ]
    return []


def _planned(shown: PlanNow) -> list[tuple[int, int, int, int]]:
    orders = shown.plan.orders
    return [(o.instrument, o.quantity, int(o.order_type), o.price) for o in orders]


@pytest.mark.parametrize("seed", range(30))
def test_the_orders_sent_first_are_the_plan_shown(seed: int) -> None:
    """Over random portfolios, tags, open orders and falls; the books stand still in between."""
    random = Random(seed)
    stage = Stage(instruments=3, acting=False)
    stage.open_day()
    leverage = random.choice([2, 3, 4])
    account = stage.contract(leverage, 30_500)
    for share in range(3):
        stage.buy(account, share, random.randrange(9, 11) * 100 * (leverage + 1), 100_000)
    stage.close_day()
    stage.open_day(TUESDAY, suspended=[2] if random.random() < 0.2 else [])
    for share in random.sample(range(3), random.randrange(3)):
        stage.run(building.sell_last(account, share, 1))
    quantity = stage.quantity(account, 0)
    if random.random() < 0.7:
        stage.sell(account, 0, min(quantity, 300), 108_000)
    shown = None
    for level in range(97, 89, -1):  # until a line is reached, and sometimes further
        prices = [level * 1_000] * 3
        stage.frame(*prices, bids=[p if random.random() < 0.9 else None for p in prices])
        shown = plan_now(stage.engine, stage.book, account)
        if shown is not None and random.random() < 0.3:
            break
    assert shown is not None
    stage.acting = True
    if account not in stage.book.runs:
        stage.sales.reduce_now(account)
    before = len(stage.batches)
    stage.run(building.frame_end())
    stage.batches = stage.batches[before:]
    assert _first_orders(stage, account) == _planned(shown)


def test_most_of_those_plans_sell_something() -> None:
    """The property above compares more than empty lists."""
    stage = _called()
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert [(o.symbol, o.quantity) for o in shown.plan.orders] == [("600000.SSE", 1_800)]


def _called(*tags: int) -> Stage:
    """A 1:2 contract of 6,000 and 6,000 shares at 10.00, fallen to 8.30: 124.5 %."""
    stage = Stage(acting=False)
    stage.open_day()
    account = stage.contract(2, 40_000)
    stage.buy(account, 0, 6_000, 100_000)
    stage.buy(account, 1, 6_000, 100_000)
    stage.close_day()
    stage.open_day(TUESDAY, [9, 9])
    for tag in tags:
        stage.run(building.sell_last(account, tag, 1))
    stage.frame(83_000, 83_000)
    return stage


def test_a_plan_is_shown_from_the_remind_line_on() -> None:
    stage = _called()
    stage.frame(94_000, 94_000)
    assert stage.grade(3) == Grade.NORMAL
    assert plan_now(stage.engine, stage.book, 3) is None
    stage.frame(90_000, 90_000)
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert (stage.grade(3), shown.plan.orders) == (Grade.REMIND, ())  # above the restrict line


def test_a_wish_to_sell_last_is_honoured_while_the_others_suffice() -> None:
    stage = _called(0)
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert [o.symbol for o in shown.plan.orders] == ["600001.SSE"]
    assert shown.plan.spared == (0,)
    stage.run(building.sell_last(3, 0, 0))
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert ([o.symbol for o in shown.plan.orders], shown.plan.spared) == (["600000.SSE"], ())


def test_where_a_wish_is_not_honoured_the_plan_says_why() -> None:
    stage = _called(0)
    stage.frame(82_000, 76_000, bids=[82_000, None])  # 600001 cannot be sold
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert shown.kind == "liquidation"
    assert [(o.symbol, o.wish) for o in shown.plan.orders] == [("600000.SSE", Wish.ALL_IS_SOLD)]
    stage = _called(0, 1)
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert [o.wish for o in shown.plan.orders] == [Wish.OTHERS_DO_NOT_SUFFICE]
    stage = _called(0)
    stage.frame(83_000, 83_000, bids=[83_000, None])
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert [o.wish for o in shown.plan.orders] == [Wish.OTHERS_CANNOT_BE_SOLD]


def test_the_plan_leaves_the_account_above_the_restrict_line() -> None:
    stage = _called()
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert shown.assets_after * 1_000_000 > shown.debt_after * 1_300_000
    assert shown.proceeds == 1_800 * 83_000 - 500  # five fees may round by a fen each


def test_a_fall_says_which_lines_it_crosses_and_what_is_sold_then() -> None:
    stage = _called()
    stage.frame(98_000, 98_000)
    found = foresee(stage.engine, 3, move_ppm=-153_000)  # to 8.30
    assert found.supposed.crossed == [Grade.REMIND, Grade.RESTRICT, Grade.REDUCE]
    assert found.plan is not None
    assert [(o.symbol, o.quantity) for o in found.plan.plan.orders] == [("600000.SSE", 1_800)]
    assert foresee(stage.engine, 3, deposit=20_000 * YUAN, move_ppm=-153_000).plan is None
    assert stage.grade(3) == Grade.NORMAL


def test_a_sale_first_leaves_less_to_be_sold() -> None:
    stage = _called()
    found = foresee(stage.engine, 3, move_ppm=-10_000, sell_last=[0])
    assert found.plan is not None
    assert found.plan.plan.orders[0].symbol == "600001.SSE"


def test_a_plan_in_the_opening_call_waits_as_the_run_would() -> None:
    stage = _called()
    stage.close_day()
    stage.open_day(20250108, [8, 8], phase=Phase.OPENING_CALL)
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert shown.kind == "liquidation"
    assert {o.order_type for o in shown.plan.orders} == {OrderType.LIMIT}


def test_open_orders_count_as_cancelled() -> None:
    stage = _called()
    stage.sell(3, 0, 6_000, 90_000)
    assert queries.sellable(stage.engine, 3, 0) == 0
    shown = plan_now(stage.engine, stage.book, 3)
    assert shown is not None
    assert [(o.symbol, o.quantity) for o in shown.plan.orders] == [("600000.SSE", 1_800)]
    assert not np.isin(stage.batches[-1].events["kind"], [Event.ORDER_CANCELLED]).any()


def test_the_dividend_tax_of_what_is_sold_is_deducted() -> None:
    """5.00 yuan a share got the day before: 20 % of it, 1.00 on every share that the plan sells."""
    stage = Stage(instruments=1, acting=False)
    stage.open_day()
    account = stage.contract(4, 100_000)
    stage.buy(account, 0, 50_000, 100_000)
    stage.close_day()
    dividend = ActionTerms(
        action=1,
        cash=50_000 * 10**6,
        taxable=50_000 * 10**6,
        reference=50_000,
        tax_month_ppm=200_000,
        tax_year_ppm=100_000,
    )
    stage.run(
        building.day_open(TUESDAY, MarkPolicy.SOURCE),
        building_actions.tax_periods(20241207, 20240107),
        building_actions.corporate_action(0, dividend),
        building.instrument_day(0, day_terms(50_000)),
        building.ladders(),
        building.phase(-1, Phase.CONTINUOUS),
    )
    stage.buy(account, 0, 50_000, 50_000)  # the dividend, in shares that are not sellable today
    stage.frame(46_000)
    plan = plan_now(stage.engine, stage.book, account)
    assert plan is not None
    sold = sum(order.quantity for order in plan.plan.orders)
    assert 0 < sold <= 50_000
    after_tax = sold * (46_000 - 10_000)
    assert after_tax - 2 * YUAN <= plan.proceeds <= after_tax
