"""Who holds what: positions found by hash, and each instrument's slab of holders."""

import numpy as np

from server.engine.access import (
    SLOTS,
    account_at,
    exposure_at,
    header_at,
    holder_at,
    position_at,
    rows_of,
    slot_at,
)
from server.engine.codes import AccountClass
from server.engine.jit import kernel

EMPTY = -1
NO_POSITION = 0  # the first row stays zero: what an account that holds nothing holds
_MIX = np.uint64(0x9E3779B97F4A7C15)


@kernel
def position_key(account, instrument):
    return (np.int64(account) << 32) | np.int64(instrument)


@kernel
def person_key(person):
    """Keys of persons are negative, and -1 is the empty slot."""
    return np.int64(-2) - np.int64(person)


@kernel
def home_slot(s, key):
    """Where the search for `key` begins."""
    mask = np.int64(rows_of(s, SLOTS) - 1)
    mixed = np.uint64(key) * _MIX
    return np.int64(mixed >> np.uint64(32)) & mask


@kernel
def find_slot(s, key):
    """The slot that holds `key`, or the empty one where it belongs."""
    mask = np.int64(rows_of(s, SLOTS) - 1)
    slot = home_slot(s, key)
    while slot_at(s, slot)["key"] != EMPTY and slot_at(s, slot)["key"] != key:
        slot = (slot + 1) & mask
    return slot


@kernel
def find_position(s, account, instrument):
    """Index of a position, or NO_POSITION."""
    slot = find_slot(s, position_key(account, instrument))
    if slot_at(s, slot)["key"] == EMPTY:
        return np.int64(NO_POSITION)
    return np.int64(slot_at(s, slot)["position"])


@kernel
def take_position(s, account, instrument):
    """Index of the position, made if it is not there yet."""
    key = position_key(account, instrument)
    slot = find_slot(s, key)
    if slot_at(s, slot)["key"] == key:
        return np.int64(slot_at(s, slot)["position"])
    header = header_at(s)
    index = np.int64(header["positions"])
    header["positions"] = index + 1
    slot_at(s, slot)["key"] = key
    slot_at(s, slot)["position"] = index
    position = position_at(s, index)
    position["account"] = account
    position["instrument"] = instrument
    position["next"] = account_at(s, account)["first_position"]
    position["holder"] = -1
    position["first_order"] = -1
    account_at(s, account)["first_position"] = index
    return index


@kernel
def _grow_slab(s, instrument):
    """Moves a full slab to the end of the arena, twice as large."""
    header = header_at(s)
    base = np.int64(header["holders"])
    capacity = max(np.int64(4), 2 * np.int64(instrument["holder_capacity"]))
    old = np.int64(instrument["holder_base"])
    for i in range(instrument["holders"]):
        source = holder_at(s, old + i)
        target = holder_at(s, base + i)
        target["account"] = source["account"]
        target["position"] = source["position"]
        target["quantity"] = source["quantity"]
    header["holders"] = base + capacity
    instrument["holder_base"] = base
    instrument["holder_capacity"] = capacity


@kernel
def _add_holder(s, instrument, index):
    position = position_at(s, index)
    count = np.int64(instrument["holders"])
    if count == instrument["holder_capacity"]:
        _grow_slab(s, instrument)
    holder = holder_at(s, instrument["holder_base"] + count)
    holder["account"] = position["account"]
    holder["position"] = index
    holder["quantity"] = position["quantity"]
    position["holder"] = count
    instrument["holders"] = count + 1


@kernel
def _drop_holder(s, instrument, index):
    """Removes by moving the last holder into the gap; the order of a slab is part of the state."""
    position = position_at(s, index)
    base = np.int64(instrument["holder_base"])
    gap = np.int64(position["holder"])
    last = np.int64(instrument["holders"]) - 1
    if gap != last:
        moved = holder_at(s, base + last)
        target = holder_at(s, base + gap)
        target["account"] = moved["account"]
        target["position"] = moved["position"]
        target["quantity"] = moved["quantity"]
        position_at(s, moved["position"])["holder"] = gap
    position["holder"] = -1
    instrument["holders"] = last


@kernel
def borrows(klass):
    """Whether accounts of a class hold what the platform's limits count (section 4.6)."""
    return klass != AccountClass.CASH and klass != AccountClass.MARKET


@kernel
def _write_slab(s, instrument, index):
    """Returns the quantity that stood in the slab before."""
    position = position_at(s, index)
    if position["holder"] < 0:
        if position["quantity"] > 0:
            _add_holder(s, instrument, index)
        return np.int64(0)
    holder = holder_at(s, np.int64(instrument["holder_base"]) + position["holder"])
    before = np.int64(holder["quantity"])
    if position["quantity"] == 0:
        _drop_holder(s, instrument, index)
    else:
        holder["quantity"] = position["quantity"]
    return before


@kernel
def write_holder(s, instrument, index):
    """Writes a changed position's quantity through to the slab and to the platform's sum."""
    before = _write_slab(s, instrument, index)
    position = position_at(s, index)
    if borrows(account_at(s, position["account"])["klass"]):
        exposure_at(s, position["instrument"])["financed"] += position["quantity"] - before
