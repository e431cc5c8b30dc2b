"""The journal in one SQLite file: WAL, a sync at every commit, one row a batch.

The owner holds the file exclusively; without an owner anybody may open it read-only.
"""

from collections.abc import Iterator
from pathlib import Path

import apsw
import structlog

from server.journal.batch import Batch
from server.journal.chain import Chain, Mark, genesis_digest, link
from server.journal.errors import Damage, JournalCorrupt, JournalFailed
from server.journal.journal import CleanShutdown, Identity
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
_LAST_TWO = (
    "SELECT first_seq, last_seq, digest FROM batches"
    " WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 2"
)
_SHUTDOWN = "INSERT OR REPLACE INTO meta VALUES ('shutdown', ?)"
_NEWEST = 2**63 - 1
CHECKPOINT_PAGES = 1_000  # of the write-ahead log; then they are written into the database

_log = structlog.get_logger("honghe.journal")


class SqliteJournal:
    """See `Journal`. Made by `SqliteJournal.open`."""

    def __init__(self, db: apsw.Connection, path: Path, read_only: bool) -> None:
        self.path = path
        self._db = db
        self._failed = "opened read-only" if read_only else ""
        self.identity, encoded = identity_of(db)
        self._genesis = Mark(0, genesis_digest(encoded), "genesis")
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
        _, seq, _ = next(self._last_rows(_NEWEST), (0, 0, b""))
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

    def batches(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Iterator[Batch]:
        read = from_seq - 1
        try:
            key, before = self._before(from_seq)
            chain = Chain(before.seq, before.digest, (*self._marks, *marks))
            for row in rows(self._db, _READ, key):
                yield chain.follow(row)
                read = chain.seq
        except apsw.Error as error:
            raise JournalCorrupt(read + 1, Damage.UNREADABLE, str(error)) from error
        chain.finish(self._head)

    def _before(self, from_seq: int) -> tuple[int, Mark]:
        """The key and the end of the row before the one that holds `from_seq`."""
        for first, last, digest in self._last_rows(from_seq):
            if 0 < last < from_seq:
                return first, Mark(last, digest, "")
        return -_NEWEST, self._genesis

    def _last_rows(self, key: int) -> Iterator[tuple[int, int, bytes]]:
        """First and last sequence and digest of the last two rows that begin at or before `key`."""
        for row in fetch(self._db, _LAST_TWO, key):
            match row:
                case (int(first), int(last), bytes(digest)):
                    yield first, last, digest
                case _:
                    raise JournalCorrupt(self._head.seq, Damage.CHANGED, "a field's type")

    def record_shutdown(self, record: CleanShutdown) -> None:
        if self._failed:
            raise JournalFailed(self._failed)
        try:
            fetch(self._db, _SHUTDOWN, encode_shutdown(record))
        except (apsw.Error, OSError) as error:
            raise self._fail(error) from error

    def clean_shutdown(self) -> CleanShutdown | None:
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
