"""Contracts of every family over a real socket, from the opening to the end."""

from pathlib import Path

import pytest

from server.engine import building
from server.engine.codes import Side
from server.protocol.accounts import (
    Account,
    CloseContract,
    Done,
    Draw,
    Extend,
    GetProducts,
    OpenContract,
    Repay,
    Transfer,
    Withdraw,
)
from server.protocol.session import Failed
from server.protocol.trading import GetOrders, Order, Placed, PlaceOrder, WhatIf
from tests.gateway.client import Client, client
from tests.gateway.house import (
    CASH,
    COMBINATION,
    FLEXIBLE,
    LICENSED,
    MAKER,
    YUAN,
    house,
)

SYMBOL = "600000.SSE"


async def opened(trader: Client, source: int, product: int, yuan: int, credit: int = 0) -> Account:
    done = await trader.ask(OpenContract(0, source, product, yuan * YUAN, f"o{product}", credit))
    assert isinstance(done, Done), done
    return await trader.wait(Account, lambda account: account.account == done.account)


def order(
    account: int, side: str, quantity: int, name: str, *, financed: bool = False
) -> PlaceOrder:
    return PlaceOrder(
        0, account, SYMBOL, side, "limit", quantity, name, 10 * YUAN, financed=financed
    )  # type: ignore[arg-type]


async def test_every_product_is_published_with_its_version_and_terms(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        items = {item.product: item for item in (await trader.ask(GetProducts(0))).items}
        assert [items[n].family for n in (COMBINATION, FLEXIBLE, LICENSED, CASH)] == [
            *("combination", "flexible", "licensed", "cash")
        ]
        licensed = items[LICENSED]
        assert (licensed.withdraw_ppm, licensed.financing_margin_ppm) == (3_000_000, 500_000)
        assert (licensed.class_haircut_ppm, licensed.daily_rate_ppb) == (
            [650_000, 650_000, 650_000, 0],
            231_944,
        )
        assert (licensed.call_days, licensed.call_at, licensed.version) == (1, "close", 2)
        assert items[COMBINATION].class_coefficient_ppm == [250_000, 500_000, 1_000_000, 1_000_000]


async def test_a_flexible_contract_draws_and_repays_by_the_day(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=50_000)
        await trader.login("anna")
        held = await opened(trader, cash, FLEXIBLE, 100_000)
        assert (held.name, held.family) == (f"按日灵活 #{held.account}", "flexible")
        assert (held.debt, held.credit, held.credit_left) == (0, 200_000 * YUAN, 200_000 * YUAN)
        assert (held.buying_power, held.drawable) == (300_000 * YUAN, 200_000 * YUAN)

        too_much = await trader.ask(Draw(0, held.account, 200_001 * YUAN, "d1"))
        assert (too_much.code, too_much.figure) == ("credit_line_exceeded", 200_000 * YUAN)
        assert isinstance(await trader.ask(Draw(0, held.account, 30_000 * YUAN, "d2")), Done)
        drawn = await trader.wait(Account, lambda each: each.debt > 0)
        assert (drawn.loan, drawn.cash) == (30_000 * YUAN, 130_000 * YUAN)
        assert drawn.interest_a_day == 105_000  # 12.6 % / 360 of 30,000
        again = await trader.ask(Draw(0, held.account, 30_000 * YUAN, "d2"))
        assert again.duplicate

        asked = await trader.ask(WhatIf(0, held.account, SYMBOL, "buy", "limit", 20_000, 10 * YUAN))
        assert asked.code == ""
        assert asked.debt == 100_054 * YUAN  # 200,054 with the fees, less what there is
        assert asked.credit_left_after < 100_000 * YUAN
        assert isinstance(await trader.ask(order(held.account, "buy", 20_000, "b")), Placed)
        bought = await trader.wait(Account, lambda each: each.market_value > 0)
        assert bought.debt == asked.debt

        extended = await trader.ask(Extend(0, held.account, "e1"))
        assert extended.code == "extension_not_allowed"
        await server.do(building.accrue(2))
        due = await trader.wait(Account, lambda each: each.interest > 0)
        assert (due.interest, due.days) == (2 * due.interest_a_day, 2)


async def test_a_licensed_account_buys_on_margin_and_repays_by_selling(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=50_000)
        await trader.login("anna")
        held = await opened(trader, cash, LICENSED, 100_000)
        assert (held.family, held.withdraw_ppm) == ("licensed", 3_000_000)
        assert (held.margin, held.financing_ratio_ppm) == (100_000 * YUAN, 500_000)
        assert held.financing_power == 200_000 * YUAN

        asked = WhatIf(0, held.account, SYMBOL, "buy", "limit", 10_000, 10 * YUAN, financed=True)
        foreseen = await trader.ask(asked)
        assert (foreseen.code, foreseen.debt) == ("", 100_000 * YUAN)
        refused = await trader.ask(order(held.account, "buy", 30_000, "x", financed=True))
        assert (refused.code, refused.figure) == ("margin_insufficient", 20_000)
        placed = await trader.ask(order(held.account, "buy", 10_000, "b", financed=True))
        assert placed.order.financed
        history = await trader.ask(GetOrders(0))
        assert [each.financed for each in history.items if each.status == "filled"] == [True]

        owing = await trader.wait(Account, lambda each: bool(each.loans))
        (loan,) = owing.loans
        assert (loan.symbol, loan.principal, loan.quantity) == (SYMBOL, 100_000 * YUAN, 10_000)
        assert (loan.ratio_ppm, loan.days_left, loan.opened) == (500_000, 180, 20_150_824)
        assert loan.due == 20_160_220
        assert owing.margin == foreseen.margin_after

        assert (await trader.ask(Extend(0, held.account, "e0", 99))).code == "unknown_loan"
        assert isinstance(await trader.ask(Extend(0, held.account, "e1", loan.number)), Done)
        longer = await trader.wait(Account, lambda each: each.loans[0].extensions == 1)
        assert longer.loans[0].days_left == 360

        repaid = await trader.ask(Repay(0, held.account, 40_000 * YUAN, "r", SYMBOL))
        assert isinstance(repaid, Done)
        less = await trader.wait(Account, lambda each: each.loan == 60_000 * YUAN)
        assert less.loans[0].quantity == 6_000
        over = await trader.ask(Withdraw(0, held.account, 60_000 * YUAN, "w"))
        assert over.code == "withdrawable_exceeded"
        assert over.figure == less.withdrawable


async def test_a_combination_contract_says_what_it_needs(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=50_000)
        await trader.login("anna")
        held = await opened(trader, cash, COMBINATION, 100_000, 150_000 * YUAN)
        assert (held.credit, held.margin_need) == (150_000 * YUAN, 0)
        assert (held.days_left, held.extensions_left) == (180, 2)
        await trader.ask(order(held.account, "buy", 4_000, "b"))
        bought = await trader.wait(Account, lambda each: each.market_value > 0)
        assert bought.margin_need == 10_000 * YUAN
        assert bought.margin == bought.assets - bought.debt - 10_000 * YUAN
        assert isinstance(await trader.ask(Extend(0, held.account, "e")), Done)
        extended = await trader.wait(Account, lambda each: each.extensions == 1)
        assert (extended.days_left, extended.extensions_left) == (360, 1)


async def test_a_settled_contract_says_where_the_rest_goes_and_when(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await trader.login("anna")
        held = await opened(trader, cash, FLEXIBLE, 50_000)
        await trader.ask(CloseContract(0, held.account, cash, "c"))
        closed = await trader.wait(Account, lambda each: each.status == "releasing")
        assert (closed.release_to, closed.release_left, closed.cash) == (cash, 1, 50_000 * YUAN)


async def test_a_further_cash_account_is_opened_once(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await trader.login("anna")
        asked = OpenContract(0, cash, CASH, 0, "second")
        done = await trader.ask(asked)
        again = await trader.ask(asked)
        assert (again.account, again.duplicate) == (done.account, True)
        assert isinstance(await trader.ask(Transfer(0, cash, done.account, YUAN, "t")), Done)
        paid = await trader.ask(OpenContract(0, cash, CASH, YUAN, "third"))
        assert (paid.code, paid.figure) == ("deposit_out_of_range", 0)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Draw(0, MAKER, YUAN, "a"), "not_your_account"),
        (Extend(0, MAKER, "a"), "not_your_account"),
        (Draw(0, 1, YUAN, "a"), "not_a_contract"),
        (Extend(0, 1, "a"), "not_a_contract"),
        (Extend(0, 1, "a", -1), "unknown_loan"),
        (Repay(0, 1, YUAN, "a", "999999.SSE"), "unknown_symbol"),
        (OpenContract(0, 1, 5, YUAN, "a"), "unknown_product"),
        (OpenContract(0, 1, FLEXIBLE, 50_000 * YUAN, "a", -1), "credit_line_exceeded"),
    ],
)
async def test_what_such_requests_may_not_say(tmp_path: Path, request_: object, code: str) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        failed = await trader.ask(request_)
        assert isinstance(failed, Failed)
        assert failed.code == code


async def test_an_order_of_another_kind_of_contract_is_not_financed(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await trader.login("anna")
        failed = await trader.ask(order(cash, "buy", 100, "a", financed=True))
        assert failed.code == "financing_not_allowed"
        refused = await trader.wait(Order, lambda each: each.status == "rejected")
        assert refused.financed
