"""What an engine with other tables wrote down is passed over; its journal is replayed."""

from pathlib import Path

import pytest

from server.engine import tables
from server.engine.engine import Engine
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import CleanShutdown
from server.journal.recovery import recover
from server.journal.sqlite import SqliteJournal
from server.journal.verification import verify
from tests.journal.runs import IDENTITY, Place, Run, recorded_run

OTHER = b"another!"


@pytest.fixture
def upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Place, Run]:
    """A run that ended in order under an engine whose tables were laid out otherwise."""
    place = Place(tmp_path / "data")
    place.directory.mkdir()
    with monkeypatch.context() as older:
        older.setattr(tables, "LAYOUT", OTHER)
        older.setattr(Engine, "layout_name", OTHER.hex())
        run = recorded_run(place)
    return place, run


def test_a_start_replays_from_the_beginning_and_meets_the_state(
    upgraded: tuple[Place, Run],
) -> None:
    place, run = upgraded
    journal = SqliteJournal.open(place.journal, IDENTITY)
    recovered = recover(journal, place.snapshots, Engine)
    assert recovered.engine.state_hash() == run.engine.state_hash()
    assert (recovered.snapshot_seq, recovered.clean) == (0, False)
    assert {"layout" in each.why for each in recovered.skipped} == {True}


def test_a_record_of_before_layouts_had_names_is_no_hindrance(upgraded: tuple[Place, Run]) -> None:
    place, run = upgraded
    journal = SqliteJournal.open(place.journal, IDENTITY)
    journal.record_shutdown(CleanShutdown(run.engine.seq, b"?" * 32))
    assert not recover(journal, place.snapshots, Engine).clean


def test_the_proof_names_what_it_cannot_compare_and_calls_nothing_damaged(
    upgraded: tuple[Place, Run],
) -> None:
    place, run = upgraded
    journal = SqliteJournal.open(place.journal, read_only=True)
    verified = verify(journal, place.snapshots, Engine)
    assert verified.state_hash == run.engine.state_hash()
    assert (verified.agreed, verified.damaged) == ((), ())
    names = [path.name for _, path in reversed(place.snapshots.paths())]
    assert list(verified.older) == [*names, "shutdown"]


def test_a_journal_cut_since_is_found_all_the_same(upgraded: tuple[Place, Run]) -> None:
    place, run = upgraded
    journal = SqliteJournal.open(place.journal, IDENTITY)
    journal.record_shutdown(CleanShutdown(run.engine.seq + 5, bytes(32), OTHER.hex()))
    with pytest.raises(JournalCorrupt) as started:
        recover(journal, place.snapshots, Engine)
    with pytest.raises(JournalCorrupt) as proved:
        verify(journal, place.snapshots, Engine)
    assert started.value.damage == proved.value.damage == Damage.CUT
