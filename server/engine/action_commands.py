"""Corporate actions among the kernel's commands: what each needs room for, and who does it."""

import numpy as np

from server.engine import action_dates, corporate_actions, records
from server.engine.access import command_at, header_at, instrument_at
from server.engine.codes import Command
from server.engine.jit import kernel
from server.engine.lots import lots_of_day

GRADING = 5  # events of one grading: four lines and the change


@kernel
def need_for_action(s, command):
    """(events, holders that join the instrument's) of a command about a corporate action."""
    header = header_at(s)
    index = np.int64(command["instrument"])
    if index < 0 or index >= header["instruments"]:
        return np.int64(16), np.int64(0)
    instrument = instrument_at(s, index)
    kind = command["kind"]
    if kind == Command.CORPORATE_ACTION or kind == Command.DELIST:
        return 8 + (2 + GRADING) * np.int64(instrument["holders"]), np.int64(0)
    if kind == Command.RIGHTS_PAY:
        return np.int64(16), np.int64(1)
    return 8 + (2 + GRADING) * np.int64(header["claims"]), np.int64(0)


@kernel
def new_lots(s, command):
    """Tax lots that a command can make at the most."""
    kind = command["kind"]
    if kind == Command.DAY_OPEN:
        return lots_of_day(s)
    if kind == Command.RIGHTS_PAY:
        return 2
    index = np.int64(command["instrument"])
    actions = kind == Command.CORPORATE_ACTION or kind == Command.ENTITLEMENT
    if actions and 0 <= index < header_at(s)["instruments"]:
        return 2 * np.int64(instrument_at(s, index)["holders"])
    return 0


@kernel
def action_command(s, i, kind):
    if kind == Command.CORPORATE_ACTION:
        corporate_actions.book_action(s, command_at(s, i, records.CORPORATE_ACTION))
    elif kind == Command.ACTION_CASH_PAID:
        action_dates.pay_dividend(s, command_at(s, i, records.ACTION))
    elif kind == Command.ACTION_SHARES_LISTED:
        action_dates.list_shares(s, command_at(s, i, records.ACTION))
    elif kind == Command.RIGHTS_PAY:
        action_dates.pay_for_rights(s, command_at(s, i, records.RIGHTS_PAY))
    elif kind == Command.RIGHTS_LAPSE:
        action_dates.lapse_rights(s, command_at(s, i, records.ACTION))
    elif kind == Command.DELIST:
        corporate_actions.delist(s, command_at(s, i, records.COMMAND))
    elif kind == Command.TAX_PERIODS:
        corporate_actions.set_tax_periods(s, command_at(s, i, records.TAX_PERIODS))
    elif kind == Command.ACTION_ANNOUNCE:
        corporate_actions.announce(s, command_at(s, i, records.ACTION_ANNOUNCE))
