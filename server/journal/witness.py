"""A second, tiny note of the journal's head, kept outside the database.

It is written after each commit and never synced, so it can lag behind the journal after a power
cut but never run ahead of it: a journal that ends before its witness has lost records. SQLite
alone cannot tell that, because it silently drops the damaged end of its write-ahead log.

A write of it that failed half way leaves a damaged note beside a journal that is whole: its owner
goes on without it and writes it anew, whoever only reads is told.
"""

import errno
import os
import struct
from hashlib import blake2b
from pathlib import Path

from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt

_NOTE = struct.Struct("<8sq32s")
_MAGIC = b"HHEAD\x00\x00\x01"
_CHECK_BYTES = 16


def _check(note: bytes) -> bytes:
    return blake2b(note, digest_size=_CHECK_BYTES).digest()


def read_witness(path: Path) -> Mark | None:
    """What the witness says; None when there is none. Raises `JournalCorrupt` when damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if not any(data):  # created, and cut off before the first note was on the disk
        return None
    note = data[: _NOTE.size]
    if len(data) != _NOTE.size + _CHECK_BYTES or data[_NOTE.size :] != _check(note):
        raise JournalCorrupt(0, Damage.UNREADABLE, path.name)
    magic, seq, digest = _NOTE.unpack(note)
    if magic != _MAGIC:
        raise JournalCorrupt(0, Damage.UNREADABLE, path.name)
    return Mark(seq, digest, path.name)


class Witness:
    """The open file of the journal's owner."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def write(self, seq: int, digest: bytes) -> None:
        """Raises `OSError`."""
        note = _NOTE.pack(_MAGIC, seq, digest)
        data = note + _check(note)
        if os.pwrite(self._file, data, 0) != len(data):
            raise OSError(errno.ENOSPC, "the journal's witness was written in part")

    def close(self) -> None:
        os.close(self._file)
