"""Bringing history to the journal's head at start, before anything new is applied.

What a snapshot passes over is in its blob: the projector's state, and the changes that had not
been written yet. So a replay from the snapshot completes the tables, unless they were lost or are
from another time; then they are filled anew from the journal's first record.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from server.history.changes import Changes
from server.history.projector import ProjectionBroken, Projector, ProjectorState
from server.history.store import HistoryStore
from server.journal.batch import Applied
from server.journal.journal import Journal
from server.journal.recovery import ReplayEngine, apply_batch

BLOB: Final = "history"  # the name in a snapshot's blobs
WRITTEN_TOGETHER: Final = 512  # batches in one transaction

_log = structlog.get_logger("honghe.history")


class Saved(msgspec.Struct):
    """A snapshot's blob: the tables stood at `written_seq`, `unwritten` is what came after it."""

    state: ProjectorState
    written_seq: int
    unwritten: list[Changes]


def encode_saved(state: ProjectorState, written_seq: int, unwritten: list[Changes]) -> bytes:
    return msgspec.msgpack.encode(Saved(state, written_seq, unwritten))


class CatchUp:
    """Give `restore` and `follow` to the journal's recovery, then call `finish`."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._projector = Projector()
        self._mark = self.mark = store.watermark().seq  # `mark`: where the tables ended
        self._waiting: list[Changes] = []
        self._broken = ""

    def restore(self, blob: bytes | None) -> None:
        """Goes on from a snapshot's blob."""
        try:
            saved = msgspec.msgpack.decode(blob or b"", type=Saved)
        except msgspec.DecodeError as error:
            self._broken = f"the snapshot's blob: {error}"
            return
        if self._mark < saved.written_seq:
            self._broken = f"the tables end at {self._mark}, not at {saved.written_seq}"
        self._projector = Projector(saved.state)
        self._waiting = [entry for entry in saved.unwritten if entry.last_seq > self._mark]

    def follow(self, applied: Applied) -> None:
        """Projects a batch that the recovery replays."""
        if self._broken:
            return
        if applied.first_seq != self._projector.seq + 1:
            self._broken = f"a replay from {applied.first_seq}"
            return
        try:
            changes = self._projector.project(applied.last_seq, applied.commands, applied.events)
        except ProjectionBroken as error:
            self._broken = str(error)
            return
        if applied.last_seq > self._mark:
            self._waiting.append(changes)
        if len(self._waiting) >= WRITTEN_TOGETHER:
            self._write()

    def finish(self, journal: Journal, new_engine: Callable[[], ReplayEngine]) -> Projector:
        """The projector at the journal's head, the tables with it; rebuilds them if it must."""
        if self._mark > journal.last_seq:
            self._broken = f"the tables end at {self._mark}, the journal at {journal.last_seq}"
        if self._broken:
            _log.warning("history is rebuilt", why=self._broken)
            return rebuild(self._store, journal, new_engine())
        self._write()
        return self._projector

    def _write(self) -> None:
        self._store.write(self._waiting)
        if self._waiting:
            self._mark = self._waiting[-1].last_seq
        self._waiting = []


def rebuild(store: HistoryStore, journal: Journal, engine: ReplayEngine) -> Projector:
    """Drops the tables and fills them from the journal; `engine` must be new."""
    store.clear()
    projector = Projector()
    waiting: list[Changes] = []
    for batch in journal.batches():
        applied = apply_batch(engine, batch)
        waiting.append(projector.project(applied.last_seq, applied.commands, applied.events))
        if len(waiting) >= WRITTEN_TOGETHER:
            store.write(waiting)
            waiting = []
    store.write(waiting)
    return projector
