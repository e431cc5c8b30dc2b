"""A disk that fails at each operation in turn, under several submitters: nobody is told a lie."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import Command, Side
from server.engine.engine import Engine
from server.journal.errors import JournalFailed
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.sequencing.errors import StopKind, Stopped
from server.sequencing.sequencer import Limits
from tests.journal.crash_history import close, opened, working_on
from tests.journal.disk_model import Disk
from tests.journal.fault_kinds import FAILURES, TORN, Kind, places
from tests.journal.sample_market import CASH, MAKER, OPENING, opening, order, trading
from tests.sequencing.running import Running

SUBMITTERS = 4
ROUNDS = 5  # submissions of each, one after another

IN_LOOP, IN_THREAD = Limits(), Limits(commit_in_loop=False)


@dataclass
class Outcome:
    """`told` has the events of each submission that was answered, `stopped` the ids of others."""

    told: dict[tuple[bytes, ...], NDArray[np.void]] = field(default_factory=dict)
    stopped: list[bytes] = field(default_factory=list)
    kinds: set[StopKind] = field(default_factory=set)


async def submit_on_and_on(run: Running, number: int, outcome: Outcome) -> None:
    for turn in range(ROUNDS):
        ids = tuple(f"{number}-{turn}-{each}".encode() for each in range(1 + (number + turn) % 3))
        if not await _submit(run, ids, outcome):
            return


async def _submit(run: Running, ids: tuple[bytes, ...], outcome: Outcome) -> bool:
    """Sales that rest and purchases that meet them."""
    sides = [(MAKER, Side.SELL), (CASH, Side.BUY)]
    orders = [order(*sides[len(each) % 2], 1_000, 100, each) for each in ids]
    try:
        outcome.told[ids] = await run.sequencer.submit(building.concat(orders))
    except Stopped as stopped:
        outcome.kinds.add(stopped.reason.kind)
        outcome.stopped += ids
        return False
    return True


async def live(disk: Disk, directory: Path, limits: Limits) -> Outcome:
    """One run of a sequencer; where it cannot even begin, nobody was told anything."""
    outcome = Outcome()
    try:
        journal = opened(disk, directory)
    except (JournalFailed, OSError):
        return outcome
    run = Running(journal, limits=limits)
    run.start()
    run.sequencer.post(opening(), OPENING)
    await asyncio.gather(*(submit_on_and_on(run, each, outcome) for each in range(SUBMITTERS)))
    await run.end()
    with pytest.raises(Stopped):
        run.sequencer.submit(trading(1, 1))
    close(journal)
    return outcome


def assert_told_the_truth(journal: SqliteJournal, outcome: Outcome, directory: Path) -> None:
    """What was answered is in the journal once and gives those events; the rest once at most."""
    engine, held = Engine(), Counter[bytes]()
    events = [np.empty(0, records.EVENT)]
    for batch in journal.batches():
        orders = batch.commands[batch.commands["kind"] == Command.ORDER].view(records.ORDER)
        held.update(orders["client_order_id"].tolist())
        events.append(engine.apply(batch.commands))
    everything = np.concatenate(events)
    for ids, answer in outcome.told.items():
        assert [held[each] for each in ids] == [1] * len(ids)
        first, last = int(answer["seq"][0]), int(answer["seq"][-1])
        assert last - first == len(ids) - 1, "they stayed together"
        of_these = everything[(everything["seq"] >= first) & (everything["seq"] <= last)]
        assert of_these.tobytes() == answer.tobytes()
    assert all(held[each] <= 1 for each in outcome.stopped)
    told = {each for ids in outcome.told for each in ids}
    assert held.keys() - told <= set(outcome.stopped), "whoever is in it was told or stopped"
    recovered = recover(journal, SnapshotStore(directory / "none"), Engine)
    assert recovered.engine.state_hash() == engine.state_hash()


def every() -> list[object]:
    """All but one are for `make proof`."""
    kinds = [(kind, IN_LOOP) for kind in [*FAILURES, *TORN]]
    kinds += [(kind, IN_THREAD) for kind in FAILURES]
    quick = (FAILURES[0], IN_LOOP)
    return [
        pytest.param(
            *(kind, limits),
            id=f"{kind.name}, {'in the loop' if limits is IN_LOOP else 'in a thread'}",
            marks=() if (kind, limits) == quick else pytest.mark.proof,
        )
        for kind, limits in kinds
    ]


@pytest.mark.parametrize(("kind", "limits"), every())
async def test_everybody_is_told_the_truth(tmp_path: Path, kind: Kind, limits: Limits) -> None:
    healthy = Disk()
    with working_on(healthy, tmp_path):
        outcome = await live(healthy, tmp_path, limits)
    assert len(outcome.told) == SUBMITTERS * ROUNDS
    stopped = 0
    for at in places(healthy, kind):
        disk = Disk()
        disk.fault = kind.make(at)
        with working_on(disk, tmp_path):
            outcome = await live(disk, tmp_path, limits)
        stopped += len(outcome.stopped)
        assert outcome.kinds <= {StopKind.JOURNAL}
        for left in (disk.restarted(), disk.after_power_cut(), disk.after_power_cut(seed=at)):
            with working_on(left, tmp_path):
                journal = opened(left, tmp_path)
                assert_told_the_truth(journal, outcome, tmp_path)
                journal.close()
    assert stopped > 0
