"""Corporate actions for the random histories: ex-dates, what follows them, payments for rights."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from server.engine import building, building_actions
from server.engine.codes import Grade
from server.engine.terms import ActionTerms, AnnouncedTerms

if TYPE_CHECKING:
    from tests.engine.twin.model import Claim
    from tests.engine.twin.run import Run

YUAN = 10_000
RATES = ((200_000, 100_000, 0, 0), (200_000, 100_000, 50_000, 0), (0, 0, 0, 100_000))


def action_terms(random: Random, number: int, close: int) -> ActionTerms:
    """Any mixture of dividend, bonus and rights, or a split or merger, at a price near 1.8's."""
    if random.randrange(4) == 0:
        factor = random.choice([100_000_000, 333_333_333, 2_000_000_000, 3_700_000_000])
        return ActionTerms(number, factor_ppb=factor, reference=close * 10**9 // factor)
    cash = random.choice([0, close * 10_000 + 7, close * 30_000])
    bonus = random.choice([0, 0, 150_000_000, 1_000_000_000])
    rights = random.choice([0, 300_000_000, 300_000_001])
    price = close * random.choice([50, 80, 120]) // 100
    value = (close * 10**6 - cash) * 1_000 + price * rights
    month, year, longest, withheld = random.choice(RATES)
    return ActionTerms(
        number,
        *(month, year, longest, withheld, random.randrange(2), random.randrange(2)),
        cash=cash,
        taxable=cash + random.choice([0, bonus * 10]),
        bonus_ppb=bonus,
        rights_ppb=rights,
        rights_price=price,
        reference=value // (10**9 + bonus + rights),
        rights_until=random.choice([0, 20260112]),
    )


def follow_up(run: Run) -> None:
    """Payment, listing and the end of the window of actions before."""
    for index, number in run.actions[-6:]:
        if run.one_in(3):
            run.do(building_actions.action_cash_paid(index, number))
        if run.one_in(3):
            run.do(building_actions.action_shares_listed(index, number))
        if run.one_in(4):
            run.do(building_actions.rights_lapse(index, number))


def take_up(run: Run) -> None:
    """Rights are paid for: some, all, too many, with or without the cash, or none are there."""
    open_ = [claim for claim in run.twin.claims if claim and claim.rights]
    if not open_ or run.one_in(8):
        number = run.random.randrange(1, 9)
        run.do(
            building_actions.rights_pay(run.anyone(), run.random.choice([0, 1, 2, 99]), number, 100)
        )
        return
    claim = run.random.choice([each for each in open_ if _is_dear(run, each)] or open_)
    if run.one_in(3):  # of somebody who may not buy
        claim = max(open_, key=lambda claim: run.twin.accounts[claim.held.account].grade)
    owing = [each for each in open_ if run.twin.accounts[each.held.account].debt > 0]
    if owing and run.one_in(2):  # of a contract, and everything has fallen below the rights' price
        claim = run.random.choice(owing)
        cheap = max(100, claim.price * 6 // 1_000 * 100)
        for held in run.twin.accounts[claim.held.account].positions:
            run.do(building.price(held.instrument, min(cheap, 60_000)))
    if run.one_in(3):  # the cash for less than all of them is left
        owner = claim.held.account
        run.do(building.withdraw(owner, run.twin.withdrawable(owner) - claim.price))
    most = run.twin.accounts[claim.held.account].cash // max(1, claim.price)
    quantity = run.random.choice([0, 1, claim.rights, claim.rights + 1, claim.rights // 2, most])
    held = claim.held
    run.do(building_actions.rights_pay(held.account, held.instrument, claim.action, quantity))


def _is_dear(run: Run, claim: Claim) -> bool:
    """Above the mark, in a restricted contract: rare, and refused."""
    account, instrument = run.twin.accounts[claim.held.account], claim.held.instrument
    restricted = account.grade >= Grade.RESTRICT
    return restricted and claim.price > run.twin.instruments[instrument].mark


def misplaced_action(run: Run) -> None:
    """Out of the opening, of no share, or of terms that cannot be."""
    index = run.random.choice([0, 1, -1, 99])
    good = action_terms(run.random, 9_999, 10 * YUAN)
    bad = run.random.choice(
        [
            good._replace(action=0),
            good._replace(reference=0),
            good._replace(cash=-1),
            good._replace(bonus_ppb=9_000_000_001),
            good._replace(factor_ppb=10**9, cash=1, bonus_ppb=0, rights_ppb=0, taxable=0),
        ]
    )
    run.random.choice(
        [
            lambda: run.do(building_actions.corporate_action(index, good)),
            lambda: run.do(
                building.frame_begin(),
                building_actions.corporate_action(index, good),
                building.frame_end(),
            ),
            lambda: run.do(building_actions.delist(index)),
            lambda: run.do(building.day_open(run.date, run.policy)),
            lambda: run.do(
                building.day_open(run.date, run.policy),
                building_actions.corporate_action(index, bad),
            ),
            lambda: run.do(
                building_actions.action_announce(index, AnnouncedTerms(1, ex_date=run.date))
            ),
        ]
    )()
