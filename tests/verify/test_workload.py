"""`honghe verify workload`: the published hashes, the twin's hashes, and files that are wrong."""

import hashlib
from pathlib import Path
from random import Random

import pytest

from honghe_tui.cli import main
from tests.engine.plain_book import BUY, Message, PlainBook, Report
from tests.engine.streams import KINDS, stream, twin_of
from tests.shared_data import shared_data
from tests.verify.days import write_rows

HEAD = ["type", "side", "ioc", "qty", "seq", "order_id", "price_ticks"]
PUBLISHED = {
    1_000: (1_102, 28, "7ef3cb79c13254db45b51bf611ede1edcd7eef153c0130661ecf881c157f4f06"),
    10_000: (11_097, 308, "bc8d2e2226cf3d186aacd62551954151f3eea14adf36e21e12b9ea7c3e673c54"),
    50_000: (55_210, 1_554, "ba4295ed611a885017b5055aa51f950d0c8bfb8b01383676353c52ba03672b1f"),
}


def verify(*arguments: object) -> int:
    return main(["verify", "workload", *map(str, arguments), "--repeat", "1", "--lang", "en"])


def rows_of(messages: list[Message], moved: int = 0, spread: int = 1) -> list[list[str]]:
    """A stream as the file has it; prices are moved and spread."""
    rows: list[list[str]] = []
    for seq, (name, number, *rest) in enumerate(messages):
        side, ioc, price, quantity = 1, 0, 0, 1
        if name == "new":
            side, price, quantity, ioc = rest
        elif name == "modify":
            price, quantity = rest
        figures = KINDS.index(str(name)), side, int(ioc), quantity, seq, number
        rows.append([*map(str, figures), str(int(price) * spread + moved)])
    return rows


def lines_of(messages: list[Message], moved: int = 0, spread: int = 1) -> str:
    """The twin's reports as the public workload writes and sorts them."""
    book = PlainBook()
    lines: list[tuple[int, int, str]] = []
    for seq, message in enumerate(messages):
        start = len(book.told)
        book.do(message)
        for report in book.told[start:]:
            kind, body = line_of(report, int(str(message[1])), moved, spread)
            lines.append((seq, kind, f"{kind},{seq},{body}"))
    lines.sort(key=lambda line: line[:2])
    return "\n".join(line for _, _, line in lines)


def line_of(report: Report, taker: int, moved: int, spread: int) -> tuple[int, str]:
    name, *figures = report
    if name == "trade":
        _, price, quantity, buy, sell = figures
        maker = sell if buy == taker else buy
        return 1, f"{int(price) * spread + moved},{quantity},{maker},{taker}"
    if name in {"cancel refused", "modify refused"}:
        return (4 if name == "cancel refused" else 5), str(figures[0])
    number, side, price, quantity = figures
    shown = f"{side},{number},{int(price) * spread + moved}"
    if name == "cancelled":
        return 2, shown
    return (0 if name == "ack" else 3), f"{shown},{quantity}"


@pytest.mark.needs_data
@pytest.mark.parametrize("messages", PUBLISHED)
def test_the_published_hashes(messages: int, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared_data("matching", "flash1_normal_s23_first50000.csv.gz")
    reports, trades, digest = PUBLISHED[messages]
    assert verify(file, "--messages", messages, "--expect", digest) == 0
    out = capsys.readouterr().out
    assert f"reports             {reports:,}\n" in out
    assert f"trades              {trades:,}\n" in out
    assert f"SHA-256             {digest}\n" in out
    assert "messages a second" in out
    assert out.endswith("equal to the hash given\n")


@pytest.mark.parametrize(("moved", "spread"), [(27_506, 1), (65_365, 1), (-40, 1), (7, 1 << 45)])
@pytest.mark.parametrize("seed", range(4))
def test_other_streams_have_the_twin_s_hash(
    tmp_path: Path, seed: int, moved: int, spread: int
) -> None:
    """Prices that lie far apart, or below 0, as well."""
    messages = stream(Random(seed), 800, width=40)
    file = tmp_path / ("stream.csv.gz" if seed % 2 else "stream.csv")
    write_rows(file, HEAD, rows_of(messages, moved, spread))
    lines = lines_of(messages, moved, spread)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    out = tmp_path / "reports"
    assert verify(file, "--expect", digest.upper(), "--reports", out) == 0
    assert out.read_text() == lines
    assert len(lines.splitlines()) == len(twin_of(messages).told)


def test_the_largest_figures_pass_unchanged(tmp_path: Path) -> None:
    number, most = (1 << 64) - 1, (1 << 63) - 1
    messages: list[Message] = [
        ("new", number, 1, 5, most, False),
        ("new", 0, BUY, 5, 1, True),
        ("modify", number, 4, most),
        ("cancel", number),
    ]
    file, out = tmp_path / "stream.csv", tmp_path / "reports"
    write_rows(file, HEAD, rows_of(messages))
    assert verify(file, "--reports", out) == 0
    assert out.read_text() == lines_of(messages)
    assert f"0,0,1,{number},5,{most}" in out.read_text()


def test_another_hash_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stream.csv"
    write_rows(file, HEAD, rows_of(stream(Random(1), 10)))
    assert verify(file, "--expect", "0" * 64) == 1
    assert f"not the hash given: {'0' * 64}" in capsys.readouterr().out


def test_a_stream_that_never_has_an_order(tmp_path: Path) -> None:
    file, out = tmp_path / "stream.csv", tmp_path / "reports"
    messages: list[Message] = [("cancel", 5), ("modify", 5, 7, 1), ("cancel", 0)]
    write_rows(file, HEAD, rows_of(messages))
    assert verify(file, "--reports", out) == 0
    assert out.read_text() == lines_of(messages) == "4,0,5\n5,1,5\n4,2,0"


def test_a_file_from_a_spreadsheet_may_begin_with_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "stream.csv"
    write_rows(file, HEAD, rows_of([("cancel", 5)]))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert verify(file) == 0


def test_a_file_without_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stream.csv"
    write_rows(file, HEAD, [])
    assert verify(file, "--expect", hashlib.sha256().hexdigest()) == 0
    assert "reports             0" in capsys.readouterr().out


BAD = {
    "type": (0, "7", "type must be 0 | 1 | 2, not '7'"),
    "side": (1, "b", "side must be 0 | 1, not 'b'"),
    "ioc": (2, "", "ioc must be 0 | 1, not ''"),
    "nothing to trade": (3, "0", "qty must be a whole number from 1 to"),
    "too much": (3, str(1 << 63), "qty must be a whole number from 1 to"),
    "negative number": (5, "-1", "order_id must be a whole number from 0 to"),
    "number too large": (5, str(1 << 64), "order_id must be a whole number from 0 to"),
    "price": (6, "33.5", "price_ticks must be a whole number"),
    "digits of another script": (6, "٣", "price_ticks must be a whole number"),
    "underscore": (6, "1_000", "price_ticks must be a whole number"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    place, value, sentence = BAD[case]
    messages: list[Message] = [("new", i, BUY, 5, 1, False) for i in range(5)]
    rows = rows_of(messages)
    rows[3][place] = value
    file = tmp_path / "stream.csv"
    write_rows(file, HEAD, rows)
    assert verify(file) == 2
    error = capsys.readouterr().err
    assert "stream.csv, line 5: " in error
    assert sentence in error


def test_a_number_in_the_book_that_comes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stream.csv"
    write_rows(file, HEAD, rows_of([("new", 8, BUY, 5, 1, False), ("new", 8, BUY, 5, 1, False)]))
    assert verify(file) == 2
    assert "line 3: a new order has the number 8" in capsys.readouterr().err


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(tmp_path / "none.csv.gz") == 2
    assert "none.csv.gz" in capsys.readouterr().err
    assert verify(tmp_path) == 2
