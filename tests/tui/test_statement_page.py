"""A long settlement statement can be read to its end."""

import msgspec
import pytest

from honghe_tui.i18n import Language
from server.protocol.accounts import StatementLine
from tests.tui import canned, fake_server
from tests.tui.fake_server import FakeServer
from tests.tui.harness import MIDDLE, SMALL, Hands, drawn, make_app, running, screen_text

LABEL = {"zh": "卖出 600519.SSE 12,300 股，价格 1,680.00，分批成交",
         "en": "Sold 12,300 600519.SSE at 1,680.00, and some longer words"}  # fmt: skip
LAST = {"zh": "欠款", "en": "Shortfall owed"}
TITLE = {"zh": "强制平仓结算单（模拟交易，不构成要约）",
         "en": "Liquidation statement (simulated, not an offer)"}  # fmt: skip


@pytest.mark.parametrize("size", [SMALL, MIDDLE])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_long_statement_scrolls_to_its_digest(
    language: Language, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [StatementLine("sale", LABEL["zh"], LABEL["en"], n) for n in range(40)]
    lines.append(StatementLine("shortfall", LAST["zh"], LAST["en"], -123_456_700))
    long = msgspec.structs.replace(
        canned.STATEMENT, lines=lines, fills=list(range(7_000, 7_040)), digest="ab12" * 16,
        title_zh=TITLE["zh"], title_en=TITLE["en"],
    )  # fmt: skip
    monkeypatch.setattr(fake_server.canned, "STATEMENT", long)
    app = make_app(FakeServer(), Hands(), language, direct=True)
    async with running(app, size) as pilot:
        await pilot.press("7")
        await drawn(app, pilot)
        shown = screen_text(app)
        assert LABEL[language] in shown
        assert TITLE[language][:-2] in shown
        assert LAST[language] not in shown
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
        await drawn(app, pilot)
        shown = screen_text(app)
        assert LAST[language] in shown
        assert TITLE[language][:-2] in shown  # with its mark, however far it is scrolled
        assert "-12,345.67" in shown
        assert "ab12" * 16 in shown.replace("\n", "").replace(" ", "")
        await pilot.press(*["pageup"] * 4)
        await drawn(app, pilot)
        assert LAST[language] not in screen_text(app)


async def test_the_list_takes_ten_rows_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(FakeServer(), Hands(), direct=True)
    async with running(app, MIDDLE) as pilot:
        await pilot.press("7")
        await drawn(app, pilot)
        mirror = app.terminal.mirror
        for number in range(2, 30):
            mirror.statements[number] = msgspec.structs.replace(
                canned.STATEMENT, statement_id=number
            )
        await pilot.press("1", "7")
        await drawn(app, pilot)
        assert app.screen.query_one("#statements").size.height == 11
        assert app.screen.query_one("#sheet").size.height > 15
