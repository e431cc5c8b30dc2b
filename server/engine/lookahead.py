"""What each command will touch, told to the memory while earlier ones are carried out.

Step by step, since where a record lies is itself in a record: the keys a command names, the records
they lead to, the orders beside it in the book, and whose the order is that it trades with. See
`prefetch`.
"""

import numpy as np

from server.engine import records
from server.engine.access import (
    account_at,
    command_at,
    contract_at,
    header_at,
    instrument_at,
    level_at,
    order_at,
    position_at,
    slot_at,
)
from server.engine.book import NONE, SLOT_MASK, crosses, level_of, row_of
from server.engine.checks import known_names
from server.engine.codes import AccountClass, Command, Side
from server.engine.jit import kernel
from server.engine.positions import find_position, home_slot, person_key, position_key
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
from server.engine.reasons import Reason

# Commands ahead at which each step is taken.
KEYS, RECORDS, NEIGHBOURS, MAKER = 16, 11, 7, 3


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
def _row_met(s, command):
    """(row of the level an order meets, whether it trades there); (NONE, False) when unknown.

    Unknown is what names no account, no instrument, no side, or a price off the ladder: the ladder
    that is laid, for an earlier command may yet change the day's limits.
    """
    if command["kind"] != Command.ORDER or command["side"] > Side.SELL:
        return np.int64(NONE), False
    index = np.int64(command["instrument"])
    reason, _ = known_names(s, np.int64(command["account"]), index)
    if reason != Reason.NONE or instrument_at(s, index)["levels"] == 0:
        return np.int64(NONE), False
    instrument = instrument_at(s, index)
    if command["price"] < 0 or command["price"] > records.MAX_PRICE:
        return np.int64(NONE), False
    level = level_of(instrument, command["price"])
    if level < 0 or level >= instrument["levels"]:
        return np.int64(NONE), False
    side = np.int64(command["side"])
    best = np.int64(instrument["best"][1 - side])
    if best != NONE and crosses(side, level, best):
        return np.int64(row_of(instrument, 1 - side, best)), True
    return np.int64(row_of(instrument, side, level)), False


@kernel
def _walks_holdings(s, command):
    """Whether the order is admitted by what its account holds: a contract's purchase."""
    klass = account_at(s, command["account"])["klass"]
    return command["side"] == Side.BUY and klass == AccountClass.CONTRACT


@kernel
def _expect_cancelled(s, slot):
    """What an order that is cancelled leaves behind."""
    order = order_at(s, slot)
    instrument = instrument_at(s, order["instrument"])
    expect_position(s, np.int64(order["position"]))
    expect_level(s, np.int64(row_of(instrument, np.int64(order["side"]), order["level"])))
    expect_order(s, np.int64(order["previous"]))
    expect_order(s, np.int64(order["next"]))


@kernel
def _expect_records(s, i):
    command = command_at(s, i, records.ORDER)
    if command["kind"] == Command.CANCEL:
        if _cancelled_slot(s, i) < header_at(s)["orders"]:
            _expect_cancelled(s, _cancelled_slot(s, i))
        return
    row, trades = _row_met(s, command)
    if row == NONE:
        return
    account = np.int64(command["account"])
    held = find_position(s, account, np.int64(command["instrument"]))
    expect_level(s, row)
    if trades:
        expect_whole_position(s, held)
        expect_contract(s, account)
    else:
        expect_position(s, held)
    if _walks_holdings(s, command):
        expect_position(s, np.int64(account_at(s, account)["first_position"]))
        if header_at(s)["limits"] != 0:
            expect_contract(s, account)
            expect_slot(s, home_slot(s, person_key(account_at(s, account)["person"])))


@kernel
def _expect_neighbours(s, i):
    command = command_at(s, i, records.ORDER)
    row, trades = _row_met(s, command)
    if row == NONE:
        return
    expect_order(s, np.int64(level_at(s, row)["head"] if trades else level_at(s, row)["tail"]))
    if _walks_holdings(s, command):
        held = np.int64(account_at(s, command["account"])["first_position"])
        if held != NONE:
            expect_position(s, np.int64(position_at(s, held)["next"]))
        if header_at(s)["limits"] != 0:
            _expect_other_account(s, np.int64(command["account"]))


@kernel
def _expect_other_account(s, account):
    """The first beside `account` of its person's: the platform's limits count them all."""
    key = person_key(account_at(s, account)["person"])
    slot = slot_at(s, home_slot(s, key))
    if slot["key"] != key:
        return
    other = np.int64(slot["position"])
    if other == account:
        other = np.int64(contract_at(s, account)["next_account"])
    if other != NONE:
        expect_account(s, other)
        expect_contract(s, other)


@kernel
def _expect_third_holding(s, command):
    held = np.int64(account_at(s, command["account"])["first_position"])
    if held != NONE:
        held = np.int64(position_at(s, held)["next"])
        if held != NONE:
            expect_position(s, np.int64(position_at(s, held)["next"]))


@kernel
def _expect_maker(s, i):
    command = command_at(s, i, records.ORDER)
    row, trades = _row_met(s, command)
    if row != NONE and _walks_holdings(s, command):
        _expect_third_holding(s, command)
    if trades:
        maker = order_at(s, level_at(s, row)["head"])
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
    if i + MAKER < stop:
        _expect_maker(s, i + MAKER)
