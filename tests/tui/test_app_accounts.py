"""Account forms, notices that pop up, and what they send."""

import msgspec
import pytest

from honghe_tui.screens.form import FormScreen
from honghe_tui.screens.popups import GRACE_S, NoticePopup
from server.protocol.accounts import (
    AckNotice,
    CloseContract,
    Deposit,
    OpenContract,
    Repay,
    Transfer,
    Withdraw,
)
from server.protocol.messages import Request
from tests.tui.canned import notices
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, burst, drawn, make_app, running, screen_text, until

AMOUNT = [*"12345.67"]


@pytest.mark.parametrize(
    ("keys", "kind", "fields"),
    [
        (
            ["o", "down", "right", "down", *AMOUNT],
            OpenContract,
            {"source": 0, "product": 1, "deposit": 123_456_700},
        ),
        (
            ["t", "right", "down", "down", *AMOUNT],
            Transfer,
            {"account": 0, "destination": 3, "amount": 123_456_700},
        ),
        (["d", "down", *AMOUNT], Deposit, {"account": 0, "amount": 123_456_700}),
        (["w", "down", *AMOUNT], Withdraw, {"account": 0, "amount": 123_456_700}),
        (["p", "down", *AMOUNT], Repay, {"account": 3, "amount": 123_456_700}),
        (["x", "down"], CloseContract, {"account": 3, "destination": 0}),
    ],
)
async def test_each_form_sends_what_it_says(
    keys: list[str], kind: type[Request], fields: dict[str, int]
) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", *keys, "enter")
        assert isinstance(app.screen, FormScreen)
        assert server.of_kind(kind) == []
        await pilot.press("enter", "y", "y")
        await until(lambda: len(server.of_kind(kind)) == 1)
        sent = msgspec.to_builtins(server.of_kind(kind)[0])
        assert {name: sent[name] for name in fields} == fields
        await until(lambda: not isinstance(app.screen, FormScreen))


async def test_a_form_sent_again_carries_the_same_request_id() -> None:
    server = FakeServer()
    await server.start()
    server.swallow = lambda message: isinstance(message, Deposit)
    app = make_app(server, Hands())
    async with running(app) as pilot:
        await pilot.press("5", "d", "down", "1", "enter", "y")
        await until(lambda: len(server.of_kind(Deposit)) == 1)
        server.swallow = lambda _: False
        server.drop()
        form = app.screen
        assert isinstance(form, FormScreen)
        await until(
            lambda: form.form.state == "edit" and app.terminal.connection.state.kind == "live"
        )
        await pilot.press("enter", "y")
        await until(lambda: len(server.of_kind(Deposit)) == 2)
        first, second = server.of_kind(Deposit)
        assert first.request_id == second.request_id
    await server.stop()


@pytest.mark.parametrize("typed", ["", "0", "1.234", ".", "1,0.0.0"])
async def test_an_amount_that_is_none_is_not_sent(typed: str) -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "d", "down", *typed, "enter", "y")
        await drawn(app, pilot)
        assert "两位小数" in screen_text(app)
        assert server.of_kind(Deposit) == []


async def test_the_terms_of_a_contract_are_told_in_figures() -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "o", "down", "right", "right", "down", *"100000")
        await drawn(app, pilot)
        text = screen_text(app)
        # 1:4, 100,000: 400,000 x 10.8 % / 360 = 120.00 a day; 121 % x 4/5 = 96.8 %
        for figure in ("400,000.00", "125.00%", "120.00", "3.2%", "9.6%"):
            assert figure in text


async def test_a_severe_notice_pops_up_until_it_is_acknowledged() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        call = msgspec.structs.replace(notices()[1], notice_id=9, acknowledged=False)
        await server.push(call, msgspec.structs.replace(call, notice_id=10, account=2))
        await until(lambda: isinstance(app.screen, NoticePopup))
        await drawn(app, pilot)
        assert "触及减仓线" in screen_text(app)
        await pilot.press("enter", "y", "1", "a")  # whatever was being typed just then
        assert server.of_kind(AckNotice) == []
        hands.now += GRACE_S
        await drawn(app, pilot)
        await pilot.press("a", "a")
        await until(lambda: len(server.of_kind(AckNotice)) == 2)
        assert [ack.notice_id for ack in server.of_kind(AckNotice)] == [10, 9]
        await until(lambda: not isinstance(app.screen, NoticePopup))
        assert app.terminal.mirror.notices[9].acknowledged


async def test_a_mild_notice_only_counts() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await server.push(msgspec.structs.replace(notices()[0], notice_id=9, severity=1))
        await drawn(app, pilot)
        assert not isinstance(app.screen, NoticePopup)
        assert "未读2" in screen_text(app)
        await pilot.press("6", "A")
        await until(lambda: len(server.of_kind(AckNotice)) == 2)
        await drawn(app, pilot)
        assert app.terminal.mirror.unread == []


async def test_hostile_text_is_shown_as_text() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    hostile = "[@click=app.exit]x[/] [/b] \x1b]52;c;eA==\x07"
    async with running(app) as pilot:
        notice = msgspec.structs.replace(
            notices()[1], notice_id=9, acknowledged=False, title_zh=hostile, body_zh=hostile
        )
        account = msgspec.structs.replace(app.terminal.mirror.accounts[1], name=hostile)
        await server.push(notice, account)
        await until(lambda: isinstance(app.screen, NoticePopup))
        await drawn(app, pilot)
        assert "[@click=app.exit]x[/]" in screen_text(app)
        assert "\x1b" not in screen_text(app)
        await pilot.press("escape")
        for page in "34567":
            await pilot.press(page)
            await drawn(app, pilot)
            assert "\x1b" not in screen_text(app)
        await pilot.press("5", "t")
        await drawn(app, pilot)
        assert isinstance(app.screen, FormScreen)


async def test_a_forms_keys_in_one_burst_stay_in_order() -> None:
    server = FakeServer()
    app = make_app(server, Hands(), direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "d")
        await drawn(app, pilot)
        burst(app, "down", "2", "5", "enter", "y", "y")
        await until(lambda: len(server.of_kind(Deposit)) == 1)
        assert server.of_kind(Deposit)[0].amount == 250_000
