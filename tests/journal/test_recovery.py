"""After any end the engine is what it was: newest good snapshot + replay, or a refusal."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.engine.engine import Engine, EngineFailed
from server.journal.batch import Applied
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import CleanShutdown
from server.journal.recovery import Recovered, ReplayFailed, recover
from server.journal.snapshots import Snapshot, load_snapshot
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import IDENTITY, damage, flipped
from tests.journal.runs import FIRST, LAST, SECOND_SNAPSHOT, Place, Run, trade


class Service:
    """Counts events, as a projection would, from the snapshot's blob and the replayed batches."""

    def __init__(self) -> None:
        self.events = 0
        self.batches: list[int] = []

    def restore(self, blobs: Mapping[str, bytes]) -> None:
        self.events = int.from_bytes(blobs["events"], "little")

    def follow(self, applied: Applied) -> None:
        self.events += len(applied.events)
        self.batches.append(applied.first_seq)


def recovered(place: Place, service: Service | None = None) -> Recovered[Engine]:
    service = service or Service()
    journal = SqliteJournal.open(place.journal, IDENTITY)
    try:
        return recover(journal, place.snapshots, Engine, service.restore, service.follow)
    finally:
        journal.close()


def test_snapshot_and_replay_give_the_state_that_was(place: Place, run: Run) -> None:
    service = Service()
    state = recovered(place, service)
    assert (state.snapshot_seq, state.clean) == (SECOND_SNAPSHOT, True)
    assert state.replayed == LAST - SECOND_SNAPSHOT
    assert state.skipped == ()
    assert state.engine.state_hash() == run.hashes[LAST]
    assert state.engine.snapshot() == run.engine.snapshot()
    assert service.events == run.events
    assert service.batches[0] == SECOND_SNAPSHOT + 1
    assert len(service.batches) == 10


def test_replay_from_the_beginning_gives_the_same(place: Place, run: Run) -> None:
    shutil.rmtree(place.directory / "snapshots")
    service = Service()
    state = recovered(place, service)
    assert (state.snapshot_seq, state.replayed) == (0, LAST)
    assert state.engine.state_hash() == run.hashes[LAST]
    assert (service.events, len(service.batches)) == (run.events, 31)


def test_an_empty_journal_gives_an_empty_engine(tmp_path: Path) -> None:
    state = recovered(Place(tmp_path))
    assert state.engine.state_hash() == Engine().state_hash()
    assert (state.snapshot_seq, state.replayed, state.clean) == (0, 0, False)


def test_a_damaged_snapshot_is_passed_over_and_reported(place: Place, run: Run) -> None:
    path = place.snapshot_file(SECOND_SNAPSHOT)
    path.write_bytes(flipped(path.read_bytes(), at=5_000))
    state = recovered(place)
    assert state.snapshot_seq == FIRST
    assert [(skipped.path, skipped.why) for skipped in state.skipped] == [(path, "checksum")]
    assert state.engine.state_hash() == run.hashes[LAST]


def test_a_snapshot_that_the_engine_cannot_read_is_passed_over(place: Place) -> None:
    held = load_snapshot(place.snapshot_file(SECOND_SNAPSHOT))
    place.snapshots.save(Snapshot(held.seq, held.time, held.digest, b"other", held.blobs))
    state = recovered(place)
    assert state.snapshot_seq == FIRST
    assert state.skipped[0].path == place.snapshot_file(SECOND_SNAPSHOT)


def test_a_snapshot_under_another_name_is_passed_over(place: Place) -> None:
    place.snapshot_file(FIRST).rename(place.snapshot_file(SECOND_SNAPSHOT))
    state = recovered(place)
    assert state.snapshot_seq == 0
    assert "holds 211" in state.skipped[0].why


def test_a_snapshot_of_another_history_stops_the_start(place: Place) -> None:
    held = load_snapshot(place.snapshot_file(SECOND_SNAPSHOT))
    place.snapshots.save(Snapshot(held.seq, held.time, b"?" * 32, held.engine, held.blobs))
    with pytest.raises(JournalCorrupt, match=r"snapshot-411\.bin") as refused:
        recovered(place)
    assert (refused.value.damage, refused.value.seq) == (Damage.REWRITTEN, SECOND_SNAPSHOT)


def test_a_journal_older_than_a_snapshot_was_cut(place: Place, tmp_path: Path) -> None:
    older = Place(tmp_path / "older")
    older.directory.mkdir()
    journal = SqliteJournal.open(older.journal, IDENTITY)
    Run(journal)
    journal.close()
    shutil.copytree(place.directory / "snapshots", older.directory / "snapshots")
    with pytest.raises(JournalCorrupt) as refused:
        recovered(older)
    assert (refused.value.damage, refused.value.seq) == (Damage.CUT, 1)


@pytest.mark.parametrize(
    "first_seq",
    [12, 212, 412],
    ids=["before both snapshots", "between them", "after both"],
)
def test_damage_anywhere_stops_the_start(place: Place, first_seq: int) -> None:
    damage(place.journal, first_seq)
    with pytest.raises(JournalCorrupt) as refused:
        recovered(place)
    assert (refused.value.damage, refused.value.seq) == (Damage.CHANGED, first_seq)


def test_services_hear_nothing_of_what_precedes_the_snapshot(place: Place) -> None:
    damage(place.journal, 12)
    service = Service()
    with pytest.raises(JournalCorrupt):
        recovered(place, service)
    assert (service.events, service.batches) == (0, [])


def test_another_state_than_at_the_shutdown_stops_the_start(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    journal.record_shutdown(CleanShutdown(LAST, b"?" * 32, Engine.layout_name))
    journal.close()
    with pytest.raises(JournalCorrupt) as refused:
        recovered(place)
    assert (refused.value.damage, refused.value.seq) == (Damage.STATE_DIFFERS, LAST)


def test_a_run_that_went_on_after_the_shutdown_was_not_clean(place: Place, run: Run) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    more = Run(journal)
    more.engine = recover(journal, place.snapshots, Engine).engine
    more.time = run.time
    trade(more, batches=2, seed=4)
    journal.close()
    state = recovered(place)
    assert not state.clean
    assert state.engine.state_hash() == more.engine.state_hash()


class Poisoned(Engine):
    """Fails on the batch that begins at 412."""

    def apply(self, commands):
        if int(commands["seq"][0]) == 412:
            raise EngineFailed("the kernel raised")
        return super().apply(commands)


def test_a_batch_the_engine_cannot_apply_stops_the_start(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    shutil.rmtree(place.directory / "snapshots")
    with pytest.raises(ReplayFailed, match="sequence 412: the kernel raised") as failed:
        recover(journal, place.snapshots, Poisoned)
    assert "序号 412 起的一批命令" in failed.value.sentence("zh")
    journal.close()
