"""Login, refusal, loss, restart and stale data: each looks like what it is."""

import asyncio
from collections.abc import Callable

import pytest

from honghe_tui.connection import STALE_AFTER_S, Credentials
from honghe_tui.i18n import Language
from honghe_tui.screens.login import LoginScreen
from server.protocol.session import Login
from tests.tui.fake_server import FakeServer
from tests.tui.harness import SMALL, Hands, drawn, make_app, running, screen_text, until


class Gate:
    """A sleep that lasts until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def sleep(self, _: float) -> None:
        await self.open.wait()


def kind_is(app: object, kind: str) -> Callable[[], bool]:
    return lambda: app.terminal.connection.state.kind == kind  # type: ignore[attr-defined]


async def test_without_a_password_it_is_asked_for() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), credentials=None, direct=True)
    async with running(app, SMALL, loaded=False) as pilot:
        assert isinstance(app.screen, LoginScreen)
        assert server.received == []
        await pilot.press(*"demo", "enter")
        await until(kind_is(app, "live"))
        await drawn(app, pilot)
        assert not isinstance(app.screen, LoginScreen)
        assert "贵州茅台" in screen_text(app)


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "用户名或密码不正确"), ("en", "Wrong name or password")]
)
async def test_a_refused_login_says_why_and_waits(language: Language, words: str) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), language, Credentials("demo", "wrong"), direct=True)
    async with running(app, SMALL, loaded=False) as pilot:
        await until(lambda: isinstance(app.screen, LoginScreen))
        await drawn(app, pilot)
        assert words in screen_text(app)
        assert "wrong" not in screen_text(app)
        assert len(server.of_kind(Login)) == 1
        await pilot.press(*"demo", "enter")
        await until(kind_is(app, "live"))


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        (1012, "zh", "服务器正在重启"),
        (1012, "en", "The server is restarting"),
        (1011, "zh", "连接中断"),
        (1011, "en", "Connection lost"),
    ],
)
async def test_a_lost_server_is_named_and_found_again(
    code: int, language: Language, words: str
) -> None:
    server, gate = FakeServer(), Gate()
    await server.start()
    app = make_app(server, Hands(), language, sleep=gate.sleep)
    async with running(app, SMALL) as pilot:
        assert app.page is not None
        assert app.page.banner.shown == ""
        await server.stop(code)
        await until(kind_is(app, "waiting"))
        await drawn(app, pilot)
        assert words in app.page.banner.shown
        assert app.page.banner.shown[:20] in screen_text(app)
        assert app.page.has_class("-dead")
        await server.start()
        await pilot.press("ctrl+r")
        await until(kind_is(app, "live"))
        await drawn(app, pilot)
        assert app.page.banner.shown == ""
        assert not app.page.has_class("-dead")
    gate.open.set()
    await server.stop()


async def test_a_silent_server_makes_the_data_stale() -> None:
    hands = Hands()
    app = make_app(FakeServer(), hands, direct=True)
    async with running(app) as pilot:
        hands.now += STALE_AFTER_S + 1
        await drawn(app, pilot)
        assert app.page is not None
        assert "4 秒没有消息" in app.page.banner.shown


async def test_a_new_session_forgets_what_the_old_server_said() -> None:
    server = FakeServer()
    await server.start()
    app = make_app(server, Hands())
    async with running(app) as pilot:
        assert 101 in app.terminal.mirror.orders
        server.tokens.clear()
        server.orders.clear()
        server.drop()
        await until(lambda: len(server.of_kind(Login)) == 2)
        await until(kind_is(app, "live"))
        await drawn(app, pilot)
        assert app.terminal.mirror.orders == {}
    await server.stop()


async def test_a_page_opened_before_a_resize_fits_after_it() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app, (120, 40)) as pilot:
        await pilot.press("2", "1")
        await pilot.resize_terminal(*SMALL)
        await pilot.press("2")
        await drawn(app, pilot)
        assert app.page is not None
        assert app.page.has_class("-narrow")
        assert app.page.has_class("-short")
