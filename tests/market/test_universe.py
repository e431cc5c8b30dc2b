import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from server.engine.codes import MarkPolicy
from server.market.dates import parse_date
from server.market.opening import DayInstrument, day_commands
from server.market.rules import Rules
from server.market.universe import (
    UniverseError,
    classify,
    load_universe,
    parse_price,
    replay_entry,
    status_of_name,
)
from tests.shared_data import shared_data

HEADER = (
    "code,exchange,board,kind,status,name,pinyin,sector,float_millions,list_date,simulated_price"
)
MOUTAI = "600519,SSE,main,share,normal,贵州茅台,gzmt,白酒,1256,2001-08-27,1475.00"
UNIVERSE = load_universe()


def load(tmp_path: Path, *lines: str) -> object:
    path = tmp_path / "universe.csv"
    path.write_text("\n".join([HEADER, *lines]), "utf-8")
    return load_universe(path)


def test_covers_every_board_and_the_fund_kinds() -> None:
    boards = Counter(entry.board for entry in UNIVERSE.values())
    assert sum(boards.values()) - boards["fund"] >= 120
    assert boards["fund"] >= 12
    assert min(boards[board] for board in ("main", "chinext", "star", "bse")) >= 10
    main = Counter(entry.exchange for entry in UNIVERSE.values() if entry.board == "main")
    assert min(main["SSE"], main["SZSE"]) >= 30
    kinds = {entry.kind for entry in UNIVERSE.values()}
    assert {"stock", "stock_20", "cross_border", "gold", "bond", "money"} <= kinds
    assert sum(entry.status == "st" for entry in UNIVERSE.values()) >= 5


def test_an_entry_in_house_units() -> None:
    entry = UNIVERSE["600519.SSE"]
    assert (entry.name, entry.pinyin, entry.sector) == ("贵州茅台", "gzmt", "白酒")
    assert (entry.start_price, entry.float_shares) == (14_750_000, 1_256_000_000)
    assert entry.list_date == 20010827


def test_names_say_the_status() -> None:
    for entry in UNIVERSE.values():
        assert status_of_name(entry.name) == entry.status, entry.name


def test_opens_a_day_without_a_warning() -> None:
    items = [
        DayInstrument(index, entry, entry.start_price)
        for index, entry in enumerate(UNIVERSE.values())
    ]
    commands = day_commands(
        20260720,
        items,
        Rules(),
        MarkPolicy.LAST_TRADE,
        previous_date=0,
        report=lambda warning: pytest.fail(str(warning)),
    )
    assert len(commands) == 1 + 7 + 2 * len(UNIVERSE) + 1


@pytest.mark.needs_data
def test_facts_agree_with_an_independent_list_of_symbols() -> None:
    renamed_since = {"601211.SSE", "603501.SSE"}
    exchanges = {"SH": "SSE", "SZ": "SZSE", "BJ": "BSE"}
    data = gzip.decompress(shared_data("symbols", "symbols.csv.gz").read_bytes()).decode()
    compared = 0
    for row in csv.DictReader(data.splitlines()):
        symbol = f"{row['symbol'][2:]}.{exchanges[row['symbol'][:2]]}"
        entry = UNIVERSE.get(symbol)
        if entry is None:
            continue
        compared += 1
        assert (entry.board, entry.list_date) == (row["board"], parse_date(row["list_date"]))
        if symbol not in renamed_since:
            assert (entry.name, entry.pinyin) == (row["name"].partition("-")[0], row["pinyin"])
    assert compared >= 150


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (MOUTAI, "600519.SSE is there twice"),
        (MOUTAI.replace("600519", "60051"), "not six digits"),
        (MOUTAI.replace("600519", "688519"), "not of board main"),
        (MOUTAI.replace("600519", "512519"), "not of board main"),
        (MOUTAI.replace("share", "gold"), "a gold on board main"),
        (MOUTAI.replace("gzmt", "贵"), "pinyin"),
        (MOUTAI.replace("白酒", ""), "sector"),
        (MOUTAI.replace("1256", "0"), "float must be positive"),
        (MOUTAI.replace("1475.00", "0"), "price and float must be positive"),
        (MOUTAI.replace("1475.00", "1.47505"), "no price in yuan"),
        (MOUTAI.replace("2001-08-27", "2001-02-29"), "day"),
        (MOUTAI.replace("SSE", "NYSE"), "Invalid enum value"),
        (MOUTAI.replace("normal", "fine"), "Invalid enum value"),
        (MOUTAI + ",more", "line 3"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(UniverseError, match=complaint) as raised:
        load(tmp_path, MOUTAI, line)
    assert "line 3" in str(raised.value)


@pytest.mark.parametrize(
    ("code", "exchange", "board", "kind"),
    [
        ("601988", "SSE", "main", "share"),
        ("000001", "SZSE", "main", "share"),
        ("002594", "SZSE", "main", "share"),
        ("302132", "SZSE", "chinext", "share"),
        ("689009", "SSE", "star", "share"),
        ("920128", "BSE", "bse", "share"),
        ("430047", "BSE", "bse", "share"),
        ("510300", "SSE", "fund", "stock"),
        ("513100", "SSE", "fund", "cross_border"),
        ("518880", "SSE", "fund", "gold"),
        ("588000", "SSE", "fund", "stock_20"),
    ],
)
def test_board_by_code(code: str, exchange: str, board: str, kind: str) -> None:
    assert classify(code, exchange) == (board, kind)


@pytest.mark.parametrize(
    ("code", "exchange"),
    [("000001", "SSE"), ("511010", "SSE"), ("159915", "SZSE"), ("900901", "SSE")],
)
def test_code_that_does_not_say_is_refused(code: str, exchange: str) -> None:
    with pytest.raises(UniverseError, match=rf"{code}\.{exchange}.*add it to the universe"):
        classify(code, exchange)


def test_replay_of_an_unknown_share() -> None:
    entry = replay_entry("600087.SSE", UNIVERSE, "*ST长油")
    assert (entry.symbol, entry.board, entry.kind, entry.status) == (
        "600087.SSE",
        "main",
        "share",
        "st",
    )
    assert replay_entry("600087.SSE", UNIVERSE).name == "600087"


def test_replay_takes_the_names_of_the_time() -> None:
    entry = replay_entry("002024.SZSE", UNIVERSE, "苏宁电器", list_date=20040721)
    assert (entry.name, entry.status, entry.pinyin) == ("苏宁电器", "normal", "styg")
    assert entry.start_price == 0


def test_replay_of_a_known_fund_keeps_its_kind() -> None:
    assert replay_entry("159915.SZSE", UNIVERSE).kind == "stock_20"
    with pytest.raises(UniverseError):
        replay_entry("159999.SZSE", UNIVERSE)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ST易购", "st"),
        ("*ST长油", "st"),
        ("SST集琦", "unreformed_st"),
        ("S*ST光明", "unreformed_st"),
        ("XDST信通", "st"),
        ("S上石化", "unreformed"),
        ("退市长油", "delisting"),
        ("长油退", "delisting"),
        ("XD浙能电", "normal"),
        ("N宁德", "normal"),
        ("TCL科技", "normal"),
    ],
)
def test_status_by_name(name: str, status: str) -> None:
    assert status_of_name(name) == status


@pytest.mark.parametrize(("text", "price"), [("9.05", 90_500), ("1475", 14_750_000), ("0.0003", 3)])
def test_prices_are_exact(text: str, price: int) -> None:
    assert parse_price(text) == price


@pytest.mark.parametrize("text", ["", ".", "-1", "1e3", "1.", "1.00001", "１"])
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(ValueError, match="no price"):
        parse_price(text)
