"""Whom a date may move: contracts chosen over whole tables, by bounds that err on the safe side.

What becomes of the chosen ones is the kernel's to say (`look_ahead`); this only spares it the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.arithmetic import PPM
from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Command,
    Family,
    Grade,
)
from server.engine.credit import OF_FAMILY
from server.engine.engine import Engine
from server.engine.queries import is_overdue, margin_left
from server.engine.term_codes import Billing, Unpaid
from server.risk.look_ahead import parts
from server.risk.ports import NextOpening, Records

Ints = NDArray[np.int64]
_CARRIES_MARGIN = (Family.LICENSED, Family.COMBINATION)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Contracts that the date may take below a line, past a due day, or short of margin."""

    lines: set[int]
    due: set[int]
    margin: set[int]

    @property
    def every(self) -> list[int]:
        return sorted(self.lines | self.due | self.margin)


def candidates(engine: Engine, opening: NextOpening, session: int, days: int) -> Candidates:
    """`days` are those of interest until the session; raises LookupError as `opening` does."""
    owing = _owing(engine)
    held = _Held.by(engine, owing)
    _, of_shares = parts(opening(engine, session, held.instruments()))
    dated = _dated(engine, of_shares)
    losses = held.sums(dated.loss)
    if dated.rights_lapse:
        losses += engine.state.contracts["receivable"][: len(losses)]
    return Candidates(
        set(_near_a_line(engine, owing, days, losses)),
        _coming_due(engine, owing, days),
        set(_short_of_margin(engine, owing, held.sums(dated.at_stake))),
    )


def _owing(engine: Engine) -> Ints:
    rows = engine.state.accounts[: int(engine.state.header[0]["accounts"])]
    open_contract = (rows["klass"] == AccountClass.CONTRACT) & (
        rows["status"] == AccountStatus.OPEN
    )
    return np.flatnonzero(open_contract & (rows["debt"] > 0))


@dataclass(frozen=True, slots=True)
class _Held:
    """What contracts that owe hold, a row each."""

    accounts: int  # in all
    account: NDArray[np.int32]
    instrument: NDArray[np.int32]
    quantity: Ints

    @classmethod
    def by(cls, engine: Engine, owing: Ints) -> "_Held":
        header = engine.state.header[0]
        rows = engine.state.positions[: int(header["positions"])]
        owes = np.zeros(int(header["accounts"]) + 1, np.bool_)  # the last is of no account
        owes[owing] = True
        account = rows["account"]
        kept = np.flatnonzero(owes[account] & (rows["quantity"] > 0))
        columns = (account[kept], rows["instrument"][kept], rows["quantity"][kept])
        return cls(int(header["accounts"]), *columns)

    def instruments(self) -> list[int]:
        return np.unique(self.instrument).tolist()

    def sums(self, a_share: Ints) -> Ints:
        """By account: the sum of quantity times a figure of the instrument."""
        found = np.zeros(self.accounts, np.int64)
        each = a_share[self.instrument]
        there = np.flatnonzero(each)
        np.add.at(found, self.account[there], each[there] * self.quantity[there])
        return found


@dataclass(frozen=True, slots=True)
class _Dated:
    """By instrument, in money a share: the most that a holding loses; its whole value where what
    it counts for as margin changes.
    """

    loss: Ints
    at_stake: Ints
    rights_lapse: bool


def _dated(engine: Engine, commands: Records) -> _Dated:
    days, rules = engine.state.instruments, engine.state.rules
    loss, at_stake = np.zeros(len(days), np.int64), np.zeros(len(days), np.int64)
    kinds = commands["kind"]
    told = commands[kinds == Command.INSTRUMENT_DAY].view(records.INSTRUMENT_DAY)
    index = told["instrument"]
    mark = days["mark"][index]
    then = told["reference"] * told["valuation_ppm"] // PPM
    loss[index] = np.maximum(mark - then, 0)
    delisted = commands["instrument"][kinds == Command.DELIST]
    loss[delisted] = days["mark"][delisted]
    changed = days["holding_class"][index] != told["holding_class"]
    at_stake[index[changed]] = mark[changed]
    told = commands[kinds == Command.INSTRUMENT_RULES].view(records.INSTRUMENT_RULES)
    index = told["instrument"]
    for name in ("collateral_ppm", "coefficient_ppm"):
        changed = index[rules[name][index] != told[name]]
        at_stake[changed] = days["mark"][changed]
    return _Dated(loss, at_stake, bool((kinds == Command.RIGHTS_LAPSE).any()))


def _near_a_line(engine: Engine, owing: Ints, days: int, losses: Ints) -> list[int]:
    """Those whose next line the most interest and the largest loss together reach."""
    rows = engine.state.accounts
    accounts = owing[rows["grade"][owing] < Grade.LIQUIDATE]
    assets = rows["cash"][accounts] + rows["value"][accounts] - losses[accounts]
    grown = rows["debt"][accounts] + _most_interest(engine, accounts, days)
    lines = engine.state.terms["line_ppm"].astype(np.int64)
    next_line = lines[rows["product"][accounts], rows["grade"][accounts]]
    whole, rest = np.divmod(grown, PPM)
    return accounts[assets <= whole * next_line + rest * next_line // PPM].tolist()


def _most_interest(engine: Engine, accounts: Ints, days: int) -> Ints:
    """As if all debt bore the higher of the two rates; a period more where it is paid ahead."""
    terms, rows = engine.state.terms, engine.state.accounts
    overdue = np.maximum(terms["overdue_ppm"].astype(np.int64), PPM)
    rate = terms["annual_rate_ppm"].astype(np.int64) * overdue // PPM + 1
    ahead = np.where(terms["billing"] == Billing.ADVANCE, terms["billing_days"], 0)
    counted, unit = ahead.astype(np.int64) + days, np.maximum(terms["day_count"], 1)
    product = rows["product"][accounts]
    a_day = rows["debt"][accounts] // PPM * rate[product] // unit[product] + PPM
    return a_day * counted[product]


def _coming_due(engine: Engine, owing: Ints, days: int) -> set[int]:
    """Those with a debt, or one loan of it, whose due day comes by the session; those whose bill
    comes and may find too little cash.
    """
    state = engine.state
    today = int(state.header[0]["days"])
    due, bill = (state.contracts[name][owing] for name in ("due_day", "next_bill"))
    found = set(owing[(today < due) & (due <= today + days)].tolist())
    billed = owing[(bill > 0) & (bill <= today + days)]
    refuses = state.terms["unpaid"][state.accounts["product"][billed]] == Unpaid.OVERDUE
    asked = state.contracts["interest"][billed] + _most_interest(engine, billed, days)
    found |= set(billed[refuses & (asked >= state.accounts["cash"][billed])].tolist())
    loans = state.loans[1 : int(state.header[0]["loans"])]
    late = (loans["principal"] > 0) & (today < loans["due_day"])
    found |= set(loans["account"][late & (loans["due_day"] <= today + days)].tolist())
    return {each for each in found if not is_overdue(engine, each)}


def _short_of_margin(engine: Engine, owing: Ints, at_stake: Ints) -> list[int]:
    """Those whose margin is there, and no more than what may cease to count."""
    family = engine.state.accounts["family"][owing] & OF_FAMILY
    chosen = owing[np.isin(family, _CARRIES_MARGIN) & (at_stake[owing] > 0)]
    return [each for each in chosen.tolist() if 0 <= margin_left(engine, each) < at_stake[each]]
