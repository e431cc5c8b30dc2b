"""The book alone: messages in, reports out, without accounts, limits or rules.

It is the engine's own book (`book`, `bitmap`, `auction`) with an index of outside order numbers in
front, for streams that bring their own numbers: an exchange's day, a public workload. In a
`Workspace` the commands are `MESSAGE` records and the events `REPORT` records; of the tables only
header, slots, orders, one instrument and its ladder are used.
"""

import numpy as np

from server.engine.access import (
    SLOTS,
    command_at,
    cursor_at,
    event_at,
    header_at,
    instrument_at,
    order_at,
    rows_of,
    slot_at,
)
from server.engine.auction import auction_level, take_pair
from server.engine.book import (
    NONE,
    allocate,
    insert,
    level_of,
    price_of,
    release,
    remove,
    take_best,
)
from server.engine.codes import NO_AGGRESSOR, OrderStatus, Phase
from server.engine.day import lay_ladders
from server.engine.jit import entry, kernel
from server.engine.order_index import drop, enter, find_cell, is_crowded, slot_in

# Kinds of message; the first three are numbered as in the public workload.
NEW, CANCEL, MODIFY = 0, 1, 2
CALL = 3  # from here on orders gather
UNCROSS = 4  # the call auction; from here on orders match as they come

# Kinds of report, numbered as in the public workload.
ACKNOWLEDGED, TRADED, CANCELLED, MODIFIED, CANCEL_REFUSED, MODIFY_REFUSED = range(6)

# Why a run stopped.
DONE = 0
CROWDED = 1  # the index must grow
REPEATED = 2  # a new order with the number of one in the book

MESSAGE = np.dtype(
    [
        ("number", "i8"),
        ("price", "i8"),
        ("quantity", "i8"),
        ("kind", "i4"),
        ("side", "i2"),
        ("ioc", "i2"),  # what does not trade at once is cancelled
    ]
)

REPORT = np.dtype(
    [
        ("row", "i4"),  # of the message
        ("kind", "i2"),
        ("side", "i2"),  # of a trade: who came second
        ("price", "i8"),
        ("quantity", "i8"),  # of a cancel: what was left
        ("number", "i8"),  # of a trade: the resting order; in an auction the buy order
        ("other", "i8"),  # of a trade: the incoming order; in an auction the sell order
    ]
)


@kernel
def _report(s, kind, row, side, price, quantity, number, other):
    cursor = cursor_at(s)
    n = cursor["count"]
    cursor["count"] = n + 1
    report = event_at(s, n, REPORT)
    report["row"] = row
    report["kind"] = kind
    report["side"] = side
    report["price"] = price
    report["quantity"] = quantity
    report["number"] = number
    report["other"] = other


@kernel
def _forget(s, slot):
    """Frees an order that has traded to its end."""
    drop(s, find_cell(s, order_at(s, slot)["id"]))
    release(s, slot)


@kernel
def _match(s, row, slot):
    order = order_at(s, slot)
    if order["remaining"] == 0 or instrument_at(s, 0)["phase"] != Phase.CONTINUOUS:
        return
    worst = np.int64(order["level"])
    while order["remaining"] > 0:
        maker_slot, quantity = take_best(s, slot, worst)
        if maker_slot == NONE:
            return
        maker = order_at(s, maker_slot)
        side, price = order["side"], maker["price"]
        instrument_at(s, 0)["last"] = price
        _report(s, TRADED, row, side, price, quantity, maker["id"], order["id"])
        if maker["remaining"] == 0:
            _forget(s, maker_slot)


@kernel
def _set_terms(s, order, price, quantity):
    order["price"] = price
    order["remaining"] = quantity
    order["level"] = level_of(instrument_at(s, 0), price)


@kernel
def _new(s, row, message):
    """Takes a new order; False when its number is in the book."""
    number = message["number"]
    if slot_in(s, find_cell(s, number)) != NONE:
        return False
    side, price, quantity = message["side"], message["price"], message["quantity"]
    slot = allocate(s)
    order = order_at(s, slot)
    order["id"] = number
    order["instrument"] = 0
    order["side"] = side
    _set_terms(s, order, price, quantity)
    _report(s, ACKNOWLEDGED, row, side, price, quantity, number, NONE)
    _match(s, row, slot)
    rest = order["remaining"]
    if rest > 0 and not message["ioc"]:
        insert(s, slot)
        enter(s, number, slot)
        return True
    if rest > 0:
        _report(s, CANCELLED, row, side, price, rest, number, NONE)
    release(s, slot)
    return True


@kernel
def _cancel(s, row, message):
    number = message["number"]
    cell = find_cell(s, number)
    slot = slot_in(s, cell)
    if slot == NONE:
        _report(s, CANCEL_REFUSED, row, 0, 0, 0, number, NONE)
        return
    order = order_at(s, slot)
    side, price, rest = order["side"], order["price"], order["remaining"]
    _report(s, CANCELLED, row, side, price, rest, number, NONE)
    remove(s, slot)
    drop(s, cell)
    release(s, slot)


@kernel
def _modify(s, row, message):
    """Cancels and enters anew, behind all others of its price; its side stays."""
    number, price, quantity = message["number"], message["price"], message["quantity"]
    slot = slot_in(s, find_cell(s, number))
    if slot == NONE:
        _report(s, MODIFY_REFUSED, row, 0, 0, 0, number, NONE)
        return
    remove(s, slot)
    order = order_at(s, slot)
    _set_terms(s, order, price, quantity)
    _report(s, MODIFIED, row, order["side"], price, quantity, number, NONE)
    _match(s, row, slot)
    if order["remaining"] > 0:
        insert(s, slot)
    else:
        _forget(s, slot)


@kernel
def _uncross(s, row, rule, price):
    """Its message's side is the AuctionRule, its price the previous close; 0: the last trade."""
    instrument = instrument_at(s, 0)
    instrument["phase"] = Phase.CONTINUOUS
    reference = price if price > 0 else instrument["last"]
    level, left, _ = auction_level(s, instrument, rule, level_of(instrument, reference))
    price = price_of(instrument, level)
    if left > 0:
        instrument["last"] = price
    while left > 0:
        buy, sell, quantity = take_pair(s, instrument, left)
        numbers = order_at(s, buy)["id"], order_at(s, sell)["id"]
        _report(s, TRADED, row, NO_AGGRESSOR, price, quantity, numbers[0], numbers[1])
        if order_at(s, buy)["remaining"] == 0:
            _forget(s, buy)
        if order_at(s, sell)["remaining"] == 0:
            _forget(s, sell)
        left -= quantity


@entry
def run(s, start, stop):
    """Takes the messages from `start` on; returns how far it came and why it stopped."""
    for row in range(start, stop):
        message = command_at(s, row, MESSAGE)
        kind = message["kind"]
        if kind == NEW:
            if is_crowded(s, np.int64(header_at(s)["live_orders"])):
                return row, CROWDED
            if not _new(s, row, message):
                return row, REPEATED
        elif kind == CANCEL:
            _cancel(s, row, message)
        elif kind == MODIFY:
            _modify(s, row, message)
        elif kind == CALL:
            instrument_at(s, 0)["phase"] = Phase.OPENING_CALL
        else:
            _uncross(s, row, np.int64(message["side"]), message["price"])
    return stop, DONE


@entry
def clear(s):
    """An empty book whose ladder goes from `limit_down` to `limit_up` of instrument 0."""
    lay_ladders(s)
    instrument = instrument_at(s, 0)
    instrument["phase"] = Phase.CONTINUOUS
    for side in range(2):
        instrument["live"][side] = 0
    header = header_at(s)
    header["orders"] = 0
    header["free_order"] = NONE
    header["live_orders"] = 0
    cursor_at(s)["count"] = 0
    for cell in range(rows_of(s, SLOTS)):
        slot_at(s, cell)["position"] = NONE


@entry
def index_anew(s):
    """Enters every order of the book into an empty index."""
    for slot in range(header_at(s)["orders"]):
        order = order_at(s, slot)
        if order["status"] == OrderStatus.WORKING:
            enter(s, order["id"], slot)
