"""Which order of the arena carries an outside number: an open-addressing hash in `State.slots`.

Only orders in the book are in it, so it is as small as the book is, whatever the numbers look
like. The number of cells is a power of two; a cell is free when its `position` is NONE.
"""

import numpy as np

from server.engine.access import SLOTS, rows_of, slot_at
from server.engine.book import NONE
from server.engine.jit import kernel
from server.engine.positions import home_slot


@kernel
def find_cell(s, number):
    """The cell that holds `number`, or the free one where it belongs."""
    mask = np.int64(rows_of(s, SLOTS) - 1)
    cell = home_slot(s, number)
    while slot_at(s, cell)["position"] != NONE and slot_at(s, cell)["key"] != number:
        cell = (cell + 1) & mask
    return cell


@kernel
def slot_in(s, cell):
    """The order that a cell names, or NONE."""
    return np.int64(slot_at(s, cell)["position"])


@kernel
def enter(s, number, slot):
    """Enters an order whose number is not there yet."""
    cell = slot_at(s, find_cell(s, number))
    cell["key"] = number
    cell["position"] = slot


@kernel
def drop(s, cell):
    """Frees a cell; later ones move up, so that no search ends before it finds what is there."""
    mask = np.int64(rows_of(s, SLOTS) - 1)
    hole = cell
    probe = (cell + 1) & mask
    while slot_at(s, probe)["position"] != NONE:
        home = home_slot(s, slot_at(s, probe)["key"])
        if ((probe - home) & mask) >= ((probe - hole) & mask):
            slot_at(s, hole)["key"] = slot_at(s, probe)["key"]
            slot_at(s, hole)["position"] = slot_at(s, probe)["position"]
            hole = probe
        probe = (probe + 1) & mask
    slot_at(s, hole)["position"] = NONE


@kernel
def is_crowded(s, live):
    """Whether one more order than `live` would fill more than half of the cells."""
    return 2 * (live + 1) > rows_of(s, SLOTS)
