"""Snapshots: the engine's and the services' state after a batch, one checked file each.

A file is written under another name, synced and renamed, so that a name `snapshot-<seq>.bin`
never stands for half a snapshot; its checksum tells what happened to it afterwards.
"""

import os
import struct
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

import msgspec

from server.journal.chain import DIGEST_BYTES, Mark
from server.journal.disk import sync_directory

_HEAD = struct.Struct("<8sqq32sqq")  # magic, seq, time, digest, bytes of engine and of blobs
_MAGIC = b"HSNAP\x00\x00\x01"
SPACING = 2_000_000
_PREFIX, _SUFFIX, _UNFINISHED = "snapshot-", ".bin", ".unfinished"


class Snapshot(msgspec.Struct, frozen=True, eq=False):
    """State after the batch that ends at `seq`; `time` is the market's, `digest` the chain's.

    `blobs` holds what each service wants back, by the service's name.
    """

    seq: int
    time: int
    digest: bytes
    engine: bytes | memoryview
    blobs: Mapping[str, bytes]

    @property
    def mark(self) -> Mark:
        return Mark(self.seq, self.digest, f"{_PREFIX}{self.seq}{_SUFFIX}")


class Place(msgspec.Struct, frozen=True):
    """Where a snapshot says it stands; nothing of the file was checked."""

    seq: int
    time: int
    path: Path


class SnapshotDamaged(Exception):
    """The file is not what was written."""


class SnapshotStore:
    """The snapshots of one journal, in a directory of their own.

    It keeps the newest `keep`, from which the server starts, and of the older ones one about every
    `spacing` commands, so that no look into the past has to replay many more than that.
    """

    def __init__(self, directory: Path, keep: int = 3, spacing: int = SPACING) -> None:
        self._directory = directory
        self._keep = keep
        self._spacing = spacing

    def save(self, snapshot: Snapshot) -> Path:
        """Durable on return; removes those that are not to be kept. Raises `OSError`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{_PREFIX}{snapshot.seq}{_SUFFIX}"
        unfinished = path.with_suffix(_UNFINISHED)
        try:
            _write(unfinished, snapshot)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_directory(self._directory)
        self._prune()
        return path

    def paths(self) -> list[tuple[int, Path]]:
        """Sequence number and file of every snapshot by its name, newest first."""
        found: list[tuple[int, Path]] = []
        for path in self._directory.glob(f"{_PREFIX}*{_SUFFIX}"):
            number = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
            if number.isdecimal():
                found.append((int(number), path))
        return sorted(found, reverse=True)

    def places(self) -> list[Place]:
        """As `paths`, with the market's time of each that can be read."""
        found: list[Place] = []
        for seq, path in self.paths():
            with path.open("rb") as file:
                head = file.read(_HEAD.size)
            if len(head) == _HEAD.size:
                found.append(Place(seq, _HEAD.unpack(head)[2], path))
        return found

    def _prune(self) -> None:
        kept = 0
        for seq, path in reversed(self.paths()[self._keep :]):
            if seq - kept < self._spacing:
                path.unlink()
            else:
                kept = seq
        for path in self._directory.glob(f"{_PREFIX}*{_UNFINISHED}"):
            path.unlink()


def _write(path: Path, snapshot: Snapshot) -> None:
    blobs = msgspec.msgpack.encode(dict(snapshot.blobs))
    head = _HEAD.pack(
        *(_MAGIC, snapshot.seq, snapshot.time, snapshot.digest),
        *(len(snapshot.engine), len(blobs)),
    )
    check = blake2b(digest_size=DIGEST_BYTES)
    with path.open("wb") as file:
        for part in (head, snapshot.engine, blobs):
            check.update(part)
            file.write(part)
        file.write(check.digest())
        file.flush()
        os.fsync(file.fileno())


def load_snapshot(path: Path) -> Snapshot:
    """Raises `SnapshotDamaged`, and `OSError` when it cannot be read at all."""
    data = memoryview(path.read_bytes())
    body, check = data[:-DIGEST_BYTES], bytes(data[-DIGEST_BYTES:])
    if len(body) < _HEAD.size or blake2b(body, digest_size=DIGEST_BYTES).digest() != check:
        raise SnapshotDamaged("checksum")
    magic, seq, time, digest, engine_bytes, blob_bytes = _HEAD.unpack_from(body)
    if magic != _MAGIC or len(body) != _HEAD.size + engine_bytes + blob_bytes:
        raise SnapshotDamaged("layout")
    engine = bytes(body[_HEAD.size : _HEAD.size + engine_bytes])
    try:
        blobs = msgspec.msgpack.decode(body[_HEAD.size + engine_bytes :], type=dict[str, bytes])
    except msgspec.DecodeError as error:
        raise SnapshotDamaged("services") from error
    return Snapshot(seq, time, digest, engine, blobs)
