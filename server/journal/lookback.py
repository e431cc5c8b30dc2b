"""The engine as it was at any moment, with what had last happened to one account."""

from collections import deque
from typing import Generic

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.records import EVENT
from server.journal.journal import Journal
from server.journal.recovery import E, restore_engine
from server.journal.snapshots import Snapshot, SnapshotDamaged, SnapshotStore, load_snapshot

_EVER = 2**63 - 1


class Moment(msgspec.Struct, frozen=True):
    """After the last command whose number and market time (µs) are not beyond these."""

    seq: int = _EVER
    time: int = _EVER

    def covers(self, snapshot: Snapshot) -> bool:
        return snapshot.seq <= self.seq and snapshot.time <= self.time

    def count(self, commands: NDArray[np.void]) -> int:
        """How many of a batch's commands belong to it."""
        by_time = np.searchsorted(commands["time"], self.time, "right")
        by_seq = np.searchsorted(commands["seq"], self.seq, "right")
        return int(min(by_time, by_seq))


class AsOf(msgspec.Struct, Generic[E], frozen=True, eq=False):
    """`events` are the account's last ones, oldest first; `wall_time` is the last batch's."""

    engine: E
    events: NDArray[np.void]
    wall_time: int


def look_back(
    journal: Journal,
    snapshots: SnapshotStore,
    engine_type: type[E],
    moment: Moment,
    account: int,
    wanted: int = 12,
) -> AsOf[E]:
    """Replays to `moment` from the nearest snapshot before it that leaves `wanted` events to see.

    The whole chain is verified, also after the moment. Raises `JournalCorrupt` and what the engine
    raises. A damaged snapshot only makes the replay longer.
    """
    for seq, path in snapshots.paths():
        try:
            snapshot = load_snapshot(path)
            if not moment.covers(snapshot):
                continue
            engine = restore_engine(snapshot, seq, engine_type)
        except (SnapshotDamaged, ValueError, OSError):
            continue
        found = _replayed(journal, engine, snapshot, moment, account, wanted)
        if len(found.events) == wanted:
            return found
    return _replayed(journal, engine_type(), None, moment, account, wanted)


def _replayed(
    journal: Journal,
    engine: E,
    snapshot: Snapshot | None,
    moment: Moment,
    account: int,
    wanted: int,
) -> AsOf[E]:
    recent: deque[NDArray[np.void]] = deque(maxlen=wanted)
    wall_time = 0
    for batch in journal.batches(marks=(snapshot.mark,) if snapshot else ()):
        count = moment.count(batch.commands)
        if count == 0:
            continue
        wall_time = batch.wall_time
        if snapshot is None or batch.first_seq > snapshot.seq:
            events = engine.apply(batch.commands[:count])
            recent.extend(event.reshape(1) for event in events[events["account"] == account])
    events = np.concatenate([event.view("V128") for event in recent] or [np.zeros(0, "V128")])
    return AsOf(engine, events.view(EVENT), wall_time)
