"""The journal in one SQLite file: WAL, a sync at every commit, one row a batch.

The owner holds the file exclusively; without an owner anybody may open it read-only.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import cast

import apsw
import structlog

from server.journal.batch import Batch, Stretch
from server.journal.chain import Chain, Mark, Row, genesis_digest, link
from server.journal.errors import Damage, JournalCorrupt, JournalFailed
from server.journal.journal import STRETCH, CleanShutdown, Identity
from server.journal.sqlite_file import (
    decode_head,
    decode_shutdown,
    encode_head,
    encode_shutdown,
    fetch,
    identity_of,
    meta,
    open_file,
    refusals,
    rows,
)
from server.journal.witness import Witness, read_witness

_APPEND = (
    "BEGIN IMMEDIATE;"
    "INSERT INTO batches VALUES (?, ?, ?, ?, ?);"
    "UPDATE meta SET value = ? WHERE name = 'head';"
    "COMMIT"
)
_READ = "SELECT * FROM batches WHERE first_seq > ? ORDER BY first_seq"
_LAST_ROWS = (
    "SELECT first_seq, last_seq, digest FROM batches"
    " WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 3"
)
_SHUTDOWN = "INSERT OR REPLACE INTO meta VALUES ('shutdown', ?)"
_NEWEST = 2**63 - 1
CHECKPOINT_PAGES = 1_000  # of the write-ahead log; then they are written into the database

_log = structlog.get_logger("honghe.journal")


@contextmanager
def _reading(chain: Chain | None) -> Generator[None]:
    """What SQLite cannot read is damage after the last record of `chain`."""
    try:
        yield
    except (apsw.Error, UnicodeDecodeError) as error:
        seq = chain.seq + 1 if chain else 0
        raise JournalCorrupt(seq, Damage.UNREADABLE, str(error)) from error


class SqliteJournal:
    """See `Journal`. Made by `SqliteJournal.open`."""

    def __init__(self, db: apsw.Connection, path: Path, read_only: bool) -> None:
        self.path = path
        self._db = db
        self._failed = "opened read-only" if read_only else ""
        self._turn = threading.Lock()  # apsw refuses a connection that two threads use at once
        self.identity, encoded = identity_of(db)
        self._genesis = genesis_digest(encoded)
        self._head = decode_head(meta(db, "head"))
        witness = path.with_suffix(".head")
        said = _said_by(witness, strict=read_only)
        self._marks = (said,) if said else ()
        self._check_end()
        self._witness = None if read_only else Witness(witness)
        self._log_size = _LogSize()
        db.set_wal_hook(self._log_size)  # in place of SQLite's own checkpoints

    @classmethod
    def open(
        cls,
        path: Path,
        identity: Identity | None = None,
        read_only: bool = False,
        vfs: str | None = None,
    ) -> "SqliteJournal":
        """Opens the journal, or begins one with `identity` when there is none.

        Raises `JournalInUse`, `JournalForeign` (another market or format, or no journal and no
        identity), `JournalCorrupt` for what shows without reading every record, and
        `JournalFailed` and `OSError` when the disk refuses.
        """
        db = open_file(path, identity, read_only, vfs)
        with refusals(path):
            try:
                return cls(db, path, read_only)
            except BaseException:
                db.close()
                raise

    @property
    def last_seq(self) -> int:
        return self._head.seq

    @property
    def head_digest(self) -> bytes:
        return self._head.digest

    def _check_end(self) -> None:
        """Compares the last row's number with the head and the witness: a cut shows at once."""
        _, seq, _ = next(iter(self._last_rows(_NEWEST)), (0, 0, b""))
        told = max((self._head, *self._marks), key=lambda mark: mark.seq)
        if seq < told.seq:
            raise JournalCorrupt(seq + 1, Damage.CUT, f"{told.source}: {told.seq}")
        if seq > self._head.seq:
            raise JournalCorrupt(self._head.seq + 1, Damage.APPENDED, f"head: {self._head.seq}")

    def append(self, batch: Batch) -> None:
        if self._failed:
            raise JournalFailed(self._failed)
        first, last = batch.first_seq, batch.last_seq
        if first != self._head.seq + 1 or last < first:
            raise ValueError(f"batch {first} to {last} does not follow {self._head.seq}")
        data = batch.commands.tobytes()
        digest = link(self._head.digest, first, last, batch.wall_time, data)
        head = encode_head(last, digest)
        try:
            with self._turn:
                fetch(self._db, _APPEND, first, last, batch.wall_time, data, digest, head)
                self._head = Mark(last, digest, "head")
                if self._witness:
                    self._witness.write(last, digest)
                if self._log_size.pages >= CHECKPOINT_PAGES:
                    self._db.wal_checkpoint()  # SQLite's own would fail in silence
        except (apsw.Error, OSError, MemoryError) as error:
            raise self._fail(error) from error

    def _fail(self, error: Exception) -> JournalFailed:
        """Ends this journal's life: what reached the disk is found out by the next start."""
        self._failed = f"{type(error).__name__}: {error}"
        return JournalFailed(self._failed)

    def refuse(self, why: str) -> None:
        self._failed = self._failed or why

    @property
    def busy(self) -> bool:
        return self._turn.locked()

    def batches(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Iterator[Batch]:
        chain = self.chain(from_seq, marks)
        with _reading(chain):
            for row in self._rows(chain):
                yield chain.follow(row)
        chain.finish(self._head)

    def stretches(
        self, from_seq: int = 1, marks: tuple[Mark, ...] = (), commands: int = STRETCH
    ) -> Iterator[Stretch]:
        chain = self.chain(from_seq, marks)
        with _reading(chain):
            read = self._rows(chain)
            while stretch := chain.take(read, commands):
                yield stretch
        chain.finish(self._head)

    def chain(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Chain:
        marks = (*self._marks, *marks)
        found = self._last_rows(from_seq)
        for (first, _, _), (_, last, _) in pairwise(found):
            if last >= first:
                raise JournalCorrupt(first, Damage.REPEATED)
        for first, last, digest in found:
            if 0 < last < from_seq:
                return Chain(last, digest, marks, first)
        return Chain(0, self._genesis, marks)

    def advance(self, chain: Chain, commands: int) -> Stretch | None:
        with self._turn, _reading(chain):
            return chain.take(self._rows(chain), commands)

    def digest_at(self, seq: int) -> bytes | None:
        if seq == 0:
            return self._genesis
        with self._turn:
            ends = {last: digest for _, last, digest in self._last_rows(seq)}
        return ends.get(seq)

    def _rows(self, chain: Chain) -> Iterator[Row]:
        """What follows in the table, from the first row on that the chain has not seen."""
        return cast("Iterator[Row]", rows(self._db, _READ, chain.row))

    def _last_rows(self, key: int) -> list[tuple[int, int, bytes]]:
        """First and last sequence and digest of the last few rows that begin at or before `key`."""
        found: list[tuple[int, int, bytes]] = []
        with _reading(None):
            for row in fetch(self._db, _LAST_ROWS, key):
                match row:
                    case (int(first), int(last), bytes(digest)):
                        found.append((first, last, digest))
                    case _:
                        raise JournalCorrupt(self._head.seq, Damage.CHANGED, "a field's type")
        return found

    def record_shutdown(self, record: CleanShutdown) -> None:
        if self._failed:
            raise JournalFailed(self._failed)
        try:
            fetch(self._db, _SHUTDOWN, encode_shutdown(record))
        except (apsw.Error, OSError) as error:
            raise self._fail(error) from error

    def clean_shutdown(self) -> CleanShutdown | None:
        with _reading(None):
            return decode_shutdown(meta(self._db, "shutdown"))

    def close(self) -> None:
        """Gives the file up. After a failure the log is left as it is, for the next start."""
        if self._witness:
            self._witness.close()
            self._witness = None
            if self._failed:
                self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._failed = self._failed or "closed"
        self._db.close()


class _LogSize:
    """SQLite calls it after each commit with the write-ahead log's pages."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, _: apsw.Connection, __: str, pages: int) -> int:
        self.pages = pages
        return apsw.SQLITE_OK


def _said_by(witness: Path, strict: bool) -> Mark | None:
    """A damaged witness is no reason for a whole journal's owner not to start."""
    try:
        return read_witness(witness)
    except JournalCorrupt as error:
        if strict:
            raise
        _log.warning("witness_damaged", file=witness.name, why=str(error))
        return None
