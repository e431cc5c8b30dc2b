"""What a contract may hold, and whether its liquidation line survives a gap (sections 5.2, 5.3).

Each figure is computed for the holdings after the buy, open buys counted at their marks.
"""

import numpy as np

from server.engine.access import account_at, instrument_at, position_at, rules_at, terms_at
from server.engine.arithmetic import HIGHEST, PPM, muldiv, muldiv_up
from server.engine.codes import AccountClass, RiskStatus
from server.engine.credit import base_for_caps, exposure
from server.engine.jit import kernel
from server.engine.reasons import Reason

WHOLE = PPM  # a cap of 100 % is no cap


@kernel
def largest_gap_ppm(liquidate_ppm, exit_cost_ppm):
    """The largest weighted daily limit that a liquidation line survives, in ppm.

    r_liq >= 1 / ((1 - L)(1 - c)), so L <= 1 - 1 / (r_liq (1 - c)).
    """
    product = np.int64(liquidate_ppm) * (PPM - np.int64(exit_cost_ppm))
    left = (PPM * PPM * PPM + product - 1) // product
    return max(0, PPM - left)


@kernel
def _sums(s, account, holding_class):
    """(exposure of a holding class, exposure weighted by the boards' limits) of an account."""
    of_class, weighted = np.int64(0), np.int64(0)
    index = np.int64(account["first_position"])
    while index >= 0:
        position = position_at(s, index)
        instrument = instrument_at(s, position["instrument"])
        value = exposure(position, instrument)
        if value > 0:
            weighted += muldiv_up(value, np.int64(instrument["limit_ppm"]), PPM)
            if instrument["holding_class"] == holding_class:
                of_class += value
        index = np.int64(position["next"])
    return of_class, weighted


@kernel
def whole_steps(instrument, money, price):
    """The largest quantity the buy rules allow for `money` at `price`."""
    if money <= 0:
        return 0
    step = np.int64(instrument["buy_step"])
    quantity = money // price // step * step
    return quantity if quantity >= instrument["buy_minimum"] else 0


@kernel
def check_admission(s, account_index, index, position, quantity, price, financed):
    """(reason, quantity that would pass) for a buy; (NONE, 0) when admitted.

    The quantity is the largest one; of a contract that borrows as it buys, the largest without
    what the buy itself would bring in. No contract holds what is being delisted.
    """
    account = account_at(s, account_index)
    if account["klass"] != AccountClass.CONTRACT:
        return np.int64(Reason.NONE), np.int64(0)
    terms = terms_at(s, account["product"])
    if rules_at(s, index)["st"] == RiskStatus.DELISTING:
        return np.int64(Reason.HOLDING_NOT_ADMITTED), np.int64(0)
    instrument = instrument_at(s, index)
    new = quantity * price
    assets = base_for_caps(s, account_index, account, new, financed)
    least = base_for_caps(s, account_index, account, np.int64(0), financed)
    held = exposure(position, instrument)
    holding_class = np.int64(instrument["holding_class"])
    of_class, weighted = _sums(s, account, holding_class)

    class_cap = np.int64(terms["class_cap_ppm"][holding_class])
    room = HIGHEST if class_cap == WHOLE else muldiv(assets, class_cap, PPM) - of_class
    if new > room:
        room = muldiv(least, class_cap, PPM) - of_class
        return np.int64(Reason.HOLDING_NOT_ADMITTED), whole_steps(instrument, room, price)

    single_cap = np.int64(terms["single_cap_ppm"])
    room = HIGHEST if single_cap == WHOLE else muldiv(assets, single_cap, PPM) - held
    if new > room:
        room = muldiv(least, single_cap, PPM) - held
        return np.int64(Reason.CONCENTRATION), whole_steps(instrument, room, price)

    largest = largest_gap_ppm(terms["line_ppm"][3], terms["exit_cost_ppm"])
    limit = np.int64(instrument["limit_ppm"])
    room = muldiv(assets, largest, PPM) - weighted
    if muldiv_up(new, limit, PPM) > room:
        room = muldiv(least, largest, PPM) - weighted
        money = muldiv(max(room, 0), PPM, limit)
        return np.int64(Reason.GAP_NOT_SURVIVED), whole_steps(instrument, money, price)
    return np.int64(Reason.NONE), np.int64(0)
