"""What must hold of a history, however it is cut; every failure names the command.

`python -m tests.engine.twin.proving SEED COUNT…` proves one history for each COUNT.
"""

import sys
from collections.abc import Iterator
from random import Random
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from server.engine import engine, tables
from server.engine.codes import Command
from server.engine.engine import Engine
from server.scenarios.invariants import check_invariants
from tests.engine.twin.histories import history
from tests.engine.twin.states import (
    difference,
    state_of_engine,
    state_of_twin,
    terms_of_engine,
    terms_of_twin,
)
from tests.engine.twin.told import Told, as_values, events_as_told
from tests.engine.twin.twin import Twin

Commands = NDArray[np.void]
Numbered = tuple[int, int, Told]
SHOWN = 12  # differences of a failure


class Disagreement(AssertionError):
    """The kernel and its twin, or the kernel and itself, do not agree."""


def prove(commands: Commands, cuts: list[int], random: Random) -> None:
    """The twin, the invariants, the cuts and the snapshots, in one pass.

    At each cut (`commands[cut]` is the first one after it) everything is compared. Raises
    Disagreement, or InvariantBroken.
    """
    twin, parts, whole = Twin(), cramped(), Engine()
    events = whole.apply(commands)
    start, cut = 0, [events[:0]]
    for stop in [*cuts, len(commands)]:
        batch = commands[start:stop]
        said = parts.apply(batch)
        cut.append(said)
        _agree_on_events(events_as_told(said), _tell(twin, batch), batch)
        _agree_on_state(parts, twin)
        check_invariants(parts)
        if random.randrange(3) == 0:
            parts = _restored(parts)
        start = stop
    if np.concatenate(cut).tobytes() != events.tobytes():
        raise Disagreement("the events depend on how the commands are cut")
    if parts.state_hash() != whole.state_hash():
        raise Disagreement("the state depends on cuts, on snapshots or on the room there was")


def cramped() -> Engine:
    """An engine with hardly any room: its tables and its buffers must grow all the time."""
    fixed = {name: tables.FIRST[name] for name in ("fees", "terms", "concentration")}
    small = dict.fromkeys(tables.FIRST, 1) | {"slots": 8} | fixed
    with (
        patch.object(tables, "FIRST", small),
        patch.object(engine, "FIRST_EVENTS", 1),
        patch.object(engine, "FIRST_COMMANDS", 1),
    ):
        return Engine()


def every(count: int) -> list[int]:
    """A cut after each of `count` commands."""
    return list(range(1, count))


def random_cuts(random: Random, count: int, longest: int) -> list[int]:
    """Cuts at most `longest` commands apart."""
    found = [0]
    while found[-1] < count:
        found.append(found[-1] + random.randrange(1, longest + 1))
    return found[1:-1]


def _tell(twin: Twin, batch: Commands) -> Iterator[Numbered]:
    for i in range(len(batch)):
        seq = int(batch[i]["seq"])
        for index, event in enumerate(twin.apply(batch[i : i + 1])):
            yield seq, index, event


def _agree_on_events(said: list[Numbered], told: Iterator[Numbered], batch: Commands) -> None:
    wanted = list(told)
    for one, other in zip([*said, None], [*wanted, None], strict=False):
        if one != other:
            seq = min(event[0] for event in (one, other) if event)
            at = seq - int(batch[0]["seq"])
            command = as_values(batch[at : at + 1])
            kind = Command(command["kind"]).name
            raise Disagreement(f"{kind} {command}\nthe engine said {one}\nthe twin said   {other}")


def _agree_on_state(kernel: Engine, twin: Twin) -> None:
    wanted, terms = state_of_twin(twin), terms_of_twin(twin)
    got, known = state_of_engine(kernel), terms_of_engine(kernel, twin.fees, twin.products)
    if got != wanted or known != terms:
        found = [*difference(got, wanted), *difference(known, terms)][:SHOWN]
        raise Disagreement("\n".join([f"after command {kernel.seq}", *found]))


def _restored(kernel: Engine) -> Engine:
    again = Engine.restore(kernel.snapshot())
    if again.state_hash() != kernel.state_hash():
        raise Disagreement(f"a snapshot after command {kernel.seq} is not its state")
    return again


if __name__ == "__main__":
    chance = Random(int(sys.argv[1]))
    for length in map(int, sys.argv[2:]):
        made = history(chance, length).batch
        prove(made, random_cuts(chance, len(made), 20), chance)
