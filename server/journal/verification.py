"""The whole proof: every record's place in the chain, and a replay that ends where the record says.

The engine is replayed from nothing; at each place whose state somebody has written down (a
snapshot, a shutdown in order) the replayed state must be that one.
"""

import msgspec

from server.engine.codes import Event
from server.engine.layout import OtherLayout
from server.engine.records import DAY_EVENT
from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import Journal
from server.journal.recovery import E, SkippedSnapshot, apply_stretch, restore_engine
from server.journal.snapshots import SnapshotDamaged, SnapshotStore, load_snapshot


class Witnessed(msgspec.Struct, frozen=True):
    """What the state was after `seq`, and who says so."""

    seq: int
    state_hash: bytes
    source: str


class Verified(msgspec.Struct, frozen=True):
    """A journal that is what was written. Damaged snapshots are no part of it, and are named.

    `older` are states that an engine of another layout wrote down: they cannot be compared.

    `closed` are the days that it holds to their end, each with the number it closed at.
    """

    batches: int
    commands: int
    events: int
    state_hash: bytes
    head_digest: bytes
    agreed: tuple[Witnessed, ...]
    damaged: tuple[SkippedSnapshot, ...]
    older: tuple[str, ...]
    closed: tuple[tuple[int, int], ...]


def verify(
    journal: Journal,
    snapshots: SnapshotStore,
    engine_type: type[E],
    marks: tuple[Mark, ...] = (),
) -> Verified:
    """`marks` are digests known from elsewhere.

    Raises `JournalCorrupt` at the first damage or difference, and `ReplayFailed`.
    """
    found = _witnesses(journal, snapshots, engine_type)
    witnesses = found.witnesses
    engine = engine_type()
    batches = count = 0
    closed: list[tuple[int, int]] = []
    waiting = sorted(witnesses, key=lambda witnessed: witnessed.seq, reverse=True)
    for stretch in journal.stretches(marks=(*found.marks, *marks)):
        events = apply_stretch(engine, stretch)
        ended = events[events["kind"] == Event.DAY_CLOSED].view(DAY_EVENT)
        closed += [(int(event["date"]), int(event["seq"])) for event in ended]
        count += len(events)
        batches += len(stretch.ends)
        while waiting and waiting[-1].seq <= stretch.last_seq:
            _compare(waiting.pop(), stretch.last_seq, engine.state_hash())
    state_hash = engine.state_hash()
    return Verified(
        batches=batches,
        commands=journal.last_seq,
        events=count,
        state_hash=state_hash,
        head_digest=journal.head_digest,
        agreed=tuple(witnesses),
        damaged=tuple(found.damaged),
        older=tuple(found.older),
        closed=tuple(closed),
    )


def _compare(witnessed: Witnessed, seq: int, state_hash: bytes) -> None:
    if witnessed.seq < seq or witnessed.state_hash != state_hash:
        raise JournalCorrupt(witnessed.seq, Damage.STATE_DIFFERS, witnessed.source)


class _Witnesses(msgspec.Struct):
    """Digests and states on record, oldest first, and what is on record but is neither.

    Every state has a mark at its place, so that no stretch goes beyond it.
    """

    marks: list[Mark] = []
    witnesses: list[Witnessed] = []
    damaged: list[SkippedSnapshot] = []
    older: list[str] = []


def _witnesses(journal: Journal, snapshots: SnapshotStore, engine_type: type[E]) -> _Witnesses:
    found = _Witnesses()
    for seq, path in reversed(snapshots.paths()):
        try:
            snapshot = load_snapshot(path)
            found.marks.append(snapshot.mark)
            state = restore_engine(snapshot, seq, engine_type)
        except OtherLayout:
            found.older.append(path.name)
        except (SnapshotDamaged, ValueError, OSError) as error:
            found.damaged.append(SkippedSnapshot(path, str(error)))
        else:
            found.witnesses.append(Witnessed(seq, state.state_hash(), path.name))
    record = journal.clean_shutdown()
    if record is None:
        return found
    found.marks.append(Mark(record.seq, b"", "shutdown"))
    if record.layout == engine_type.layout_name:
        found.witnesses.append(Witnessed(record.seq, record.state_hash, "shutdown"))
    else:
        found.older.append("shutdown")
    return found
