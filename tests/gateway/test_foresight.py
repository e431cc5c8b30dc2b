"""What-if over an account, plans and wishes, over the wire."""

from pathlib import Path

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Event, Side
from server.protocol.accounts import Account
from server.protocol.desk import DeskTomorrow
from server.protocol.risk import (
    AccountForecast,
    BasketOrder,
    GetPlan,
    GetTomorrow,
    LiquidationPlan,
    SetSellLast,
    SupposedPrice,
    Tomorrow,
    WhatIfAccount,
)
from server.protocol.session import Failed, Ok
from tests.gateway.client import client
from tests.gateway.house import SYMBOLS, YUAN, House, house

SHARE, OTHER = SYMBOLS


async def _invested(made: House) -> int:
    """A 1:2 contract of 40,000 with 11,000 shares at 10.00."""
    _, cash = await made.person("li")
    await made.do(building.contract_open(cash, 0, 40_000 * YUAN))
    contract = cash + 1
    await made.quote(Side.SELL, 1_000, 11_000)
    events = await made.do(building.order(contract, 0, Side.BUY, 0, 10 * YUAN, 11_000))
    assert (events["kind"] == Event.FILL).any()
    return contract


def _marked(price: int) -> Commands:
    parts = [building.frame_begin(), building.price(0, price), building.frame_end()]
    return building.concat(parts)


async def test_a_fall_is_foreseen_and_nothing_is_sent(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li:
        contract = await _invested(made)
        await li.login("li")
        before = made.engine.state_hash()
        found = await li.ask(WhatIfAccount(0, contract, move_ppm=-100_000))
        assert isinstance(found, AccountForecast)
        assert found.before.grade == "normal"
        assert (found.after.grade, found.crossed) == ("remind", ["remind"])
        assert found.after.assets == found.before.assets - 11_000 * YUAN
        assert (found.plan_kind, found.plan is not None) == ("reduction", True)
        assert made.engine.state_hash() == before


async def test_a_basket_says_of_each_order_what_would_come_of_it(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li:
        contract = await _invested(made)
        await li.login("li")
        basket = [
            BasketOrder(OTHER, "buy", "limit", 100, 10 * YUAN),
            BasketOrder(OTHER, "buy", "limit", 50, 10 * YUAN),
        ]
        question = WhatIfAccount(0, contract, basket, deposit=1_000 * YUAN)
        question.prices = [SupposedPrice(OTHER, 11 * YUAN)]
        found = await li.ask(question)
        assert [each.code for each in found.orders] == ["", "quantity_below_minimum"]
        assert found.orders[0].amount == 1_000 * YUAN
        # 1,000 deposited, 100 shares that gain 1.00 each, less the fees
        gain = (1_000 + 100) * YUAN - found.orders[0].fees
        assert found.after.assets == found.before.assets + gain


async def test_a_plan_is_for_its_owner_and_says_the_cures(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li, client(made) as eve:
        contract = await _invested(made)
        await made.person("eve")
        await li.login("li")
        await eve.login("eve")
        plan = await li.ask(GetPlan(0, contract))
        assert isinstance(plan, LiquidationPlan)
        assert (plan.kind, plan.when, plan.steps) == ("none", "none", None)
        await made.do(building.concat([
            building.frame_begin(), building.price(0, 85_000), building.frame_end(),
        ]))  # fmt: skip
        plan = await li.ask(GetPlan(0, contract))
        assert (plan.kind, plan.when) == ("reduction", "if_called")
        assert plan.deposit > 0
        assert plan.repay > plan.deposit
        assert plan.steps is not None
        assert (plan.steps.repay, plan.steps.orders) == (plan.repay, [])  # cash suffices
        for question in (GetPlan(0, contract), WhatIfAccount(0, contract),
                         SetSellLast(0, contract, SHARE)):  # fmt: skip
            refused = await eve.ask(question)
            assert isinstance(refused, Failed)
            assert refused.code == "not_your_account"


async def test_a_wish_is_in_the_journal_before_it_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li:
        contract = await _invested(made)
        await li.login("li")
        assert isinstance(await li.ask(SetSellLast(0, contract, SHARE)), Ok)
        batch = list(made.journal.batches())[-1]
        assert batch.commands[0]["kind"] == 80
        refused = await li.ask(SetSellLast(0, contract, "600009.SSE"))
        assert refused.code == "unknown_symbol"
        await li.wait(Account)


async def test_what_cannot_be_asked_is_refused_with_its_bound(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li:
        contract = await _invested(made)
        await li.login("li")
        order = BasketOrder(OTHER, "buy", "limit", 100, 10 * YUAN)
        for question in (
            WhatIfAccount(0, contract, [order] * 51),
            WhatIfAccount(0, contract, move_ppm=-1_000_000),
            WhatIfAccount(0, contract, deposit=-1),
            WhatIfAccount(0, contract, prices=[SupposedPrice(SHARE, 0)]),
        ):
            assert (await li.ask(question)).code == "out_of_range"
        unknown = WhatIfAccount(0, contract, [BasketOrder("9", "buy", "limit", 100, 1)])
        assert (await li.ask(unknown)).code == "unknown_symbol"


async def test_a_plan_is_pushed_when_it_has_changed(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li:
        contract = await _invested(made)
        await li.login("li")
        await made.do(_marked(88_000))
        first = await li.wait(LiquidationPlan, lambda plan: plan.steps is not None)
        assert (first.id, first.account) == (0, contract)
        await made.do(building.sell_last(contract, 0, 1))
        made.risk.book.sell_last[contract] = {0}
        tagged = await li.wait(LiquidationPlan, lambda plan: plan.sell_last == [SHARE])
        assert tagged.steps is not None
        await made.do(_marked(110_000))
        await li.wait(LiquidationPlan, lambda plan: plan.steps is None)


async def test_tomorrows_interest_is_foreseen(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li, client(made) as wu:
        contract = await _invested(made)
        await made.officer("wu")
        await li.login("li")
        await wu.login("wu")
        found = await li.ask(GetTomorrow(0, contract))
        assert isinstance(found, Tomorrow)
        assert (found.days, found.interest) == (1, 16 * YUAN)  # 7.2 % of 80,000
        assert (found.grade, found.grade_then) == ("normal", "normal")
        assert (await li.ask(GetTomorrow(0, contract - 2))).code == "not_your_account"
        assert (await wu.ask(DeskTomorrow(0))).total == 0
