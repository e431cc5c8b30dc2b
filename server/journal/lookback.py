"""The engine as it was at any moment, with what had last happened to one account."""

from typing import Generic

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.records import EVENT
from server.journal.journal import Journal
from server.journal.recovery import E, SkippedSnapshot, restore_engine
from server.journal.snapshots import Snapshot, SnapshotDamaged, SnapshotStore, load_snapshot

_EVER = 2**63 - 1
_OCTETS = np.dtype("V128")  # joined as they are: field by field would take long


class Moment(msgspec.Struct, frozen=True):
    """After the last command whose number and market time (µs) are not beyond these."""

    seq: int = _EVER
    time: int = _EVER

    @property
    def names_seq(self) -> bool:
        return self.seq != _EVER

    def covers(self, snapshot: Snapshot) -> bool:
        return snapshot.seq <= self.seq and snapshot.time <= self.time

    def count(self, commands: NDArray[np.void]) -> int:
        """How many of a batch's commands belong to it."""
        by_time = np.searchsorted(commands["time"], self.time, "right")
        by_seq = np.searchsorted(commands["seq"], self.seq, "right")
        return int(min(by_time, by_seq))


class AsOf(msgspec.Struct, Generic[E], frozen=True, eq=False):
    """`events` are the account's last ones, oldest first; `wall_time` is the last batch's.

    `skipped` are the snapshots that could not be used.
    """

    engine: E
    events: NDArray[np.void]
    wall_time: int
    skipped: tuple[SkippedSnapshot, ...] = ()


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
    raises. A damaged snapshot only makes the replay longer, and is reported.
    """
    skipped: list[SkippedSnapshot] = []
    for seq, path in snapshots.paths():
        try:
            snapshot = load_snapshot(path)
            if not moment.covers(snapshot):
                continue
            engine = restore_engine(snapshot, seq, engine_type)
        except (SnapshotDamaged, ValueError, OSError) as error:
            skipped.append(SkippedSnapshot(path, str(error)))
            continue
        found = _replayed(journal, engine, snapshot, moment, account, wanted)
        if len(found.events) == wanted:
            break
    else:
        found = _replayed(journal, engine_type(), None, moment, account, wanted)
    return msgspec.structs.replace(found, skipped=tuple(skipped))


def _replayed(
    journal: Journal,
    engine: E,
    snapshot: Snapshot | None,
    moment: Moment,
    account: int,
    wanted: int,
) -> AsOf[E]:
    recent = np.zeros(0, _OCTETS)
    wall_time = 0
    for batch in journal.batches(marks=(snapshot.mark,) if snapshot else ()):
        count = moment.count(batch.commands)
        if count == 0:
            continue
        wall_time = batch.wall_time
        if snapshot is None or batch.first_seq > snapshot.seq:
            events = engine.apply(batch.commands[:count])
            own = events[events["account"] == account][-wanted:]
            recent = np.concatenate([recent, own.view(_OCTETS)])[-wanted:]
    return AsOf(engine, recent.view(EVENT), wall_time)
