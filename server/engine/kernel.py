"""The kernel: one call takes a batch of commands through the whole engine.

Python hands over one array of addresses and lengths instead of two dozen arrays, which makes a call
cost 0.2 µs instead of several. Before each command the kernel makes sure that the tables and the
event buffer can take the most it could need; if not, it stops between two commands and says which
must grow. How commands are cut into calls therefore never changes the result.
"""

import numpy as np

from server.engine import (
    cancelling,
    cash,
    contracts,
    day,
    life,
    placing,
    records,
    uncrossing,
)
from server.engine.access import command_at, cursor_at, header_at
from server.engine.action_commands import action_command
from server.engine.bad_prices import set_price
from server.engine.capacity import DONE, full_table
from server.engine.codes import Command
from server.engine.desk_commands import limits_command
from server.engine.evidence import record_desk_action, record_notice, set_sell_last
from server.engine.jit import entry, kernel
from server.engine.lookahead import look_ahead
from server.engine.margin import grade_touched
from server.engine.product_terms import set_fees, set_product, set_product_terms

# Decades of kinds: 1 to 19 are the day's and the market's.
DECADE = 10
MONEY, TRADING, ACTIONS = 2, 3, 5


@kernel
def _risk_command(s, i, kind):
    if kind == Command.SELL_LAST:
        set_sell_last(s, command_at(s, i, records.SELL_LAST))
    elif kind == Command.DESK_ACTION:
        record_desk_action(s, command_at(s, i, records.DESK_ACTION))


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
        record_notice(s, command_at(s, i, records.NOTICE))
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
    elif kind == Command.RESUME:
        index = np.int64(command_at(s, i, records.COMMAND)["instrument"])
        if day.known_instrument(s, index):
            uncrossing.resume(s, index)


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
        set_fees(s, command_at(s, i, records.FEE_SCHEDULE))
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
        kind == Command.UNCROSS
        or kind == Command.PHASE
        or kind == Command.CLOSING
        or kind == Command.RESUME
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
        full = full_table(s, i)
        if full != DONE:
            return i, full
        look_ahead(s, i, stop)
        _step(s, i)
    return stop, DONE
