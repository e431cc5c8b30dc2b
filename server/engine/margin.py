"""Marks, values, and the five grades of a contract (section 5.3 of the rules).

The grade is a function of assets and debt alone. An account carries the band of assets within which
its grade stays the same; a price compares two numbers and puts the account on the list of the
touched only when the band is left. The list is graded when the command (or the frame) is over, so
that a half-updated price vector liquidates nobody.
"""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    header_at,
    holder_at,
    instrument_at,
    terms_at,
    touched_at,
)
from server.engine.arithmetic import FEN, HIGHEST, LOWEST, PPM, muldiv, ratio_ppm
from server.engine.codes import AccountClass, AccountStatus, Event, Grade
from server.engine.jit import kernel
from server.engine.output import emit
from server.engine.records import GRADE_EVENT

N_LINES = 4


@kernel
def line_assets(debt, line_ppm):
    """The largest assets at which a line counts as reached."""
    return muldiv(debt, np.int64(line_ppm), PPM)


@kernel
def touch(s, account):
    """Has a contract graded at the end of the command."""
    row = account_at(s, account)
    if row["klass"] != AccountClass.CONTRACT or row["touched"] != 0:
        return
    row["touched"] = 1
    header = header_at(s)
    touched_at(s, header["touched"])["account"] = account
    header["touched"] += 1


@kernel
def set_mark(s, index, price):
    """Moves an instrument's mark and with it the value of everyone who holds it."""
    instrument = instrument_at(s, index)
    mark = muldiv(price, np.int64(instrument["valuation_ppm"]), PPM)
    change = mark - instrument["mark"]
    if change == 0:
        return
    instrument["mark"] = mark
    base = np.int64(instrument["holder_base"])
    for i in range(base, base + instrument["holders"]):
        holder = holder_at(s, i)
        account = account_at(s, holder["account"])
        account["value"] += holder["quantity"] * change
        assets = account["cash"] + account["value"]
        if assets <= account["band_low"] or assets > account["band_high"]:
            touch(s, np.int64(holder["account"]))


@kernel
def missing_above_restrict(s, account):
    """The deposit, in whole fen, that lifts the ratio above the restrict line."""
    line = line_assets(account["debt"], terms_at(s, account["product"])["line_ppm"][1])
    need = line + 1 - account["cash"] - account["value"]
    return (need + FEN - 1) // FEN * FEN


@kernel
def grade_of(debt, assets, terms):
    if debt <= 0:
        return 0
    grade = 0
    while grade < N_LINES and assets <= line_assets(debt, terms["line_ppm"][grade]):
        grade += 1
    return grade


@kernel
def set_band(account, terms):
    """Sets the assets between which the account's present grade stays."""
    grade = np.int64(account["grade"])
    debt = account["debt"]
    account["band_low"] = LOWEST
    account["band_high"] = HIGHEST
    if debt <= 0:
        return
    if grade < Grade.LIQUIDATE:
        account["band_low"] = line_assets(debt, terms["line_ppm"][grade])
    if grade > Grade.NORMAL:
        account["band_high"] = line_assets(debt, terms["line_ppm"][grade - 1])


@kernel
def _emit_grade(s, kind, index, account, line_ppm, old, new):
    n = emit(s, kind, index, -1)
    event = event_at(s, n, GRADE_EVENT)
    assets = account["cash"] + account["value"]
    event["assets"] = assets
    event["debt"] = account["debt"]
    event["ratio_ppm"] = ratio_ppm(assets, account["debt"])
    event["line_ppm"] = line_ppm
    event["old_grade"] = old
    event["new_grade"] = new


@kernel
def grade_account(s, index):
    """Grades one contract; says every line that a gap has crossed, then the change."""
    account = account_at(s, index)
    if account["status"] != AccountStatus.OPEN:
        return
    terms = terms_at(s, account["product"])
    old = np.int64(account["grade"])
    new = grade_of(account["debt"], account["cash"] + account["value"], terms)
    account["grade"] = new
    set_band(account, terms)
    if new == old:
        return
    for crossed in range(old + 1, new + 1):
        line = np.int64(terms["line_ppm"][crossed - 1])
        _emit_grade(s, Event.LINE_CROSSED, index, account, line, old, crossed)
    line = np.int64(terms["line_ppm"][max(new, 1) - 1])
    _emit_grade(s, Event.GRADE_CHANGED, index, account, line, old, new)


@kernel
def reset_grade(s, index):
    """The grade of a contract that has ended; says so where it was another."""
    account = account_at(s, index)
    old = np.int64(account["grade"])
    account["grade"] = Grade.NORMAL
    if old != Grade.NORMAL:
        line = np.int64(terms_at(s, account["product"])["line_ppm"][0])
        _emit_grade(s, Event.GRADE_CHANGED, index, account, line, old, Grade.NORMAL)


@kernel
def grade_touched(s):
    header = header_at(s)
    for i in range(header["touched"]):
        index = np.int64(touched_at(s, i)["account"])
        account_at(s, index)["touched"] = 0
        grade_account(s, index)
    header["touched"] = 0


@kernel
def set_debt(s, index):
    """Writes the contract's debt through to the account and has it graded."""
    contract = contract_at(s, index)
    account_at(s, index)["debt"] = contract["loan"] + contract["interest"]
    touch(s, index)
