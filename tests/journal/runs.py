"""A journal with a real engine's history in it, and what the engine was on the way."""

from pathlib import Path
from typing import NamedTuple

from server.engine.engine import Engine
from server.journal.batch import Batch
from server.journal.journal import CleanShutdown, Journal
from server.journal.snapshots import Snapshot, SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.sequencing.stamping import Submission, stamp
from tests.journal.journals import IDENTITY
from tests.journal.sample_market import OPENING, SECOND, Commands, opening, trading

FIRST, SECOND_SNAPSHOT, LAST = 211, 411, 611  # where `recorded_run` has snapshots, and ends


class Place(NamedTuple):
    """A data directory as the server lays it out."""

    directory: Path

    @property
    def journal(self) -> Path:
        return self.directory / "journal.db"

    @property
    def snapshots(self) -> SnapshotStore:
        return SnapshotStore(self.directory / "snapshots")

    def snapshot_file(self, seq: int) -> Path:
        return self.directory / "snapshots" / f"snapshot-{seq}.bin"


class Run:
    """An engine and its journal, driven batch by batch without a loop."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.engine = Engine()
        self.time = OPENING
        self.hashes: dict[int, bytes] = {0: self.engine.state_hash()}
        self.events = 0

    def apply(self, commands: Commands) -> None:
        part = Submission(commands.tobytes(), self.time, None)
        stamped = stamp([part], self.engine.seq + 1, 0, self.engine.state.header)
        self.journal.append(Batch(int(stamped["seq"][0]), self.time + 7, stamped))
        self.events += len(self.engine.apply(stamped))
        self.hashes[self.engine.seq] = self.engine.state_hash()
        self.time += SECOND

    def snapshot(self, store: SnapshotStore) -> int:
        blobs = {"events": self.events.to_bytes(8, "little")}
        digest, engine = self.journal.head_digest, self.engine
        store.save(Snapshot(engine.seq, engine.time, digest, engine.snapshot(), blobs))
        return engine.seq


def trade(run: Run, batches: int, seed: int, size: int = 20) -> None:
    for i in range(batches):
        run.apply(trading(size, seed * 1_000 + i))


def recorded_run(place: Place) -> Run:
    """Opening, ten batches, a snapshot, ten, a snapshot, ten, and a clean end; all closed."""
    journal = SqliteJournal.open(place.journal, IDENTITY)
    run = Run(journal)
    run.apply(opening())
    for seed in (1, 2):
        trade(run, 10, seed)
        run.snapshot(place.snapshots)
    trade(run, 10, seed=3)
    journal.record_shutdown(
        CleanShutdown(run.engine.seq, run.engine.state_hash(), Engine.layout_name)
    )
    journal.close()
    return run
