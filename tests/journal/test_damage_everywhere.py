"""Every damage at every kind of place is found by every reader, and named with its place."""

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from server.journal.chain import Mark, link
from server.journal.errors import Damage, JournalCorrupt, JournalForeign
from server.journal.prefix import PrefixCheck
from server.journal.sqlite import SqliteJournal
from server.journal.witness import Witness
from tests.journal.journals import batch, cut, flipped, rewrite, tampering, write_journal

SIZE, RECORD = 3, 128
FIRSTS = (1, 4, 7, 10, 13)
LAST = 15
PLACES = {"first": 1, "middle": 7, "last": 13}
Row = tuple[int, int, int, bytes, bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    assert write_journal(path, batches=len(FIRSTS), count=SIZE) == list(FIRSTS)
    return path


class Hand:
    """A forger at one row of the closed file."""

    def __init__(self, db: apsw.Connection, first: int) -> None:
        self.db, self.first = db, first

    def row(self, first: int | None = None) -> Row:
        at = self.first if first is None else first
        return self.db.execute("SELECT * FROM batches WHERE first_seq = ?", (at,)).fetchone()

    def set(self, **values: int | bytes) -> None:
        for column, value in values.items():
            change = f"UPDATE batches SET {column} = ? WHERE first_seq = ?"
            self.db.execute(change, (value, self.first))

    def put(self, row: Row) -> None:
        self.db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", row)

    def delete(self) -> None:
        self.db.execute("DELETE FROM batches WHERE first_seq = ?", (self.first,))

    @property
    def commands(self) -> bytes:
        return self.row()[3]

    def neighbour(self) -> int:
        return self.first + SIZE if self.first < FIRSTS[-1] else self.first - SIZE


def flip(at: int) -> Callable[[Hand], None]:
    return lambda hand: hand.set(commands=flipped(hand.commands, at))


def flip_digest(at: int) -> Callable[[Hand], None]:
    return lambda hand: hand.set(digest=flipped(hand.row()[4], at))


def shift_wall(hand: Hand) -> None:
    hand.set(wall_time=hand.row()[2] + 1)


def swap_commands_inside(hand: Hand) -> None:
    data = hand.commands
    hand.set(commands=data[RECORD : 2 * RECORD] + data[:RECORD] + data[2 * RECORD :])


def swap_later_commands(hand: Hand) -> None:
    data = hand.commands
    hand.set(commands=data[:RECORD] + data[2 * RECORD :] + data[RECORD : 2 * RECORD])


def repeat_inside(hand: Hand) -> None:
    data = hand.commands
    hand.set(commands=data[:RECORD] * 2 + data[2 * RECORD :])


def append_inside(hand: Hand) -> None:
    hand.set(commands=hand.commands + hand.commands[-RECORD:])


def append_inside_and_renumber(hand: Hand) -> None:
    last = hand.row()[1] + 1
    hand.set(commands=hand.commands + hand.commands[-RECORD:], last_seq=last)


def cut_inside(hand: Hand) -> None:
    hand.set(commands=hand.commands[:-RECORD])


def cut_inside_and_renumber(hand: Hand) -> None:
    hand.set(commands=hand.commands[:-RECORD], last_seq=hand.row()[1] - 1)


def tear(hand: Hand) -> None:
    hand.set(commands=hand.commands[:-60])


def empty(hand: Hand) -> None:
    hand.set(commands=b"")


def another_last_number(hand: Hand) -> None:
    hand.set(last_seq=hand.row()[1] + 1)


def swap_rows(hand: Hand) -> None:
    here, there = hand.row(), hand.row(hand.neighbour())
    for first, (_, _, wall, commands, digest) in ((here[0], there), (there[0], here)):
        Hand(hand.db, first).set(wall_time=wall, commands=commands, digest=digest)


def repeat_row_inside(hand: Hand) -> None:
    _, last, wall, commands, digest = hand.row()
    hand.put((hand.first + 1, last, wall, commands, digest))


def copy_neighbour_over(hand: Hand) -> None:
    _, _, wall, commands, digest = hand.row(hand.neighbour())
    hand.set(wall_time=wall, commands=commands, digest=digest)


def shorten_digest(hand: Hand) -> None:
    hand.set(digest=hand.row()[4][:31])


# What is done, and what is found: the damage, and how far from the row's first number.
AT_A_ROW: dict[str, tuple[Callable[[Hand], None], Damage, int]] = {
    "a bit of the first number": (flip(0), Damage.MISPLACED, 0),
    "a bit of a later number": (flip(RECORD), Damage.CHANGED, 0),
    "a bit of the market time": (flip(8), Damage.CHANGED, 0),
    "a bit of the last time": (flip(2 * RECORD + 15), Damage.CHANGED, 0),
    "a bit of the kind": (flip(16), Damage.CHANGED, 0),
    "a bit of the account": (flip(20), Damage.CHANGED, 0),
    "a bit of an amount": (flip(RECORD + 40), Damage.CHANGED, 0),
    "the last bit": (flip(SIZE * RECORD - 1), Damage.CHANGED, 0),
    "a bit of the wall time": (shift_wall, Damage.CHANGED, 0),
    "the digest's first byte": (flip_digest(0), Damage.CHANGED, 0),
    "the digest's last byte": (flip_digest(31), Damage.CHANGED, 0),
    "a shorter digest": (shorten_digest, Damage.CHANGED, 0),
    "the first two commands swapped": (swap_commands_inside, Damage.MISPLACED, 0),
    "later commands swapped": (swap_later_commands, Damage.CHANGED, 0),
    "a command repeated over another": (repeat_inside, Damage.CHANGED, 0),
    "a command appended": (append_inside, Damage.TORN, 0),
    "a command cut": (cut_inside, Damage.TORN, 0),
    "a command cut and numbered anew": (cut_inside_and_renumber, Damage.CHANGED, 0),
    "torn": (tear, Damage.TORN, 0),
    "emptied": (empty, Damage.TORN, 0),
    "another last number": (another_last_number, Damage.TORN, 0),
    "swapped with its neighbour": (swap_rows, Damage.MISPLACED, 0),
    "overwritten by its neighbour": (copy_neighbour_over, Damage.MISPLACED, 0),
    "repeated under the next number": (repeat_row_inside, Damage.REPEATED, 1),
    "a command appended and numbered": (append_inside_and_renumber, Damage.CHANGED, 0),
    "deleted": (Hand.delete, Damage.MISSING, 0),
}
# At the end the file's head tells already at the opening.
AT_THE_END: dict[str, tuple[Damage, int]] = {
    "a command cut and numbered anew": (Damage.CUT, LAST),
    "a command appended and numbered": (Damage.APPENDED, LAST + 1),
    "another last number": (Damage.APPENDED, LAST + 1),
    "deleted": (Damage.CUT, FIRSTS[-1]),
}
# Swapping the last row with the one before it damages that one first.
SWAPPED_LAST = (Damage.MISPLACED, FIRSTS[-2])
READERS = ("batches", "stretches", "steps")


def read(path: Path, reader: str) -> list[int]:
    """The last sequence number of every batch, the whole chain verified."""
    journal = SqliteJournal.open(path, read_only=True)
    try:
        return list(_ends(journal, reader))
    finally:
        journal.close()


def _ends(journal: SqliteJournal, reader: str) -> Iterator[int]:
    if reader == "batches":
        yield from (each.last_seq for each in journal.batches())
    elif reader == "stretches":
        for stretch in journal.stretches(commands=4):
            yield from (last for last, _ in stretch.ends)
    else:
        check = PrefixCheck(journal, Mark(journal.last_seq, journal.head_digest, "head"))
        while not check.done:
            check.step(1)
            yield check.seq
        journal.chain(journal.last_seq + 1)


def damage_of(path: Path, reader: str) -> tuple[Damage, int]:
    with pytest.raises(JournalCorrupt) as found:
        read(path, reader)
    for language in ("zh", "en"):
        assert str(found.value.seq) in found.value.sentence(language) or found.value.seq == 0
    return found.value.damage, found.value.seq


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_gives_the_whole_journal_when_nothing_is_wrong(
    path: Path, reader: str
) -> None:
    assert read(path, reader) == [3, 6, 9, 12, 15]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", AT_A_ROW)
def test_a_damaged_row_is_named(path: Path, name: str, place: str, reader: str) -> None:
    hand, damage, offset = AT_A_ROW[name]
    first = PLACES[place]
    expected = (damage, first + offset)
    with tampering(path) as db:
        hand(Hand(db, first))
    if place == "last":
        expected = AT_THE_END.get(name, expected)
        if hand is swap_rows:
            expected = SWAPPED_LAST
    assert damage_of(path, reader) == expected


def append_right(hand: Hand) -> None:
    more = batch(LAST + 1, SIZE)
    data, previous = more.commands.tobytes(), hand.row(FIRSTS[-1])[4]
    digest = link(previous, LAST + 1, LAST + SIZE, more.wall_time, data)
    hand.put((LAST + 1, LAST + SIZE, more.wall_time, data, digest))


def append_copy(hand: Hand) -> None:
    _, _, wall, commands, digest = hand.row(FIRSTS[-1])
    hand.put((LAST + 1, LAST + SIZE, wall, commands, digest))


def put_before(hand: Hand) -> None:
    _, _, wall, commands, digest = hand.row(1)
    hand.put((-2, 0, wall, commands, digest))


def delete_all(hand: Hand) -> None:
    hand.db.execute("DELETE FROM batches")


WHOLE: dict[str, tuple[Callable[[Hand], None], Damage, int]] = {
    "a batch appended with a right chain": (append_right, Damage.APPENDED, LAST + 1),
    "a batch repeated at the end": (append_copy, Damage.APPENDED, LAST + 1),
    "a batch put before the first": (put_before, Damage.REPEATED, -2),
    "everything deleted": (delete_all, Damage.CUT, 1),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", WHOLE)
def test_rows_added_or_all_gone_are_named(path: Path, name: str, reader: str) -> None:
    hand, damage, seq = WHOLE[name]
    with tampering(path) as db:
        hand(Hand(db, 1))
    assert damage_of(path, reader) == (damage, seq)


@pytest.mark.parametrize("name", ["head", "identity"])
def test_every_flipped_byte_of_what_stands_beside_the_batches_is_found(
    path: Path, name: str
) -> None:
    with tampering(path) as db:
        [(value,)] = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchall()
    for at in range(len(value)):
        with tampering(path) as db:
            db.execute("UPDATE meta SET value = ? WHERE name = ?", (flipped(value, at), name))
        with pytest.raises((JournalCorrupt, JournalForeign)):
            read(path, "stretches")


@pytest.mark.parametrize("change", ["DELETE FROM meta WHERE name = ?", "shorter", "longer"])
@pytest.mark.parametrize("name", ["head", "identity"])
def test_what_stands_beside_the_batches_cannot_be_cut(path: Path, name: str, change: str) -> None:
    with tampering(path) as db:
        if change.startswith("DELETE"):
            db.execute(change, (name,))
        else:
            [(value,)] = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchall()
            other = value[:-1] if change == "shorter" else value + b" "
            db.execute("UPDATE meta SET value = ? WHERE name = ?", (other, name))
    # An identity with a space more can be read, but the chain does not begin at it.
    seq = 1 if (name, change) == ("identity", "longer") else 0
    assert damage_of(path, "batches") == (Damage.CHANGED, seq)


@pytest.mark.parametrize("at", range(64))
def test_every_flipped_byte_of_the_witness_is_found(path: Path, at: int) -> None:
    witness = path.with_suffix(".head")
    assert len(witness.read_bytes()) == 64
    witness.write_bytes(flipped(witness.read_bytes(), at))
    assert damage_of(path, "batches") == (Damage.UNREADABLE, 0)


def test_a_cut_witness_is_found(path: Path) -> None:
    witness = path.with_suffix(".head")
    witness.write_bytes(witness.read_bytes()[:-1])
    assert damage_of(path, "batches") == (Damage.UNREADABLE, 0)


@pytest.mark.parametrize(("seq", "damage"), [(9, Damage.REWRITTEN), (18, Damage.CUT)])
def test_a_forged_witness_is_found(path: Path, seq: int, damage: Damage) -> None:
    Witness(path.with_suffix(".head")).write(seq, b"?" * 32)
    where = seq if damage == Damage.REWRITTEN else LAST + 1
    assert damage_of(path, "batches") == (damage, where)


def test_a_witness_that_lags_behind_is_what_a_power_cut_leaves(path: Path) -> None:
    with tampering(path) as db:
        digest = Hand(db, 7).row()[4]
    Witness(path.with_suffix(".head")).write(9, digest)
    assert read(path, "batches")[-1] == LAST


@pytest.mark.parametrize("what", ["the row alone", "the head too"])
def test_a_cut_end_is_found_by_what_remembers_it(path: Path, what: str) -> None:
    if what == "the head too":
        cut(path, FIRSTS[-1] - 1)
    else:
        with tampering(path) as db:
            Hand(db, FIRSTS[-1]).delete()
    assert damage_of(path, "batches") == (Damage.CUT, FIRSTS[-1])


@pytest.mark.parametrize("place", PLACES)
def test_a_recomputed_end_is_found_by_the_witness_when_that_is_not_forged(
    path: Path, place: str
) -> None:
    rewrite(path, PLACES[place], with_witness=False)
    assert damage_of(path, "batches") == (Damage.REWRITTEN, LAST)


@pytest.mark.parametrize("place", PLACES)
def test_a_recomputed_end_with_forged_head_and_witness_is_a_right_chain(
    path: Path, place: str
) -> None:
    """Nothing inside can tell: only what was signed before and is kept elsewhere."""
    rewrite(path, PLACES[place])
    assert read(path, "batches")[-1] == LAST


def test_a_damaged_byte_anywhere_in_the_file_is_found_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write_journal(path, batches=12, count=8)
    whole, good = path.read_bytes(), records_of(path)
    outcomes: set[str] = set()
    for at in [*range(7, len(whole), 83), 3819, 3843, 8196, 8202, 12153, 12201, 12252, 12270]:
        path.write_bytes(flipped(whole, at))
        try:
            assert records_of(path) == good
            outcomes.add("unused")
        except (JournalCorrupt, JournalForeign):
            outcomes.add("found")
    assert outcomes == {"unused", "found"}


def records_of(path: Path) -> list[bytes]:
    journal = SqliteJournal.open(path, read_only=True)
    try:
        return [each.commands.tobytes() for each in journal.batches()]
    finally:
        journal.close()


def test_a_row_that_hides_between_two_parts_of_a_check_is_found(path: Path) -> None:
    """The same digest, repeated inside the row before: what begins after it must not miss it."""
    with tampering(path) as db:
        repeat_row_inside(Hand(db, 4))
    journal = SqliteJournal.open(path, read_only=True)
    with pytest.raises(JournalCorrupt) as found:
        journal.chain(7)
    assert (found.value.damage, found.value.seq) == (Damage.REPEATED, 5)
    journal.close()
