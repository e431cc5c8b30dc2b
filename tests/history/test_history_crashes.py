"""Journal, snapshot and tables as different crashes leave them: history is whole from any of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine as Database

from server.database import open_database
from server.engine.engine import Engine
from server.history.catch_up import CatchUp, encode_saved, rebuild
from server.history.changes import Changes
from server.history.projector import Projector, ProjectorState
from server.history.store import HistoryStore
from server.journal.gathering import Gathering
from tests.history.tape import Tape
from tests.history.test_history_service import dump

BATCHES = 5


@pytest.fixture
def database() -> Iterator[Database]:
    made = open_database("sqlite://")
    yield made
    made.dispose()


class Lived:
    """What history did with each batch, and what it would have put into a snapshot after it."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.tape.trade(batches=BATCHES - 1, seed=3, size=40)
        projector = Projector()
        self.changes: list[Changes] = []
        self.states: list[ProjectorState] = [projector.state()]
        for applied in self.tape.applied:
            self.changes.append(
                projector.project(applied.last_seq, applied.commands, applied.events)
            )
            self.states.append(projector.state())

    def seq(self, batches: int) -> int:
        return self.changes[batches - 1].last_seq if batches else 0

    def crashed(self, database: Database, tables: int, snapshot: int, written: int) -> CatchUp:
        """A start where the tables have so many batches and the snapshot, if any, so many.

        When the snapshot was taken `written` of its batches were in the tables.
        """
        store = HistoryStore(database)
        store.clear()
        store.write(self.changes[:tables])
        work = CatchUp(store)
        if snapshot:
            unwritten = self.changes[written:snapshot]
            work.restore(encode_saved(self.states[snapshot], self.seq(written), unwritten))
        gathering = Gathering(work.follow, stop=work.mark)  # as a start does it
        for applied in self.tape.applied[snapshot:]:
            gathering.add(applied)
        gathering.finish()
        return work


def test_every_combination_of_what_had_reached_the_disk(database: Database) -> None:
    lived = Lived()
    assert len(lived.changes) == BATCHES
    rebuild(HistoryStore(database), lived.tape.journal, Engine())
    whole = dump(database)
    assert len(whole["fills"]) > 5
    anew: list[bool] = []
    for snapshot in range(BATCHES + 1):
        for written in range(snapshot + 1):
            for tables in range(BATCHES + 1):
                work = lived.crashed(database, tables, snapshot, written)
                started: list[Engine] = []
                projector = work.finish(lived.tape.journal, lambda s=started: _new(s))
                where = f"tables {tables}, snapshot {snapshot}, written {written}"
                assert dump(database) == whole, where
                assert projector.state() == lived.states[-1], where
                assert bool(started) == (snapshot > 0 and tables < written), where
                anew.append(bool(started))
    assert any(anew)
    assert not all(anew)


def _new(started: list[Engine]) -> Engine:
    started.append(Engine())
    return started[-1]
