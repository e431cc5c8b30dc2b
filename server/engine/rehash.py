"""Filling the hash anew when it has grown or a snapshot is read."""

from server.engine.access import account_at, header_at, position_at, slot_at
from server.engine.jit import entry
from server.engine.positions import find_slot, person_key, position_key


@entry
def rehash(s):
    """Enters every position and every person into an empty hash, in the order of the tables."""
    header = header_at(s)
    for index in range(1, header["positions"]):
        position = position_at(s, index)
        key = position_key(position["account"], position["instrument"])
        slot = slot_at(s, find_slot(s, key))
        slot["key"] = key
        slot["position"] = index
    for index in range(header["accounts"]):
        key = person_key(account_at(s, index)["person"])
        slot = slot_at(s, find_slot(s, key))
        slot["key"] = key
        slot["position"] = index  # the newest account stays
