"""Tax lots: when the shares of a position were got, first in first out (section 6.2).

A lot is made at the turn of the day, of what the day's purchases left. Sales take from the oldest
lot; for a position without taxed dividends that is put off until somebody looks at its lots, so a
sale of such a position costs one comparison.
"""

import numpy as np

from server.engine.access import header_at, lot_at, position_at
from server.engine.arithmetic import PPM, muldiv
from server.engine.jit import kernel
from server.engine.layout import TIERS

NO_LOT = 0


@kernel
def add_lot(s, position, quantity, acquired):
    """A youngest lot of `quantity` shares; the table has room for it."""
    header = header_at(s)
    index = np.int64(header["free_lot"])
    if index == NO_LOT:
        index = np.int64(header["lots"])
        header["lots"] = index + 1
    else:
        header["free_lot"] = lot_at(s, index)["next"]
    lot = lot_at(s, index)
    lot["quantity"] = quantity
    lot["acquired"] = acquired
    lot["next"] = NO_LOT
    if position["first_lot"] == NO_LOT:
        position["first_lot"] = index
    else:
        lot_at(s, position["last_lot"])["next"] = index
    position["last_lot"] = index


@kernel
def _drop_first(s, position):
    header = header_at(s)
    index = np.int64(position["first_lot"])
    lot = lot_at(s, index)
    position["first_lot"] = lot["next"]
    if lot["next"] == NO_LOT:
        position["last_lot"] = NO_LOT
    if lot["tax"][0] > 0:
        position["taxed"] -= 1
    lot["quantity"] = 0
    lot["acquired"] = 0
    for tier in range(TIERS):
        lot["tax"][tier] = 0
    lot["next"] = header["free_lot"]
    header["free_lot"] = index


@kernel
def take_oldest(s, position, quantity):
    """Takes shares out of the oldest lots; returns the dividend tax their sale today costs.

    Shares bought today are in no lot yet, and no dividend was paid on them.
    """
    header = header_at(s)
    due = np.int64(0)
    while quantity > 0 and position["first_lot"] != NO_LOT:
        lot = lot_at(s, position["first_lot"])
        part = min(quantity, lot["quantity"])
        tier = 2
        if lot["acquired"] >= header["month_from"]:
            tier = 0
        elif lot["acquired"] >= header["year_from"]:
            tier = 1
        due += muldiv(part, lot["tax"][tier], PPM)
        lot["quantity"] -= part
        quantity -= part
        if lot["quantity"] == 0:
            _drop_first(s, position)
    return due


@kernel
def settle_lots(s, position, acquired):
    """Makes the lots hold what the position does without today's purchases.

    Sold shares leave the oldest lots; shares that are in none yet form one, got on `acquired`.
    """
    held = np.int64(0)
    index = np.int64(position["first_lot"])
    while index != NO_LOT:
        held += lot_at(s, index)["quantity"]
        index = np.int64(lot_at(s, index)["next"])
    wanted = position["quantity"] - position["bought_today"]
    if held > wanted:
        take_oldest(s, position, held - wanted)
    elif held < wanted:
        add_lot(s, position, wanted - held, acquired)


@kernel
def tax_lots(s, position, taxable, month_ppm, year_ppm, long_ppm):
    """Adds a dividend's tax to every lot: `taxable` for 1,000,000 shares, rates of it."""
    if taxable == 0 or month_ppm == 0:
        return
    index = np.int64(position["first_lot"])
    while index != NO_LOT:
        lot = lot_at(s, index)
        if lot["tax"][0] == 0:
            position["taxed"] += 1
        lot["tax"][0] += muldiv(taxable, month_ppm, PPM)
        lot["tax"][1] += muldiv(taxable, year_ppm, PPM)
        lot["tax"][2] += muldiv(taxable, long_ppm, PPM)
        index = np.int64(lot["next"])


@kernel
def close_lots_of_day(s, index, date):
    """At the turn of the day: what `date` bought becomes a lot; a sold-out position has none."""
    position = position_at(s, index)
    if position["bought_today"] > 0:
        settle_lots(s, position, date)
        add_lot(s, position, position["bought_today"], date)
    elif position["quantity"] == 0:
        while position["first_lot"] != NO_LOT:
            _drop_first(s, position)


@kernel
def lots_of_day(s):
    """How many lots the turn of the day can make."""
    count = 0
    for index in range(header_at(s)["positions"]):
        if position_at(s, index)["bought_today"] > 0:
            count += 2
    return count
