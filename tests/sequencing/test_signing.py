"""Beside the running sequencer: days are signed, and the past is checked."""

import asyncio
from pathlib import Path

import pytest

from server.engine import building
from server.engine.codes import MarkPolicy
from server.engine.engine import Engine
from server.journal.errors import Damage, JournalFailed
from server.journal.head_check import check_heads
from server.journal.heads import HeadFile, Point, read_lines
from server.journal.keys import SigningKey, create_key
from server.journal.memory import MemoryJournal
from server.journal.recovery import recover
from server.journal.sqlite import SqliteJournal
from server.sequencing.prefix_watch import PrefixWatch
from server.sequencing.sequencer import Sequencer
from server.sequencing.signing import HeadSigner
from tests.journal.journals import IDENTITY, batch, damage
from tests.journal.runs import Place, recorded_run

DAYS = (20150824, 20150825, 20150826)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return create_key(tmp_path_factory.mktemp("keys") / "key")


def head_file(path: Path, key: SigningKey, journal: MemoryJournal) -> HeadFile:
    return HeadFile(path, key, journal)


async def run_days(signer: HeadSigner, journal: MemoryJournal, days: tuple[int, ...]) -> None:
    sequencer = Sequencer(Engine(), journal, lambda: 7)
    sequencer.subscribe(signer.applied)
    running = asyncio.create_task(sequencer.run())
    for day in days:
        await sequencer.submit(building.day_open(day, MarkPolicy.SOURCE))
        await sequencer.submit(building.day_close())
    sequencer.stop()
    await running


async def test_each_day_that_closes_is_signed(tmp_path: Path, key: SigningKey) -> None:
    journal, path = MemoryJournal(), tmp_path / "heads.jsonl"
    signer = HeadSigner(head_file(path, key, journal))
    signing = asyncio.create_task(signer.run())
    await run_days(signer, journal, DAYS)
    await signer.sign()
    signing.cancel()
    result = check_heads(read_lines(path), [key.public], journal)
    assert result.fault is None
    assert [(head.kind, head.date, head.seq) for head in result.heads] == [
        ("day", DAYS[0], 2),
        ("day", DAYS[1], 4),
        ("day", DAYS[2], 6),
    ]


async def test_what_could_not_be_signed_is_signed_with_the_next(
    tmp_path: Path, key: SigningKey
) -> None:
    journal, path = MemoryJournal(), tmp_path / "heads.jsonl"
    path.mkdir()  # cannot be opened as a file
    with pytest.raises(IsADirectoryError):
        head_file(path, key, journal)
    path.rmdir()
    heads = head_file(path, key, journal)
    path.mkdir()
    signer = HeadSigner(heads)
    await run_days(signer, journal, DAYS[:2])
    await signer.sign()
    path.rmdir()
    await signer.sign()
    assert [head.seq for head in check_heads(read_lines(path), [key.public], journal).heads] == [
        2,
        4,
    ]


async def test_nothing_is_signed_twice(tmp_path: Path, key: SigningKey) -> None:
    journal, path = MemoryJournal(), tmp_path / "heads.jsonl"
    journal.append(batch(1))
    signer = HeadSigner(head_file(path, key, journal))
    for _ in range(2):
        signer.note(Point("stop", DAYS[0], 2, journal.head_digest, 7))
    await signer.sign()
    signer.note(Point("start", DAYS[0], 2, journal.head_digest, 8))
    await signer.sign()
    assert len(read_lines(path)) == 1


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    recorded_run(place)
    return place


async def test_the_past_is_checked_to_its_end(place: Place) -> None:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    check = recover(journal, place.snapshots, Engine, prefix_cost=0).prefix
    assert check is not None
    watch = PrefixWatch(journal, check)
    await watch.run()
    assert check.done
    assert watch.damage is None
    journal.append(batch(612))
    journal.close()


async def test_damage_in_the_past_stops_the_engine(place: Place) -> None:
    damage(place.journal, 32)
    journal = SqliteJournal.open(place.journal, IDENTITY)
    check = recover(journal, place.snapshots, Engine, prefix_cost=0).prefix
    assert check is not None
    watch = PrefixWatch(journal, check)
    await watch.run()
    assert watch.damage is not None
    assert (watch.damage.damage, watch.damage.seq) == (Damage.CHANGED, 32)
    with pytest.raises(JournalFailed, match="sequence 32 was changed"):
        journal.append(batch(612))
    journal.close()
