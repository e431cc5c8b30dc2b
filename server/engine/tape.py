"""The trades of an instrument's last minute, of which the closing price may be the average.

One row for all trades of one moment, in a chain by instrument, oldest first; what is older than a
minute before the last trade is let go.
"""

import numpy as np

from server.engine.access import header_at, instrument_at, tape_at
from server.engine.book import NONE
from server.engine.jit import kernel

MINUTE_US = 60_000_000


@kernel
def _free_first(s, instrument):
    header = header_at(s)
    row = np.int64(instrument["tape_first"])
    instrument["tape_first"] = tape_at(s, row)["next"]
    tape_at(s, row)["next"] = header["free_tape"]
    header["free_tape"] = row


@kernel
def clear_tape(s, index):
    instrument = instrument_at(s, index)
    while instrument["tape_first"] != NONE:
        _free_first(s, instrument)
    instrument["tape_last"] = NONE


@kernel
def _new_row(s):
    header = header_at(s)
    row = np.int64(header["free_tape"])
    if row != NONE:
        header["free_tape"] = tape_at(s, row)["next"]
        return row
    row = np.int64(header["tape"])
    header["tape"] = row + 1
    return row


@kernel
def note_trade(s, index, price, quantity):
    """A trade of this moment."""
    now = header_at(s)["time"]
    instrument = instrument_at(s, index)
    last = np.int64(instrument["tape_last"])
    if last == NONE or tape_at(s, last)["time"] != now:
        while instrument["tape_first"] != NONE and (
            tape_at(s, instrument["tape_first"])["time"] < now - MINUTE_US
        ):
            _free_first(s, instrument)
        row = _new_row(s)
        tape_at(s, row)["time"] = now
        tape_at(s, row)["quantity"] = 0
        tape_at(s, row)["amount"] = 0
        tape_at(s, row)["next"] = NONE
        if instrument["tape_first"] == NONE:
            instrument["tape_first"] = row
        else:
            tape_at(s, last)["next"] = row
        instrument["tape_last"] = row
        last = row
    tape_at(s, last)["quantity"] += quantity
    tape_at(s, last)["amount"] += price * quantity


@kernel
def minute_average(s, index):
    """Average by volume of the minute up to and with the last trade, half up to the tick; or 0."""
    instrument = instrument_at(s, index)
    quantity, amount = np.int64(0), np.int64(0)
    row = np.int64(instrument["tape_first"])
    while row != NONE:
        quantity += tape_at(s, row)["quantity"]
        amount += tape_at(s, row)["amount"]
        row = np.int64(tape_at(s, row)["next"])
    if quantity == 0:
        return np.int64(0)
    tick = np.int64(instrument["tick"])
    lower = amount // quantity // tick * tick
    return lower + tick if 2 * (amount - lower * quantity) >= tick * quantity else lower
