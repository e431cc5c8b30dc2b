"""State = newest good snapshot + replay of what follows it, with every such record checked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.journal.batch import Applied, Batch, Stretch
from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import Journal
from server.journal.prefix import PrefixCheck
from server.journal.snapshots import Snapshot, SnapshotDamaged, SnapshotStore, load_snapshot

PREFIX_COST = 250_000  # batches, or what takes as long: about a second


class ReplayEngine(Protocol):
    """What recovery needs of an engine. `restore` raises `ValueError` on bad data."""

    layout_name: str  # state hashes of two layouts cannot be compared

    def __init__(self) -> None: ...

    @property
    def seq(self) -> int: ...

    @property
    def time(self) -> int: ...

    def apply(self, commands: NDArray[np.void]) -> NDArray[np.void]: ...

    def state_hash(self) -> bytes: ...

    def snapshot(self) -> bytes: ...

    def snapshot_into(self, buffer: bytearray) -> memoryview: ...

    @classmethod
    def restore(cls, data: bytes) -> Self: ...


E = TypeVar("E", bound=ReplayEngine)
RestoreServices = Callable[[Mapping[str, bytes]], None]
Follow = Callable[[Applied], None]


class SkippedSnapshot(msgspec.Struct, frozen=True):
    """A snapshot that could not be used; the one before it was."""

    path: Path
    why: str


class Recovered(msgspec.Struct, Generic[E], frozen=True, eq=False):
    """The engine as it was at the journal's head, and how it was rebuilt.

    `prefix` is what is still to be checked of the records before the snapshot, None when nothing.
    """

    engine: E
    snapshot_seq: int  # 0: replayed from the beginning
    replayed: int  # commands
    clean: bool  # the last run ended in order, and its state hash was met
    skipped: tuple[SkippedSnapshot, ...] = ()
    prefix: PrefixCheck | None = None


class ReplayFailed(RuntimeError):
    """The engine could not apply a batch that the journal holds. `seq` is its first command."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"the engine failed on the batch at sequence {seq}: {why}")
        self.seq = seq
        self._why = why

    def sentence(self, language: str = "en") -> str:
        return (
            f"引擎无法执行序号 {self.seq} 起的一批命令：{self._why}"
            if language == "zh"
            else str(self)
        )


def recover(
    journal: Journal,
    snapshots: SnapshotStore,
    engine_type: type[E],
    restore_services: RestoreServices = lambda _: None,
    follow: Follow = lambda _: None,
    watch: Callable[[E], None] = lambda _: None,
    marks: tuple[Mark, ...] = (),
    prefix_cost: int = PREFIX_COST,
) -> Recovered[E]:
    """Rebuilds the engine; services get the snapshot's blobs, then each later batch in order.

    `watch` gets the engine before that, for a follower that reads it beside the batches.
    `restore_services` is not called when there is no snapshot. `marks` are digests that are known
    from elsewhere. The chain is verified from the snapshot on, and before it as far as
    `prefix_cost` goes: the rest is left to `Recovered.prefix`.

    Raises `JournalCorrupt` at the first damage (services may then have seen what precedes it) and
    `ReplayFailed`. A damaged snapshot is passed over for an older one, and reported.
    """
    newest = max((seq for seq, _ in snapshots.paths()), default=0)
    if newest > journal.last_seq:
        raise JournalCorrupt(journal.last_seq + 1, Damage.CUT, f"snapshot-{newest}.bin")
    snapshot, engine, skipped = _newest_good(snapshots, engine_type)
    prefix = None
    watch(engine)
    if snapshot:
        prefix = PrefixCheck(journal, snapshot.mark, marks)
        marks = (*marks, snapshot.mark)
        prefix.spend(prefix_cost)
        restore_services(snapshot.blobs)
    start = snapshot.seq if snapshot else 0
    for batch in journal.batches(start + 1, marks):
        follow(apply_batch(engine, batch))
    clean = check_shutdown(journal, engine)
    unchecked = None if prefix is None or prefix.done else prefix
    return Recovered(engine, start, journal.last_seq - start, clean, skipped, unchecked)


def _newest_good(
    snapshots: SnapshotStore, engine_type: type[E]
) -> tuple[Snapshot | None, E, tuple[SkippedSnapshot, ...]]:
    skipped: list[SkippedSnapshot] = []
    for seq, path in snapshots.paths():
        try:
            snapshot = load_snapshot(path)
            engine = restore_engine(snapshot, seq, engine_type)
        except (SnapshotDamaged, ValueError, OSError) as error:
            skipped.append(SkippedSnapshot(path, str(error)))
        else:
            return snapshot, engine, tuple(skipped)
    return None, engine_type(), tuple(skipped)


def restore_engine(snapshot: Snapshot, seq: int, engine_type: type[E]) -> E:
    """Raises `ValueError` or `SnapshotDamaged` when it is not the engine's state after `seq`."""
    engine = engine_type.restore(bytes(snapshot.engine))
    if not seq == snapshot.seq == engine.seq:
        raise SnapshotDamaged(f"its name says sequence {seq}, it holds {engine.seq}")
    return engine


def apply_batch(engine: ReplayEngine, batch: Batch) -> Applied:
    """Applies one batch of the journal. Raises `ReplayFailed`."""
    events = _apply(engine, batch.commands, batch.first_seq)
    return Applied(
        batch.first_seq, batch.last_seq, batch.wall_time, batch.commands, events, batch.digest
    )


def apply_stretch(engine: ReplayEngine, stretch: Stretch) -> NDArray[np.void]:
    """Applies several batches at once; their events. Raises `ReplayFailed`."""
    return _apply(engine, stretch.commands(), stretch.first_seq)


def _apply(engine: ReplayEngine, commands: NDArray[np.void], first: int) -> NDArray[np.void]:
    try:
        events = engine.apply(commands)
    except (RuntimeError, ValueError, IndexError) as error:
        raise ReplayFailed(first, str(error)) from error
    last = first + len(commands) - 1
    if engine.seq != last:
        raise ReplayFailed(first, f"it stands at {engine.seq}, not {last}")
    return events


def check_shutdown(journal: Journal, engine: ReplayEngine) -> bool:
    """Whether the last run ended in order at this state. Raises `JournalCorrupt` if at another.

    What an engine of another layout wrote down cannot be told, and is not in the way.
    """
    record = journal.clean_shutdown()
    if record is None or record.seq < engine.seq:
        return False
    if record.seq > engine.seq:
        raise JournalCorrupt(engine.seq + 1, Damage.CUT, f"shutdown: {record.seq}")
    if record.layout != engine.layout_name:
        return False
    if record.state_hash != engine.state_hash():
        raise JournalCorrupt(engine.seq, Damage.STATE_DIFFERS, "shutdown")
    return True
