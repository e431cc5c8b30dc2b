"""Real days replayed through the engine and compared with the files, read anew by hand."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from server.engine.codes import Event, Side
from server.engine.records import DAY_EVENT, ENTITLED_EVENT
from server.market.bars import BarStore
from server.market.calendar import TradingCalendar
from server.market.opening import DayWarning
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from tests.market.play import KNOWN, RULES, Play, at
from tests.shared_data import shared_data

pytestmark = pytest.mark.needs_data

AUGUST = [20150819, 20150820, 20150821, 20150824, 20150825, 20150826, 20150827]
OCTOBER = [20240927, 20240930, 20241008, 20241009, 20241010, 20241011, 20241014]
APRIL = [20250403, 20250407, 20250408]


def source(folder: Path, sessions: list[int]) -> tuple[ReplaySource, list[DayWarning]]:
    with gzip.open(shared_data("calendar", "trading_days.csv.gz"), "rt") as lines:
        days = [int(line.replace("-", "")) for line in lines if line[:1].isdigit()]
    calendar = TradingCalendar(days, RULES, "a test")
    settings = ReplaySettings(folder, sessions[1], sessions[-2], steps_a_day=48)
    warnings: list[DayWarning] = []
    return ReplaySource(settings, KNOWN, calendar, RULES, warnings.append), warnings


def rows_of(folder: Path, symbol: str, sessions: list[int]) -> dict[int, dict[str, str]]:
    code, _, exchange = symbol.partition(".")
    path = folder / f"{'SH' if exchange == 'SSE' else 'SZ'}{code}.csv.gz"
    header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    days = {f"{day}"[:4] + "-" + f"{day}"[4:6] + "-" + f"{day}"[6:]: day for day in sessions}
    chosen = [header, *(line for line in lines if line[:10] in days)]
    return {days[row["date"]]: row for row in csv.DictReader(chosen)}


def figures(row: dict[str, str]) -> list[int]:
    prices = [int(Decimal(row[name]) * 10_000) for name in ("open", "high", "low", "close")]
    return [*prices, int(row["volume"])]


@pytest.mark.parametrize(
    ("name", "sessions"),
    [("daily_2007_2019_sse", AUGUST), ("daily_2020_2025", OCTOBER), ("daily_2020_2025", APRIL)],
    ids=["2015-08", "2024-10", "2025-04-07"],
)
def test_every_instrument_has_its_bar_every_day(name: str, sessions: list[int]) -> None:
    folder = shared_data(name)
    market, warnings = source(folder, sessions)
    files = {entry.symbol: rows_of(folder, entry.symbol, sessions) for entry in market.entries}
    play = Play(market)
    store = BarStore(len(market.entries), market.mark_policy, market.interpolated_below)
    seen = 0
    while play.step():
        store.apply(play.events)
        closed = play.of(Event.DAY_CLOSED, DAY_EVENT)
        assert play.refusals() == []
        play.forget()
        for date in closed["date"].tolist():
            for index, symbol in enumerate(files):
                row = files[symbol].get(date)
                traded = row is not None and row["trade_status"] == "1"
                table = play.engine.state.instruments[index]
                assert bool(table["suspended"]) is not traded
                if row is not None and traded:
                    mine = [int(table[n]) for n in ("open", "high", "low", "last", "volume")]
                    assert mine == figures(row), (symbol, date)
                    [bar] = store.current(index, "1d")
                    prices = [int(bar[n]) for n in ("open", "high", "low", "close", "volume")]
                    assert prices == figures(row)
                    seen += 1
    assert seen > 40 * (len(sessions) - 2)
    assert warnings == []


def test_a_holder_keeps_his_value_over_an_ex_date() -> None:
    """浦发银行 went ex on 2015-06-23: a reference of 16.31 after a close of 17.07."""
    market, _ = source(shared_data("daily_2007_2019_sse"), [20150618, 20150619, 20150623, 20150624])
    play = Play(market)
    account = play.trader()
    play.until(at(20150619, "10:00"))
    play.order(account, "600000.SSE", Side.BUY, 18.00, 10_000)
    play.close_of(20150619)
    play.until(at(20150623, "09:15"))
    entitled = play.of(Event.ENTITLED, ENTITLED_EVENT)
    mine = entitled[entitled["account"] == account]
    assert int(play.row("600000.SSE")["reference"]) == 163_100
    # 10,000 x 17.07 / 16.31 = 10,465.97: whole shares, and the rest in cash
    assert (mine["old_quantity"].tolist(), mine["new_quantity"].tolist()) == ([10_000], [10_465])
    assert mine["cash"].tolist() == [10_000 * 170_700 - 10_465 * 163_100]
