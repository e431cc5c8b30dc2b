"""Where a day's opening leaves contracts if no price moves before it, and what does it.

The very commands that open a day are carried out by the kernel on a copy of the accounts: interest
and its bills, due days, what corporate actions book, and each share's terms of the new date. Only
DAY_OPEN and LADDERS are left out: they turn over books and T+1, on which no line depends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from server.engine import building, queries, records
from server.engine.codes import Command, Event, Grade
from server.engine.copying import AccountCopy
from server.engine.engine import Engine
from server.protocol.words import ChangeCause
from server.risk.ports import NextOpening, Records

NONE = -1
_LEFT_OUT = (Command.DAY_OPEN, Command.LADDERS)
_OF_THE_HOUSE = (
    *(Command.TAX_PERIODS, Command.ACCRUE, Command.FINANCING_MARGIN, Command.FEE_SCHEDULE),
)
_TERMS = (Command.INSTRUMENT_DAY, Command.INSTRUMENT_RULES, Command.ACTION_ANNOUNCE)
Parts: TypeAlias = tuple[Records, Records]  # of the house, of instruments


class Figures(NamedTuple):
    """A contract at one moment; money in 1/10 000 yuan."""

    assets: int
    debt: int
    margin: int  # available (4.2) or free (5.4); 0 in a family without

    @property
    def ratio_ppm(self) -> int:
        return queries.ratio_ppm(self.assets, self.debt)


class Change(NamedTuple):
    """What one cause does to a contract: what it adds to each figure."""

    cause: ChangeCause
    instrument: int  # -1: no share's
    assets: int
    debt: int
    margin: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """One contract at the opening of a session."""

    account: int
    before: Figures
    after: Figures
    grade_before: Grade
    grade_after: Grade
    interest: int  # that the opening charges
    was_overdue: bool
    falls_overdue: bool
    changes: tuple[Change, ...]  # empty where nobody asked for them


class Opened:
    """A copy of contracts, carried to the opening of a session."""

    def __init__(self, engine: Engine, accounts: Sequence[int]) -> None:
        """`accounts` is not empty."""
        self._real = engine
        self._accounts = accounts
        self._copy = AccountCopy(engine, accounts[0], beside=accounts[1:])
        self._copy.end_orders()
        self._before = {each: figures_at(self._copy.engine, each) for each in accounts}
        self._interest = dict.fromkeys(accounts, 0)
        self._copy.apply(building.frame_begin())

    @property
    def engine(self) -> Engine:
        return self._copy.engine

    @property
    def instruments(self) -> list[int]:
        """That the copied accounts hold, or are still to have something of."""
        return sorted(set(self.engine.state.positions["instrument"][self._copy.positions].tolist()))

    def carry_out(self, commands: Records) -> None:
        events = self._copy.apply(commands)
        accrued = events[events["kind"] == Event.INTEREST_ACCRUED].view(records.CONTRACT_EVENT)
        for event in accrued:
            account = int(event["account"])
            if account in self._interest:
                self._interest[account] += int(event["interest"])

    def outlook(self, account: int, changes: tuple[Change, ...] = ()) -> Outlook:
        """As it stands once all has been carried out and `end` was called."""
        engine, real = self.engine, self._real
        was_overdue = bool(queries.is_overdue(real, account))
        return Outlook(
            account,
            self._before[account],
            figures_at(engine, account),
            Grade(int(real.state.accounts[account]["grade"])),
            Grade(int(engine.state.accounts[account]["grade"])),
            self._interest[account],
            was_overdue,
            bool(queries.is_overdue(engine, account)) and not was_overdue,
            changes,
        )

    def end(self) -> None:
        """Grades what has changed."""
        self._copy.apply(building.frame_end())


def figures_at(engine: Engine, account: int) -> Figures:
    row = engine.state.accounts[account]
    margin = queries.margin_left(engine, account)
    return Figures(int(row["cash"]) + int(row["value"]), int(row["debt"]), margin)


def look_ahead(engine: Engine, opening: NextOpening, account: int, session: int) -> Outlook:
    """One contract at the opening of `session`, with what every cause does; raises LookupError."""
    opened = Opened(engine, [account])
    of_house, of_shares = parts(opening(engine, session, opened.instruments))
    before = figures_at(opened.engine, account)
    opened.carry_out(of_house)
    changes = [_change("interest", NONE, before, figures_at(opened.engine, account))]
    for instrument, commands in _by_instrument(of_shares):
        changes.append(_of_share(opened, account, instrument, commands))
    opened.end()
    told = [each for each in changes if any(each[2:])]
    barred = [each for each in opened.instruments if _is_barred(engine, opened, account, each)]
    told += [Change("not_admissible", each, 0, 0, 0) for each in barred]
    return opened.outlook(account, tuple(told))


def look_ahead_together(
    engine: Engine, opening: NextOpening, accounts: Sequence[int], session: int
) -> list[Outlook]:
    """The same of many contracts at once, without the causes."""
    opened = Opened(engine, accounts)
    of_house, of_shares = parts(opening(engine, session, opened.instruments))
    opened.carry_out(of_house)
    opened.carry_out(of_shares)
    opened.end()
    return [opened.outlook(account) for account in accounts]


def parts(commands: Records) -> Parts:
    """An opening's commands that name no instrument, and those of instruments, in their order."""
    kinds = commands["kind"]
    house = np.isin(kinds, _OF_THE_HOUSE)
    return commands[house], commands[~house & ~np.isin(kinds, _LEFT_OUT)]


def _by_instrument(commands: Records) -> Iterator[tuple[int, Records]]:
    for instrument in np.unique(commands["instrument"]).tolist():
        yield instrument, commands[commands["instrument"] == instrument]


def _of_share(opened: Opened, account: int, instrument: int, commands: Records) -> Change:
    engine = opened.engine
    before, terms = figures_at(engine, account), _terms_of(engine, instrument)
    opened.carry_out(commands)
    acts = not np.isin(commands["kind"], _TERMS).all()
    cause = _cause(acts, terms, _terms_of(engine, instrument))
    return _change(cause, instrument, before, figures_at(engine, account))


def _is_barred(engine: Engine, opened: Opened, account: int, instrument: int) -> bool:
    """Whether the contract's product lets it hold no more of a share than it has (section 5.3)."""
    caps = engine.state.terms[engine.state.accounts[account]["product"]]["class_cap_ppm"]
    now, then = (
        int(caps[each.state.instruments[instrument]["holding_class"]])
        for each in (engine, opened.engine)
    )
    return then == 0 < now and queries.position(opened.engine, account, instrument) != NONE


class _ShareTerms(NamedTuple):
    """Of a share, what a date may change for who holds it."""

    valuation_ppm: int
    holding_class: int
    collateral_ppm: int
    coefficient_ppm: int


def _terms_of(engine: Engine, instrument: int) -> _ShareTerms:
    day, rules = engine.state.instruments[instrument], engine.state.rules[instrument]
    return _ShareTerms(
        *(int(day[name]) for name in ("valuation_ppm", "holding_class")),
        *(int(rules[name]) for name in ("collateral_ppm", "coefficient_ppm")),
    )


def _cause(acts: bool, before: _ShareTerms, after: _ShareTerms) -> ChangeCause:
    if acts:
        return "corporate_action"
    if before.valuation_ppm != after.valuation_ppm:
        return "valuation"
    return "margin_terms" if before != after else "closing_price"


def _change(cause: ChangeCause, instrument: int, before: Figures, after: Figures) -> Change:
    added = (now - was for was, now in zip(before, after, strict=True))
    return Change(cause, instrument, *added)
