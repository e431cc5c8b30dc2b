"""Records read as tuples say what NumPy says."""

import numpy as np
import pytest

from server.engine import records
from server.sequencing.unpacking import layout, reader

MIXED = np.dtype([("a", "i8"), ("b", "u1"), ("c", "i4", (2,)), ("d", "S4"), ("e", "i2")])


def test_fields_are_read_where_they_lie_and_others_passed_over() -> None:
    rows = np.zeros(2, MIXED)
    rows[1] = (-5, 200, (3, -4), b"xy", -7)
    read = list(layout(MIXED, "a", "c", "d").iter_unpack(rows.tobytes()))
    assert read == [(0, 0, 0, b"\0\0\0\0"), (-5, 3, -4, b"xy\0\0")]
    assert list(layout(MIXED, "b", "e").iter_unpack(rows.tobytes()))[1] == (200, -7)


def test_a_record_is_read_whole() -> None:
    names = [name for name in records.FILL_EVENT.names or () if name != "padding"]
    event = np.zeros(1, records.FILL_EVENT)
    for number, name in enumerate(names):
        event[name] = number + 1
    assert layout(records.FILL_EVENT, *names).unpack(event.tobytes()) == tuple(
        range(1, len(names) + 1)
    )


def test_fields_out_of_order_are_a_mistake() -> None:
    with pytest.raises(AssertionError, match="b comes earlier"):
        layout(MIXED, "c", "b")


def test_a_reader_gives_fields_in_the_order_they_are_named() -> None:
    rows = np.zeros(2, MIXED)
    rows[1] = (-5, 200, (3, -4), b"xy", -7)
    assert list(reader(MIXED, "e", "c", "a")(rows.tobytes())) == [(0, 0, 0, 0), (-7, 3, -4, -5)]
