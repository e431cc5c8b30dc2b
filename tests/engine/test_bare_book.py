"""The bare book against its plain twin, on random streams and on the edges."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.engine.bare_book import MESSAGE
from server.engine.bare_run import FIRST_CELLS, MOST_LEVELS, BareRun, NumberRepeated
from tests.engine.plain_book import BUY, SELL, Message, PlainBook, Report
from tests.engine.streams import records, stream, told, twin_of

ROOT = Path(__file__).parents[2]
ALONE = (
    "from random import Random; from tests.engine.test_bare_book import agree;"
    "agree(Random(5), 400, True); agree(Random(6), 400, False); print('agreed')"
)


def run(messages: list[Message], tick: int = 1) -> list[Report]:
    taken = records(messages)
    prices = [int(price) for price in taken["price"] if price] or [1]
    book = BareRun(taken, min(prices), max(prices), tick)
    book.run()
    return told(book.reports)


def agree(random: Random, count: int, calls: bool) -> None:
    messages = stream(random, count, calls=calls, width=random.choice([0, 3, 12, 200, 9_000]))
    assert run(messages) == twin_of(messages).told


@given(st.randoms(use_true_random=False), st.integers(min_value=1, max_value=300), st.booleans())
@settings(max_examples=100)
def test_the_kernel_agrees_with_its_twin(random: Random, count: int, calls: bool) -> None:
    agree(random, count, calls)


def call(*orders: tuple[int, int, int]) -> list[Message]:
    """Orders (side, price, quantity) numbered from 1 in a call, then its auction."""
    news = [("new", i, *order, False) for i, order in enumerate(orders, 1)]
    return [("call",), *news, ("uncross",)]


orders = st.tuples(st.sampled_from([BUY, SELL]), st.integers(50, 64), st.integers(1, 9))


@given(st.lists(orders, max_size=24))
@settings(max_examples=150)
def test_an_auction_agrees_with_its_twin(given_orders: list[tuple[int, int, int]]) -> None:
    messages = call(*given_orders)
    assert run(messages) == twin_of(messages).told


def test_an_auction_trades_at_one_price_best_first() -> None:
    messages = call((BUY, 10, 5), (BUY, 12, 4), (SELL, 9, 6), (SELL, 11, 9))
    # 9 and 10: 6 trade; at 11: 4; at 10 nine want to buy and six to sell, at 9 as well.
    trades = [report for report in run(messages) if report[0] == "trade"]
    assert trades == [("trade", None, 10, 4, 2, 3), ("trade", None, 10, 2, 1, 3)]


def test_a_partly_filled_order_keeps_its_place_and_a_modified_one_loses_it() -> None:
    messages: list[Message] = [
        ("new", 1, SELL, 10, 5, False),
        ("new", 2, SELL, 10, 5, False),
        ("new", 3, BUY, 10, 2, False),  # from 1
        ("modify", 1, 10, 3),  # behind 2 now
        ("new", 4, BUY, 10, 6, True),
    ]
    trades = [report for report in run(messages) if report[0] == "trade"]
    assert trades == [
        ("trade", BUY, 10, 2, 3, 1),
        ("trade", BUY, 10, 5, 4, 2),
        ("trade", BUY, 10, 1, 4, 1),
    ]


def test_what_a_filled_order_is_asked_for_is_refused() -> None:
    messages: list[Message] = [
        ("new", 1, SELL, 10, 5, False),
        ("new", 2, BUY, 10, 5, False),
        ("modify", 1, 9, 1),
        ("cancel", 2),
        ("cancel", 77),
    ]
    assert run(messages)[3:] == [
        ("modify refused", 1),
        ("cancel refused", 2),
        ("cancel refused", 77),
    ]


def test_an_order_modified_across_the_book_trades() -> None:
    messages: list[Message] = [
        ("new", 1, SELL, 12, 5, False),
        ("new", 2, BUY, 10, 5, False),
        ("modify", 2, 12, 5),
        ("cancel", 2),
        ("new", 2, BUY, 9, 1, False),  # a number may come again once it is over
        ("cancel", 2),
    ]
    assert run(messages)[2:] == [
        ("modified", 2, BUY, 12, 5),
        ("trade", BUY, 12, 5, 2, 1),
        ("cancel refused", 2),
        ("ack", 2, BUY, 9, 1),
        ("cancelled", 2, BUY, 9, 1),
    ]


@pytest.mark.parametrize("largest", [1, (1 << 63) - 1])
def test_quantities_at_their_extremes(largest: int) -> None:
    """Levels may wrap around an int64; no order may."""
    messages: list[Message] = [("new", i, SELL, 10, largest, False) for i in range(4)]
    messages += [("cancel", 1), ("new", 9, BUY, 10, largest, False), ("new", 10, BUY, 10, 1, True)]
    messages += [("cancel", i) for i in range(4)]
    assert run(messages) == twin_of(messages).told


def test_the_index_grows_with_the_book_and_loses_nobody() -> None:
    random = Random(3)
    numbers = [random.getrandbits(63) for _ in range(4 * FIRST_CELLS)]
    messages: list[Message] = [("new", n, BUY, 5 + n % 7, 1, False) for n in numbers]
    random.shuffle(numbers)
    messages += [("cancel", n) for n in numbers]
    reports = run(messages)
    assert reports == twin_of(messages).told
    assert {report[0] for report in reports[len(numbers) :]} == {"cancelled"}


def test_a_number_in_the_book_cannot_come_again() -> None:
    messages: list[Message] = [("new", 1, BUY, 5, 1, False), ("new", 1, BUY, 5, 1, False)]
    with pytest.raises(NumberRepeated) as error:
        run(messages)
    assert error.value.row == 1


def test_a_cleared_book_runs_as_before() -> None:
    taken = records(stream(Random(8), 2_000, calls=True))
    book = BareRun(taken, 1, 65_377, 1)
    book.run()
    first = book.reports.tobytes()
    book.clear()
    assert len(book.reports) == 0
    book.run()
    assert book.reports.tobytes() == first


def test_no_ladder_without_end() -> None:
    with pytest.raises(ValueError, match="price levels"):
        BareRun(np.zeros(0, MESSAGE), 1, MOST_LEVELS + 1, 1)


def test_the_twin_matches_by_price_and_time() -> None:
    """The oracle itself, by hand: two prices, two at the better one, a partial fill."""
    book = PlainBook()
    for message in [("new", 1, SELL, 11, 5), ("new", 2, SELL, 10, 2), ("new", 3, SELL, 10, 3)]:
        book.do(message)
    book.new(4, BUY, 11, 6)
    assert [report for report in book.told if report[0] == "trade"] == [
        ("trade", BUY, 10, 2, 4, 2),
        ("trade", BUY, 10, 3, 4, 3),
        ("trade", BUY, 11, 1, 4, 1),
    ]
    assert book.resting[1].left == 4


def test_without_the_compiler_it_agrees_too() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "error::RuntimeWarning"]
    command += ["-W", "ignore::RuntimeWarning:server.engine.positions", "-c", ALONE]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "agreed\n", done.stderr


@pytest.mark.proof
def test_long_streams_agree_with_the_twin() -> None:
    """A hundred thousand messages from a seed that can be given."""
    seed = int(os.environ.get("HONGHE_SEED", "20230711"))
    print(f"HONGHE_SEED={seed}")
    random = Random(seed)
    for i in range(50):
        agree(Random(random.getrandbits(64)), 2_000, calls=i % 2 == 0)
