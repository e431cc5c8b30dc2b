"""Where a replay into the past can begin: the snapshots that are good, or the beginning."""

from typing import Generic

import msgspec

from server.journal.chain import Mark
from server.journal.recovery import E, SkippedSnapshot, restore_engine
from server.journal.snapshots import (
    Place,
    Snapshot,
    SnapshotDamaged,
    SnapshotStore,
    load_snapshot,
)


class Start(msgspec.Struct, Generic[E], frozen=True, eq=False):
    """An engine, and what its snapshot says of the chain; nothing at the very beginning."""

    engine: E
    marks: tuple[Mark, ...] = ()


class Starts(Generic[E]):
    """Finds starts by where they stand. `skipped` gathers the snapshots that are damaged."""

    def __init__(self, snapshots: SnapshotStore, engine_type: type[E]) -> None:
        self._engine_type = engine_type
        self._places = snapshots.places()  # newest first
        self.skipped: list[SkippedSnapshot] = []

    @property
    def places(self) -> list[Place]:
        """Newest first."""
        return self._places

    def beginning(self) -> Start[E]:
        return Start(self._engine_type())

    def before(self, seq: int, time: int) -> Start[E]:
        """The newest that is not beyond either."""
        for place in self._places:
            if place.seq <= seq and place.time <= time:
                start = self.at(place)
                if start is not None:
                    return start
        return self.beginning()

    def within(self, first: int, end: int) -> Start[E] | None:
        """The oldest that stands at `first` or after it, and before `end`."""
        if first <= 0:
            return self.beginning()
        for place in reversed(self._places):
            if first <= place.seq < end:
                start = self.at(place)
                if start is not None:
                    return start
        return None

    def mark_after(self, seq: int, time: int) -> tuple[Mark, ...]:
        """What the oldest snapshot that is beyond either says of the chain."""
        for place in reversed(self._places):
            if place.seq > seq or place.time > time:
                snapshot = self._load(place)
                if snapshot is not None:
                    return (snapshot.mark,)
        return ()

    def at(self, place: Place) -> Start[E] | None:
        """None when the snapshot is damaged."""
        snapshot = self._load(place)
        if snapshot is None:
            return None
        try:
            engine = restore_engine(snapshot, place.seq, self._engine_type)
        except (SnapshotDamaged, ValueError) as error:
            self._skip(place, error)
            return None
        return Start(engine, (snapshot.mark,))

    def _load(self, place: Place) -> Snapshot | None:
        try:
            return load_snapshot(place.path)
        except (SnapshotDamaged, OSError) as error:
            self._skip(place, error)
            return None

    def _skip(self, place: Place, error: Exception) -> None:
        self.skipped.append(SkippedSnapshot(place.path, str(error)))
        self._places = [other for other in self._places if other is not place]
