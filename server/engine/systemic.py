"""Figures of the whole platform from the tables as they stand (section 7.5 of the rules).

Stress is all holdings at their boards' limit-down, once and twice, at the marks of this moment.
"""

import numpy as np

from server.engine.access import (
    account_at,
    exposure_at,
    header_at,
    holder_at,
    instrument_at,
    rules_at,
    terms_at,
)
from server.engine.arithmetic import PPM, muldiv
from server.engine.codes import AccountStatus, LimitKind, Side
from server.engine.jit import entry, kernel
from server.engine.margin import grade_of
from server.engine.positions import borrows

SCENARIOS = 3  # now, one limit-down, two
GRADES = 5
UNIT_OF_CAP = 100_000_000  # so that the caps of a whole market times a ratio fit an int64

# Cells of `out`: first the grades by scenario, then the lender's loss by scenario, then these.
LOSS = SCENARIOS * GRADES
(
    FINANCED,
    UNSELLABLE,
    LISTED,
    AT_LIMIT_DOWN,
    LOCKED_DOWN,
    AT_LIMIT_UP,
    CAP_RETURN,
    CAP_WEIGHT,
    EQUAL_RETURN,
    EQUAL_WEIGHT,
    BORROWED,
) = range(LOSS + SCENARIOS, LOSS + SCENARIOS + 11)
CELLS = BORROWED + 1


@kernel
def is_locked_down(instrument):
    """At limit-down with nobody who buys."""
    return (
        instrument["limit_kind"] == LimitKind.LIMITED
        and instrument["last"] <= instrument["limit_down"]
        and instrument["best"][Side.BUY] < 0
    )


@kernel
def falls(instrument):
    """What a share loses in one and in two limit-downs."""
    mark, limit = instrument["mark"], np.int64(instrument["limit_ppm"])
    first = mark - muldiv(mark, limit, PPM)
    return mark - first, mark - (first - muldiv(first, limit, PPM))


@kernel
def return_ppm(instrument):
    """Today's change against the reference price, in ppm."""
    if instrument["reference"] <= 0:
        return np.int64(0)
    change = instrument["last"] - instrument["reference"]
    return change * PPM // instrument["reference"]


@entry
def count_market(s, once, twice, out):
    """Goes through the instruments; what each account would lose comes into `once` and `twice`."""
    for index in range(header_at(s)["instruments"]):
        instrument = instrument_at(s, index)
        worth = exposure_at(s, index)["financed"] * instrument["mark"]
        out[FINANCED] += worth
        locked = is_locked_down(instrument)
        if locked or instrument["suspended"] != 0:
            out[UNSELLABLE] += worth
        if instrument["suspended"] == 0 and instrument["tick"] > 0:
            limited = instrument["limit_kind"] == LimitKind.LIMITED
            out[LISTED] += 1
            out[LOCKED_DOWN] += np.int64(locked)
            out[AT_LIMIT_DOWN] += np.int64(
                limited and instrument["last"] <= instrument["limit_down"]
            )
            out[AT_LIMIT_UP] += np.int64(limited and instrument["last"] >= instrument["limit_up"])
            change = return_ppm(instrument)
            cap = muldiv(rules_at(s, index)["float_shares"], instrument["reference"], UNIT_OF_CAP)
            out[CAP_RETURN] += cap * change
            out[CAP_WEIGHT] += cap
            out[EQUAL_RETURN] += change
            out[EQUAL_WEIGHT] += 1
        first, second = falls(instrument)
        base = np.int64(instrument["holder_base"])
        for i in range(base, base + instrument["holders"]):
            holder = holder_at(s, i)
            once[holder["account"]] += holder["quantity"] * first
            twice[holder["account"]] += holder["quantity"] * second


@entry
def count_accounts(s, once, twice, out):
    """Grades every account that owes, as it stands and after each fall."""
    for index in range(header_at(s)["accounts"]):
        account = account_at(s, index)
        debt = account["debt"]
        if not borrows(account["klass"]) or account["status"] != AccountStatus.OPEN or debt <= 0:
            continue
        terms = terms_at(s, account["product"])
        assets = account["cash"] + account["value"]
        out[BORROWED] += debt
        for scenario in range(SCENARIOS):
            left = assets
            if scenario == 1:
                left -= once[index]
            elif scenario == 2:
                left -= twice[index]
            out[scenario * GRADES + np.int64(grade_of(debt, left, terms))] += 1
            out[LOSS + scenario] += max(np.int64(0), debt - left)
