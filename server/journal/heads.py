"""Signed heads: what the journal's digest was at the end of a day, so that nobody can rewrite it.

Whoever can write the journal can recompute its whole chain of digests; only what was said of it
before, and is kept elsewhere, finds that out. A head is one line of JSON in a file that only grows
and may be copied anywhere at any time. Its signature covers the line up to `,"signature"`, byte for
byte; `previous` is the blake2b-256 of the line before, so that no head can be left out.
"""

import os
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from server.journal.chain import DIGEST_BYTES
from server.journal.disk import sync_directory
from server.journal.journal import Journal
from server.journal.keys import SigningKey, is_signed

DOMAIN = b"honghe signed head 1\n"
NONE_BEFORE = "0" * 2 * DIGEST_BYTES
_SIGNATURE = b',"signature":"'
_END = b'"}'

Kind: TypeAlias = Literal["day", "start", "stop", "asked", "key"]


class Point(msgspec.Struct, frozen=True):
    """A place on the chain: the digest after `seq`, on the market's `date`, at `wall_time` (µs)."""

    kind: Kind
    date: int
    seq: int
    digest: bytes
    wall_time: int


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed. Digests and keys are in hexadecimal.

    `kind` says why: a day's close, a start, a stop, on request; or "key", by which the old key
    names the one that signs from then on. `journal` is the digest before the first record.
    """

    number: int
    kind: Kind
    date: int
    seq: int
    digest: str
    wall_time: int
    market: str
    journal: str
    previous: str
    key: str
    new_key: str = ""


class Signed(msgspec.Struct, frozen=True):
    """A line of the file: the head, and the line it stands in."""

    head: Head
    line: bytes

    @property
    def digest(self) -> str:
        """What the next line calls `previous`."""
        return _digest(self.line)

    @property
    def genuine(self) -> bool:
        """Whether the key that the head names has signed it."""
        body, _, signature = self.line.rpartition(_SIGNATURE)
        try:
            octets = bytes.fromhex(signature.removesuffix(_END).decode("ascii"))
        except ValueError:
            return False
        return is_signed(DOMAIN + body, octets, self.head.key)


def sign(head: Head, key: SigningKey) -> Signed:
    body = msgspec.json.encode(head).removesuffix(b"}")
    signature = key.sign(DOMAIN + body).hex().encode("ascii")
    return Signed(head, body + _SIGNATURE + signature + _END)


def parse_line(line: bytes) -> Signed | None:
    """None for what is no signed head; its signature is not checked."""
    body, found, signature = line.rpartition(_SIGNATURE)
    if not found or not signature.endswith(_END):
        return None
    try:
        return Signed(msgspec.json.decode(body + b"}", type=Head), line)
    except msgspec.DecodeError:
        return None


def genesis_of(journal: Journal) -> str:
    """What a head calls its `journal`."""
    return (journal.digest_at(0) or b"").hex()


def _digest(line: bytes) -> str:
    return blake2b(line, digest_size=DIGEST_BYTES).hexdigest()


def read_lines(path: Path) -> list[bytes]:
    """The whole lines of a heads file; none when there is no file. Raises `OSError`.

    A last line without its end is what a crash left of an unfinished one: it is not given.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return data.split(b"\n")[:-1]


class HeadFile:
    """The heads of one journal, open to be added to by its owner."""

    def __init__(self, path: Path, key: SigningKey, journal: Journal) -> None:
        """Raises `OSError`."""
        self.path = path
        self._key = key
        self._market = journal.identity.market
        self._genesis = genesis_of(journal)
        lines = read_lines(path)
        self._last = parse_line(lines[-1]) if lines else None
        self._number = len(lines)
        self._previous = _digest(lines[-1]) if lines else NONE_BEFORE
        self._size = sum(len(line) + 1 for line in lines)

    @property
    def last_seq(self) -> int:
        """The newest sequence number that is signed; 0 without any."""
        return self._last.head.seq if self._last else 0

    def add(self, point: Point, new_key: SigningKey | None = None) -> Signed:
        """Signs and appends a head, durable on return. Raises `OSError`.

        With `new_key` that key signs from the next one on.
        """
        head = Head(
            number=self._number + 1,
            kind=point.kind,
            date=point.date,
            seq=point.seq,
            digest=point.digest.hex(),
            wall_time=point.wall_time,
            market=self._market,
            journal=self._genesis,
            previous=self._previous,
            key=self._key.public,
            new_key=new_key.public if new_key else "",
        )
        signed = sign(head, self._key)
        self._append(signed.line + b"\n")
        self._number, self._previous, self._last = head.number, signed.digest, signed
        self._key = new_key or self._key
        return signed

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.ftruncate(file, self._size)  # drops what a crash left of an unfinished line
            os.pwrite(file, line, self._size)
            os.fsync(file)
        finally:
            os.close(file)
        if new:
            sync_directory(self.path.parent)
        self._size += len(line)
