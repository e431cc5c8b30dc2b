"""The digest chain: each batch's digest covers its own bytes and the digest before it.

    digest = blake2b-256(previous ‖ format version, first seq, last seq, wall time ‖ commands)

The first `previous` is the genesis digest, which covers the journal's identity, so that a batch
cannot be carried from one journal to another either.
"""

import struct
from hashlib import blake2b

import msgspec
import numpy as np

from server.engine.records import COMMAND, FORMAT_VERSION, RECORD_BYTES
from server.journal.batch import Batch
from server.journal.errors import Damage, JournalCorrupt

DIGEST_BYTES = 32
_GENESIS = b"honghe journal"
_FIELDS = struct.Struct("<Iqqq")


class Mark(msgspec.Struct, frozen=True):
    """What somebody outside the records says of the chain: its digest after `seq`."""

    seq: int
    digest: bytes
    source: str


def genesis_digest(identity: bytes) -> bytes:
    """The digest before the first batch; `identity` is the encoded `Identity`."""
    name = _GENESIS + FORMAT_VERSION.to_bytes(4, "little")
    return blake2b(name + identity, digest_size=DIGEST_BYTES).digest()


def link(previous: bytes, first_seq: int, last_seq: int, wall_time: int, commands: bytes) -> bytes:
    """The digest after a batch. Raises `struct.error` when a number does not fit 64 bits."""
    chained = blake2b(previous, digest_size=DIGEST_BYTES)
    chained.update(_FIELDS.pack(FORMAT_VERSION, first_seq, last_seq, wall_time))
    chained.update(commands)
    return chained.digest()


class Chain:
    """Follows a journal's rows in order and refuses the first that does not belong there."""

    def __init__(self, seq: int, digest: bytes, marks: tuple[Mark, ...] = ()) -> None:
        self.seq = seq
        self.digest = digest
        later = (mark for mark in marks if mark.seq > seq)
        self._marks = sorted(later, key=lambda mark: mark.seq, reverse=True)

    def follow(self, row: tuple[object, ...]) -> Batch:
        """The row (first seq, last seq, wall time, commands, digest) as a batch.

        Its commands are writable. Raises `JournalCorrupt`.
        """
        match row:
            case (int(first), int(last), int(wall), bytes(data), bytes(told)):
                return self._checked(first, last, wall, data, told)
            case _:
                raise JournalCorrupt(self.seq + 1, Damage.CHANGED, "a field has another type")

    def _checked(self, first: int, last: int, wall: int, data: bytes, told: bytes) -> Batch:
        self._check_place(first, last, data)
        digest = self._link(first, last, wall, data)
        commands = np.frombuffer(bytearray(data), COMMAND)
        if digest != told:
            held = int(commands["seq"][0])
            if held != first:
                raise JournalCorrupt(first, Damage.MISPLACED, f"it holds sequence {held}")
            raise JournalCorrupt(first, Damage.CHANGED, "digest")
        self._check_marks(last, digest)
        self.seq, self.digest = last, digest
        return Batch(first, wall, commands, digest)

    def _link(self, first: int, last: int, wall: int, data: bytes) -> bytes:
        try:
            return link(self.digest, first, last, wall, data)
        except struct.error as error:
            raise JournalCorrupt(first, Damage.CHANGED, str(error)) from error

    def _check_place(self, first: int, last: int, data: bytes) -> None:
        expected = self.seq + 1
        if first > expected:
            raise JournalCorrupt(expected, Damage.MISSING, f"the next record is {first}")
        if first < expected:
            raise JournalCorrupt(first, Damage.REPEATED)
        if not data or len(data) != (last - first + 1) * RECORD_BYTES:
            raise JournalCorrupt(first, Damage.TORN, f"{len(data)} bytes up to sequence {last}")

    def _check_marks(self, seq: int, digest: bytes) -> None:
        while self._marks and self._marks[-1].seq <= seq:
            mark = self._marks.pop()
            if mark.seq != seq or mark.digest != digest:
                raise JournalCorrupt(mark.seq, Damage.REWRITTEN, mark.source)

    def finish(self, head: Mark) -> None:
        """Compares the end of the rows with the recorded head. Raises `JournalCorrupt`."""
        if self.seq < head.seq:
            raise JournalCorrupt(self.seq + 1, Damage.CUT, f"{head.source}: {head.seq}")
        if self.seq > head.seq:
            raise JournalCorrupt(head.seq + 1, Damage.APPENDED, f"{head.source}: {head.seq}")
        if self.digest != head.digest:
            raise JournalCorrupt(self.seq, Damage.REWRITTEN, head.source)
        if self._marks:
            mark = self._marks[0]
            raise JournalCorrupt(self.seq + 1, Damage.CUT, f"{mark.source}: {mark.seq}")
