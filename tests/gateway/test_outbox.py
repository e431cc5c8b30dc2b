"""The outbox: order for what must arrive, the newest for what may be replaced, bounds for both."""

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from server.gateway.outbox import Outbox

ALL = 1_000


def test_ordered_items_come_first_and_in_order() -> None:
    outbox = Outbox(10)
    outbox.put_newest("quote", "q1")
    outbox.put("a")
    outbox.put("b")
    assert outbox.take(ALL) == (["a", "b", "q1"], True)
    assert outbox.take(ALL) == ([], True)


def test_the_newest_of_a_key_replaces_the_one_that_waits() -> None:
    outbox = Outbox(10)
    for price in range(100):
        outbox.put_newest("quote", price)
        outbox.put_all_newest({"depth": price})
    assert outbox.take(ALL) == ([99, 99], True)


def test_one_item_more_than_the_bound_is_too_many() -> None:
    outbox = Outbox(3)
    for number in range(3):
        outbox.put(number)
    assert not outbox.is_full
    outbox.put(3)
    assert outbox.is_full
    assert outbox.take(ALL) == ([0, 1, 2], True)


def test_what_a_login_brings_does_not_count() -> None:
    outbox = Outbox(2)
    outbox.put_excused(range(10))
    outbox.put(10)
    outbox.put(11)
    assert not outbox.is_full
    assert outbox.take(4) == ([0, 1, 2, 3], False)
    outbox.put(12)
    assert outbox.is_full


def test_a_short_frame_says_that_ordered_items_are_left() -> None:
    outbox = Outbox(10)
    for number in range(3):
        outbox.put(number)
    outbox.put_newest("quote", "q")
    assert outbox.take(2) == ([0, 1], False)
    assert outbox.take(1) == ([2], True)
    assert outbox.take(1) == (["q"], True)


def test_long_answers_are_bounded_by_their_octets() -> None:
    outbox = Outbox(100, most_octets=10)
    outbox.put_long(b"123456")
    outbox.put("order")
    outbox.put_long(b"1234")
    assert not outbox.is_full
    assert outbox.take(2) == ([msgspec.Raw(b"123456"), "order"], False)
    outbox.put_long(b"123456")
    assert not outbox.is_full, "what has left does not count"
    outbox.put_long(b"1")
    assert outbox.is_full
    assert outbox.take(ALL) == ([msgspec.Raw(b"1234"), msgspec.Raw(b"123456")], True)


def test_one_answer_may_be_longer_than_the_bound() -> None:
    outbox = Outbox(100, most_octets=10)
    outbox.put_long(b"12345678901")
    assert not outbox.is_full
    outbox.put_long(b"")
    assert outbox.is_full


_PUT = st.tuples(st.just("put"), st.integers())
_NEWEST = st.tuples(st.just("newest"), st.integers(0, 5))
_TAKE = st.tuples(st.just("take"), st.integers(1, 5))


@given(st.lists(st.one_of(_PUT, _NEWEST, _TAKE)))
def test_nothing_ordered_is_lost_and_the_last_of_each_key_arrives(
    steps: list[tuple[str, int]],
) -> None:
    outbox = Outbox(10**6)
    put: list[int] = []
    newest: dict[int, tuple[int, int]] = {}
    arrived: list[object] = []
    for number, (step, value) in enumerate(steps):
        if step == "put":
            outbox.put(value)
            put.append(value)
        elif step == "newest":
            newest[value] = (value, number)
            outbox.put_newest(value, (value, number))
        else:
            arrived += outbox.take(value)[0]
    arrived += outbox.take(10**6)[0]
    assert [item for item in arrived if isinstance(item, int)] == put
    last = {item[0]: item for item in arrived if isinstance(item, tuple)}
    assert last == newest
