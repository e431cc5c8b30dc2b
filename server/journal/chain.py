"""The digest chain: each batch's digest covers its own bytes and the digest before it.

    digest = blake2b-256(previous ‖ format version, first seq, last seq, wall time ‖ commands)

The first `previous` is the genesis digest, which covers the journal's identity, so that a batch
cannot be carried from one journal to another either.
"""

import struct
from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeAlias

import msgspec
import numpy as np

from server.engine.records import COMMAND, FORMAT_VERSION, RECORD_BYTES
from server.journal.batch import Batch, Stretch
from server.journal.errors import Damage, JournalCorrupt

DIGEST_BYTES = 32
_GENESIS = b"honghe journal"
_FIELDS = struct.Struct("<Iqqq")
_NEVER = 2**63 - 1
BEFORE_ALL = -_NEVER  # below the first number that any row can have

# First seq, last seq, wall time, commands, digest. A damaged file may hold other types, which the
# chain refuses.
Row: TypeAlias = tuple[int, int, int, bytes, bytes]


class Mark(msgspec.Struct, frozen=True):
    """What somebody outside the records says of the chain: its digest after `seq`.

    Without a digest it is a place where the state is known, and nothing is said of the chain.
    """

    seq: int
    digest: bytes
    source: str


def genesis_digest(identity: bytes) -> bytes:
    """The digest before the first batch; `identity` is the encoded `Identity`."""
    name = _GENESIS + FORMAT_VERSION.to_bytes(4, "little")
    return blake2b(name + identity, digest_size=DIGEST_BYTES).digest()


def link(previous: bytes, first_seq: int, last_seq: int, wall_time: int, commands: bytes) -> bytes:
    """The digest after a batch. Raises `struct.error` when a number does not fit 64 bits."""
    fields = _FIELDS.pack(FORMAT_VERSION, first_seq, last_seq, wall_time)
    return blake2b(previous + fields + commands, digest_size=DIGEST_BYTES).digest()


class Chain:
    """Follows a journal's rows in order and refuses the first that does not belong there."""

    def __init__(
        self, seq: int, digest: bytes, marks: tuple[Mark, ...] = (), row: int = BEFORE_ALL
    ) -> None:
        """Begins after `seq`, the end of the row whose first number is `row`.

        Raises `JournalCorrupt` when a mark at `seq` itself tells another digest.
        """
        self.seq = seq
        self.digest = digest
        self.row = row
        later = (mark for mark in marks if mark.seq >= seq)
        self._marks = sorted(later, key=lambda mark: mark.seq, reverse=True)
        self._check_marks()

    def follow(self, row: Row) -> Batch:
        """The row as a batch, whose commands are writable. Raises `JournalCorrupt`."""
        self._take(row)
        self._check_marks()
        first, _, wall, data, digest = row
        return Batch(first, wall, np.frombuffer(bytearray(data), COMMAND), digest)

    def take(self, rows: Iterable[Row], commands: int) -> Stretch | None:
        """The next rows together, until they have some `commands` or reach a mark; None at the end.

        No row is taken from `rows` that is not in the stretch. Raises `JournalCorrupt`.
        """
        first = self.seq + 1
        enough = min(self.seq + commands, self._marks[-1].seq if self._marks else _NEVER)
        parts: list[bytes] = []
        ends: list[tuple[int, int]] = []
        for row in rows:
            self._take(row)
            parts.append(row[3])
            ends.append((row[1], row[2]))
            if row[1] >= enough:
                break
        self._check_marks()
        return Stretch(first, tuple(parts), tuple(ends), self.digest) if ends else None

    def _take(self, row: Row) -> None:
        first, last, wall, data, told = row
        try:
            digest = link(self.digest, first, last, wall, data)
            size = (last - self.seq) * RECORD_BYTES
        except (TypeError, struct.error) as error:
            raise self._damage(row, str(error)) from error
        if digest != told or first != self.seq + 1 or len(data) != size or not data:
            raise self._damage(row, "digest")
        self.seq, self.digest, self.row = last, digest, first

    def _damage(self, row: tuple[object, ...], otherwise: str) -> JournalCorrupt:
        """Why the row does not follow."""
        expected = self.seq + 1
        match row:
            case (int(first), int(last), int(), bytes(data), bytes()):
                pass
            case _:
                return JournalCorrupt(expected, Damage.CHANGED, "a field has another type")
        if first > expected:
            return JournalCorrupt(expected, Damage.MISSING, f"the next record is {first}")
        if first < expected:
            return JournalCorrupt(first, Damage.REPEATED)
        if not data or len(data) != (last - first + 1) * RECORD_BYTES:
            return JournalCorrupt(first, Damage.TORN, f"{len(data)} bytes up to sequence {last}")
        held = int(np.frombuffer(data, COMMAND)["seq"][0])
        if held != first:
            return JournalCorrupt(first, Damage.MISPLACED, f"it holds sequence {held}")
        return JournalCorrupt(first, Damage.CHANGED, otherwise)

    def _check_marks(self) -> None:
        while self._marks and self._marks[-1].seq <= self.seq:
            mark = self._marks.pop()
            if mark.digest and (mark.seq != self.seq or mark.digest != self.digest):
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
