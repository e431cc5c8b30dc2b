"""What came of single commands of a batch, as far as whoever asked for one must be told."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import Command, Event
from server.journal.batch import Applied
from server.sequencing.unpacking import layout

_REFUSALS = frozenset(
    {int(Event.ORDER_REJECTED), int(Event.CANCEL_REJECTED), int(Event.COMMAND_REJECTED)}
)
_ORDER = int(Command.ORDER)
_command = layout(records.COMMAND, "seq", "kind", "account").iter_unpack
_event = layout(records.ORDER_EVENT, "seq", "kind", "order_id", "figure", "reason").iter_unpack


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Enough to answer a command, again too. `account` is the new one for a contract opened."""

    seq: int
    accepted: bool
    account: int
    order_id: int = 0
    reason: int = 0  # reasons.Reason
    figure: int = 0


def outcomes(applied: Applied, rows: Sequence[int]) -> list[Outcome]:
    """Of the commands in these rows of a batch: their first events tell."""
    commands, events = applied.commands, applied.events
    if len(rows) != len(commands):
        commands = commands[rows]
    firsts = _first_events(commands, events)
    return [
        _outcome(command, event)
        for command, event in zip(_command(commands.tobytes()), _event(firsts), strict=True)
    ]


def _first_events(commands: NDArray[np.void], events: NDArray[np.void]) -> bytes:
    """An event for each command: its own first, or that of another when it has none."""
    if len(commands) == 1 == len(events):
        return events.tobytes()
    if len(events) == 0:
        return bytes(commands.nbytes)
    starts = np.searchsorted(events["seq"], commands["seq"])
    return events[np.minimum(starts, len(events) - 1)].tobytes()


def _outcome(command: tuple[int, ...], event: tuple[int, ...]) -> Outcome:
    seq, kind, account = command
    event_seq, event_kind, order_id, figure, reason = event
    if event_seq != seq:
        return Outcome(seq, True, account)
    order_id = order_id if kind == _ORDER else 0
    if event_kind in _REFUSALS:
        return Outcome(seq, False, account, order_id, reason, figure)
    return Outcome(seq, True, account, order_id)
