"""Fixed price trading after hours (section 2.2): who may order when, and at which prices.

A fixed price order waits at the exchange, outside the book, until the phase AFTER_HOURS; then it is
in the book at the close, which is the only price there.
"""

import numpy as np

from server.engine.access import rules_at
from server.engine.book import level_of, price_of
from server.engine.codes import OrderType, Phase, Side
from server.engine.jit import kernel
from server.engine.reasons import Reason

FROM_CALL = 2  # of `after_hours`: SZSE and BSE take the orders from 9:15 on


@kernel
def takes_fixed(phase, after_hours):
    """Whether the exchange takes fixed price orders, and their cancels, in a phase."""
    if phase == Phase.OPENING_CALL or phase == Phase.OPENING_CALL_NO_CANCEL or phase == Phase.PAUSE:
        return after_hours == FROM_CALL
    return phase != Phase.CLOSED and phase != Phase.LUNCH


@kernel
def exchange_takes(s, index, instrument, order_type):
    """Whether the exchange takes an order of a type now."""
    phase = instrument["phase"]
    if order_type == OrderType.FIXED_PRICE:
        return takes_fixed(phase, rules_at(s, index)["after_hours"])
    return takes_orders(phase)


@kernel
def takes_orders(phase):
    return (
        phase == Phase.CONTINUOUS
        or phase == Phase.OPENING_CALL
        or phase == Phase.OPENING_CALL_NO_CANCEL
        or phase == Phase.CLOSING_CALL
        or phase == Phase.HALTED
    )


@kernel
def waits_for_hours(instrument):
    """Whether fixed price orders still wait for their time, or for a close.

    A source's close may be no price an order can have (off the tick, past a limit): there is no
    trading at such a one.
    """
    close = instrument["close"]
    if instrument["phase"] != Phase.AFTER_HOURS or close == 0 or instrument["levels"] == 0:
        return True
    level = level_of(instrument, close)
    return not 0 <= level < instrument["levels"] or price_of(instrument, level) != close


@kernel
def check_against_close(instrument, side, price):
    """(reason, the close) of a fixed price order; (NONE, 0) is valid, and while there is none."""
    close = instrument["close"]
    if close > 0 and side == Side.BUY and price < close:
        return np.int64(Reason.PRICE_BELOW_CLOSE), close
    if close > 0 and side == Side.SELL and price > close:
        return np.int64(Reason.PRICE_ABOVE_CLOSE), close
    return np.int64(Reason.NONE), np.int64(0)
