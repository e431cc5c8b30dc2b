"""Which notices stand over the screen, how many of them, and how one leaves them."""

import msgspec
import pytest
from textual.pilot import Pilot

from honghe_tui.app import HongheApp
from honghe_tui.i18n import Language
from honghe_tui.screens.form import FormScreen
from honghe_tui.screens.popups import GRACE_S, NoticePopup, newest_of_accounts, pops_up
from server.engine.codes import HoldingClass
from server.protocol.accounts import AckNotice, Notice
from server.risk.catalogue import Facts, load_catalogue
from server.risk.codes import NoticeCode
from tests.tui import canned, fake_server
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, drawn, make_app, running, screen_text, until

POPS_UP = {
    "line_restrict", "line_reduce", "line_liquidate", "shortfall", "liquidation_started",
    "liquidation_finished", "liquidation_cured", "reduction_started", "reduction_finished",
    "collection_started", "collection_finished",
    "reduction_cured", "reduction_overtaken", "call_reminder", "overdue", "overdue_reminder",
    "interest_unpaid", "below_a_line_tomorrow", "overdue_tomorrow", "margin_short_tomorrow",
}  # fmt: skip


def notice(number: int, account: int, code: str = "line_reduce", severity: int = 3) -> Notice:
    return Notice(
        number, number, account, code, canned.NOW, canned.WALL, f"甲{number}号", f"Note {number}",
        "正文", "Body", severity,
    )  # fmt: skip


def popup_of(app: HongheApp) -> NoticePopup | None:
    return app.screen if isinstance(app.screen, NoticePopup) else None


async def popup_takes_keys(app: HongheApp, hands: Hands, pilot: Pilot[int]) -> None:
    """Waits for a popup, and until it has stood there for long enough."""
    await until(lambda: popup_of(app) is not None)
    hands.now += GRACE_S
    await drawn(app, pilot)


def test_lines_calls_forced_sales_and_shortfalls_pop_up() -> None:
    catalogue = load_catalogue()
    facts = Facts(account=1, holding_class=HoldingClass.MAIN)
    popping: set[str] = set()
    for code in NoticeCode:
        if code.name.endswith(("_ORDER", "_QUEUED")):  # their texts want more facts
            severity = 4
        else:
            severity = catalogue.notice(code, facts).severity
        name = code.name.lower()
        if pops_up(notice(1, 1, name, severity)):
            popping.add(name)
    assert popping == POPS_UP


def test_only_the_newest_of_each_account_is_kept() -> None:
    kept = newest_of_accounts([notice(5, 1), notice(9, 2), notice(7, 1), notice(3, 2)])
    assert [each.notice_id for each in kept] == [9, 7]


@pytest.mark.parametrize(("language", "words"), [("zh", "甲50号"), ("en", "Note 50")])
async def test_a_forced_sale_of_many_orders_is_one_popup(language: Language, words: str) -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, language, direct=True)
    async with running(app) as pilot:
        steps = [notice(number, 3, "liquidation_order", 4) for number in range(11, 50)]
        await server.push(notice(10, 3, "liquidation_started", 4), *steps)
        await server.push(notice(50, 3, "liquidation_finished", 4))
        await popup_takes_keys(app, hands, pilot)
        assert words in screen_text(app)
        await pilot.press("a")
        await until(lambda: popup_of(app) is None)
        await until(lambda: len(server.of_kind(AckNotice)) == 1)
        assert len(app.terminal.mirror.unread) == 41


async def test_one_key_acknowledges_all() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        await server.push(notice(10, 2), notice(11, 3), notice(12, 3, "reduction_order"))
        await until(lambda: popup_of(app) is not None)
        await pilot.press("A")
        assert server.of_kind(AckNotice) == []  # it has only just come up
        hands.now += GRACE_S
        await drawn(app, pilot)
        await pilot.press("A")
        await until(lambda: app.terminal.mirror.unread == [])
        await until(lambda: popup_of(app) is None)
        assert sorted(ack.notice_id for ack in server.of_kind(AckNotice)) == [1, 10, 11, 12]


async def test_a_page_key_leads_there_and_the_notice_stays_unread() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        await server.push(notice(10, 2))
        await popup_takes_keys(app, hands, pilot)
        await pilot.press("6")
        await until(lambda: popup_of(app) is None and app.page is app.screen)
        assert app.page is not None
        await until(lambda: app.page is not None and app.page.page == "notices")
        assert server.of_kind(AckNotice) == []


async def test_digits_meant_for_a_form_below_do_not_leave_it() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        await pilot.press("5", "d")
        await server.push(notice(10, 2))
        await popup_takes_keys(app, hands, pilot)
        await pilot.press("6")
        assert popup_of(app) is not None
        await pilot.press("escape")
        assert isinstance(app.screen, FormScreen)


async def test_a_newer_notice_of_the_account_takes_the_place_and_waits_for_its_reader() -> None:
    server, hands = FakeServer(), Hands()
    app = make_app(server, hands, direct=True)
    async with running(app) as pilot:
        await server.push(notice(10, 2))
        await popup_takes_keys(app, hands, pilot)
        await server.push(notice(11, 2, "line_liquidate", 4))
        await drawn(app, pilot)
        assert "甲11号" in screen_text(app)
        await pilot.press("a")  # meant for the one before
        assert server.of_kind(AckNotice) == []


@pytest.mark.parametrize(
    ("language", "words", "title"),
    [("zh", "3 条未读通知", "甲8号"), ("en", "3 unread notices", "Note 8")],
)
async def test_a_login_sums_up_what_it_finds(
    language: Language, words: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, hands = FakeServer(), Hands()
    found = [notice(9, 3, "liquidation_order", 4), notice(8, 3, "line_liquidate", 4), notice(7, 2)]
    monkeypatch.setattr(fake_server.canned, "notices", lambda: found)
    app = make_app(server, hands, language, direct=True)
    async with running(app) as pilot:
        await popup_takes_keys(app, hands, pilot)
        assert words in screen_text(app)
        assert title in screen_text(app)
        await pilot.press("escape")
        await drawn(app, pilot)
        assert popup_of(app) is None
        await server.push(msgspec.structs.replace(found[2]))  # nothing new
        await drawn(app, pilot)
        assert popup_of(app) is None
