"""Making, growing, packing and unpacking the engine's tables. Never called by a kernel."""

import hashlib
import struct

import numpy as np
from numpy.typing import NDArray

from server.engine import capacity, layout, term_tables
from server.engine.access import CURSOR, Placed, Workspace
from server.engine.positions import EMPTY
from server.engine.records import COMMAND, EVENT
from server.engine.rehash import rehash

MAGIC = b"HONGHE-ENGINE"
DTYPES: dict[str, np.dtype[np.void]] = {
    "header": layout.HEADER,
    "accounts": layout.ACCOUNT,
    "contracts": layout.CONTRACT,
    "positions": layout.POSITION,
    "slots": layout.SLOT,
    "orders": layout.ORDER,
    "instruments": layout.INSTRUMENT,
    "rules": layout.RULES,
    "tape": layout.TAPE,
    "levels": layout.LEVEL,
    "words": layout.WORD,
    "summaries": layout.WORD,
    "holders": layout.HOLDER,
    "touched": layout.TOUCHED,
    "fees": term_tables.FEES,
    "terms": term_tables.TERMS,
    "lots": layout.LOT,
    "claims": layout.CLAIM,
    "limits": term_tables.LIMITS,
    "concentration": term_tables.CONCENTRATION,
    "exposures": term_tables.EXPOSURE,
    "loans": layout.LOAN,
}
# Names the tables' layout: bytes of another layout are not this engine's state.
LAYOUT = hashlib.blake2b(
    repr([(name, dtype.descr) for name, dtype in DTYPES.items()]).encode(), digest_size=8
).digest()
# Rows that a new engine has room for; what it does never depends on them.
FIRST = {
    "header": 1,
    "accounts": 256,
    "contracts": 256,
    "positions": 1024,
    "slots": 4096,
    "orders": 4096,
    "instruments": 256,
    "rules": 256,
    "tape": 1024,
    "levels": 4096,
    "words": 256,
    "summaries": 64,
    "holders": 4096,
    "touched": 256,
    "fees": 16,
    "terms": 16,
    "lots": 1024,
    "claims": 64,
    "limits": 1,
    "concentration": 17,  # one more than terms: row 0 is for every product
    "exposures": 256,
    "loans": 64,
}
_NOTHING = (np.zeros(1, CURSOR), np.zeros(0, EVENT), np.zeros(0, COMMAND))
_GROWING = {
    capacity.ORDERS: ("orders",),
    capacity.POSITIONS: ("positions",),
    capacity.HOLDERS: ("holders",),
    capacity.LEVELS: (),
    capacity.ACCOUNTS: ("accounts", "contracts", "touched"),
    capacity.INSTRUMENTS: ("instruments", "rules", "exposures"),
    capacity.TERMS: ("fees", "terms", "concentration"),
    capacity.LOTS: ("lots",),
    capacity.CLAIMS: ("claims",),
    capacity.TAPE: ("tape",),
    capacity.LOANS: ("loans",),
}


def _blank(count: int, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """A zeroed table that begins on a cache line.

    Its pages are touched here: the order that would be the first to use one does not wait for it.
    """
    size = count * dtype.itemsize
    room = np.empty(size + layout.CACHE_LINE, np.uint8)
    start = -room.ctypes.data % layout.CACHE_LINE
    room[start : start + size] = 0
    return room[start : start + size].view(dtype)


def _blank_slots(count: int) -> NDArray[np.void]:
    slots = _blank(count, layout.SLOT)
    slots["key"] = EMPTY
    return slots


def empty_state() -> layout.State:
    """A state without accounts or instruments, small until it grows."""
    arrays = {name: _blank(FIRST[name], dtype) for name, dtype in DTYPES.items()}
    arrays["slots"] = _blank_slots(FIRST["slots"])
    header = arrays["header"][0]
    header["positions"] = 1  # row 0 is NO_POSITION
    header["free_order"] = -1
    header["lots"] = 1  # rows 0 are none
    header["claims"] = 1
    header["free_tape"] = -1
    header["loans"] = 1  # row 0 is no loan
    arrays["positions"][0]["next"] = -1
    arrays["positions"][0]["holder"] = -1
    arrays["positions"][0]["first_order"] = -1
    arrays["positions"][0]["account"] = -1
    arrays["positions"][0]["instrument"] = -1
    return layout.State(**arrays)


def _enlarged(array: NDArray[np.void], count: int) -> NDArray[np.void]:
    larger = _blank(count, array.dtype)
    larger[: len(array)] = array
    return larger


def _rehashed(state: layout.State, count: int) -> layout.State:
    """`state` with a hash of `count` slots, filled in an order that depends on the state alone."""
    fresh = state._replace(slots=_blank_slots(count))
    rehash(Placed(Workspace(*fresh, *_NOTHING)).s)
    return fresh


def _ladders_needed(state: layout.State) -> tuple[int, int, int]:
    """(levels, words, summaries), as `day.ladders_needed` counts them."""
    days = state.instruments[: int(state.header[0]["instruments"])]
    counts = (days["limit_up"] - days["limit_down"]) // np.maximum(days["tick"], 1) + 1
    counts[days["tick"] == 0] = 0
    words = (counts + 63) // 64
    summaries = (words + 63) // 64
    return 2 * int(counts.sum()), 2 * int(words.sum()), 2 * int(summaries.sum())


def grown(state: layout.State, full: int) -> layout.State:
    """A state in which the tables that `full` names have more room."""
    changes = {
        name: _enlarged(getattr(state, name), 2 * len(getattr(state, name)))
        for name in _GROWING[full]
    }
    if full == capacity.LEVELS:
        levels, words, summaries = _ladders_needed(state)
        changes["levels"] = _blank(max(levels, len(state.levels)), layout.LEVEL)
        changes["words"] = _blank(max(words, len(state.words)), layout.WORD)
        changes["summaries"] = _blank(max(summaries, len(state.summaries)), layout.WORD)
    bigger = state._replace(**changes)
    needed = 2 * (len(bigger.positions) + len(bigger.accounts) + 1)
    count = len(bigger.slots)
    while needed > count:
        count *= 2
    return bigger if count == len(bigger.slots) else _rehashed(bigger, count)


def used_rows(state: layout.State) -> list[int]:
    """Rows in use of each table, in the order of `State`."""
    header = state.header[0]
    counts = {
        "header": 1,
        "accounts": header["accounts"],
        "contracts": header["accounts"],
        "positions": header["positions"],
        "slots": 0,  # follows from positions and accounts
        "orders": header["orders"],
        "instruments": header["instruments"],
        "rules": header["instruments"],
        "tape": header["tape"],
        "levels": header["levels"],
        "words": header["words"],
        "summaries": header["summaries"],
        "holders": header["holders"],
        "touched": header["touched"],
        "fees": len(state.fees),
        "terms": len(state.terms),
        "lots": header["lots"],
        "claims": header["claims"],
        "limits": 1,
        "concentration": len(state.concentration),
        "exposures": header["instruments"],
        "loans": header["loans"],
    }
    return [int(counts[name]) for name in layout.State._fields]


def pack(state: layout.State) -> bytes:
    """Magic and layout, then each table as (rows used, capacity, bytes)."""
    return bytes(pack_into(state, bytearray()))


def pack_into(state: layout.State, buffer: bytearray) -> memoryview:
    """As `pack`, over what `buffer` holds; a view of it, valid until the next call.

    One copy into memory that is there already: for large states some ten times as fast. The buffer
    is made longer when it is too short, which nobody may hold a view of it for.
    """
    tables = [array[:rows] for array, rows in zip(state, used_rows(state), strict=True)]
    start = len(MAGIC) + len(LAYOUT)
    size = start + sum(16 + table.nbytes for table in tables)
    if len(buffer) < size:
        buffer.extend(bytes(size + size // 4 - len(buffer)))
    view = memoryview(buffer)
    view[:start] = MAGIC + LAYOUT
    for array, table in zip(state, tables, strict=True):
        view[start : start + 16] = struct.pack("<QQ", len(table), len(array))
        end = start + 16 + table.nbytes
        np.frombuffer(view[start + 16 : end], np.uint8)[:] = table.view(np.uint8)
        start = end
    return view[:size]


def unpack(data: bytes) -> layout.State:
    """Raises ValueError when `data` is not what `pack` made, OtherLayout if elsewhere."""
    view = memoryview(data)
    start = len(MAGIC) + len(LAYOUT)
    if bytes(view[: len(MAGIC)]) != MAGIC:
        raise ValueError("not an engine snapshot")
    if bytes(view[len(MAGIC) : start]) != LAYOUT:
        raise layout.OtherLayout("engine snapshot of another layout of the tables")
    arrays: dict[str, NDArray[np.void]] = {}
    for name, dtype in DTYPES.items():
        if start + 16 > len(view):
            raise ValueError(f"engine snapshot ends before table {name}")
        rows, capacity = struct.unpack("<QQ", view[start : start + 16])
        start += 16
        size = rows * dtype.itemsize
        if start + size > len(view) or rows > capacity:
            raise ValueError(f"engine snapshot ends inside table {name}")
        array = _blank(capacity, dtype)
        array[:rows] = np.frombuffer(view[start : start + size], dtype)
        arrays[name] = array
        start += size
    if start != len(view):
        raise ValueError("engine snapshot has bytes after its last table")
    state = layout.State(**arrays)
    return _rehashed(state, len(state.slots))
