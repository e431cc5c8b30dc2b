"""The plain commands against a server: what they print, and how they end."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from msgspec import inspect

from honghe_tui import cli, units
from honghe_tui.config import settings_of
from honghe_tui.i18n import Catalogue, Language
from honghe_tui.plain import COMMANDS
from honghe_tui.plain.acts import ACTS
from honghe_tui.plain.options import parser_of
from honghe_tui.plain.run import (
    EXIT_NO_SESSION,
    EXIT_REFUSED,
    EXIT_UNKNOWN,
    EXIT_USAGE,
    run,
)
from honghe_tui.plain.views import VIEWS
from server.protocol import accounts, desk, desk_acts, market, risk, trading
from tests.tui.fake_server import FakeServer

Say = Callable[..., Awaitable[int]]
EXPORTED = (
    *(market.Quote, market.Depth, market.Bar, trading.Order, trading.Fill, trading.Position),
    *(accounts.Account, accounts.Product, accounts.Notice, accounts.Statement),
    *(risk.LiquidationPlan, risk.Tomorrow, trading.WhatIfResult, accounts.Done),
    *(desk.DeskAccount, desk.DeskCall, desk.DeskPlanRow, desk.UnsellableShare, desk.StockExposure),
    *(desk.StressStep, desk_acts.DeskAction),
)


COUNTS = frozenset(
    {
        *("account", "seq", "order_id", "trade_no", "quantity", "filled", "notice_id"),
        *("bid_quantity", "ask_quantity", "volume", "unmatched", "lot", "float_shares"),
        *("severity", "statement_id", "first_seq", "last_seq", "product", "version", "leverage"),
        *("day_count", "term_days", "extension_days", "extensions", "minimum_days"),
        *("release_sessions", "call_days", "billing_days", "days", "days_left", "release_to"),
        *("extensions_left", "release_left", "sellable", "bought_today", "unlisted", "rights"),
        *("person", "accounts", "reminders", "steps", "proposed_by", "financed", "limit_downs"),
        *("action_id", "officer", "proposal"),
        *("figure", "number", "rank", "filled_now", "largest_quantity"),
    }
)


@pytest.fixture
def say(server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Say:
    """Runs one command line as the demo user in Chinese unless it says otherwise."""
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    async def said(line: str, language: Language = "zh", password: str = "demo") -> int:
        words = [*line.split(), "--server", server.url, "--user", "demo", "--lang", language]
        options = parser_of(words[0], Catalogue(language)).parse_args(words[1:])
        return await run(options, settings_of(options), password)

    return said


def test_every_command_has_its_work_and_its_words() -> None:
    assert set(COMMANDS) == VIEWS.keys() | ACTS.keys()
    for language in ("zh", "en"):
        for command in COMMANDS:
            assert f"honghe {command}" in parser_of(command, Catalogue(language)).format_help()


# Lines printed; 0: some.
READS = {
    "quotes": 13, "quotes 600519 601318": 3, "depth 600519": 11, "bars 600519": 0,
    "positions": 4, "positions --account 1": 2, "orders --open": 0, "orders --date all": 0,
    "fills": 0, "margin": 5, "margin --account 3": 2, "notices --unread": 2,
    "statements": 2, "products": 4, "plan --account 2": 3, "tomorrow --account 2": 2,
}  # fmt: skip


@pytest.mark.parametrize("line", READS)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_view_prints_a_line_a_row_under_titles(
    say: Say, capsys: pytest.CaptureFixture[str], line: str, language: Language
) -> None:
    assert await say(line, language) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 2
    assert READS[line] in (0, len(lines))
    assert all(each == each.rstrip() for each in lines)


@pytest.mark.parametrize("line", READS)
async def test_json_is_the_messages_of_the_wire_and_csv_has_a_line_each(
    say: Say, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert await say(f"{line} --json") == 0
    messages = json.loads(capsys.readouterr().out)
    assert await say(f"{line} --csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(messages)
    assert not any(None in row.values() for row in rows)


async def test_csv_is_in_yuan_shares_and_shanghais_time(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    await say("quotes 600519 --csv")
    quote = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert quote["last"] == "1638.0000"
    assert quote["volume"] == "1234500"
    assert quote["time"] == "2015-08-20T10:31:00.000+08:00"
    await say("positions --account 2 --csv")
    held = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert held["frozen"] == "1000"  # shares, though an account's is money
    assert held["cost"] == "351000.0000"
    await say("margin --account 2 --csv")
    account = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert account["ratio_ppm"] == "1.262000"


@pytest.mark.parametrize("kind", EXPORTED)
def test_every_figure_of_an_exported_message_has_a_unit(kind: type[msgspec.Struct]) -> None:
    """A field that is new on the wire must be given its place in `units`."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    known = units.MONEY | units.TIMES | units.DATES | COUNTS
    for field in info.fields:
        if isinstance(field.type, inspect.IntType):
            has_suffix = field.name.endswith(("_ppm", "_ppb"))
            assert has_suffix or field.name in known or field.name == "id", field.name


def test_no_figure_has_two_units() -> None:
    sets = (units.MONEY, units.TIMES, units.DATES, COUNTS)
    assert sum(map(len, sets)) == len(frozenset[str]().union(*sets))


async def test_an_order_is_placed_once_for_one_id(
    say: Say, server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "buy 600519 100 --account 2 --price 1680 --id mine-1 --json"
    assert await say(line) == 0
    first = json.loads(capsys.readouterr().out)
    assert await say(line) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert len(server.placed) == 1
    assert first[0]["price"] == 16_800_000
    assert await say(f"cancel {first[0]['order_id']}") == 0


async def test_a_what_if_sends_no_order(say: Say, server: FakeServer) -> None:
    assert await say("sell 600519 100 --account 2 --what-if") == 0
    assert server.placed == {}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("deposit 1000.5 --account 0", accounts.Deposit),
        ("withdraw 1 --account 0", accounts.Withdraw),
        ("transfer 1 --account 0 --to 1", accounts.Transfer),
        ("repay 1 --account 1", accounts.Repay),
        ("draw 1 --account 1", accounts.Draw),
        ("extend --account 1", accounts.Extend),
        ("open 0 10000 --account 0", accounts.OpenContract),
        ("close --account 1 --to 0", accounts.CloseContract),
    ],
)
async def test_money_is_moved_as_said(
    say: Say, server: FakeServer, line: str, kind: type[msgspec.Struct]
) -> None:
    assert await say(f"{line} --id once") == 0
    request = server.of_kind(kind)[0]
    assert request.request_id == "once"
    if kind is accounts.Deposit:
        assert request.amount == 10_005_000


async def test_each_ending_has_its_code_and_its_sentence(
    say: Say, server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ends(line: str, code: int, sentence: str, **how: str) -> None:
        assert await say(line, "en", **how) == code  # pyright: ignore[reportCallIssue]
        told = capsys.readouterr()
        assert sentence in told.err
        assert told.out == ""

    await ends("buy 600519 100000 --account 2", EXIT_REFUSED, "Not enough cash")
    await ends("buy 60051 100 --account 2", EXIT_USAGE, "near it: 600519.SSE")
    await ends("buy 600519 100", EXIT_USAGE, "say which account")
    await ends("cancel 999", EXIT_USAGE, "no open order has the number 999")
    await ends("quotes", EXIT_NO_SESSION, "Wrong name or password", password="no")
    await server.stop()
    await ends("quotes", EXIT_NO_SESSION, "cannot be reached")
    await server.start()


async def test_an_unknown_outcome_has_a_code_of_its_own(say: Say, server: FakeServer) -> None:
    """The answer is lost with the connection: nobody knows whether the money went."""
    lost = accounts.Withdraw

    def swallow(message: object) -> bool:
        if isinstance(message, lost):
            server.drop()
        return isinstance(message, lost)

    server.swallow = swallow
    assert await say("withdraw 1 --account 0") == EXIT_UNKNOWN


@pytest.mark.parametrize(
    "line",
    [
        "buy 600519 1.5", "buy 600519 0", "buy 600519", "buy 600519 100 --price -1",
        "orders --date 2024-13-01", "bars 600519 --interval 7m", "cancel", "cancel 1 --all",
        "deposit nothing", "quotes --json --csv",
    ],
)  # fmt: skip
def test_a_wrong_line_is_refused_before_anything_is_sent(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line.split()
    with pytest.raises(SystemExit) as ended:
        parser_of(words[0], Catalogue("en")).parse_args(words[1:])
    assert ended.value.code == EXIT_USAGE
    assert "usage: honghe" in capsys.readouterr().err


def test_without_a_user_or_a_password_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("HONGHE_PASSWORD", raising=False)
    assert cli.main(["quotes", "--lang", "en"]) == EXIT_USAGE
    assert "HONGHE_PASSWORD" in capsys.readouterr().err
    assert cli.main(["--lang", "en", "quotes", "--server", "nowhere"]) == EXIT_USAGE
    assert "ws://HOST:PORT" in capsys.readouterr().err


def test_a_plain_command_imports_no_terminal() -> None:
    code = "import sys; import honghe_tui.plain.run; print('textual' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout.strip() == "False"


async def test_what_people_write_cannot_act_on_a_terminal(
    say: Say, server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.accounts[0].name = "\x1b[2Jmine\nyours"
    assert await say("margin --account 0") == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2
