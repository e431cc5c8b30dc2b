"""The pages by keyboard, in both languages and three sizes."""

import pytest

from honghe_tui.i18n import Language
from tests.tui.canned import SYMBOLS
from tests.tui.fake_server import FakeServer
from tests.tui.harness import (
    LARGE,
    MIDDLE,
    SMALL,
    Hands,
    drawn,
    make_app,
    running,
    screen_text,
    strips,
)
from tests.tui.widgets.host import make_look

WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "1": "贵州茅台", "2": "贵州茅台", "3": "招商银行", "4": "中国石化", "5": "1:4 合约",
        "6": "未确认", "7": "减仓结算单", "8": "任何页面",
    },
    "en": {
        "1": "Code", "2": "Main board", "3": "Working", "4": "Sellable", "5": "maintenance ratio",
        "6": "unread", "7": "Reduction statement", "8": "Everywhere",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "size"), [("zh", SMALL), ("en", SMALL), ("zh", MIDDLE), ("en", LARGE)]
)
async def test_every_page_shows_its_data(language: Language, size: tuple[int, int]) -> None:
    app = make_app(FakeServer(), Hands(), language, direct=True)
    async with running(app, size) as pilot:
        app.terminal.selected = SYMBOLS[0]
        for key, word in WORDS[language].items():
            await pilot.press(key)
            await drawn(app, pilot)
            assert word in screen_text(app), key


async def test_tab_turns_the_pages_and_function_keys_jump() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("tab")
        assert app.page is not None
        assert app.page.page == "detail"
        await pilot.press("shift+tab", "shift+tab")
        assert app.page.page == "help"
        await pilot.press("f5")
        assert app.page.page == "margin"


async def test_no_cell_is_left_to_the_terminals_own_background() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        for key in "12345678b":
            await pilot.press(key)
            await drawn(app, pilot)
            styles = [segment.style for line in strips(app) for segment in line]
            assert all(style is not None and style.bgcolor is not None for style in styles), key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["已连接", "<1s", "历史回放 2015-08-20", "插值", "10:31:00", "连续竞价", "未读1"]),
        ("en", ["Live", "<1s", "Replay 2015-08-20", "interpol", "10:31:00", "Continuous", "1 new"]),
    ],
)
async def test_the_state_of_everything_is_in_sight_at_80_columns(
    language: Language, words: list[str]
) -> None:
    app = make_app(FakeServer(), Hands(), language, direct=True)
    async with running(app, SMALL):
        line = screen_text(app).splitlines()[0]
        assert [word for word in words if word not in line] == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_help_scrolls_in_ascii(language: Language) -> None:
    app = make_app(FakeServer(), Hands(), language, direct=True)
    app.terminal.look = make_look(language, "ascii")
    async with running(app, SMALL) as pilot:
        await pilot.press("8")
        await drawn(app, pilot)
        for _ in range(12):
            await pilot.press("down")
            await drawn(app, pilot)
            foreign = [c for c in screen_text(app) if "\u2500" <= c <= "\u25ff"]
            assert foreign == []
        bar = app.screen.query_one("#body").vertical_scrollbar
        assert bar.display
        assert bar.position > 0
