"""Replayed batches, joined for those to whom the cut is the same: nothing lost, days kept apart."""

import numpy as np
import pytest

from server.engine import building, records
from server.engine.codes import MarkPolicy
from server.journal.batch import Applied
from server.journal.gathering import TOGETHER, Gathering


def batch(first: int, count: int, *, opens_day: bool = False) -> Applied:
    kind = building.day_open(20260105, MarkPolicy.SOURCE) if opens_day else building.day_close()
    commands = np.repeat(kind, count)
    commands["seq"] = np.arange(first, first + count)
    events = np.zeros(2 * count, records.EVENT)
    events["seq"] = np.repeat(commands["seq"], 2)
    digest = first.to_bytes(32, "little")
    return Applied(first, first + count - 1, 1_000 + first, commands, events, digest)


class Follower:
    def __init__(self, stop: int = 0) -> None:
        self.got: list[Applied] = []
        self.gathering = Gathering(self.got.append, stop)

    def spans(self) -> list[tuple[int, int]]:
        return [(applied.first_seq, applied.last_seq) for applied in self.got]


def test_small_batches_come_as_one_with_all_they_hold() -> None:
    follower = Follower()
    parts = [batch(1, 3), batch(4, 1), batch(5, 2)]
    for part in parts:
        follower.gathering.add(part)
    assert follower.got == []
    follower.gathering.finish()
    (joined,) = follower.got
    assert joined.commands.tobytes() == b"".join(part.commands.tobytes() for part in parts)
    assert joined.events.tobytes() == b"".join(part.events.tobytes() for part in parts)
    assert (joined.first_seq, joined.last_seq) == (1, 6)
    assert (joined.wall_time, joined.digest) == (parts[-1].wall_time, parts[-1].digest)


def test_they_are_handed_on_as_soon_as_they_are_many() -> None:
    follower = Follower()
    half = TOGETHER // 2
    for first in range(1, 4 * half, half):
        follower.gathering.add(batch(first, half))
    assert follower.spans() == [(1, 2 * half), (2 * half + 1, 4 * half)]


def test_a_day_begins_a_batch_of_its_own() -> None:
    follower = Follower()
    for part in (batch(1, 2), batch(3, 4, opens_day=True), batch(7, 1)):
        follower.gathering.add(part)
    follower.gathering.finish()
    assert follower.spans() == [(1, 2), (3, 6), (7, 7)]


@pytest.mark.parametrize("stop", [2, 6])
def test_one_ends_where_it_must(stop: int) -> None:
    follower = Follower(stop)
    for first in (1, 3, 5, 7):
        follower.gathering.add(batch(first, 2))
    follower.gathering.finish()
    assert follower.spans() == [(1, stop), (stop + 1, 8)]


def test_nothing_is_handed_on_twice() -> None:
    follower = Follower()
    follower.gathering.finish()
    follower.gathering.add(batch(1, 1))
    follower.gathering.finish()
    follower.gathering.finish()
    assert follower.spans() == [(1, 1)]
