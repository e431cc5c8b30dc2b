"""The whole journal is proved by chain and replay; a moment of it is what it was when it was."""

import shutil
from pathlib import Path

import pytest

from server.engine.engine import Engine
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import CleanShutdown
from server.journal.lookback import AsOf, Moment, look_back
from server.journal.snapshots import Snapshot, load_snapshot
from server.journal.sqlite import SqliteJournal
from server.journal.starts import Starts
from server.journal.verification import Verified, verify
from tests.journal.journals import IDENTITY, damage, flipped, tampering
from tests.journal.runs import FIRST, LAST, SECOND_SNAPSHOT, Place, Run
from tests.journal.sample_market import CASH, CONTRACT, OPENING, SECOND


def verified(place: Place) -> Verified:
    journal = SqliteJournal.open(place.journal, read_only=True)
    try:
        return verify(journal, place.snapshots, Engine)
    finally:
        journal.close()


def test_a_whole_journal_agrees_with_every_state_on_record(place: Place, run: Run) -> None:
    result = verified(place)
    assert (result.batches, result.commands, result.events) == (31, LAST, run.events)
    assert result.state_hash == run.hashes[LAST]
    assert [(each.seq, each.source) for each in result.agreed] == [
        (FIRST, "snapshot-211.bin"),
        (SECOND_SNAPSHOT, "snapshot-411.bin"),
        (LAST, "shutdown"),
    ]
    assert result.damaged == ()


def test_an_empty_journal_is_whole(tmp_path: Path) -> None:
    place = Place(tmp_path)
    SqliteJournal.open(place.journal, IDENTITY).close()
    assert (verified(place).batches, verified(place).agreed) == (0, ())


def test_a_damaged_snapshot_is_named_and_the_rest_proved(place: Place) -> None:
    path = place.snapshot_file(FIRST)
    path.write_bytes(flipped(path.read_bytes(), 4_000))
    result = verified(place)
    assert [skipped.path for skipped in result.damaged] == [path]
    assert [each.seq for each in result.agreed] == [SECOND_SNAPSHOT, LAST]


def test_a_snapshot_of_another_state_is_found(place: Place) -> None:
    """A forged snapshot: right name, right digest, right checksum, another engine's state."""
    held = load_snapshot(place.snapshot_file(SECOND_SNAPSHOT))
    other = Engine.restore(held.engine)
    other.state.accounts[CASH]["cash"] += 1
    forged = Snapshot(held.seq, held.time, held.digest, other.snapshot(), held.blobs)
    place.snapshots.save(forged)
    with pytest.raises(JournalCorrupt) as found:
        verified(place)
    assert (found.value.damage, found.value.seq) == (Damage.STATE_DIFFERS, SECOND_SNAPSHOT)


@pytest.mark.parametrize(
    ("seq", "damage", "place_found"),
    [
        (LAST, Damage.STATE_DIFFERS, LAST),
        (300, Damage.STATE_DIFFERS, 300),
        (LAST + 5, Damage.CUT, LAST + 1),
    ],
    ids=["at the end", "inside", "beyond the end"],
)
def test_another_state_at_the_shutdown_is_found(
    place: Place, seq: int, damage: Damage, place_found: int
) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    journal.record_shutdown(CleanShutdown(seq, b"?" * 32, Engine.layout_name))
    journal.close()
    with pytest.raises(JournalCorrupt) as found:
        verified(place)
    assert (found.value.damage, found.value.seq) == (damage, place_found)


def test_a_changed_record_is_found_before_it_is_applied(place: Place) -> None:
    damage(place.journal, 292)
    with pytest.raises(JournalCorrupt) as found:
        verified(place)
    assert (found.value.damage, found.value.seq) == (Damage.CHANGED, 292)


def as_of(place: Place, moment: Moment, account: int = CASH, wanted: int = 12) -> AsOf[Engine]:
    journal = SqliteJournal.open(place.journal, read_only=True)
    try:
        return look_back(journal, Starts(place.snapshots, Engine), moment, account, wanted)
    finally:
        journal.close()


@pytest.mark.parametrize("seq", [11, 31, 211, 231, 411, 591, 611])
def test_the_state_at_a_number_is_what_it_was(place: Place, run: Run, seq: int) -> None:
    found = as_of(place, Moment(seq=seq))
    assert found.engine.seq == seq
    assert found.engine.state_hash() == run.hashes[seq]


@pytest.mark.parametrize(("seconds", "seq"), [(0, 11), (1, 31), (10, 211), (17, 351), (99, 611)])
def test_the_state_at_a_time_holds_all_that_happened_until_then(
    place: Place, run: Run, seconds: int, seq: int
) -> None:
    found = as_of(place, Moment(time=OPENING + seconds * SECOND))
    assert found.engine.state_hash() == run.hashes[seq]
    just_before = as_of(place, Moment(time=OPENING + seconds * SECOND - 1))
    assert just_before.engine.seq == (seq if seconds == 99 else max(0, seq - 20))


@pytest.mark.parametrize(("seq", "end"), [(210, FIRST), (FIRST, SECOND_SNAPSHOT), (411, LAST)])
def test_the_chain_is_verified_to_what_vouches_for_it_after_the_moment(
    place: Place, seq: int, end: int
) -> None:
    assert as_of(place, Moment(seq=seq), wanted=0).verified[1] == end


def test_a_moment_inside_a_batch_cuts_it(place: Place) -> None:
    found = as_of(place, Moment(seq=305))
    assert found.engine.seq == 305


def test_the_last_events_are_the_accounts_own_also_from_before_the_snapshot(place: Place) -> None:
    near = as_of(place, Moment(seq=412), CONTRACT, wanted=12)
    assert len(near.events) == 12
    assert set(near.events["account"]) == {CONTRACT}
    assert near.events["seq"].tolist() == sorted(near.events["seq"])
    assert near.events["seq"][0] <= SECOND_SNAPSHOT

    shutil.rmtree(place.directory / "snapshots")
    far = as_of(place, Moment(seq=412), CONTRACT, wanted=12)
    assert far.events.tobytes() == near.events.tobytes()


def test_all_the_events_there_were_when_there_were_few(place: Place) -> None:
    found = as_of(place, Moment(seq=11), CONTRACT)
    assert 0 < len(found.events) < 12


def test_a_damaged_snapshot_is_passed_over_when_looking_back(place: Place, run: Run) -> None:
    path = place.snapshot_file(SECOND_SNAPSHOT)
    path.write_bytes(flipped(path.read_bytes(), 4_000))
    found = as_of(place, Moment(seq=431))
    assert [skipped.path for skipped in found.skipped] == [path]
    assert found.engine.state_hash() == run.hashes[431]


def test_looking_back_refuses_a_damaged_journal_also_after_the_moment(place: Place) -> None:
    with tampering(place.journal) as db:
        db.execute("DELETE FROM batches WHERE first_seq = 592")
    with pytest.raises(JournalCorrupt):
        as_of(place, Moment(seq=31))
