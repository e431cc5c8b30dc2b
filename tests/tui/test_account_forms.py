"""Figures typed at once, and deposits that no contract takes."""

import msgspec
import pytest

from honghe_tui.app import HongheApp
from honghe_tui.i18n import Language
from honghe_tui.screens.form import FormScreen
from server.protocol.accounts import Deposit, OpenContract, Repay, Withdraw
from server.protocol.messages import Request
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, drawn, make_app, running, until
from tests.tui.widgets.host import lines


def said(app: HongheApp) -> str:
    """The form's words, unfolded."""
    assert isinstance(app.screen, FormScreen)
    return " ".join(" ".join(lines(app.screen.form)).split())


@pytest.mark.parametrize(("key", "kind"), [("d", Deposit), ("w", Withdraw), ("p", Repay)])
async def test_digits_typed_at_once_are_the_amount(key: str, kind: type[Request]) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", key, *"250.5", "enter", "y")
        await until(lambda: len(server.of_kind(kind)) == 1)
        assert server.of_kind(kind)[0].amount == 2_505_000


@pytest.mark.parametrize(
    ("language", "typed", "words"),
    [
        ("zh", "9999.99", "保证金须为 10,000.00 到 500,000.00"),
        ("en", "9999.99", "The deposit must be 10,000.00 to 500,000.00"),
        ("zh", "500000.01", "来源账户可取 500,000.00"),
        ("en", "2000000", "the source can pay 500,000.00"),
    ],
)
async def test_a_deposit_that_no_contract_takes_is_not_reviewed(
    language: Language, typed: str, words: str
) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), language, direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "o", *typed, "enter", "y")
        await drawn(app, pilot)
        assert words in said(app)
        assert server.of_kind(OpenContract) == []
        await pilot.press(*["backspace"] * 12, *"50000", "enter", "y")
        await until(lambda: len(server.of_kind(OpenContract)) == 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "不足最低保证金 10,000.00"), ("en", "smallest deposit of 10,000.00")],
)
async def test_a_source_with_too_little_is_told(language: Language, words: str) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), language, direct=True)
    async with running(app) as pilot:
        cash = msgspec.structs.replace(app.terminal.mirror.accounts[0], withdrawable=99_990_000)
        await server.push(cash)
        await drawn(app, pilot)
        await pilot.press("5", "o", *"9999", "enter", "y")
        await drawn(app, pilot)
        assert words in said(app)
        assert server.of_kind(OpenContract) == []
