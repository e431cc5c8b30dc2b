"""Signed heads kept elsewhere find what no one can see in the journal itself, and date it."""

import shutil
import stat
from pathlib import Path

import pytest

from server.engine import building
from server.journal.errors import JournalCorrupt
from server.journal.head_check import Fault, HeadFault, HeadsChecked, check_heads
from server.journal.heads import HeadFile, Kind, Point, read_lines
from server.journal.keys import (
    KeyUnusable,
    SigningKey,
    create_key,
    is_signed,
    load_key,
    load_or_create_key,
    parse_public,
)
from server.journal.sqlite import SqliteJournal
from tests.journal.journals import IDENTITY, batch, cut, flipped, rewrite, write_journal

SIZE, BATCHES = 3, 9  # batches of three commands, a day of three batches
DAYS = {9: 20150824, 18: 20150825, 27: 20150826}  # where each day ends
FIRST, SECOND, THIRD = DAYS


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[SigningKey, SigningKey]:
    directory = tmp_path_factory.mktemp("keys")
    return create_key(directory / "one"), create_key(directory / "two")


@pytest.fixture
def key(keys: tuple[SigningKey, SigningKey]) -> SigningKey:
    return keys[0]


@pytest.fixture
def other_key(keys: tuple[SigningKey, SigningKey]) -> SigningKey:
    return keys[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    write_journal(path, BATCHES, SIZE)
    return path


@pytest.fixture
def heads(path: Path, key: SigningKey) -> Path:
    """The three days' heads, copied to where the forger cannot reach them."""
    file = path.with_name("heads.jsonl")
    sign_days(path, file, key)
    return file


def point(journal: SqliteJournal, seq: int, kind: Kind = "day") -> Point:
    digest = journal.digest_at(seq)
    assert digest is not None
    return Point(kind, DAYS[seq], seq, digest, 5_000 + seq)


def sign_days(path: Path, file: Path, key: SigningKey, days: tuple[int, ...] = tuple(DAYS)) -> None:
    journal = SqliteJournal.open(path, read_only=True)
    writer = HeadFile(file, key, journal)
    for seq in days:
        writer.add(point(journal, seq))
    journal.close()


def checked(path: Path, heads: Path, *keys: SigningKey) -> HeadsChecked:
    journal = SqliteJournal.open(path, read_only=True)
    try:
        return check_heads(read_lines(heads), [each.public for each in keys], journal)
    finally:
        journal.close()


def fault(path: Path, heads: Path, *keys: SigningKey) -> HeadFault:
    found = checked(path, heads, *keys).fault
    assert found is not None
    for language in ("zh", "en"):
        assert "{" not in found.sentence(language)
    return found


def test_a_whole_journal_agrees_with_all_its_heads(
    path: Path, heads: Path, key: SigningKey
) -> None:
    result = checked(path, heads, key)
    assert result.fault is None
    assert [(head.seq, head.date) for head in result.heads] == list(DAYS.items())
    journal = SqliteJournal.open(path, read_only=True)
    assert sum(len(part.ends) for part in journal.stretches(marks=result.marks)) == BATCHES
    journal.close()


@pytest.mark.parametrize("first", [1, 4, 7, 10, 13, 16, 19, 22, 25])
def test_a_recomputed_chain_is_found_and_dated(
    path: Path, heads: Path, key: SigningKey, first: int
) -> None:
    rewrite(path, first)
    journal = SqliteJournal.open(path, read_only=True)
    assert sum(len(part.ends) for part in journal.stretches()) == BATCHES  # nothing inside tells
    journal.close()
    found = fault(path, heads, key)
    disagreeing = next(seq for seq in DAYS if seq >= first)
    good = max((seq for seq in DAYS if seq < first), default=0)
    assert found.fault == Fault.REWRITTEN
    assert (found.seq, found.date) == (disagreeing, DAYS[disagreeing])
    assert (found.good_seq, found.good_date) == (good, DAYS.get(good, 0))
    assert found.line == list(DAYS).index(disagreeing) + 1


def test_a_reader_that_knows_the_heads_refuses_a_recomputed_chain(
    path: Path, heads: Path, key: SigningKey
) -> None:
    marks = checked(path, heads, key).marks
    rewrite(path, 13)
    journal = SqliteJournal.open(path, read_only=True)
    with pytest.raises(JournalCorrupt, match=r"sequence 18 was rewritten.*head 2, 20150825"):
        list(journal.stretches(marks=marks))
    journal.close()


def test_a_cut_journal_is_named_by_the_head_beyond_its_end(
    path: Path, heads: Path, key: SigningKey
) -> None:
    cut(path, 18)
    path.with_suffix(".head").unlink()
    found = fault(path, heads, key)
    assert (found.fault, found.line, found.seq, found.last_seq) == (Fault.CUT, 3, 27, 18)


def test_batches_cut_anew_are_another_record(path: Path, heads: Path, key: SigningKey) -> None:
    """The same commands, but no batch ends where the head says: it was not so written."""
    other = path.with_name("other.db")
    write_journal(other, batches=1, count=27)
    found = fault(other, heads, key)
    assert (found.fault, found.seq) == (Fault.REWRITTEN, FIRST)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_every_flipped_byte_of_a_line_is_found(
    path: Path, heads: Path, key: SigningKey, line: int
) -> None:
    lines = heads.read_bytes().split(b"\n")
    for at in range(0, len(lines[line - 1]), 11):
        edited = [*lines]
        edited[line - 1] = flipped(lines[line - 1], at)
        heads.write_bytes(b"\n".join(edited))
        assert (fault(path, heads, key).fault, fault(path, heads, key).line) == (
            Fault.EDITED,
            line,
        )


@pytest.mark.parametrize("line", [1, 2])
def test_a_dropped_line_is_found_by_the_next(
    path: Path, heads: Path, key: SigningKey, line: int
) -> None:
    lines = heads.read_bytes().splitlines(keepends=True)
    heads.write_bytes(b"".join(lines[: line - 1] + lines[line:]))
    assert (fault(path, heads, key).fault, fault(path, heads, key).line) == (Fault.DROPPED, line)


def test_swapped_and_repeated_lines_are_found(path: Path, heads: Path, key: SigningKey) -> None:
    one, two, three = heads.read_bytes().splitlines(keepends=True)
    for order, line in (((two, one, three), 1), ((one, three, two), 2), ((one, two, two), 3)):
        heads.write_bytes(b"".join(order))
        assert (fault(path, heads, key).fault, fault(path, heads, key).line) == (
            Fault.DROPPED,
            line,
        )


def test_a_foreign_key_is_named(
    path: Path, heads: Path, key: SigningKey, other_key: SigningKey
) -> None:
    found = fault(path, heads, other_key)
    assert (found.fault, found.line, found.key) == (Fault.FOREIGN_KEY, 1, key.public)
    forged = heads.with_name("forged.jsonl")
    sign_days(path, forged, key, (FIRST, SECOND))
    sign_days(path, forged, other_key, (THIRD,))
    found = fault(path, forged, key)
    assert (found.fault, found.line, found.key) == (Fault.FOREIGN_KEY, 3, other_key.public)
    assert checked(path, forged, key, other_key).fault is None


def test_a_head_of_another_journal_is_named(
    path: Path, heads: Path, key: SigningKey, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    journal = SqliteJournal.open(other, IDENTITY.__class__(2, "replay"))
    for first in range(1, 28, 3):
        journal.append(batch(first, 3))
    journal.close()
    assert fault(other, heads, key).fault == Fault.OTHER_JOURNAL


def hand_over(path: Path, file: Path, old: SigningKey, new: SigningKey) -> None:
    """The second day's head names the new key, which signs the third."""
    sign_days(path, file, old, (FIRST,))
    journal = SqliteJournal.open(path, read_only=True)
    writer = HeadFile(file, old, journal)
    writer.add(point(journal, SECOND, "key"), new)
    writer.add(point(journal, THIRD))
    journal.close()


def test_either_key_proves_the_whole_after_a_hand_over(
    path: Path, tmp_path: Path, key: SigningKey, other_key: SigningKey
) -> None:
    file = tmp_path / "heads.jsonl"
    hand_over(path, file, key, other_key)
    for known in (key, other_key):
        assert len(checked(path, file, known).heads) == 3
        assert checked(path, file, known).fault is None


def test_a_key_that_was_handed_over_is_trusted_no_more(
    path: Path, tmp_path: Path, key: SigningKey, other_key: SigningKey
) -> None:
    file = tmp_path / "heads.jsonl"
    hand_over(path, file, key, other_key)
    sign_days(path, file, key, (THIRD,))
    found = fault(path, file, key)
    assert (found.fault, found.line, found.key) == (Fault.FOREIGN_KEY, 4, key.public)


def test_days_without_a_head_are_named(path: Path, tmp_path: Path, key: SigningKey) -> None:
    file = tmp_path / "heads.jsonl"
    sign_days(path, file, key, (FIRST, THIRD))
    result = checked(path, file, key)
    closed = [(date, seq) for seq, date in DAYS.items()]
    assert result.fault is None
    assert result.days_without(closed) == [DAYS[SECOND]]


def test_an_unfinished_line_is_dropped_and_written_over(
    path: Path, heads: Path, key: SigningKey
) -> None:
    whole = heads.read_bytes()
    lines = whole.splitlines(keepends=True)
    heads.write_bytes(b"".join(lines[:2]) + lines[2][:100])
    assert [head.seq for head in checked(path, heads, key).heads] == [FIRST, SECOND]
    sign_days(path, heads, key, (THIRD,))
    assert heads.read_bytes() == whole


def test_the_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.key"
    made = load_or_create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_key(path).public == load_key(path).public == made.public
    with pytest.raises(FileExistsError):
        create_key(path)
    message = building.day_close().tobytes()
    assert is_signed(message, load_key(path).sign(message), made.public)
    assert not is_signed(message + b" ", made.sign(message), made.public)


def test_a_file_that_is_no_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    path.write_text("nothing")
    with pytest.raises(KeyUnusable, match=r"journal\.key_file") as refused:
        load_or_create_key(path)
    assert "签名密钥" in refused.value.sentence("zh")
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyUnusable):
        load_or_create_key(tmp_path / "file" / "journal.key")


def test_a_public_key_is_given_as_digits_or_in_a_file(tmp_path: Path, key: SigningKey) -> None:
    file = tmp_path / "public"
    file.write_text(key.public + "\n")
    assert parse_public(str(file)) == parse_public(key.public.upper()) == key.public
    for wrong in ("xyz", key.public[:-2]):
        with pytest.raises(ValueError, match="hexadecimal"):
            parse_public(wrong)


def test_the_heads_survive_a_copy_of_the_directory(
    path: Path, heads: Path, key: SigningKey, tmp_path: Path
) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    copy = tmp_path / "copy" / path.name
    assert checked(copy, heads, key).fault is None
