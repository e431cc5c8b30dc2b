"""What a command can need at the most, and which table has no room for it.

The kernel asks before each command: a command that is begun always comes to its end.
"""

import numpy as np

from server.engine import access, day, records
from server.engine.access import (
    account_at,
    command_at,
    cursor_at,
    header_at,
    instrument_at,
    order_at,
    position_at,
    rows_of,
)
from server.engine.action_commands import GRADING, need_for_action, new_lots
from server.engine.book import SLOT_MASK
from server.engine.codes import Command, Side
from server.engine.jit import kernel
from server.engine.positions import find_position

# What must grow before the call can go on.
DONE = 0
EVENTS = 1
ORDERS = 2
POSITIONS = 3
HOLDERS = 4
LEVELS = 5
ACCOUNTS = 6
INSTRUMENTS = 7
TERMS = 8
LOTS = 9
CLAIMS = 10
TAPE = 20
LOANS = 21

FILL_EVENTS = 3  # of one trade
A_BILL = 7  # events of one contract's interest: accrued, ahead, lent (2), paid, overdue (2)
LENT_FILL_EVENTS = 7  # besides: what a buy draws (2) and a sale repays (3), of both sides


@kernel
def _a_fill(s):
    """Events of one trade, of both sides."""
    return FILL_EVENTS if header_at(s)["lending"] == 0 else FILL_EVENTS + LENT_FILL_EVENTS


@kernel
def _need_for_order(s, command):
    """(events, holders) that one order can need at the most."""
    header = header_at(s)
    index = np.int64(command["instrument"])
    if index < 0 or index >= header["instruments"] or command["side"] > Side.SELL:
        return 4, 0
    instrument = instrument_at(s, index)
    if instrument["holding"] != 0:
        return _need_for_release(s, instrument)
    opposite = 1 - np.int64(command["side"])
    fills = max(np.int64(0), min(np.int64(instrument["live"][opposite]), command["quantity"]))
    holders = np.int64(instrument["holders"])
    events = 8 + _a_fill(s) * fills + GRADING * (2 * fills + 1 + holders)
    return events, _holder_room(instrument, fills + 1)


@kernel
def _need_for_release(s, instrument):
    """(events, holders) when the cage may let orders in: every trade ends an order at least."""
    held = np.int64(instrument["waiting"])
    fills = np.int64(instrument["live"][0]) + np.int64(instrument["live"][1]) + held + 1
    graded = 2 * fills + held + np.int64(instrument["holders"])
    events = 8 + _a_fill(s) * fills + 3 * held
    return events + GRADING * graded, _holder_room(instrument, fills + held)


@kernel
def _need_for_phase(s):
    """(events, holders) when a phase lets orders in that waited for it."""
    header = header_at(s)
    events, room, fills = np.int64(0), np.int64(0), np.int64(header["waiting"])
    for i in range(header["instruments"]):
        if instrument_at(s, i)["waiting"] > 0:
            of_one, of_holders = _need_for_release(s, instrument_at(s, i))
            events += of_one
            room += of_holders
    slot = np.int64(header["first_waiting"]) - 1
    tight = False
    while slot >= 0:
        order = order_at(s, slot)
        instrument = instrument_at(s, order["instrument"])
        most = np.int64(instrument["live"][1 - np.int64(order["side"])])
        fills += min(most, order["remaining"])
        tight = tight or _holder_room(instrument, most + header["waiting"]) > 0
        slot = np.int64(order["next"])
    if tight:
        room += 4 * (np.int64(header["holders"]) + 2 * fills) + 8 * np.int64(header["waiting"])
    events += _a_fill(s) * fills + 6 * np.int64(header["waiting"])
    return events + GRADING * np.int64(header["accounts"]), room


@kernel
def _holder_room(instrument, added):
    """Room at the end of the arena that a slab can need when `added` holders join it."""
    count = np.int64(instrument["holders"]) + added
    return 0 if count <= instrument["holder_capacity"] else 4 * count + 8


@kernel
def _need_for_cancel(s, command):
    """(events, holders) of a cancel: it may move the base of a cage that holds orders."""
    slot = np.int64(command["order_id"] & SLOT_MASK)
    if header_at(s)["held"] == 0 or slot >= header_at(s)["orders"]:
        return 8, 0
    instrument = instrument_at(s, order_at(s, slot)["instrument"])
    if instrument["holding"] == 0:
        return 8, 0
    events, room = _need_for_release(s, instrument)
    return 8 + events, room


@kernel
def _need_for_position(s, index):
    """(events, holders) of cancelling the open orders of a position."""
    position = position_at(s, index)
    count = np.int64(position["open_orders"])
    if count == 0 or instrument_at(s, position["instrument"])["holding"] == 0:
        return count, 0
    events, room = _need_for_release(s, instrument_at(s, position["instrument"]))
    return count + events, room


@kernel
def _need_for_all(s, command):
    """(events, holders) of CANCEL_ALL."""
    account = np.int64(command["account"])
    if account < 0 or account >= header_at(s)["accounts"]:
        return np.int64(0), 0
    if command["instrument"] >= 0:
        return _need_for_position(s, find_position(s, account, np.int64(command["instrument"])))
    events, room = np.int64(0), 0
    index = np.int64(account_at(s, account)["first_position"])
    while index >= 0:
        of_one, of_holders = _need_for_position(s, index)
        events += of_one
        room += of_holders
        index = np.int64(position_at(s, index)["next"])
    return events, room


@kernel
def _need(s, i):
    """(events, room in the holders' arena) that a command can need at the most."""
    command = command_at(s, i, records.COMMAND)
    kind = command["kind"]
    header = header_at(s)
    index = np.int64(command["instrument"])
    known = 0 <= index < header["instruments"]
    touched = GRADING * (np.int64(header["touched"]) + 4)
    if kind == Command.ORDER:
        events, room = _need_for_order(s, command_at(s, i, records.ORDER))
        return events + touched, room
    if Command.CORPORATE_ACTION <= kind <= Command.ACTION_ANNOUNCE:
        events, joining = need_for_action(s, command)
        room = _holder_room(instrument_at(s, index), joining) if joining > 0 else 0
        return events + touched, room
    if kind == Command.PHASE and header["waiting"] + header["held"] > 0:
        events, room = _need_for_phase(s)
        return 8 + np.int64(header["halted"]) + events + touched, room
    if (kind == Command.UNCROSS or kind == Command.CLOSING or kind == Command.RESUME) and known:
        instrument = instrument_at(s, index)
        if instrument["holding"] != 0:
            events, room = _need_for_release(s, instrument)
            return 8 + 2 * events + touched, room
        live = np.int64(instrument["live"][0]) + np.int64(instrument["live"][1])
        graded = 2 * live + np.int64(instrument["holders"])
        events = (4 + LENT_FILL_EVENTS) * live + GRADING * graded
        return 8 + events + touched, _holder_room(instrument, live)
    if kind == Command.CANCEL_ALL:
        events, room = _need_for_all(s, command)
        return 8 + events + touched, room
    if kind == Command.CANCEL:
        events, room = _need_for_cancel(s, command_at(s, i, records.CANCEL))
        return 8 + events + touched, room
    if kind == Command.DAY_CLOSE or kind == Command.DAY_OPEN:
        orders = np.int64(header["live_orders"]) + header["waiting"] + header["held"]
        return 8 + orders + 3 * np.int64(header["releasing"]) + touched, 0
    if kind == Command.ACCRUE:
        overdue = np.int64(header["loans"])
        return 8 + overdue + (A_BILL + GRADING) * np.int64(header["accounts"]) + touched, 0
    if known and (
        kind == Command.PRICE
        or kind == Command.PRICE_OVERRIDE
        or kind == Command.ENTITLEMENT
        or kind == Command.INSTRUMENT_DAY
    ):
        events, room = np.int64(0), 0
        if instrument_at(s, index)["holding"] != 0:
            events, room = _need_for_release(s, instrument_at(s, index))
        holders = np.int64(instrument_at(s, index)["holders"])
        return 8 + (2 + GRADING) * holders + events + touched, room
    return 16 + np.int64(header["halted"]) + touched, 0


@kernel
def _loans_full(s, i, kind):
    """Whether the loans that a command's trades may draw have no room."""
    header = header_at(s)
    index = np.int64(command_at(s, i, records.COMMAND)["instrument"])
    trades = (
        kind == Command.ORDER
        or kind == Command.UNCROSS
        or kind == Command.CLOSING
        or kind == Command.RESUME
    )
    if header["held"] > 0 or (kind == Command.PHASE and header["waiting"] > 0):
        # A cage that moves, by whatever command, may let orders in; so does a phase.
        drawn = np.int64(header["waiting"]) + header["held"] + header["live_orders"] + 1
    elif trades and 0 <= index < header["instruments"]:
        live = instrument_at(s, index)["live"]
        drawn = np.int64(live[0]) + np.int64(live[1]) + 1
    else:
        return False
    return header["loans"] + drawn > rows_of(s, access.LOANS)


@kernel
def full_table(s, i):
    """Which table has no room for command `i`; DONE when all have."""
    header = header_at(s)
    kind = command_at(s, i, records.COMMAND)["kind"]
    events, room = _need(s, i)
    if cursor_at(s)["count"] + events > rows_of(s, access.EVENTS):
        return EVENTS
    if header["orders"] >= rows_of(s, access.ORDERS) and header["free_order"] < 0:
        return ORDERS
    # Instruments that may trade, a row of the tape each: more than one where orders are let in.
    traded = np.int64(1) + header["held"]
    if kind == Command.PHASE:
        traded += np.int64(header["waiting"])
    if header["tape"] + traded > rows_of(s, access.TAPE) and (
        traded > 1 or header["free_tape"] < 0
    ):
        return TAPE
    if header["positions"] >= rows_of(s, access.POSITIONS):
        return POSITIONS
    if 2 * (np.int64(header["positions"]) + header["accounts"] + 1) > rows_of(s, access.SLOTS):
        return POSITIONS
    if header["holders"] + room > rows_of(s, access.HOLDERS):
        return HOLDERS
    if header["accounts"] >= rows_of(s, access.ACCOUNTS):
        return ACCOUNTS
    if header["instruments"] >= rows_of(s, access.INSTRUMENTS):
        return INSTRUMENTS
    if header["lending"] > 0 and _loans_full(s, i, kind):
        return LOANS
    if kind == Command.LADDERS:
        levels, words, summaries = day.ladders_needed(s)
        if (
            levels > rows_of(s, access.LEVELS)
            or words > rows_of(s, access.WORDS)
            or summaries > rows_of(s, access.SUMMARIES)
        ):
            return LEVELS
    if kind == Command.DAY_OPEN or kind == Command.ENTITLEMENT or kind >= Command.CORPORATE_ACTION:
        new = new_lots(s, command_at(s, i, records.COMMAND))
        if header["lots"] + new > rows_of(s, access.LOTS):
            return LOTS
        if kind == Command.CORPORATE_ACTION and header["claims"] + new > rows_of(s, access.CLAIMS):
            return CLAIMS
    if kind == Command.FEE_SCHEDULE and command_at(s, i, records.FEE_SCHEDULE)[
        "schedule"
    ] >= rows_of(s, access.FEES):
        return TERMS
    if kind == Command.PRODUCT and command_at(s, i, records.PRODUCT)["product"] >= rows_of(
        s, access.TERMS
    ):
        return TERMS
    return DONE
