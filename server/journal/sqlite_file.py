"""Opening the journal's SQLite file, its schema, and the few facts it keeps beside the batches."""

import struct
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, cast

import apsw
import msgspec

from server.engine.records import FORMAT_VERSION
from server.journal.chain import DIGEST_BYTES, Mark, genesis_digest
from server.journal.disk import sync_directory, write_again
from server.journal.errors import (
    Damage,
    JournalCorrupt,
    JournalFailed,
    JournalForeign,
    JournalInUse,
)
from server.journal.journal import CleanShutdown, Identity

Value: TypeAlias = int | str | bytes
Row: TypeAlias = tuple[object, ...]

_OWNER = (
    # Locked before the log is first touched: then its index is kept in memory, not in a -shm file.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: fsync alone leaves the data in the drive's cache
    "PRAGMA checkpoint_fullfsync = ON",
    "BEGIN IMMEDIATE; COMMIT",
)
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
_SCHEMA = """
CREATE TABLE batches (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    wall_time INTEGER NOT NULL,
    commands BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""
# A changed schema or a text where a blob should be is damage too, and shows as these.
OF_DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, UnicodeDecodeError)
_PUT = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
_SEQ = struct.Struct("<q")


def open_file(
    path: Path, identity: Identity | None, read_only: bool, vfs: str | None
) -> apsw.Connection:
    """A connection to a journal of this identity, begun when there is none and one is given.

    Raises `JournalInUse`, `JournalForeign`, `JournalCorrupt`, and when the disk refuses
    `JournalFailed` and `OSError`.
    """
    empty = not path.exists() or path.stat().st_size == 0
    if empty and (read_only or identity is None):
        raise JournalForeign(f"没有日志文件：{path}", f"there is no journal at {path}")
    with refusals(path):
        db = _connect(path, read_only, vfs)
        try:
            _begin_or_check(db, path, identity)
        except BaseException:
            db.close()
            raise
        return db


@contextmanager
def refusals(path: Path) -> Generator[None]:
    """What SQLite raises at an opening, as the journal's own errors."""
    try:
        yield
    except OF_DAMAGE as error:
        raise JournalCorrupt(0, Damage.UNREADABLE, str(error)) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise JournalInUse(
            f"日志正被另一个进程（运行中的服务器）使用：{path}",
            f"the journal is in use by another process (a running server): {path}",
        ) from error
    except apsw.Error as error:
        raise JournalFailed(f"{path}: {type(error).__name__}: {error}") from error


def _connect(path: Path, read_only: bool, vfs: str | None) -> apsw.Connection:
    access = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    flags = apsw.SQLITE_OPEN_READONLY if read_only else access
    db = apsw.Connection(str(path), flags=flags, vfs=vfs)
    try:
        fetch(db, "PRAGMA cell_size_check = ON")
        if not read_only:
            _own(db, path)
        fetch(db, "SELECT count(*) FROM sqlite_master")
    except BaseException:
        db.close()
        raise
    return db


def _own(db: apsw.Connection, path: Path) -> None:
    """Locks the file, and brings what the last owner left in the log into it.

    The log is written again before: a sync that failed may have left it readable and yet not on
    the disk, and the database must not run ahead of it.
    """
    for statement in _OWNER:
        fetch(db, statement)
    write_again(path.with_name(path.name + "-wal"))
    fetch(db, _EMPTY_LOG)


def _begin_or_check(db: apsw.Connection, path: Path, identity: Identity | None) -> None:
    if not db.table_exists("main", "meta"):
        if db.readonly("main") or identity is None:
            raise JournalForeign(f"不是日志文件：{path}", f"this is not a journal: {path}")
        _begin(db, path, identity)
        return
    held, _ = identity_of(db)
    if held.format != FORMAT_VERSION:
        raise JournalForeign(
            f"日志格式为 {held.format}，本程序读写格式 {FORMAT_VERSION}：{path}",
            f"the journal has format {held.format}, this program format {FORMAT_VERSION}: {path}",
        )
    if identity is not None and not identity.continues(held):
        raise JournalForeign(
            f"日志属于另一个市场（{held.market}{held.config}）：{path}；请用原来的行情设置，或另选数据目录",
            f"the journal belongs to another market ({held.market}{held.config}): {path};"
            " give that market's settings again, or another data directory",
        )


def _begin(db: apsw.Connection, path: Path, identity: Identity) -> None:
    encoded = identity.encoded()
    with db:
        fetch(db, _SCHEMA)
        fetch(db, _PUT, "identity", encoded)
        fetch(db, _PUT, "head", encode_head(0, genesis_digest(encoded)))
    fetch(db, _EMPTY_LOG)
    sync_directory(path.parent)


def rows(db: apsw.Connection, statement: str, *values: Value) -> Iterator[Row]:
    """Runs a statement; its first row is fetched at once, the others as they are asked for."""
    run = cast("Callable[[str, tuple[Value, ...]], Iterator[Row]]", db.execute)
    return run(statement, values)


def fetch(db: apsw.Connection, statement: str, *values: Value) -> list[Row]:
    """Runs one or several statements to their end."""
    return list(rows(db, statement, *values))


def meta(db: apsw.Connection, name: str) -> bytes | None:
    match fetch(db, "SELECT value FROM meta WHERE name = ?", name):
        case [(bytes(value),)]:
            return value
        case _:
            return None


def identity_of(db: apsw.Connection) -> tuple[Identity, bytes]:
    """The identity, and its bytes as the chain's genesis covers them."""
    encoded = meta(db, "identity")
    try:
        return msgspec.json.decode(encoded or b"", type=Identity), encoded or b""
    except msgspec.DecodeError as error:
        raise JournalCorrupt(0, Damage.CHANGED, "identity") from error


def encode_head(seq: int, digest: bytes) -> bytes:
    return _SEQ.pack(seq) + digest


def decode_head(value: bytes | None) -> Mark:
    if value is None or len(value) != _SEQ.size + DIGEST_BYTES:
        raise JournalCorrupt(0, Damage.CHANGED, "head")
    return Mark(_SEQ.unpack_from(value)[0], value[_SEQ.size :], "head")


def encode_shutdown(record: CleanShutdown) -> bytes:
    return msgspec.json.encode(record)


def decode_shutdown(value: bytes | None) -> CleanShutdown | None:
    if value is None:
        return None
    try:
        return msgspec.json.decode(value, type=CleanShutdown)
    except msgspec.DecodeError as error:
        raise JournalCorrupt(0, Damage.CHANGED, "shutdown") from error
