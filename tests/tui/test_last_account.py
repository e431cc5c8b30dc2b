"""The account last used or looked at is the one a ticket begins with, on every page."""

import pytest
from textual.pilot import Pilot

from honghe_tui.app import HongheApp
from honghe_tui.screens.margin import MarginScreen
from honghe_tui.screens.ticket import TicketScreen
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, drawn, make_app, running, until


async def _ticket_account(app: HongheApp, pilot: Pilot[int]) -> int:
    """Of a ticket opened on the list of quotes, closed again."""
    await pilot.press("1", "b")
    await until(lambda: isinstance(app.screen, TicketScreen))
    await drawn(app, pilot)
    screen = app.screen
    assert isinstance(screen, TicketScreen)
    account = screen.ticket.account
    await pilot.press("escape")
    await drawn(app, pilot)
    return account


@pytest.mark.parametrize(
    ("keys", "account"),
    [
        ([], 1),  # the first contract
        (["5", "up"], 2),  # from the one nearest to its lines
        (["5", "up", "6", "2"], 2),
        (["4", "down"], 2),  # of the holding under the cursor
        (["4", "a", "a", "a", "a", "a"], 3),  # all accounts again: the last one
        (["b", *["shift+tab"] * 4, "left", "escape"], 0),
    ],
)
async def test_a_ticket_begins_with_the_account_last_looked_at(
    keys: list[str], account: int
) -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        for key in keys:
            await pilot.press(key)
            await drawn(app, pilot)
        assert await _ticket_account(app, pilot) == account


async def test_the_margin_page_begins_with_it_too() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5")
        await drawn(app, pilot)
        assert isinstance(app.screen, MarginScreen)
        assert app.screen.chosen == 3
        await pilot.press("4", "down", "5")
        await drawn(app, pilot)
        assert app.screen.chosen == 2
