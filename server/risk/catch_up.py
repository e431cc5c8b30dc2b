"""Bringing risk to the journal's head at start, before anything new is applied.

A snapshot's blob holds the book, and what had not been written to the tables yet. So a replay from
the snapshot completes the tables, unless they were lost or are from another time; then they are
made anew from the journal's first record.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from server.engine.engine import Engine
from server.journal.batch import Applied
from server.journal.journal import Journal
from server.journal.recovery import apply_batch
from server.risk.batch_context import Rules
from server.risk.book import Book, Outcome
from server.risk.catalogue import load_catalogue
from server.risk.projection import Projection
from server.risk.store import RiskStore

BLOB: Final = "risk"  # the name in a snapshot's blobs
WRITTEN_TOGETHER: Final = 512  # batches in one transaction

_log = structlog.get_logger("honghe.risk")


class Saved(msgspec.Struct, frozen=True):
    """A snapshot's blob: the tables stood at `written_seq`, `unwritten` is what came after it."""

    seq: int
    book: Book
    written_seq: int
    unwritten: list[Outcome]


class CatchUp:
    """Give `watch`, `restore` and `follow` to the journal's recovery, then call `finish`."""

    def __init__(self, store: RiskStore, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._mark = store.projected_seq()
        self._waiting: list[Outcome] = []
        self._projection: Projection | None = None
        self._seq = 0
        self._broken = ""

    def watch(self, engine: Engine) -> None:
        """Takes the engine that the replay moves: it is read after each batch."""
        self._projection = Projection(engine, Book(engine.date), self._rules, load_catalogue())

    def restore(self, blob: bytes | None) -> None:
        """Goes on from a snapshot's blob."""
        try:
            saved = msgspec.msgpack.decode(blob or b"", type=Saved)
        except msgspec.DecodeError as error:
            self._broken = f"the snapshot's blob: {error}"
            return
        if self._mark < saved.written_seq:
            self._broken = f"the tables end at {self._mark}, not at {saved.written_seq}"
        self._seq = saved.seq
        self._watched.book = saved.book
        self._waiting = [each for each in saved.unwritten if each.last_seq > self._mark]

    @property
    def _watched(self) -> Projection:
        if self._projection is None:
            raise RuntimeError("`watch` must be given the engine first")
        return self._projection

    def follow(self, applied: Applied) -> None:
        """Projects a batch that the recovery replays."""
        if self._broken:
            return
        if applied.first_seq != self._seq + 1:
            self._broken = f"a replay from {applied.first_seq}"
            return
        self._seq = applied.last_seq
        outcome = self._watched.observe(applied)
        if outcome and applied.last_seq > self._mark:
            self._waiting.append(outcome)
        if len(self._waiting) >= WRITTEN_TOGETHER:
            self._write()

    def finish(self, journal: Journal, new_engine: Callable[[], Engine]) -> Projection:
        """The projection at the journal's head, the tables with it; rebuilds them if it must."""
        projection = self._watched
        if self._mark > journal.last_seq:
            self._broken = f"the tables end at {self._mark}, the journal at {journal.last_seq}"
        if not self._broken and self._seq != projection.engine.seq:
            self._broken = f"the projection is at {self._seq}, not at {projection.engine.seq}"
        if self._broken:
            _log.warning("risk is rebuilt", why=self._broken)
            projection.book = rebuild(self._store, journal, new_engine(), self._rules)
        self._write()
        return projection

    def _write(self) -> None:
        if not self._broken:
            self._store.write(self._waiting)
        self._waiting = []


def rebuild(store: RiskStore, journal: Journal, engine: Engine, rules: Rules) -> Book:
    """Drops the projected tables and makes them anew from the journal; `engine` must be new."""
    store.clear()
    projection = Projection(engine, Book(engine.date), rules, load_catalogue())
    waiting: list[Outcome] = []
    for batch in journal.batches():
        waiting.append(projection.observe(apply_batch(engine, batch)))
        if len(waiting) >= WRITTEN_TOGETHER:
            store.write(waiting)
            waiting = []
    store.write(waiting)
    return projection.book
