"""A start checks what it stands on; what precedes its snapshot is checked too, if need be later."""

import pytest

from server.engine.engine import Engine
from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt
from server.journal.prefix import PrefixCheck
from server.journal.recovery import Recovered, recover
from server.journal.snapshots import load_snapshot
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import IDENTITY, batch, damage, tampering
from tests.journal.runs import FIRST, LAST, SECOND_SNAPSHOT, Place, Run


def started(journal: SqliteJournal, place: Place, cost: int) -> Recovered[Engine]:
    return recover(journal, place.snapshots, Engine, prefix_cost=cost)


def test_a_start_that_has_no_time_for_the_past_leaves_it_to_be_checked(
    place: Place, run: Run
) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    state = started(journal, place, cost=0)
    assert state.engine.state_hash() == run.hashes[LAST]
    check = state.prefix
    assert check is not None
    assert (check.seq, check.until, check.done) == (0, SECOND_SNAPSHOT, False)
    seen: list[int] = []
    while not check.done:
        check.step(1)
        seen.append(check.seq)
    assert seen == [11, *range(31, SECOND_SNAPSHOT + 1, 20)]
    journal.close()


def test_a_start_with_time_leaves_nothing(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    assert started(journal, place, cost=1_000).prefix is None
    journal.close()


@pytest.mark.parametrize("first_seq", [1, 12, 192, 212, 392])
def test_damage_before_the_snapshot_is_named_by_the_check(place: Place, first_seq: int) -> None:
    damage(place.journal, first_seq)
    journal = SqliteJournal.open(place.journal, IDENTITY)
    check = started(journal, place, cost=0).prefix
    assert check is not None
    with pytest.raises(JournalCorrupt) as found:
        check.spend(1_000)
    assert (found.value.damage, found.value.seq) == (Damage.CHANGED, first_seq)
    journal.close()


@pytest.mark.parametrize("first_seq", [412, 432, 592])
def test_damage_after_the_snapshot_stops_the_start_itself(place: Place, first_seq: int) -> None:
    damage(place.journal, first_seq)
    journal = SqliteJournal.open(place.journal, IDENTITY)
    with pytest.raises(JournalCorrupt) as found:
        started(journal, place, cost=0)
    assert (found.value.damage, found.value.seq) == (Damage.CHANGED, first_seq)
    journal.close()


@pytest.mark.parametrize("first_seq", [1, 192, 392])
def test_a_batch_missing_before_the_snapshot_is_named(place: Place, first_seq: int) -> None:
    with tampering(place.journal) as db:
        db.execute("DELETE FROM batches WHERE first_seq = ?", (first_seq,))
    snapshot = load_snapshot(place.snapshot_file(SECOND_SNAPSHOT))
    journal = SqliteJournal.open(place.journal, IDENTITY)
    with pytest.raises(JournalCorrupt) as found:
        PrefixCheck(journal, snapshot.mark).spend(1_000)
    assert (found.value.damage, found.value.seq) == (Damage.MISSING, first_seq)
    journal.close()


def test_a_digest_known_from_elsewhere_is_compared_on_the_way(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    other = Mark(FIRST, b"?" * 32, "elsewhere")
    with pytest.raises(JournalCorrupt, match="elsewhere") as found:
        recover(journal, place.snapshots, Engine, marks=(other,))
    assert (found.value.damage, found.value.seq) == (Damage.REWRITTEN, FIRST)
    journal.close()


def test_a_journal_that_ends_before_the_snapshot_was_cut(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    check = PrefixCheck(journal, Mark(LAST + 20, b"", "snapshot-631.bin"))
    with pytest.raises(JournalCorrupt) as found:
        check.spend(10_000)
    assert (found.value.damage, found.value.seq) == (Damage.CUT, LAST + 1)
    journal.close()


def test_batches_written_meanwhile_do_not_disturb_the_check(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    seq = journal.last_seq
    chain = journal.chain()
    while stretch := journal.advance(chain, 1):
        if seq < 620:
            journal.append(batch(seq + 1))
            seq += 2
        assert stretch.last_seq <= seq
    assert chain.seq == seq == 621
    assert chain.digest == journal.head_digest
    journal.close()
