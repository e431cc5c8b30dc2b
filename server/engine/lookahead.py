"""What each command will touch, told to the memory while earlier ones are carried out.

In three steps, since where a record lies is itself in a record: the keys a command names, what
they lead to, and what lies behind that. See `prefetch`.
"""

import numpy as np

from server.engine import records
from server.engine.access import (
    account_at,
    command_at,
    header_at,
    instrument_at,
    level_at,
    order_at,
    position_at,
)
from server.engine.book import NONE, SLOT_MASK, crosses, level_of, row_of
from server.engine.codes import AccountClass, Command, Side
from server.engine.jit import kernel
from server.engine.positions import find_position, home_slot, position_key
from server.engine.prefetch import (
    expect_account,
    expect_contract,
    expect_instrument,
    expect_level,
    expect_order,
    expect_position,
    expect_slot,
    expect_whole_position,
)

# Commands ahead at which each step is taken.
KEYS, RECORDS, NEIGHBOURS, MAKERS = 16, 11, 7, 3


@kernel
def _cancelled_slot(s, i):
    return np.int64(command_at(s, i, records.CANCEL)["order_id"] & SLOT_MASK)


@kernel
def _expect_keys(s, i):
    command = command_at(s, i, records.ORDER)
    account = np.int64(command["account"])
    if command["kind"] == Command.ORDER:
        expect_account(s, account)
        expect_instrument(s, np.int64(command["instrument"]))
        expect_slot(s, home_slot(s, position_key(account, np.int64(command["instrument"]))))
    elif command["kind"] == Command.CANCEL:
        expect_account(s, account)
        expect_order(s, _cancelled_slot(s, i))


@kernel
def _is_known(s, command):
    """Whether it is an order that names an account, an instrument, and a price on the ladder.

    The ladder is the one that is laid: an earlier command may yet change the day's limits.
    """
    if command["kind"] != Command.ORDER or command["side"] > Side.SELL:
        return False
    header = header_at(s)
    index = np.int64(command["instrument"])
    account = np.int64(command["account"])
    if account < 0 or account >= header["accounts"] or index < 0 or index >= header["instruments"]:
        return False
    instrument = instrument_at(s, index)
    if instrument["levels"] == 0:
        return False
    return 0 <= level_of(instrument, command["price"]) < instrument["levels"]


@kernel
def _walks_holdings(s, command):
    """Whether the order is admitted by what its account holds: a contract's purchase."""
    klass = account_at(s, command["account"])["klass"]
    return command["side"] == Side.BUY and klass == AccountClass.CONTRACT


@kernel
def _expect_records(s, i):
    command = command_at(s, i, records.ORDER)
    if _is_known(s, command):
        account = np.int64(command["account"])
        instrument = instrument_at(s, command["instrument"])
        side = np.int64(command["side"])
        level = level_of(instrument, command["price"])
        best = np.int64(instrument["best"][1 - side])
        held = find_position(s, account, np.int64(command["instrument"]))
        if best != NONE and crosses(side, level, best):
            expect_whole_position(s, held)
            expect_level(s, np.int64(row_of(instrument, 1 - side, best)))
            expect_contract(s, account)
        else:
            expect_position(s, held)
            expect_level(s, np.int64(row_of(instrument, side, level)))
        if _walks_holdings(s, command):
            expect_position(s, np.int64(account_at(s, account)["first_position"]))
    elif command["kind"] == Command.CANCEL and _cancelled_slot(s, i) < header_at(s)["orders"]:
        order = order_at(s, _cancelled_slot(s, i))
        instrument = instrument_at(s, order["instrument"])
        expect_position(s, np.int64(order["position"]))
        expect_level(s, np.int64(row_of(instrument, np.int64(order["side"]), order["level"])))
        expect_order(s, np.int64(order["previous"]))
        expect_order(s, np.int64(order["next"]))


@kernel
def _expect_neighbours(s, i):
    command = command_at(s, i, records.ORDER)
    if not _is_known(s, command):
        return
    instrument = instrument_at(s, command["instrument"])
    side = np.int64(command["side"])
    level = level_of(instrument, command["price"])
    best = np.int64(instrument["best"][1 - side])
    if best != NONE and crosses(side, level, best):
        expect_order(s, np.int64(level_at(s, row_of(instrument, 1 - side, best))["head"]))
    else:
        expect_order(s, np.int64(level_at(s, row_of(instrument, side, level))["tail"]))
    if _walks_holdings(s, command):
        held = np.int64(account_at(s, command["account"])["first_position"])
        if held != NONE:
            expect_position(s, np.int64(position_at(s, held)["next"]))


@kernel
def _expect_makers(s, i):
    command = command_at(s, i, records.ORDER)
    if not _is_known(s, command):
        return
    instrument = instrument_at(s, command["instrument"])
    side = np.int64(command["side"])
    best = np.int64(instrument["best"][1 - side])
    if best != NONE and crosses(side, level_of(instrument, command["price"]), best):
        maker = order_at(s, level_at(s, row_of(instrument, 1 - side, best))["head"])
        expect_account(s, np.int64(maker["account"]))
        expect_contract(s, np.int64(maker["account"]))
        expect_whole_position(s, np.int64(maker["position"]))


@kernel
def look_ahead(s, i, stop):
    """Hints at what the commands after `i`, up to `stop`, will touch."""
    if i + KEYS < stop:
        _expect_keys(s, i + KEYS)
    if i + RECORDS < stop:
        _expect_records(s, i + RECORDS)
    if i + NEIGHBOURS < stop:
        _expect_neighbours(s, i + NEIGHBOURS)
    if i + MAKERS < stop:
        _expect_makers(s, i + MAKERS)
