"""The engine as Python sees it: commands in, events out, a hash, a snapshot.

Deterministic: no clock, no I/O, no randomness, no floats. The same commands give the same events
and the same state, byte for byte, however they are cut into calls.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import capacity, kernel, layout, records
from server.engine.access import CURSOR, Placed, Workspace
from server.engine.tables import LAYOUT, empty_state, grown, pack, pack_into, unpack, used_rows

FIRST_EVENTS = 16_384
FIRST_COMMANDS = 1_024
FEW = 64  # commands that are copied sooner through bytes than without


class EngineFailed(RuntimeError):
    """The kernel raised: the state is half changed and must be rebuilt from the journal."""


class Engine:
    """One engine and all of its state.

    `layout_name` says how the tables are laid out: state hashes and snapshots of another layout
    say nothing here.
    """

    layout_name = LAYOUT.hex()

    def __init__(self, state: layout.State | None = None) -> None:
        self.state = empty_state() if state is None else state
        self._cursor = np.zeros(1, CURSOR)
        self._count = self._cursor.view(np.int64)[:1]  # of events in the buffer
        self._events = np.zeros(FIRST_EVENTS, records.EVENT)
        self._commands = np.zeros(FIRST_COMMANDS, records.COMMAND)
        self._symbols: dict[str, int] = {}
        self._failed = False
        self._place()

    @property
    def seq(self) -> int:
        """Sequence number of the last command applied."""
        return int(self.state.header[0]["seq"])

    @property
    def time(self) -> int:
        """Market time of the last command applied, µs since the epoch."""
        return int(self.state.header[0]["time"])

    @property
    def date(self) -> int:
        """The market's date, YYYYMMDD; 0 before the first day."""
        return int(self.state.header[0]["date"])

    def apply(self, commands: NDArray[np.void]) -> NDArray[np.void]:
        """Applies a `records.COMMAND` array; returns its events, read-only.

        Raises EngineFailed when the kernel raises; the engine then refuses to go on.
        """
        if self._failed:
            raise EngineFailed("the engine has failed before; rebuild it from the journal")
        self._load(commands)
        done, stop = 0, len(commands)
        parts: list[bytes] = []
        self._count[0] = 0
        while True:
            try:
                done, full = kernel.run(self._placed.s, done, stop)
            except Exception as error:
                self._failed = True
                raise EngineFailed(f"the kernel raised: {error}") from error
            if full == capacity.DONE:
                break
            self._make_room(full, parts)
        last = self._take_events()
        return np.frombuffer(b"".join([*parts, last]) if parts else last, records.EVENT)

    def _load(self, commands: NDArray[np.void]) -> None:
        """Puts the commands where the kernel finds them, which costs less than saying where."""
        count = len(commands)
        if count > len(self._commands):
            self._commands = np.zeros(2 * count, records.COMMAND)
            self._place()
        few = count <= FEW
        packed = commands.tobytes() if few else np.ascontiguousarray(commands).view(np.uint8).data
        self._command_bytes[: count * records.RECORD_BYTES] = packed

    def _make_room(self, full: int, parts: list[bytes]) -> None:
        """Empties the event buffer into `parts`, or grows it or a table."""
        if full != capacity.EVENTS:
            self.state = grown(self.state, full)
        elif self._count[0] > 0:
            parts.append(self._take_events())
            return
        else:
            self._events = np.zeros(2 * len(self._events), records.EVENT)
        self._place()

    def _take_events(self) -> bytes:
        count = self._count.item()
        self._count[0] = 0
        return self._event_bytes[: count * records.RECORD_BYTES].tobytes()

    def _place(self) -> None:
        """Writes down where every table lies; again whenever one has moved."""
        self._event_bytes = self._events.view(np.uint8).data
        self._command_bytes = self._commands.view(np.uint8).data
        space = Workspace(*self.state, self._cursor, self._events, self._commands)
        self._placed = Placed(space)

    @property
    def workspace(self) -> Any:
        """What kernels take, the queries of `assess` among them; valid until the next `apply`."""
        return self._placed.s

    def state_hash(self) -> bytes:
        """32 bytes over the used part of every table."""
        digest = hashlib.blake2b(digest_size=32)
        for array, rows in zip(self.state, used_rows(self.state), strict=True):
            digest.update(np.ascontiguousarray(array[:rows]).view(np.uint8).data)
        return digest.digest()

    def snapshot(self) -> bytes:
        """The used part of every table; `restore` reads it."""
        return pack(self.state)

    def snapshot_into(self, buffer: bytearray) -> memoryview:
        """The same in a buffer that is used again; the view is valid until the next call."""
        return pack_into(self.state, buffer)

    @classmethod
    def restore(cls, data: bytes) -> "Engine":
        """Raises ValueError when `data` is no snapshot; OtherLayout when not of this layout."""
        return cls(unpack(data))

    def symbol(self, instrument: int) -> str:
        return bytes(self.state.instruments[instrument]["symbol"]).decode("ascii")

    def instrument(self, symbol: str) -> int:
        """Index of an instrument; KeyError when there is none of that symbol."""
        if symbol not in self._symbols:
            known = int(self.state.header[0]["instruments"])
            for index in range(len(self._symbols), known):
                self._symbols[self.symbol(index)] = index
        return self._symbols[symbol]
