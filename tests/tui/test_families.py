"""Contracts of every family by keyboard: their sheets, their forms, and orders on margin."""

import pytest

from honghe_tui.app import HongheApp
from honghe_tui.i18n import Language
from server.protocol.accounts import Draw, Extend, OpenContract, PayRights, Repay
from server.protocol.messages import Request
from server.protocol.trading import PlaceOrder, WhatIf
from tests.tui import families
from tests.tui.canned import YUAN
from tests.tui.harness import MIDDLE, SMALL, Hands, drawn, make_app, running, screen_text, until


def one_line(app: HongheApp) -> str:
    return " ".join(screen_text(app).split())


@pytest.mark.parametrize(
    ("size", "language", "seen"),
    [
        (
            SMALL,
            "zh",
            {"融资账户 版本 1", "即刻强制平仓", "折算率", "8.35% /360"},
        ),
        (
            MIDDLE,
            "en",
            {"Margin financing version 1", "Haircuts", "180 days for each"},
        ),
    ],
)
async def test_the_product_page_has_every_line_and_rate(
    size: tuple[int, int], language: Language, seen: set[str]
) -> None:
    app = make_app(families.server(), Hands(), language, direct=True)
    async with running(app, size) as pilot:
        await pilot.press("5", "down", "down", "down", "v")
        said = ""
        for _ in range(4):
            await drawn(app, pilot)
            said += " " + one_line(app)
            await pilot.press("pagedown")
        assert {words for words in seen if words not in said} == set()
        await pilot.press("right")
        await drawn(app, pilot)
        assert ("普通现金" if language == "zh" else "Cash account") in one_line(app)


async def test_the_product_page_says_when_interest_is_collected() -> None:
    app = make_app(families.server(), Hands(), direct=True)
    async with running(app, SMALL) as pilot:
        await pilot.press("5", "down", "down", "down", "v", "left")
        said = ""
        for _ in range(4):
            await drawn(app, pilot)
            said += " " + one_line(app)
            await pilot.press("pagedown")
        assert "按日灵活" in said
        assert "每 30 天后付一次" in said
        assert "资金不足的部分转入本金" in said


async def test_a_contract_says_its_family_term_and_loans() -> None:
    app = make_app(families.server(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "down", "down", "down", "enter")
        await drawn(app, pilot)
        said = one_line(app)
        assert "招商银行 2,000 股 70,000.00 息 16.00 到期 2016-02-15（179 天）" in said
        assert "可用保证金 95,000.00" in said
        await pilot.press("escape")
        await drawn(app, pilot)
        assert "可融资买入 19.00万" in one_line(app)


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        (["down", "f", *"30000"], Draw(0, 1, 30_000 * YUAN, "")),
        (["down", "down", "e"], Extend(0, 2, "")),
        (["down", "down", "down", "e", "right"], Extend(0, 3, "", 9)),
        (
            ["down", "down", "down", "p", "right", *"500"],
            Repay(0, 3, 500 * YUAN, "", "600036.SSE", 7),
        ),
        (["g", *"600"], PayRights(0, 3, "600036.SSE", 600, "")),
        (["o", "down", *["right"] * 4, *"50000"], OpenContract(0, 0, 7, 50_000 * YUAN, "")),
        (
            ["o", "down", *["right"] * 3, *"50000", "down", *"80000"],
            OpenContract(0, 0, 6, 50_000 * YUAN, "", 80_000 * YUAN),
        ),
        (["o", "down", *["left"] * 3], OpenContract(0, 0, 9, 0, "")),
    ],
)
async def test_each_form_of_a_family_sends_what_it_says(keys: list[str], request_: Request) -> None:
    server = families.server()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "up", "up", "up", *keys, "enter", "y")
        kind = type(request_)
        await until(lambda: len(server.of_kind(kind)) == 1)
        sent = server.of_kind(kind)[0]
        request_.id, request_.request_id = sent.id, sent.request_id  # type: ignore[union-attr]
        assert sent == request_


async def test_rights_are_shown_with_the_holding() -> None:
    app = make_app(families.server(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("4")
        await drawn(app, pilot)
        assert "可配 600 股 @8.00" in one_line(app)


async def test_nothing_is_sent_without_rights() -> None:
    server = families.server()
    server.positions = []
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "g", *"600", "enter", "y")
        await drawn(app, pilot)
        assert "没有可认购的配股" in one_line(app)
        assert server.of_kind(PayRights) == []


@pytest.mark.parametrize(("key", "words"), [("b", "融资买入"), ("s", "卖券还款")])
async def test_a_licensed_account_orders_on_margin(key: str, words: str) -> None:
    server = families.server()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        app.terminal.account = 3
        await pilot.press(key, "shift+tab", "shift+tab", "shift+tab", "right")
        await drawn(app, pilot)
        assert words in one_line(app)
        assert server.of_kind(WhatIf)[-1].financed
        await pilot.press("tab", "tab", "tab", "tab", *"100", "enter")
        await drawn(app, pilot)
        assert f"账户#3 {words}" in one_line(app)
        await pilot.press("y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        assert server.of_kind(PlaceOrder)[0].financed


async def test_a_sale_to_repay_names_its_loan() -> None:
    server = families.server()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        app.terminal.account = 3
        await pilot.press("s", "shift+tab", "shift+tab", "shift+tab", "right")
        await pilot.press(*["tab"] * 4, *"100", "tab", "right", "right")
        await drawn(app, pilot)
        assert "#9 601318 2016-02-16" in one_line(app)
        await pilot.press("enter")
        await drawn(app, pilot)
        assert "账户#3 卖券还款（合约#9）" in one_line(app)
        await pilot.press("y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        assert server.of_kind(PlaceOrder)[0].loan == 9


async def test_other_accounts_are_not_asked_for_margin() -> None:
    server = families.server()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        app.terminal.account = 1
        await pilot.press("b", "tab", *"100", "enter", "y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        assert not server.of_kind(PlaceOrder)[0].financed
        assert "融资买入" not in one_line(app)
