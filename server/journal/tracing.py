"""What became of one order, and of one command, from the journal alone."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.codes import Event
from server.engine.records import EVENT, FILL_EVENT, ORDER_EVENT
from server.journal.chain import Mark
from server.journal.journal import Journal
from server.journal.lookback import Moment, look_back
from server.journal.recovery import E, apply_stretch
from server.journal.starts import Start, Starts

_OF_ORDERS = [
    *(Event.ORDER_ACCEPTED, Event.ORDER_CANCELLED, Event.ORDER_EXPIRED),
    *(Event.ORDER_QUEUED, Event.ORDER_HELD, Event.ORDER_RELEASED, Event.ORDER_CONVERTED),
]
_ENDS = (Event.ORDER_CANCELLED, Event.ORDER_EXPIRED)
_NOBODY = -2  # no account


class Traced(msgspec.Struct, frozen=True, eq=False):
    """A command, its batch and its events.

    `verified` are the ends of the part of the chain that was checked for it.
    """

    command: NDArray[np.void]  # one record
    events: NDArray[np.void]
    first_seq: int
    last_seq: int
    wall_time: int
    digest: bytes
    verified: tuple[int, int]


def trace_command(
    journal: Journal, starts: Starts[E], seq: int, marks: tuple[Mark, ...] = ()
) -> tuple[Traced, E]:
    """The command at `seq`, which must be there, and the engine after it."""
    before = look_back(journal, starts, Moment(seq=seq - 1), _NOBODY, 0, marks)
    batch = next(journal.batches(seq))
    row = seq - batch.first_seq
    command = batch.commands[row : row + 1]
    events = before.engine.apply(command)
    span = (before.verified[0], max(before.verified[1], batch.last_seq))
    ends = (batch.first_seq, batch.last_seq)
    return Traced(command, events, *ends, batch.wall_time, batch.digest, span), before.engine


def trace_order(
    journal: Journal, starts: Starts[E], order_id: int, known: Callable[[E], bool]
) -> tuple[NDArray[np.void], E]:
    """All events of an order, none when there never was one of that id, and the engine after them.

    The chain is verified from the start of the replay to the first snapshot after the last event.
    `known` tells whether an engine has already seen an order of this id.
    """
    start = _last_before(starts, known)
    found: list[NDArray[np.void]] = []
    for stretch in journal.stretches(start.engine.seq + 1, start.marks):
        events = _events_of(apply_stretch(start.engine, stretch), order_id)
        if len(events):
            found.append(events)
        if found and _is_over(events):
            break
        if not found and known(start.engine):
            break  # refused, so it never had events under its id
    if not found:
        return np.zeros(0, EVENT), start.engine
    _check_on(journal, start.engine.seq, starts.mark_after(start.engine.seq, start.engine.time))
    return np.frombuffer(b"".join(part.tobytes() for part in found), EVENT), start.engine


def _check_on(journal: Journal, seq: int, marks: tuple[Mark, ...]) -> None:
    """Follows the chain from `seq` to the first mark, or to its end."""
    for stretch in journal.stretches(seq + 1, marks):
        if any(mark.seq == stretch.last_seq for mark in marks):
            break


def _last_before(starts: Starts[E], known: Callable[[E], bool]) -> Start[E]:
    """The newest start at which the order had not been seen: ids of a slot only grow."""
    places = starts.places  # newest first
    low, high = 0, len(places)  # places[:low] know it, places[high:] do not
    best = starts.beginning()
    while low < high:
        middle = (low + high) // 2
        start = starts.at(places[middle])
        if start is None:  # damaged, and no longer among the places
            places = starts.places
            high -= 1
        elif known(start.engine):
            low = middle + 1
        else:
            best, high = start, middle
    return best


def _events_of(events: NDArray[np.void], order_id: int) -> NDArray[np.void]:
    kinds = events["kind"]
    fill = (kinds == Event.FILL) & (events.view(FILL_EVENT)["order_id"] == order_id)
    own = np.isin(kinds, _OF_ORDERS) & (events.view(ORDER_EVENT)["order_id"] == order_id)
    return events[fill | own]


def _is_over(events: NDArray[np.void]) -> bool:
    if not len(events):
        return False
    last = events[-1:]
    if int(last["kind"][0]) == Event.FILL:
        return int(last.view(FILL_EVENT)["remaining"][0]) == 0
    return int(last["kind"][0]) in _ENDS
