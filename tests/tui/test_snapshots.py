"""The main screens as pictures, in both languages; `pytest --snapshot-update` after a change.

SVG squeezes Chinese text: alignment is judged in a terminal, these say that nothing moved.
"""

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from honghe_tui.app import HongheApp
from honghe_tui.i18n import Language
from tests.tui import canned, families
from tests.tui.fake_server import FakeServer
from tests.tui.harness import LARGE, MIDDLE, SMALL, Hands, drawn, make_app, until

SCREENS = {
    "quotes": [],
    "search": ["slash", "z", "g"],
    "detail": ["2"],
    "orders": ["3", "t"],
    "fills": ["3", "f"],
    "positions": ["4"],
    "margin": ["5"],
    "own-plan": ["5", "l"],
    "suppose": ["5", "i", "down", "down", *"-10", "enter"],
    "notices": ["6"],
    "statements": ["7"],
    "ticket": ["b", "tab", "1", "0", "0"],
    "refused": ["b", "tab", "5", "0", "0", "0", "enter", "y"],
    "open-contract": ["5", "o", "down", "down", "5", "0", "0", "0", "0", "enter"],
}
SMALL_SCREENS = ("quotes", "detail", "orders", "margin", "own-plan", "suppose", "ticket")
CASES = [
    *((name, MIDDLE, language) for name in SCREENS for language in ("zh", "en")),
    *((name, SMALL, language) for name in SMALL_SCREENS for language in ("zh", "en")),
]


async def still(app: HongheApp, pilot: Pilot[int]) -> None:
    """Waits until all is drawn and nothing blinks."""
    for box in app.screen.query(Input):
        box.cursor_blink = False
    await drawn(app, pilot)


@pytest.mark.parametrize(
    ("name", "size", "language"), CASES, ids=[f"{n}-{s[0]}-{lang}" for n, s, lang in CASES]
)
def test_screen(name: str, size: tuple[int, int], language: Language, snap_compare: Any) -> None:
    app = make_app(FakeServer(), Hands(), language, direct=True)

    async def run_before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, HongheApp)
        mirror = app.terminal.mirror
        await until(lambda: bool(mirror.products and mirror.notices and mirror.instruments))
        await drawn(app, pilot)
        for key in SCREENS[name]:
            await pilot.press(key)
            await drawn(app, pilot)
        await still(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=run_before)


FAMILIES = {
    "families": ["5"],
    "product": ["5", "v"],
    "contract": ["5", "enter"],
    "financed": ["b", "shift+tab", "shift+tab", "shift+tab", "right"],
}
FAMILY_CASES = [
    (name, size, language)
    for name in FAMILIES
    for size in (SMALL, MIDDLE)
    for language in ("zh", "en")
]


@pytest.mark.parametrize(
    ("name", "size", "language"),
    FAMILY_CASES,
    ids=[f"{n}-{s[0]}-{lang}" for n, s, lang in FAMILY_CASES],
)
def test_families(name: str, size: tuple[int, int], language: Language, snap_compare: Any) -> None:
    app = make_app(families.server(), Hands(), language, direct=True)
    app.terminal.account = 3

    async def run_before(pilot: Pilot[int]) -> None:
        mirror = app.terminal.mirror
        await until(lambda: bool(mirror.products and mirror.notices and mirror.instruments))
        await drawn(app, pilot)
        await pilot.press(*FAMILIES[name])
        await still(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=run_before)


OFFICERS = {
    "risk": ["9"],
    "risk-plan": ["9", "enter"],
    "risk-calls": ["9", "right"],
    "risk-queue": ["9", "right", "right"],
    "risk-locked": ["9", "right", "right", "right"],
    "risk-acts": ["9", "left"],
    "risk-stocks": ["9", *["right"] * 4],
    "risk-stress": ["9", *["right"] * 5],
    "risk-ahead": ["9", *["right"] * 6],
    "risk-stop": ["9", "x", *"odd orders", "enter"],
}
OFFICER_CASES = [
    *(
        (name, size, language)
        for name in OFFICERS
        for size in (SMALL, MIDDLE)
        for language in ("zh", "en")
    ),
    ("risk", LARGE, "zh"),
]


@pytest.mark.parametrize(
    ("name", "size", "language"),
    OFFICER_CASES,
    ids=[f"{n}-{s[0]}-{lang}" for n, s, lang in OFFICER_CASES],
)
def test_officers_screen(
    name: str, size: tuple[int, int], language: Language, snap_compare: Any
) -> None:
    server = FakeServer()
    server.role = "risk_officer"
    app = make_app(server, Hands(), language, direct=True)

    async def run_before(pilot: Pilot[int]) -> None:
        mirror = app.terminal.mirror
        await until(lambda: bool(mirror.products and mirror.notices and mirror.instruments))
        await drawn(app, pilot)
        mirror.apply(canned.systemic())
        for key in OFFICERS[name]:
            await pilot.press(key)
            await drawn(app, pilot)
        await still(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_login_refused(language: Language, snap_compare: Any) -> None:
    app = make_app(FakeServer(), Hands(), language, credentials=None, direct=True)

    async def run_before(pilot: Pilot[int]) -> None:
        await pilot.press("x", "enter")
        await until(lambda: app.terminal.connection.state.kind == "rejected")
        await still(app, pilot)

    assert snap_compare(app, terminal_size=SMALL, run_before=run_before)
