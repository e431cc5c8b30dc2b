"""The risk officer's page: for officers alone, a reason and a question before every act."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from honghe_tui.app import HongheApp
from honghe_tui.screens.desk_form import DeskForm
from honghe_tui.screens.plan_screen import PlanScreen
from honghe_tui.screens.popups import Question
from honghe_tui.screens.quotes import QuotesScreen
from honghe_tui.screens.risk import RiskScreen
from honghe_tui.screens.suppose import SupposeScreen
from honghe_tui.widgets.ratio_bars import _merged
from server.protocol.desk import DeskAccounts, DeskPlan, DeskWatch, DeskWindow
from server.protocol.desk_acts import (
    DeskHold,
    DeskPlatform,
    DeskPrice,
    DeskReduce,
    DeskRelease,
    DeskStop,
)
from server.protocol.reasons import sentences
from server.protocol.risk import GetPlan, LiquidationPlan, SetSellLast, WhatIfAccount
from server.protocol.systemic import PlatformChanged
from tests.tui import canned
from tests.tui.fake_server import FakeServer
from tests.tui.harness import SMALL, Hands, drawn, make_app, running, screen_text, until

T = TypeVar("T")


def _officers() -> FakeServer:
    server = FakeServer()
    server.role = "risk_officer"
    return server


async def test_a_trader_has_no_such_page() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        assert isinstance(app.screen, QuotesScreen)
        assert "9风控" not in screen_text(app)
        assert server.of_kind(DeskWatch) == []


async def test_the_picture_comes_first_and_the_list_below() -> None:
    app = make_app(_officers(), Hands(), direct=True)
    async with running(app, SMALL) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        assert isinstance(app.screen, RiskScreen)
        shown = screen_text(app)
        assert "9风控" in shown
        assert shown.index("0%") < shown.index("#100")
        assert "100,000" in shown
        assert "坏账" in shown


def _windows(server: FakeServer) -> list[tuple[DeskWindow, ...]]:
    return [tuple(asked.windows) for asked in server.of_kind(DeskWatch)]


async def test_the_list_in_sight_is_watched_and_no_other() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    picture = DeskWindow("overview")
    async with running(app) as pilot:
        await pilot.press("9")
        await until(lambda: len(_windows(server)) == 1)
        assert _windows(server)[-1] == (picture, DeskWindow("accounts", limit=100))
        await drawn(app, pilot)
        await pilot.press("right")
        await until(lambda: _windows(server)[-1] == (picture, DeskWindow("calls")))
        await pilot.press("left", "right_square_bracket")
        page = DeskWindow("accounts", offset=100, limit=100)
        await until(lambda: _windows(server)[-1] == (picture, page))
        await pilot.press("s")
        await until(lambda: _windows(server)[-1][1] == DeskWindow("accounts", "debt", 0, 100))
        await pilot.press("1")
        await until(lambda: _windows(server)[-1] == ())


async def test_what_is_pushed_is_drawn() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        page = canned.desk_accounts(DeskAccounts(0))
        page.items[0].ratio_ppm = 987_600
        await server.push(page)
        await drawn(app, pilot)
        assert "98.76%" in screen_text(app)


async def test_after_a_reconnection_it_is_watched_again() -> None:
    server = _officers()
    await server.start()
    app = make_app(server, Hands())
    async with running(app) as pilot:
        await pilot.press("9")
        await until(lambda: len(_windows(server)) == 1)
        server.drop()
        await until(lambda: len(_windows(server)) == 2)
        assert _windows(server)[0] == _windows(server)[1]
    await server.stop()


@pytest.mark.parametrize(
    ("key", "more", "kind"),
    [("h", ["enter"], DeskHold), ("r", [], DeskRelease), ("m", [], DeskReduce)],
)
async def test_an_act_needs_a_reason_and_an_answer(
    key: str, more: list[str], kind: type[DeskHold | DeskRelease | DeskReduce]
) -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        await pilot.press(key)
        await until(lambda: isinstance(app.screen, DeskForm))
        await pilot.press("enter")  # no reason yet
        assert isinstance(app.screen, DeskForm)
        await pilot.press(*"price", "enter", *more)
        await until(lambda: isinstance(app.screen, Question))
        assert server.of_kind(kind) == []
        await pilot.press("y")
        await until(lambda: len(server.of_kind(kind)) == 1)
        sent = server.of_kind(kind)[0]
        assert (sent.account, sent.why, sent.request_id) == (100, "price", "id-1")
        if isinstance(sent, DeskHold):
            assert sent.until == canned.NOW + 60 * canned.MINUTE


async def test_a_held_enter_closes_the_form_once() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        await pilot.press("h", *"price", "enter")
        form = app.screen
        assert isinstance(form, DeskForm)
        last = form.query_one("#minutes", Input)
        for _ in range(4):
            form.post_message(Input.Submitted(last, last.value))
        await until(lambda: isinstance(app.screen, Question))
        await drawn(app, pilot)
        await pilot.press("y")
        await until(lambda: len(server.of_kind(DeskHold)) == 1)
        await drawn(app, pilot)
        assert isinstance(app.screen, RiskScreen)


async def test_escape_sends_nothing() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        await pilot.press("m", "x", "escape")
        await until(lambda: isinstance(app.screen, RiskScreen))
        await pilot.press("m", "x", "enter")
        await until(lambda: isinstance(app.screen, Question))
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, RiskScreen))
        assert server.of_kind(DeskReduce) == []


async def test_enter_shows_the_plan_and_escape_closes_it() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        await pilot.press("enter")
        await until(lambda: len(server.of_kind(DeskPlan)) == 1)
        await drawn(app, pilot)
        shown = screen_text(app)
        assert "37,346.00" in shown  # the repayment that cures
        assert "后卖：其他不够" in shown
        await pilot.press("escape")
        await drawn(app, pilot)
        assert "37,346.00" not in screen_text(app)


def test_neighbouring_bars_are_added_where_there_is_no_room() -> None:
    bars = canned.overview(0).bars
    for most in (1, 5, 10, 100):
        merged = _merged(bars, most)
        assert len(merged) <= most
        assert sum(bar.accounts for bar in merged) == sum(bar.accounts for bar in bars)


@asynccontextmanager
async def own_plan() -> AsyncIterator[tuple[FakeServer, HongheApp, Pilot[int]]]:
    """A trader's plan, asked for on the margin page."""
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "l")
        await until(lambda: isinstance(app.screen, PlanScreen))
        await drawn(app, pilot)
        yield server, app, pilot


async def test_a_trader_sees_the_plan_of_an_own_account() -> None:
    async with own_plan() as (server, app, pilot):
        asked = server.of_kind(GetPlan)
        assert len(asked) == 1
        shown = screen_text(app)
        assert f"账户 {asked[0].account} 处置计划：减仓" in shown
        assert "宁德时代 2,000" in shown
        assert "计 3 天利息 600.00 元：担保比例 139.82%（提醒）" in shown
        await pilot.press("escape")
        await drawn(app, pilot)
        assert not isinstance(app.screen, PlanScreen)


async def test_the_plan_in_sight_follows_what_is_pushed() -> None:
    async with own_plan() as (server, app, pilot):
        account = server.of_kind(GetPlan)[0].account
        app.terminal.mirror.apply(LiquidationPlan(0, account))
        await drawn(app, pilot)
        assert f"账户 {account} 在提醒线之上" in screen_text(app)


async def test_a_basket_a_deposit_and_a_fall_are_supposed() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "i")
        await until(lambda: isinstance(app.screen, SupposeScreen))
        await pilot.press(*"b nobody 1", "enter")
        await drawn(app, pilot)
        assert "看不懂：b nobody 1" in screen_text(app)
        assert server.of_kind(WhatIfAccount) == []
        await pilot.press(*["backspace"] * 10, *"b 601318 100 52.5; s 600028 500", "down")
        await pilot.press(*"1000", "down", *"-10", "enter")
        await until(lambda: len(server.of_kind(WhatIfAccount)) == 1)
        await drawn(app, pilot)
        asked = server.of_kind(WhatIfAccount)[0]
        assert (asked.deposit, asked.move_ppm) == (10_000_000, -100_000)
        assert [(o.side, o.symbol, o.order_type, o.quantity, o.price) for o in asked.orders] == [
            ("buy", "601318.SSE", "limit", 100, 525_000),
            ("sell", "600028.SSE", "best_five_ioc", 500, 0),
        ]
        shown = screen_text(app)
        assert "140.00% > 126.00%" in shown
        assert "到那时会卖出（减仓）" in shown


async def test_a_wish_to_sell_last_is_turned_over() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("4", "l")
        await until(lambda: len(server.of_kind(SetSellLast)) == 1)
        sent = server.of_kind(SetSellLast)[0]
        assert (sent.account, sent.symbol, sent.on) == (1, "601318.SSE", True)


async def _acted(keys: list[str], view: int, kind: type[T]) -> tuple[FakeServer, T, str]:
    """The one message that keys on a list have sent, and what is on the screen after it."""
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9", *["right"] * view)
        await drawn(app, pilot)
        await pilot.press(*keys)
        await until(lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(lambda: len(server.of_kind(kind)) == 1)
        await drawn(app, pilot)
        return server, server.of_kind(kind)[0], screen_text(app)


async def test_an_account_is_stopped_for_some_minutes() -> None:
    keys = ["x", *"odd", "enter", "backspace", "1", "enter", *"30", "enter"]
    _, sent, _ = await _acted(keys, 0, DeskStop)
    assert (sent.account, sent.person, sent.symbol) == (100, -1, "")
    assert (sent.level, sent.until, sent.why) == ("no_buys", canned.NOW + 30 * canned.MINUTE, "odd")


async def test_all_accounts_of_a_person_are_let_go() -> None:
    _, sent, _ = await _acted(
        ["X", *"ok", "enter", "backspace", "0", "enter", "enter"], 0, DeskStop
    )
    assert (sent.account, sent.person, sent.level, sent.until) == (-1, 1_000, "none", 0)


async def test_a_share_is_stopped_and_its_price_set() -> None:
    _, stop, _ = await _acted(["x", *"bad", "enter", "enter", "enter"], 4, DeskStop)
    assert (stop.symbol, stop.level) == ("300750.SZSE", "no_orders")
    _, price, _ = await _acted(["o", *"bad", "enter", *"142.5", "enter"], 4, DeskPrice)
    assert (price.symbol, price.price) == ("300750.SZSE", 1_425_000)


async def test_the_platform_is_moved_by_hand() -> None:
    _, sent, _ = await _acted(["f", *"drill", "enter", "2", "enter"], 0, DeskPlatform)
    assert (sent.state, sent.why) == ("reduce_only", "drill")


async def test_what_the_engine_refuses_is_told_as_refused() -> None:
    _, _, shown = await _acted(["o", *"free", "enter", "enter"], 4, DeskPrice)
    assert "已记录" not in shown
    assert sentences("not_quarantined", 0)[0] in shown


async def test_acts_of_accounts_do_nothing_on_a_share() -> None:
    app = make_app(_officers(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9", *["right"] * 4)
        await drawn(app, pilot)
        await pilot.press("h", "r", "m", "X")
        await drawn(app, pilot)
        assert isinstance(app.screen, RiskScreen)


async def test_the_platforms_state_is_news_and_stays_in_sight() -> None:
    server = _officers()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("9")
        await drawn(app, pilot)
        await pilot.press(*["right"] * 5)
        app.terminal.mirror.apply(canned.systemic())
        changed = PlatformChanged(canned.NOW, "reduce_only", "index_7", "指数下跌", "index")
        app.terminal.mirror.apply(changed)
        await drawn(app, pilot)
        shown = screen_text(app)
        assert "只可卖出" in shown
        assert "指数下跌" in shown
        assert "-3.12%" in shown
