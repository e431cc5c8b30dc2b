"""The kernel: one call takes a batch of commands through the whole engine.

Python hands over one array of addresses and lengths instead of two dozen arrays, which makes a call
cost 0.2 µs instead of several. Before each command the kernel makes sure that the tables and the
event buffer can take the most it could need; if not, it stops between two commands and says which
must grow. How commands are cut into calls therefore never changes the result.
"""

import numpy as np

from server.engine import (
    access,
    cancelling,
    cash,
    contracts,
    day,
    life,
    placing,
    records,
    uncrossing,
)
from server.engine.access import (
    account_at,
    command_at,
    cursor_at,
    event_at,
    fees_at,
    header_at,
    instrument_at,
    order_at,
    position_at,
    rows_of,
)
from server.engine.action_commands import GRADING, action_command, need_for_action, new_lots
from server.engine.bad_prices import set_price
from server.engine.book import SLOT_MASK
from server.engine.codes import Command, Event, Side
from server.engine.desk_commands import limits_command
from server.engine.jit import entry, kernel
from server.engine.lookahead import look_ahead
from server.engine.margin import grade_touched
from server.engine.output import emit
from server.engine.positions import find_position
from server.engine.product_terms import set_product, set_product_terms

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

# Decades of kinds: 1 to 19 are the day's and the market's.
DECADE = 10
MONEY, TRADING, ACTIONS = 2, 3, 5
FILL_EVENTS = 3  # of one trade
LENT_FILL_EVENTS = 7  # besides: what a buy draws (2) and a sale repays (3), of both sides


@kernel
def _need_for_order(s, command):
    """(events, holders) that one order can need at the most."""
    header = header_at(s)
    index = np.int64(command["instrument"])
    if index < 0 or index >= header["instruments"] or command["side"] > Side.SELL:
        return 4, 0
    instrument = instrument_at(s, index)
    if instrument["holding"] != 0:
        return _need_for_release(instrument)
    opposite = 1 - np.int64(command["side"])
    fills = max(np.int64(0), min(np.int64(instrument["live"][opposite]), command["quantity"]))
    holders = np.int64(instrument["holders"])
    a_fill = FILL_EVENTS if header["lending"] == 0 else FILL_EVENTS + LENT_FILL_EVENTS
    events = 6 + a_fill * fills + GRADING * (2 * fills + 1 + holders)
    return events, _holder_room(instrument, fills + 1)


@kernel
def _need_for_release(instrument):
    """(events, holders) when the cage may let orders in: every trade ends an order at least."""
    held = np.int64(instrument["waiting"])
    fills = np.int64(instrument["live"][0]) + np.int64(instrument["live"][1]) + held + 1
    graded = 2 * fills + held + np.int64(instrument["holders"])
    return 8 + 3 * (fills + held) + GRADING * graded, _holder_room(instrument, fills + held)


@kernel
def _need_for_phase(s):
    """(events, holders) when a phase lets orders in that waited for it."""
    header = header_at(s)
    events, room, fills = np.int64(0), np.int64(0), np.int64(header["waiting"])
    for i in range(header["instruments"]):
        if instrument_at(s, i)["holding"] != 0:
            of_one, of_holders = _need_for_release(instrument_at(s, i))
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
    events += 3 * fills + 6 * np.int64(header["waiting"])
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
    events, room = _need_for_release(instrument_at(s, order_at(s, slot)["instrument"]))
    return 8 + events, room


@kernel
def _need_for_position(s, index):
    """(events, holders) of cancelling the open orders of a position."""
    position = position_at(s, index)
    count = np.int64(position["open_orders"])
    if count == 0 or header_at(s)["held"] == 0:
        return count, 0
    events, room = _need_for_release(instrument_at(s, position["instrument"]))
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
        return 8 + events + touched, room
    if (kind == Command.UNCROSS or kind == Command.CLOSING) and known:
        instrument = instrument_at(s, index)
        if instrument["holding"] != 0:
            events, room = _need_for_release(instrument)
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
        return 8 + overdue + (2 + GRADING) * np.int64(header["accounts"]) + touched, 0
    if known and (
        kind == Command.PRICE
        or kind == Command.PRICE_OVERRIDE
        or kind == Command.ENTITLEMENT
        or kind == Command.INSTRUMENT_DAY
    ):
        events, room = np.int64(0), 0
        if instrument_at(s, index)["holding"] != 0:
            events, room = _need_for_release(instrument_at(s, index))
        holders = np.int64(instrument_at(s, index)["holders"])
        return 8 + (2 + GRADING) * holders + events + touched, room
    return 16 + touched, 0


@kernel
def _loans_full(s, i, kind):
    """Whether the loans that an order or an auction may draw have no room."""
    header = header_at(s)
    index = np.int64(command_at(s, i, records.COMMAND)["instrument"])
    trades = kind == Command.ORDER or kind == Command.UNCROSS or kind == Command.CLOSING
    if not trades or not 0 <= index < header["instruments"]:
        return False
    live = instrument_at(s, index)["live"]
    drawn = np.int64(live[0]) + np.int64(live[1]) + 1
    return header["loans"] + drawn > rows_of(s, access.LOANS)


@kernel
def _full(s, i):
    """Which table has no room for command `i`; DONE when all have."""
    header = header_at(s)
    kind = command_at(s, i, records.COMMAND)["kind"]
    events, room = _need(s, i)
    if cursor_at(s)["count"] + events > rows_of(s, access.EVENTS):
        return EVENTS
    if header["orders"] >= rows_of(s, access.ORDERS) and header["free_order"] < 0:
        return ORDERS
    if header["tape"] >= rows_of(s, access.TAPE) and header["free_tape"] < 0:
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


@kernel
def _set_fees(s, command):
    index = np.int64(command["schedule"])
    if index < 0:
        return
    terms = fees_at(s, index)
    terms["commission_ppb"] = command["commission_ppb"]
    terms["commission_minimum"] = command["commission_minimum"]
    terms["stamp_buy_ppb"] = command["stamp_buy_ppb"]
    terms["stamp_sell_ppb"] = command["stamp_sell_ppb"]
    terms["transfer_ppb"] = command["transfer_ppb"]
    terms["transfer_per_share"] = command["transfer_per_share"]
    terms["handling_ppb"] = command["handling_ppb"]
    terms["regulatory_ppb"] = command["regulatory_ppb"]
    terms["all_in"] = command["all_in"]


@kernel
def _record_notice(s, command):
    n = emit(s, Event.NOTICE_RECORDED, np.int64(command["account"]), -1)
    event = event_at(s, n, records.NOTICE_EVENT)
    event["notice_id"] = command["notice_id"]
    event["code"] = command["code"]
    event["stage"] = command["stage"]
    event["channel"] = command["channel"]


@kernel
def _record_desk_action(s, command):
    n = emit(s, Event.DESK_RECORDED, np.int64(command["account"]), np.int64(command["instrument"]))
    event = event_at(s, n, records.DESK_EVENT)
    event["action_id"] = command["action_id"]
    event["until"] = command["until"]
    event["officer"] = command["officer"]
    event["action"] = command["action"]
    event["person"] = command["person"]


@kernel
def _set_sell_last(s, command):
    """Evidence for the plans of forced sales, which are made outside."""
    account = np.int64(command["account"])
    index = np.int64(command["instrument"])
    if not cash.known_account(s, account) or not day.known_instrument(s, index):
        return
    n = emit(s, Event.SELL_LAST_SET, account, index)
    event_at(s, n, records.SELL_LAST_EVENT)["on"] = command["on"]


@kernel
def _risk_command(s, i, kind):
    if kind == Command.SELL_LAST:
        _set_sell_last(s, command_at(s, i, records.SELL_LAST))
    elif kind == Command.DESK_ACTION:
        _record_desk_action(s, command_at(s, i, records.DESK_ACTION))


@kernel
def _credit_command(s, i, kind):
    if kind == Command.DRAW:
        life.draw(s, command_at(s, i, records.CASH))
    elif kind == Command.EXTEND:
        life.extend(s, command_at(s, i, records.EXTEND))
    elif kind == Command.FINANCING_MARGIN:
        ratio = command_at(s, i, records.FINANCING_MARGIN)["ratio_ppm"]
        header_at(s)["financing_margin_ppm"] = ratio


@kernel
def _trade_command(s, i, kind):
    if kind == Command.ORDER:
        placing.place_order(s, command_at(s, i, records.ORDER))
    elif kind == Command.CANCEL:
        cancelling.cancel_order(s, command_at(s, i, records.CANCEL))
    elif kind == Command.CANCEL_ALL:
        cancelling.cancel_all(s, command_at(s, i, records.COMMAND))


@kernel
def _other_command(s, i, kind):
    """Kinds from 40 on, a decade or two a subject."""
    if kind == Command.NOTICE:
        _record_notice(s, command_at(s, i, records.NOTICE))
    elif kind // DECADE == ACTIONS:
        action_command(s, i, kind)
    elif Command.DRAW <= kind <= Command.FINANCING_MARGIN:
        _credit_command(s, i, kind)
    elif kind >= Command.SELL_LAST:
        _risk_command(s, i, kind)
    elif kind >= Command.RISK_LIMITS:
        limits_command(s, i, kind)


@kernel
def _market_command(s, i, kind):
    if kind == Command.PRICE:
        set_price(s, command_at(s, i, records.PRICE))
    elif kind == Command.FRAME_BEGIN:
        header_at(s)["in_frame"] = 1
    elif kind == Command.FRAME_END:
        header_at(s)["in_frame"] = 0
    elif kind == Command.UNCROSS:
        if day.known_instrument(s, np.int64(command_at(s, i, records.COMMAND)["instrument"])):
            uncrossing.uncross(s, np.int64(command_at(s, i, records.COMMAND)["instrument"]))
    elif kind == Command.PHASE:
        day.change_phase(s, command_at(s, i, records.PHASE))
    elif kind == Command.CLOSING:
        index = np.int64(command_at(s, i, records.COMMAND)["instrument"])
        if day.known_instrument(s, index):
            uncrossing.close_trading(s, index)


@kernel
def _day_command(s, i, kind):
    if kind == Command.INSTRUMENT_DAY:
        day.set_instrument_day(s, command_at(s, i, records.INSTRUMENT_DAY))
    elif kind == Command.INSTRUMENT_RULES:
        day.set_instrument_rules(s, command_at(s, i, records.INSTRUMENT_RULES))
    elif kind == Command.DAY_OPEN:
        day.open_day(s, command_at(s, i, records.DAY_OPEN))
    elif kind == Command.LADDERS:
        day.lay_ladders(s)
    elif kind == Command.DAY_CLOSE:
        day.close_day(s)
    elif kind == Command.ENTITLEMENT:
        day.entitle(s, command_at(s, i, records.ENTITLEMENT))
    elif kind == Command.INSTRUMENT_ADD:
        day.add_instrument(s, command_at(s, i, records.INSTRUMENT_ADD))
    elif kind == Command.FEE_SCHEDULE:
        _set_fees(s, command_at(s, i, records.FEE_SCHEDULE))
    elif kind == Command.PRODUCT:
        set_product(s, command_at(s, i, records.PRODUCT))


@kernel
def _money_command(s, i, kind):
    if kind == Command.ACCOUNT_OPEN:
        cash.open_account(s, command_at(s, i, records.ACCOUNT_OPEN))
    elif kind == Command.CONTRACT_OPEN:
        contracts.open_contract(s, command_at(s, i, records.CONTRACT_OPEN))
    elif kind == Command.CONTRACT_SETTLE:
        contracts.settle_contract(s, command_at(s, i, records.CONTRACT_SETTLE))
    elif kind == Command.ACCRUE:
        contracts.accrue(s, command_at(s, i, records.ACCRUE))
    elif kind == Command.DEPOSIT:
        cash.deposit(s, command_at(s, i, records.CASH))
    elif kind == Command.WITHDRAW:
        cash.withdraw(s, command_at(s, i, records.CASH))
    elif kind == Command.TRANSFER:
        cash.transfer(s, command_at(s, i, records.CASH))
    elif kind == Command.REPAY:
        contracts.repay(s, command_at(s, i, records.CASH))
    elif kind == Command.PRODUCT_TERMS:
        set_product_terms(s, command_at(s, i, records.PRODUCT_TERMS))


@kernel
def _step(s, i):
    """Applies one command and grades whom it touched."""
    head = command_at(s, i, records.COMMAND)
    kind = np.int64(head["kind"])
    cursor = cursor_at(s)
    cursor["seq"] = head["seq"]
    cursor["time"] = head["time"]
    cursor["first"] = cursor["count"]
    header = header_at(s)
    header["seq"] = head["seq"]
    header["time"] = head["time"]
    decade = kind // DECADE
    if decade == TRADING:
        _trade_command(s, i, kind)
    elif decade > TRADING:
        _other_command(s, i, kind)
    elif decade == MONEY:
        _money_command(s, i, kind)
    elif Command.FRAME_BEGIN <= kind <= Command.FRAME_END or (
        kind == Command.UNCROSS or kind == Command.PHASE or kind == Command.CLOSING
    ):
        _market_command(s, i, kind)
    else:
        _day_command(s, i, kind)
    if header["touched"] > 0 and header["in_frame"] == 0:
        grade_touched(s)


@entry
def run(s, start, stop):
    """Applies commands `start` to `stop`; returns (next command, what is full)."""
    for i in range(start, stop):
        full = _full(s, i)
        if full != DONE:
            return i, full
        look_ahead(s, i, stop)
        _step(s, i)
    return stop, DONE
