"""`honghe verify limits`: real daily bars lie within the engine's limits of their days."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from server.cli.verify import run
from server.cli.verify_limits import Findings, Touches, examine, read_touches
from tests.shared_data import shared_data

HEAD = "date,open,high,low,close,preclose,volume,amount,trade_status,is_st"


def folder(tmp_path: Path, **bars: list[str]) -> Path:
    made = tmp_path / "bars"
    made.mkdir()
    for symbol, rows in bars.items():
        text = "\n".join([HEAD, *rows]) + "\n"
        (made / f"{symbol}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return made


def checked(*arguments: object) -> int:
    return run(["limits", *map(str, arguments), "--lang", "en"])


def test_bars_at_their_limits_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    halted = "10.00,10.00,10.00,10.00,10.00,0,0,0,0"
    first = ["2019-03-04,10.00,11.00,9.00,10.00,10.00,1000,10000,1,0", f"2019-03-05,{halted}"]
    second = ["2019-03-05,10.00,10.50,9.50,10.00,10.00,1000,10000,1,1"]
    bars = folder(tmp_path, SH600000=first, SZ000001=second)
    assert checked(bars) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in out[1:6]] == ["1", "2", "2", "0", "0"]
    assert out[-1] == "equal row by row"


@pytest.mark.parametrize(
    ("bar", "st"), [("11.01,9.90", 0), ("10.10,8.99", 0), ("10.51,9.90", 1), ("10.10,9.49", 1)]
)
def test_a_bar_one_fen_beyond_is_found(
    bar: str, st: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"2019-03-04,10.00,{bar},10.00,10.00,1000,10000,1,{st}"]
    assert checked(folder(tmp_path, SH600000=rows)) == 1
    out = capsys.readouterr().out
    assert "600000.SSE 20190304" in out
    assert "the engine refused the day's high or low" in out


def test_days_without_a_limit_are_listed_with_their_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listings = tmp_path / "listings.csv"
    listings.write_text("symbol,list_date\nSH688001,2019-07-22\n", encoding="utf-8")
    rows = ["2019-07-22,30.00,90.00,28.00,80.00,24.26,1000,10000,1,0"]
    assert checked(folder(tmp_path, SH688001=rows), "--listings", listings) == 0
    assert "day 1 of listing [1.4 V]" in capsys.readouterr().out


def test_a_touch_that_the_file_does_not_have_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = folder(tmp_path, SH600000=["2019-03-04,10.00,11.00,9.10,10.00,10.00,1000,10000,1,0"])
    touches = tmp_path / "touches.csv"
    head = "symbol,date,limit_up,limit_down,touch_up,touch_down\n"
    touches.write_text(head + "SH600000,2019-03-04,11.00,9.00,1,0\n", encoding="utf-8")
    assert checked(bars, "--touches", touches) == 0
    touches.write_text(head + "SH600000,2019-03-04,11.00,9.00,1,1\n", encoding="utf-8")
    assert checked(bars, "--touches", touches) == 1
    assert "touches otherwise" in capsys.readouterr().out


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert checked(tmp_path / "none") == 2
    assert "none" in capsys.readouterr().err


# The sets themselves ------------------------------------------------------------------------------


def real(folder: str, derived: str) -> tuple[Findings, Touches]:
    touches = read_touches(shared_data("derived", derived))
    listings = shared_data("symbols", "symbols.csv.gz")
    return examine(shared_data(folder), listings, touches), touches


def places(findings: Findings) -> set[tuple[str, int]]:
    rows = findings.free + [row for _, row in findings.explained]
    return {(row.symbol, row.date) for row in rows}


@pytest.mark.proof
@pytest.mark.needs_data
def test_every_row_of_2020_to_2025() -> None:
    findings, touches = real("daily_2020_2025", "limit_events_2020_2025.csv.gz")
    assert findings.different == []
    assert findings.missing == set()
    assert (findings.rows, findings.limited, findings.suspended) == (253_221, 252_561, 604)
    assert [word for word, _ in findings.explained] == ["first_day"] * 8
    # What the file of touches has and no limit of ours: the days without one, and first days.
    assert len(touches) - findings.touched == len(touches.keys() & places(findings)) == 22
    assert all(row.listing_day <= 5 or row.status == "relisted" for row in findings.free)


@pytest.mark.proof
@pytest.mark.needs_data
def test_every_row_of_2007_to_2019() -> None:
    findings, touches = real("daily_2007_2019_sse", "limit_events_2007_2019.csv.gz")
    assert findings.different == []
    assert findings.missing == set()
    assert (findings.rows, findings.limited) == (172_388, 165_387)
    assert Counter(word for word, _ in findings.explained) == {"unreformed": 29, "first_day": 1}
    assert len(touches) - findings.touched == len(touches.keys() & places(findings)) == 9
    assert [row.symbol for row in findings.free if row.status != "relisted"] == ["600023.SSE"]
