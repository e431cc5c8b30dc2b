"""What has been asked before: a repeated command gets its first outcome and is not carried out.

A command is known by its account and the id its sender gave it: an order's `client_order_id`
until the market's day ends, a money command's `request_id` for ever. Everything here follows from
the journal, so it is the same after a restart: from the snapshot's blob and the replayed batches.
"""

import asyncio
from collections.abc import Callable
from hashlib import blake2b
from struct import Struct
from typing import LiteralString, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import Command
from server.journal.batch import Applied
from server.sequencing.outcomes import Outcome, outcomes

Key: TypeAlias = tuple[int, bytes]

_KINDS: dict[Command, tuple[np.dtype[np.void], LiteralString]] = {
    Command.ORDER: (records.ORDER, "client_order_id"),
    Command.ACCOUNT_OPEN: (records.ACCOUNT_OPEN, "request_id"),
    Command.CONTRACT_OPEN: (records.CONTRACT_OPEN, "request_id"),
    Command.CONTRACT_SETTLE: (records.CONTRACT_SETTLE, "request_id"),
    Command.DEPOSIT: (records.CASH, "request_id"),
    Command.WITHDRAW: (records.CASH, "request_id"),
    Command.TRANSFER: (records.CASH, "request_id"),
    Command.REPAY: (records.CASH, "request_id"),
    Command.DRAW: (records.CASH, "request_id"),
    Command.EXTEND: (records.EXTEND, "request_id"),
    Command.RIGHTS_PAY: (records.RIGHTS_PAY, "request_id"),
}
_ORDER, _ACCOUNT_OPEN, _CONTRACT_OPEN, _DAY_OPEN = (
    int(kind)
    for kind in (Command.ORDER, Command.ACCOUNT_OPEN, Command.CONTRACT_OPEN, Command.DAY_OPEN)
)
_OPENINGS = frozenset({_ACCOUNT_OPEN, _CONTRACT_OPEN})
_KIND = 16  # where a record's sequence number and time end and its kind stands
_ACCOUNT = slice(20, 24)
_BODY = 32
_NO_ACCOUNT = b"\xff\xff\xff\xff"
_number = Struct("<i").unpack_from
AT_ONCE = 512  # orders of a day before that a batch frees


def _id_offsets() -> NDArray[np.intp]:
    """Where in a record of each kind its sender's id begins; 0 for kinds that have none."""
    offsets = np.zeros(256, np.intp)
    for kind, (record, field) in _KINDS.items():
        assert record.fields is not None
        offsets[kind] = record.fields[field][1]
    return offsets


_MARKER_OFFSET = _id_offsets()  # of a byte that is not zero in a record that is of interest here
_ID_OFFSET: list[int] = _MARKER_OFFSET.tolist()
_MARKER_OFFSET[Command.DAY_OPEN] = _KIND
_MARKERS: list[int] = _MARKER_OFFSET.tolist()


class New(msgspec.Struct, frozen=True, gc=False):
    """Not seen before: submit it, and `release` this when that fails."""

    key: Key
    is_order: bool
    entry: "_Known"


class Duplicate(msgspec.Struct, frozen=True):
    """Seen before with the same body; the future may still be waiting for the first one."""

    outcome: asyncio.Future[Outcome]


class Conflict(msgspec.Struct, frozen=True):
    """Seen before with another body: to be refused."""


_PAIR = b"\x92"  # MessagePack: an array of two
_LIST, _LIST_OF = Struct(">BI"), 0xDD  # an array of as many as follow
_encode = msgspec.msgpack.Encoder().encode

Claim: TypeAlias = New | Duplicate | Conflict


class _Known(msgspec.Struct, gc=False):  # a day has many; the collector need not walk them
    body: bytes
    outcome: Outcome | None = None
    waiting: tuple[asyncio.Future[Outcome], ...] = ()


class _Saved(msgspec.Struct, array_like=True):
    account: int
    client_id: bytes
    body: bytes
    outcome: Outcome


def _key(record: bytes) -> Key:
    """Who asked, under which id."""
    start = _ID_OFFSET[record[_KIND]]
    client_id = record[start : start + records.CLIENT_ID_BYTES].rstrip(b"\0")
    # A new account's own number is known only once it is sequenced: the one that pays stands for
    # a contract, its person for a cash account.
    kind = record[_KIND]
    who: int = _number(record, _BODY if kind in _OPENINGS else _ACCOUNT.start)[0]
    return (-1 - who if kind == _ACCOUNT_OPEN else who), client_id


def _body(record: bytes) -> bytes:
    """A digest of what was asked, the same before and after sequencing."""
    if record[_KIND] in _OPENINGS:
        record = record[: _ACCOUNT.start] + _NO_ACCOUNT + record[_ACCOUNT.stop :]
    return blake2b(record[_KIND:], digest_size=16).digest()


def _rows_of_interest(commands: NDArray[np.void]) -> list[int]:
    """The commands that carry an id, and those that open a day."""
    if len(commands) == 1:  # the common case of a lone order, and cheap
        record = commands.tobytes()
        offset = _MARKERS[record[_KIND]]
        return [0] if offset and record[offset] else []
    offsets = _MARKER_OFFSET[commands["kind"]]
    rows = np.flatnonzero(offsets)
    octets = commands.view(np.uint8).reshape(-1, records.RECORD_BYTES)
    return rows[octets[rows, offsets[rows]] != 0].tolist()


class Registry:
    """The commands with an id, in flight and answered. For the event loop's thread alone."""

    def __init__(self) -> None:
        self._orders: dict[Key, _Known] = {}
        self._money: dict[Key, _Known] = {}
        self._in_flight: dict[Key, _Known] = {}  # of the orders, those not settled yet
        self._past: list[dict[Key, _Known]] = []  # of days before, to be let go of
        self._seq = 0  # of the newest command observed
        self._settled: set[int] = set()  # sequence numbers that `observe` may pass over

    def __len__(self) -> int:
        return len(self._orders) + len(self._money)

    def claim(self, record: bytes) -> Claim:
        """Takes the id of a command's record that is about to be submitted.

        Raises `ValueError` for a kind that has no id, and for an empty id.
        """
        if not _ID_OFFSET[record[_KIND]]:
            raise ValueError(f"commands of kind {record[_KIND]} have no id of their sender")
        is_order = record[_KIND] == _ORDER
        known = self._orders if is_order else self._money
        key = _key(record)
        if not key[1]:
            raise ValueError("the command's id is empty")
        body = _body(record)
        entry = known.get(key)
        if entry is None:
            entry = known[key] = _Known(body)
            if is_order:
                self._in_flight[key] = entry
            return New(key, is_order, entry)
        return Duplicate(_future_of(entry)) if entry.body == body else Conflict()

    def release(self, claim: New, error: Exception) -> None:
        """Forgets a claim whose command was not taken; whoever repeated it gets `error`."""
        known = self._orders if claim.is_order else self._money
        entry = known.get(claim.key)
        if entry is None or entry.outcome is not None:
            return
        del known[claim.key]
        if claim.is_order:
            self._in_flight.pop(claim.key, None)
        for future in entry.waiting:
            if not future.done():
                future.set_exception(error)

    def settle(self, claim: New, outcome: Outcome) -> None:
        """What came of a claimed command, from whoever had it entered, before `observe`."""
        self._settled.add(outcome.seq)
        if claim.is_order:
            self._in_flight.pop(claim.key, None)
        _tell(claim.entry, outcome)

    def observe(self, applied: Applied) -> None:
        """Learns the outcomes of a batch: a listener of the sequencer, and of recovery."""
        self._seq = applied.last_seq
        self._let_go()
        rows = _rows_of_interest(applied.commands)
        if self._settled:
            settled, first = self._settled, applied.first_seq
            rows = [row for row in rows if row + first not in settled]
            settled.clear()
        if not rows:
            return
        data = applied.commands.tobytes()
        for row, outcome in zip(rows, outcomes(applied, rows), strict=True):
            record = data[row * records.RECORD_BYTES : (row + 1) * records.RECORD_BYTES]
            if record[_KIND] == _DAY_OPEN:
                self._forget_orders()
            else:
                self._settle(record, outcome)

    def _forget_orders(self) -> None:
        """A new day: settled orders are forgotten, those in flight will be of the new day."""
        self._past.append(self._orders)
        self._orders = self._in_flight.copy()

    def _let_go(self) -> None:
        """Frees a little of the days before: all of a busy one at once would be a long turn."""
        if self._past:
            orders = self._past[-1]
            for _ in range(min(AT_ONCE, len(orders))):
                orders.popitem()
            if not orders:
                self._past.pop()

    def _settle(self, record: bytes, outcome: Outcome) -> None:
        is_order = record[_KIND] == _ORDER
        known = self._orders if is_order else self._money
        key = _key(record)
        entry = known.get(key)
        if entry is None:
            known[key] = _Known(_body(record), outcome)
        elif entry.outcome is None:
            if is_order:
                self._in_flight.pop(key, None)
            _tell(entry, outcome)

    def export(self) -> Callable[[], bytes]:
        """What a snapshot must hold: every command settled now, encoded when it is called.

        A busy day has so many that the loop must not wait for it; another thread may call it.
        """
        # Two lists each: pairs would be made anew, and the collector would walk them.
        copies = [(list(known), list(known.values())) for known in (self._orders, self._money)]
        seq = self._seq
        return lambda: _PAIR + b"".join(_saved(keys, known, seq) for keys, known in copies)

    def load(self, blob: bytes) -> None:
        """Takes back what `export` gave. Raises `msgspec.DecodeError`."""
        orders, money = msgspec.msgpack.decode(blob, type=tuple[list[_Saved], list[_Saved]])
        self._orders = _loaded(orders)
        self._money = _loaded(money)
        self._seq = max((each.outcome.seq for each in (*orders, *money)), default=0)


def _tell(entry: _Known, outcome: Outcome) -> None:
    entry.outcome = outcome
    for future in entry.waiting:
        if not future.done():
            future.set_result(outcome)
    entry.waiting = ()


def _future_of(entry: _Known) -> asyncio.Future[Outcome]:
    future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    if entry.outcome is None:
        entry.waiting = (*entry.waiting, future)
    else:
        future.set_result(entry.outcome)
    return future


def _saved(keys: list[Key], known: list[_Known], seq: int) -> bytes:
    """A list of `_Saved`, of what was settled up to `seq`.

    Item by item: a list encoded in one call would keep every other thread waiting for its end.
    """
    items = [
        _encode(_Saved(account, client_id, entry.body, entry.outcome))
        for (account, client_id), entry in zip(keys, known, strict=True)
        if entry.outcome is not None and entry.outcome.seq <= seq
    ]
    return _LIST.pack(_LIST_OF, len(items)) + b"".join(items)


def _loaded(saved: list[_Saved]) -> dict[Key, _Known]:
    return {(each.account, each.client_id): _Known(each.body, each.outcome) for each in saved}
