"""`honghe verify l2`: real and made days pass; what was changed is found where it was changed."""

import csv
import gzip
from pathlib import Path
from random import Random

import pytest

from honghe_tui.cli import main
from tests.shared_data import shared_data
from tests.verify.days import ORDER_HEAD, TRADE_HEAD, Day, Market, made_day, write_day, write_rows

MARKETS = {
    "SH601825_20230711": Market(middle=548),
    "SH600519_20240102": Market(middle=168_500, spread=900, first_number=90_000_000_000),
    "SH510300_20240102": Market(middle=3_421, decimals=3),
    "SH688981_20211201": Market(middle=5_500, spread=1),
    "any other name": Market(middle=101, decimals=2),
}


def verify(*arguments: object) -> int:
    return main(["verify", "l2", *map(str, arguments), "--lang", "en"])


@pytest.mark.needs_data
def test_the_exchange_s_own_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(shared_data("l2", "SH601825_20230711")) == 0
    out = capsys.readouterr().out
    assert "opening auction     10 trades, 2,800 shares" in out
    assert "continuous          5,340 trades" in out
    assert "closing auction     20 trades, 25,000 shares, 137,000.00 yuan" in out
    assert out.endswith("equal trade by trade: price, quantity, both order numbers, sequence\n")


@pytest.mark.needs_data
def test_a_share_changed_in_the_exchange_s_day_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data("l2", "SH601825_20230711")
    with gzip.open(folder / "engine_trades.csv.gz", "rt") as file:
        rows = list(csv.reader(file))
    rows[1_234][5] = str(int(rows[1_234][5]) + 100)
    write_rows(tmp_path / "engine_trades.csv", rows[0], rows[1:])
    (tmp_path / "engine_orders.csv.gz").symlink_to((folder / "engine_orders.csv.gz").resolve())
    assert verify(tmp_path) == 1
    out = capsys.readouterr().out
    assert "different: trade 1,234 (engine_trades.csv line 1235)" in out
    assert f"expected            {','.join(rows[1_234][2:])}" in out


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_made_days_of_any_price_pass(tmp_path: Path, name: str, seed: int, packed: bool) -> None:
    day = made_day(Random(seed), MARKETS[name])
    phases = {row[2] for row in day.trades}
    assert phases == {"open_auction", "continuous", "close_auction"}
    assert verify(write_day(tmp_path / name, day, packed)) == 0


def test_every_kind_of_changed_trade_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(11)
    day = made_day(random, Market(middle=548))
    changes = {"price": "5.00", "qty": "99", "buy_no": "777777", "sell_no": "777777",
               "aggressor": "", "phase": ""}  # fmt: skip
    for column, value in changes.items():
        number = random.randrange(len(day.trades))
        trades = [list(row) for row in day.trades]
        others = {"aggressor": ["B", "S", "N"], "phase": ["open_auction", "continuous"]}
        place = TRADE_HEAD.index(column)
        choices = [each for each in others.get(column, [value]) if each != trades[number][place]]
        trades[number][place] = choices[0]
        assert verify(write_day(tmp_path, day._replace(trades=trades))) == 1
        lines = capsys.readouterr().out.splitlines()[-4:]
        assert lines == [
            f"different: trade {number + 1} (engine_trades.csv.gz line {number + 2})",
            f"expected            {','.join(trades[number][2:])}",
            f"got                 {','.join(day.trades[number][2:])}",
            f"made by             engine_orders.csv.gz line {day.made_by[number] + 2}",
        ]


def test_trades_swapped_missing_and_added_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = made_day(Random(12), Market(middle=548))
    rows = day.trades
    last = len(rows)
    swapped = [*rows[:4], rows[5], rows[4], *rows[6:]]
    cases = {
        "swapped": (swapped, 5, swapped[4], rows[4]),
        "missing": ([*rows[:7], *rows[8:]], 8, rows[8], rows[7]),
        "cut": (rows[:-1], last, None, rows[-1]),
        "added": ([*rows, rows[-1]], last + 1, rows[-1], None),
    }
    for trades, number, expected, got in cases.values():
        assert verify(write_day(tmp_path, day._replace(trades=trades))) == 1
        out = capsys.readouterr().out
        assert f"different: trade {number} (engine_trades.csv.gz line {number + 1})" in out
        for word, row in (("expected", expected), ("got", got)):
            shown = ",".join(row[2:]) if row else "no more trades"
            assert f"{word:<20}{shown}\n" in out


def test_a_cancel_of_another_quantity_is_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = made_day(Random(13), Market(middle=548))
    place = next(i for i, row in enumerate(day.orders) if row[3] == "CANCEL")
    number, left = day.orders[place][4], day.orders[place][7]
    day.orders[place][7] = str(int(left) + 1)
    assert verify(write_day(tmp_path, day)) == 1
    out = capsys.readouterr().out
    assert f"different: a cancel (engine_orders.csv.gz line {place + 2})" in out
    assert f"expected            order {number}, {int(left) + 1} left" in out
    assert f"got                 order {number}, {left} left" in out
    day.orders[place][4] = "999999999"
    assert verify(write_day(tmp_path, day)) == 1
    assert "order 999999999 is not in the book" in capsys.readouterr().out


def test_a_folder_that_is_not_there_or_lacks_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tmp_path / "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err
    assert verify(tmp_path) == 2
    assert "engine_orders.csv" in capsys.readouterr().err


BAD_ORDERS = {
    "price must": (6, "5.4.8", "price"),
    "price zero": (6, "0.00", "price must be above 0"),
    "side": (5, "X", "side must be B | S"),
    "action": (3, "AMEND", "action must be NEW | CANCEL"),
    "phase": (2, "lunch", "phase must be"),
    "qty": (7, "-100", "qty must be a whole number from 1"),
    "number": (4, "12a", "order_no must be a whole number"),
}


@pytest.mark.parametrize("case", BAD_ORDERS)
def test_a_malformed_order_is_named_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    place, value, sentence = BAD_ORDERS[case]
    day = made_day(Random(14), Market(middle=548), each=20)
    row = next(i for i, row in enumerate(day.orders) if row[3] == "NEW" and i > 4)
    day.orders[row][place] = value
    assert verify(write_day(tmp_path, day)) == 2
    error = capsys.readouterr().err
    assert f"engine_orders.csv.gz, line {row + 2}: " in error
    assert sentence in error


def test_phases_out_of_order_and_a_number_used_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = made_day(Random(15), Market(middle=548), each=20)
    turned = day._replace(orders=[*day.orders, day.orders[0]])
    assert verify(write_day(tmp_path, turned)) == 2
    assert f"line {len(turned.orders) + 1}: open_call after close_call" in capsys.readouterr().err
    twice = day._replace(orders=[day.orders[0], *day.orders])
    assert verify(write_day(tmp_path, twice)) == 2
    assert "line 3: order 1 is in the book already" in capsys.readouterr().err


def test_files_that_are_no_csv_or_lack_a_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = made_day(Random(16), Market(middle=548), each=20)
    write_day(tmp_path, day)
    orders = tmp_path / "engine_orders.csv.gz"
    whole = orders.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no gzip at all", b"\xff\xfe" * 40, b""):
        orders.write_bytes(damaged)
        assert verify(tmp_path) == 2
        assert "engine_orders.csv.gz, line " in capsys.readouterr().err
    write_rows(orders, [*ORDER_HEAD[:-2], "amount", "x"], day.orders)
    assert verify(tmp_path) == 2
    assert "line 1: no column qty" in capsys.readouterr().err
    write_rows(orders, ORDER_HEAD, [*day.orders[:3], day.orders[3][:-1]])
    assert verify(tmp_path) == 2
    assert "line 5: 8 columns, not 9" in capsys.readouterr().err


def test_an_empty_day_is_equal_and_chinese_is_spoken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_day(tmp_path, Day([], [], []))
    assert main(["verify", "l2", str(tmp_path)]) == 0
    assert "逐笔一致" in capsys.readouterr().out


def _szse_day(folder: Path, price: str) -> Path:
    """Example 3 of section 2.3: balanced from 10.01 to 10.20."""
    orders = [
        ["0", "09:15:00.000", "open_call", "NEW", "1", "B", "10.20", "1000", "1"],
        ["1", "09:15:00.000", "open_call", "NEW", "2", "S", "10.01", "1000", "1"],
    ]
    trades = [["0", "09:25:00.000", "open_auction", "N", price, "1000", "1", "2"]]
    return write_day(folder, Day(orders, trades, [1]))


@pytest.mark.parametrize(
    ("previous_close", "price"), [("10.08", "10.08"), ("10.50", "10.20"), ("10.00", "10.01")]
)
def test_shenzhen_takes_the_tick_nearest_to_the_previous_close(
    tmp_path: Path, previous_close: str, price: str
) -> None:
    folder = _szse_day(tmp_path / "SZ000001_20240102", price)
    assert verify(folder, "--previous-close", previous_close) == 0
    assert verify(_szse_day(tmp_path / "BJ430047_20240102", price), "--previous-close", "9.99") == (
        0 if price == "10.01" else 1
    )


def test_shanghai_takes_the_middle_and_shenzhen_asks_for_the_previous_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(_szse_day(tmp_path / "SH600000_20240102", "10.11")) == 0
    assert verify(_szse_day(tmp_path / "SZ000001_20240102", "10.11")) == 2
    assert "--previous-close" in capsys.readouterr().err
