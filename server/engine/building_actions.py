"""Commands of corporate actions, from plain values; as in `building`."""

from server.engine import records
from server.engine.building import ALL, Commands, as_record, bare_command, packer
from server.engine.codes import Command
from server.engine.terms import ActionTerms, AnnouncedTerms

_corporate_action = packer(records.CORPORATE_ACTION).pack
_action = packer(records.ACTION).pack
_rights_pay = packer(records.RIGHTS_PAY).pack
_tax_periods = packer(records.TAX_PERIODS).pack
_action_announce = packer(records.ACTION_ANNOUNCE).pack


def corporate_action(instrument: int, terms: ActionTerms) -> Commands:
    """Between DAY_OPEN and the instrument's INSTRUMENT_DAY of the ex-date."""
    head = (0, 0, Command.CORPORATE_ACTION, 0, 0, 1, -1, instrument, 0)
    return as_record(_corporate_action(*head, *terms))


def _about_action(kind: Command, instrument: int, action: int) -> Commands:
    return as_record(_action(0, 0, kind, 0, 0, 1, -1, instrument, 0, action))


def action_cash_paid(instrument: int, action: int) -> Commands:
    return _about_action(Command.ACTION_CASH_PAID, instrument, action)


def action_shares_listed(instrument: int, action: int) -> Commands:
    return _about_action(Command.ACTION_SHARES_LISTED, instrument, action)


def rights_lapse(instrument: int, action: int) -> Commands:
    return _about_action(Command.RIGHTS_LAPSE, instrument, action)


def rights_pay(
    account: int, instrument: int, action: int, quantity: int, request_id: bytes = b""
) -> Commands:
    """Takes up `quantity` rights out of the account's free cash."""
    head = (0, 0, Command.RIGHTS_PAY, 0, 0, 0, account, instrument, 0)
    return as_record(_rights_pay(*head, action, quantity, request_id))


def delist(instrument: int) -> Commands:
    return bare_command(Command.DELIST, instrument)


def tax_periods(month_from: int, year_from: int) -> Commands:
    """Dates YYYYMMDD: shares got on or after them are held up to a month, up to a year."""
    head = (0, 0, Command.TAX_PERIODS, 0, 0, 1, -1, ALL, 0)
    return as_record(_tax_periods(*head, month_from, year_from))


def action_announce(instrument: int, terms: AnnouncedTerms) -> Commands:
    head = (0, 0, Command.ACTION_ANNOUNCE, 0, 0, 1, -1, instrument, 0)
    return as_record(_action_announce(*head, *terms))
