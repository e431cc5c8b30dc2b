"""Search, superseding questions, watching, forms: the parts without a terminal."""

import asyncio

import pytest

from honghe_tui.connection import Connection
from honghe_tui.latest import LatestWins
from honghe_tui.mirror import Mirror
from honghe_tui.notes import Note, Notes
from honghe_tui.screens.forms import parse_amount
from honghe_tui.screens.remarks import fall_to_line_ppm
from honghe_tui.search import Finder
from honghe_tui.watching import Wants, Watcher
from server.protocol.session import BarTopic, Subscribe, Unsubscribe
from tests.tui import canned
from tests.tui.fake_server import FakeServer
from tests.tui.harness import DEMO, Hands, until

UNIVERSE = canned.instruments()
FINDER = Finder(UNIVERSE)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("600519", ["600519.SSE"]),
        ("600519.SSE", ["600519.SSE"]),
        ("gzmt", ["600519.SSE"]),
        ("贵州", ["600519.SSE"]),
        ("zgyh", ["601988.SSE"]),
        ("中国", ["601318.SSE", "600028.SSE", "601988.SSE"]),
        ("平安", ["000001.SZSE", "601318.SSE"]),  # a beginning before a middle
        ("yh", ["600036.SSE", "601988.SSE", "000001.SZSE", "600000.SSE"]),
        ("liuye", []),
        ("wly", ["000858.SZSE"]),
        ("wny", ["000858.SZSE"]),  # n and l are one sound to many
        ("白酒", ["600519.SSE", "000858.SZSE"]),  # a sector
        ("519", ["600519.SSE"]),
        ("9", ["920128.BSE"]),  # of one character beginnings alone
        ("nothing", []),
        ("  ", []),
    ],
)
def test_search_by_code_name_and_initials(typed: str, found: list[str]) -> None:
    assert [item.symbol for item in FINDER.search(typed)] == found


def test_find_takes_the_exact_one_before_a_beginning() -> None:
    exact = FINDER.find("000001")
    assert exact is not None
    assert exact.name == "平安银行"
    assert FINDER.find("xyz") is None


async def test_only_the_newest_question_waits() -> None:
    answered: list[int] = []
    gate = asyncio.Event()

    async def answer(question: int) -> None:
        answered.append(question)
        await gate.wait()

    latest = LatestWins(answer)
    first = asyncio.ensure_future(latest.ask(1))
    await asyncio.sleep(0)
    await latest.ask(2)
    await latest.ask(3)
    assert answered == [1]
    gate.set()
    await first
    assert answered == [1, 3]
    await latest.ask(4)
    assert answered == [1, 3, 4]


async def test_a_failed_answer_does_not_block_the_next_question() -> None:
    async def answer(_: int) -> None:
        raise RuntimeError

    latest = LatestWins(answer)
    for question in (1, 2):
        with pytest.raises(RuntimeError):
            await latest.ask(question)


async def test_a_cursor_that_runs_past_rows_subscribes_to_none_of_them() -> None:
    server, mirror, hands = FakeServer(), Mirror(), Hands()
    connection = Connection("", mirror.apply, dial=server.dial, clock=hands.clock)
    running = asyncio.ensure_future(connection.run())
    connection.login(DEMO)
    await until(lambda: connection.state.kind == "live")
    watcher = Watcher(connection, mirror)
    last = Wants("c", (BarTopic("c", "1d"),))
    for wants in (Wants("a"), Wants("b"), last):
        assert watcher.follow(wants) == []
    assert watcher.follow(last) == [BarTopic("c", "1d")]
    assert watcher.follow(last) == []
    await until(lambda: any(ask.depth for ask in server.of_kind(Subscribe)))
    assert [ask.depth for ask in server.of_kind(Subscribe) if ask.depth] == [["c"]]

    for _ in range(2):
        watcher.follow(Wants("d"))
    await until(lambda: len(server.of_kind(Unsubscribe)) == 2)
    assert watcher.follow(last) == []
    assert watcher.follow(last) == [BarTopic("c", "1d")]  # it went stale meanwhile
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1", 10_000), ("1.5", 15_000), ("1,234.56", 12_345_600), (" 0.01 ", 100), ("1，000", 10**7)],
)
def test_amounts_are_yuan_with_two_decimals(typed: str, amount: int) -> None:
    assert parse_amount(typed) == amount


@pytest.mark.parametrize("typed", ["", "0", "0.00", "-1", "1.234", "1e5", "一", "1.2.3", "١"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("line_ppm", "leverage", "fall_ppm"),
    [  # section 5.3: the fall from opening, fully invested
        (1_400_000, 2, 66_667),
        (1_200_000, 2, 200_000),
        (1_270_000, 3, 47_500),
        (1_140_000, 3, 145_000),
        (1_210_000, 4, 32_000),
        (1_130_000, 4, 96_000),
    ],
)
def test_the_fall_to_a_line_is_the_rule_books(line_ppm: int, leverage: int, fall_ppm: int) -> None:
    start_ppm = (leverage + 1) * 1_000_000 // leverage
    assert fall_to_line_ppm(line_ppm, start_ppm) == fall_ppm


def test_a_note_is_shown_for_a_while() -> None:
    notes, note = Notes(), Note("done", "information")
    assert notes.current(0.0) is None
    notes.add(note)
    assert notes.current(10.0) is note
    assert notes.current(13.9) is note
    assert notes.current(14.0) is None


def test_notes_that_wait_hurry_the_one_before() -> None:
    notes = Notes()
    first, second = Note("a", "error"), Note("b", "information")
    notes.add(first)
    notes.add(second)
    assert notes.current(0.0) is first
    assert notes.current(1.4) is first
    assert notes.current(1.5) is second
    assert notes.current(5.4) is second
    assert notes.current(5.5) is None
