"""The quotes page: searching faster than it redraws, and the names of a new day."""

import msgspec
from textual.widgets import Input

from server.protocol.market import Instruments
from tests.tui import canned
from tests.tui.canned import SYMBOLS
from tests.tui.fake_server import FakeServer
from tests.tui.harness import (
    MIDDLE,
    Hands,
    burst,
    drawn,
    make_app,
    running,
    screen_text,
    until,
)


async def test_keys_typed_right_after_a_search_open_no_other_share() -> None:
    app = make_app(FakeServer(), Hands(), "en", direct=True)
    async with running(app, MIDDLE) as pilot:
        mirror = app.terminal.mirror
        await until(lambda: len(mirror.quotes) >= len(mirror.instruments) > 0)
        await drawn(app, pilot)
        wanted = next(symbol for symbol in SYMBOLS if symbol != app.terminal.selected)
        await pilot.press("slash")
        burst(app, *wanted.partition(".")[0], "enter", "b")
        await drawn(app, pilot)
        assert app.terminal.selected == wanted


async def test_what_the_box_says_after_it_is_gone_moves_nothing() -> None:
    app = make_app(FakeServer(), Hands(), "en", direct=True)
    async with running(app, MIDDLE) as pilot:
        await until(lambda: len(app.terminal.mirror.quotes) >= len(SYMBOLS))
        await drawn(app, pilot)
        wanted = next(symbol for symbol in SYMBOLS if symbol != app.terminal.selected)
        await pilot.press("slash", *wanted.partition(".")[0], "enter")
        box = app.screen.query_one("#search", Input)
        for late in (wanted.partition(".")[0] + "b", ""):
            box.post_message(Input.Changed(box, late))
        await drawn(app, pilot)
        assert app.terminal.selected == wanted


async def test_what_is_left_in_the_hidden_box_chooses_nothing_when_the_page_comes_back() -> None:
    app = make_app(FakeServer(), Hands(), "en", direct=True)
    async with running(app, MIDDLE) as pilot:
        await until(lambda: len(app.terminal.mirror.quotes) >= len(SYMBOLS))
        await drawn(app, pilot)
        first = app.terminal.selected
        wanted = next(symbol for symbol in SYMBOLS if symbol != first)
        await pilot.press("slash", *wanted.partition(".")[0], "enter")
        box = app.screen.query_one("#search", Input)
        with box.prevent(Input.Changed):
            box.value = first.partition(".")[0]
        await pilot.press("3")
        await drawn(app, pilot)
        await pilot.press("1")
        await drawn(app, pilot)
        assert app.terminal.selected == wanted


async def test_a_new_day_brings_its_names() -> None:
    """A status that changed over night is in the name that the list shows."""
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await drawn(app, pilot)
        assert "*ST平安" not in screen_text(app)
        items = [
            msgspec.structs.replace(item, name="*ST平安") if item.code == "601318" else item
            for item in canned.instruments()
        ]
        await server.push(Instruments(0, 20150821, items))
        await until(lambda: app.terminal.mirror.instruments["601318.SSE"].name == "*ST平安")
        await drawn(app, pilot)
        assert "*ST平安" in screen_text(app)
