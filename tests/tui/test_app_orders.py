"""Orders by keyboard: one each, whatever is held down, and what is said about them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from honghe_tui.app import HongheApp
from honghe_tui.screens.ticket import TicketScreen
from server.protocol.trading import CancelAll, CancelOrder, PlaceOrder, WhatIf
from tests.tui.canned import SYMBOLS, quote
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, burst, drawn, make_app, running, screen_text, until


@asynccontextmanager
async def ticket_for(
    server: FakeServer, quantity: str
) -> AsyncIterator[tuple[HongheApp, Pilot[int]]]:
    """A buy ticket for the instrument under the cursor, filled up to its quantity."""
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("b", "tab", *quantity)
        await drawn(app, pilot)
        yield app, pilot


async def test_enter_reviews_and_y_sends() -> None:
    server = FakeServer()
    async with ticket_for(server, "100") as (app, pilot):
        await pilot.press("enter")
        assert server.of_kind(PlaceOrder) == []
        await pilot.press("y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        order = server.of_kind(PlaceOrder)[0]
        assert (order.symbol, order.side, order.quantity) == (app.terminal.selected, "buy", 100)
        assert (order.account, order.client_order_id) == (1, "id-1")
        await drawn(app, pilot)
        assert "200" in screen_text(app)  # the order's number


async def test_keys_held_down_send_one_order() -> None:
    server = FakeServer()
    async with ticket_for(server, "100") as (app, pilot):
        await pilot.press(*["enter"] * 3)
        assert server.of_kind(PlaceOrder) == []
        await pilot.press(*["y"] * 4)
        await pilot.press(*["enter"] * 6)
        await drawn(app, pilot)
        assert len(server.of_kind(PlaceOrder)) == 1
        assert len(server.placed) == 1


async def test_a_refusal_is_shown_with_the_figure_that_would_pass() -> None:
    server = FakeServer()
    async with ticket_for(server, "5000") as (app, pilot):
        await until(lambda: any(ask.quantity == 5000 for ask in server.of_kind(WhatIf)))
        await drawn(app, pilot)
        assert "最多可委托 1000 股" in screen_text(app)
        await pilot.press("enter", "y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        await drawn(app, pilot)
        assert "可用资金不足" in screen_text(app)
        assert isinstance(app.screen, TicketScreen)


async def test_the_what_if_shows_the_ratio_before_and_after() -> None:
    async with ticket_for(FakeServer(), "100") as (app, _):
        text = screen_text(app)
        for figure in ("132.60%", "130.96%", "127%", "9.95%", "1.32", "90.00"):
            assert figure in text


async def test_the_what_if_follows_the_market_once_a_second() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        await pilot.press("b", "tab", "1", "0", "0")
        await drawn(app, pilot)
        asked = len(server.of_kind(WhatIf))
        number = SYMBOLS.index(app.terminal.selected)
        await server.push(quote(number, 1))
        await drawn(app, pilot)
        assert len(server.of_kind(WhatIf)) == asked
        hands.now += 1
        await server.push(quote(number, 2))
        await until(lambda: len(server.of_kind(WhatIf)) == asked + 1)


async def test_an_order_that_lost_its_connection_is_told_and_not_doubled() -> None:
    server = FakeServer()
    await server.start()
    server.swallow = lambda message: isinstance(message, PlaceOrder)
    app = make_app(server, Hands())
    async with running(app) as pilot:
        await pilot.press("b", "tab", "1", "0", "0", "enter", "y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        server.swallow = lambda _: False
        server.drop()
        await until(lambda: len(server.of_kind(PlaceOrder)) == 2)
        await drawn(app, pilot)
        assert len(server.placed) == 1
        assert "200" in screen_text(app)
    await server.stop()


async def test_c_cancels_the_order_under_the_cursor() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("3", "c")
        await until(lambda: len(server.of_kind(CancelOrder)) == 1)
        assert server.of_kind(CancelOrder)[0].order_id == 104
        await drawn(app, pilot)
        assert app.terminal.mirror.orders[104].status == "cancelled"
        assert "中国石化" not in screen_text(app)


@pytest.mark.parametrize(("answer", "asked"), [("y", 1), ("escape", 0)])
async def test_cancelling_all_asks_first(answer: str, asked: int) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("3", "C")
        await drawn(app, pilot)
        assert "1:4 合约" in screen_text(app)
        await pilot.press("enter", answer)
        await drawn(app, pilot)
        assert len(server.of_kind(CancelAll)) == asked


async def test_history_and_fees_are_there() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("3", "h")
        await until(lambda: 90 in app.terminal.mirror.orders)
        await drawn(app, pilot)
        assert "2015-08-19" in screen_text(app)
        await pilot.press("f")
        await drawn(app, pilot)
        assert "84.27" in screen_text(app)  # 65.00 + 5.20 + 8.866 + 5.20
        await pilot.press("t", "down")
        await drawn(app, pilot)
        assert "1,680.00" in screen_text(app)  # the price that would have passed


async def test_keys_that_arrive_in_one_burst_stay_in_order() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("b")
        await drawn(app, pilot)
        burst(app, "tab", "3", "0", "0", "enter", "y")
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        order = server.of_kind(PlaceOrder)[0]
        number = SYMBOLS.index(order.symbol)
        assert (order.quantity, order.price) == (300, quote(number).last)
