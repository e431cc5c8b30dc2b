"""Days of fills, accounts at 80 columns, and whose fills are told."""

import msgspec
import pytest

from honghe_tui.i18n import Language
from tests.tui import canned, fake_server
from tests.tui.fake_server import FakeServer
from tests.tui.harness import MIDDLE, SMALL, Hands, drawn, make_app, running, screen_text, until


@pytest.mark.parametrize("size", [SMALL, MIDDLE])
async def test_fills_of_several_days_have_their_day(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app, size) as pilot:
        await pilot.press("3", "f")
        await drawn(app, pilot)
        assert "日期" not in screen_text(app)  # all of today
        old = msgspec.structs.replace(
            canned.fills()[0],
            trade_no=6_000,
            date=20150819,
            time=canned.OPEN - 1440 * canned.MINUTE,
        )
        app.terminal.mirror.apply(fake_server.Fills(0, [old]))
        await drawn(app, pilot)
        rows = screen_text(app).splitlines()
        assert any("08-19 09:30:00" in row for row in rows)
        assert any("08-20 09:35:00" in row for row in rows)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_note_names_the_account_that_a_small_screen_leaves_out(
    language: Language,
) -> None:
    app = make_app(FakeServer(), Hands(), language, direct=True)
    async with running(app, SMALL) as pilot:
        await pilot.press("3")
        await drawn(app, pilot)
        assert "1:4 合约" in screen_text(app).splitlines()[-2]


@pytest.mark.parametrize(("language", "words"), [("zh", "成交：买入"), ("en", "Filled: Buy")])
async def test_only_fills_of_own_orders_are_told(language: Language, words: str) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), language, direct=True)
    async with running(app) as pilot:
        foreign = msgspec.structs.replace(canned.fills()[0], trade_no=8_000)
        await server.push(foreign)
        await drawn(app, pilot)
        assert words not in screen_text(app)
        await pilot.press("b", "tab", "1", "0", "0", "enter", "y")
        await until(lambda: bool(server.placed))
        await drawn(app, pilot)
        await pilot.press("escape")
        order = next(iter(server.placed.values()))
        await server.push(msgspec.structs.replace(foreign, trade_no=8_001, order_id=order.order_id))
        await drawn(app, pilot)
        assert words in screen_text(app).splitlines()[-1]


@pytest.mark.parametrize(("size", "net"), [(SMALL, ""), (MIDDLE, "发生金额 +6,098.44")])
async def test_a_fill_is_confirmed_item_by_item(size: tuple[int, int], net: str) -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app, size) as pilot:
        await pilot.press("3", "f")
        await drawn(app, pilot)
        note = screen_text(app).splitlines()[-2]
        for item in ("佣金 5.00", "印花税 6.11", "过户费 0.12", "经手费 0.21", "证管费 0.12"):
            assert item in note
        assert net in note
