"""A copy of the files of a running server is what was there at the last completed commit."""

import shutil
from itertools import permutations
from pathlib import Path

import pytest

from server.engine.engine import Engine
from server.journal import sqlite
from server.journal.errors import JournalCorrupt
from server.journal.recovery import recover
from server.journal.sqlite import SqliteJournal
from tests.journal.crash_history import CHECKPOINT_PAGES
from tests.journal.journals import IDENTITY
from tests.journal.runs import Place, Run
from tests.journal.sample_market import opening, trading

FILES = ("journal.db", "journal.db-wal", "journal.head")
BATCHES = 12


@pytest.fixture(autouse=True)
def _frequent_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", CHECKPOINT_PAGES)


def recovered(place: Place) -> Engine:
    journal = SqliteJournal.open(place.journal, IDENTITY)
    try:
        return recover(journal, place.snapshots, Engine).engine
    finally:
        journal.close()


def test_the_files_as_they_were_at_each_commit(tmp_path: Path) -> None:
    """The copies outlive the server: it goes on, and they stay what they were."""
    live = Place(tmp_path / "live")
    live.directory.mkdir()
    run = Run(SqliteJournal.open(live.journal, IDENTITY))
    run.apply(opening())
    copies: dict[int, Place] = {}
    for seed in range(BATCHES):
        run.apply(trading(20, seed))
        if seed % 4 == 1:
            run.snapshot(live.snapshots)
        copy = Place(tmp_path / f"copy-{seed}")
        shutil.copytree(live.directory, copy.directory)
        copies[run.engine.seq] = copy
    run.journal.close()
    assert len(copies) == BATCHES
    for seq, copy in copies.items():
        engine = recovered(copy)
        assert (engine.seq, engine.state_hash()) == (seq, run.hashes[seq])
        again = recovered(copy)  # what the first start wrote is whole, too
        assert again.state_hash() == run.hashes[seq]


@pytest.mark.parametrize("order", list(permutations(FILES)), ids=" ".join)
def test_files_copied_while_commits_go_on_are_whole_or_refused(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    """Between two files there may be commits, and a checkpoint that empties the log."""
    found = refused = 0
    for between in range(4):
        live, copy = Place(tmp_path / f"live-{between}"), Place(tmp_path / f"copy-{between}")
        live.directory.mkdir()
        copy.directory.mkdir()
        run = Run(SqliteJournal.open(live.journal, IDENTITY))
        run.apply(opening())
        run.apply(trading(30, 1))
        committed = run.engine.seq
        for name in order:
            shutil.copy(live.directory / name, copy.directory / name)
            for seed in range(between):
                run.apply(trading(30, 10 + seed))
        run.journal.close()
        try:
            engine = recovered(copy)
        except JournalCorrupt:
            refused += 1
        else:
            found += 1
            assert engine.seq >= committed
            assert engine.state_hash() == run.hashes[engine.seq]
    assert found >= 1, "at least the one without commits in between"
    assert found + refused == 4
