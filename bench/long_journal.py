"""A data directory with a long history: days of traders' flow, its journal and its snapshots.

`write_history` is what a server would have left, written in bulk: batches of random sizes around a
mean, chained and numbered as the journal does it, but synced once at the end.
"""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import apsw
import msgspec
import numpy as np

from bench.flow import Flow
from bench.population import CONTINUOUS_START, Commands, Population
from server.engine import building
from server.journal.chain import Row, link
from server.journal.journal import CleanShutdown, Identity
from server.journal.snapshots import Snapshot, SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.journal.sqlite_file import encode_head, encode_shutdown, fetch

FIRST_DAY = 20250107
_IDENTITY = Identity(created=CONTINUOUS_START, market="bench")
_COLLECTED = 131_072  # commands of one transaction


class History(msgspec.Struct, frozen=True):
    """What to make. `batch` is the mean number of commands a batch; a day is one flow."""

    commands: int
    batch: int
    day: int = 1_000_000
    instruments: int = 1_000
    accounts: int = 20_000
    snapshot_every: int = 1_000_000
    spacing: int = 2_000_000  # of the older snapshots
    seed: int = 7


class BulkJournal:
    """Appends without a sync; `close` makes it whole."""

    def __init__(self, path: Path, batch: int, seed: int) -> None:
        journal = SqliteJournal.open(path, _IDENTITY)
        self.digest, self._path = journal.head_digest, path
        journal.close()
        self._db = apsw.Connection(str(path))
        for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            fetch(self._db, f"PRAGMA {setting}")
        self._mean = batch
        self._random = np.random.default_rng(seed)
        self.last_seq = 0
        self.batches = 0

    def append(self, commands: Commands) -> None:
        """Cuts the commands into batches; the last one ends with them."""
        sizes = self._random.geometric(1 / self._mean, max(4, 2 * len(commands) // self._mean))
        ends = np.cumsum(sizes)
        ends = [*ends[ends < len(commands)].tolist(), len(commands)]
        data = memoryview(commands.tobytes())
        width = commands.itemsize
        rows: list[Row] = []
        start = 0
        for end in ends:
            first, last = self.last_seq + 1, self.last_seq + end - start
            body, wall = bytes(data[start * width : end * width]), CONTINUOUS_START + last
            self.digest = link(self.digest, first, last, wall, body)
            rows.append((first, last, wall, body, self.digest))
            self.last_seq, start = last, end
        self.batches += len(rows)
        with self._db:
            insert = cast("Callable[[str, list[Row]], object]", self._db.executemany)
            insert("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", rows)

    def close(self, shutdown: CleanShutdown) -> None:
        put = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        fetch(self._db, put, "head", encode_head(self.last_seq, self.digest))
        fetch(self._db, put, "shutdown", encode_shutdown(shutdown))
        self._db.close()


class _Recorded(Population):
    """A population whose commands are all written to a journal, and snapshots taken."""

    def __init__(self, made: History, journal: BulkJournal, store: SnapshotStore) -> None:
        self._made, self._journal, self._store = made, journal, store
        self._collected: list[Commands] = []
        self._next = made.snapshot_every
        super().__init__(made.instruments, made.accounts)

    def apply(self, commands: Commands) -> Commands:
        events = super().apply(commands)
        self._collected.append(commands)
        if self.engine.seq - self._journal.last_seq >= _COLLECTED:
            self.flush()
        return events

    def flush(self) -> None:
        if self._collected:
            self._journal.append(np.concatenate(self._collected))
            self._collected.clear()
        if self.engine.seq >= self._next:
            self.snapshot()

    def snapshot(self) -> None:
        engine = self.engine
        self._next = engine.seq + self._made.snapshot_every
        snapshot = Snapshot(engine.seq, engine.time, self._journal.digest, engine.snapshot(), {})
        self._store.save(snapshot)

    def turn_day(self, date: int) -> None:
        self.apply(building.day_close())
        self._open_day(date, new=False)


def write_history(directory: Path, made: History) -> int:
    """Fills a new directory as a server's data directory, and counts the batches.

    It has some commands more than asked for, and ends with a snapshot, as a clean stop does.
    """
    directory.mkdir(parents=True)
    journal = BulkJournal(directory / "journal.db", made.batch, made.seed)
    store = SnapshotStore(directory / "snapshots", spacing=made.spacing)
    recorded = _Recorded(made, journal, store)
    date = FIRST_DAY
    while recorded.engine.seq < made.commands:
        left = made.commands - recorded.engine.seq
        Flow(recorded, min(made.day, left) + 1_024, made.seed + date)
        date += 1
        recorded.turn_day(date)
    recorded.flush()
    recorded.snapshot()
    journal.close(CleanShutdown(recorded.engine.seq, recorded.engine.state_hash()))
    return journal.batches
