"""Valid prices beside the day's limits: the price cage, and calls without limit (section 1.6)."""

import numpy as np

from server.engine.access import rules_at
from server.engine.arithmetic import PPM
from server.engine.book import NONE, price_of
from server.engine.codes import LimitKind, Phase, Side
from server.engine.jit import kernel
from server.engine.reasons import Reason

HELD, ABOUT_LAST = 1, 2  # bits of `cage_hold`


@kernel
def _half_up(scaled, tick):
    """A price in ppm to a whole tick."""
    unit = PPM * np.int64(tick)
    return (2 * scaled + unit) // (2 * unit) * np.int64(tick)


@kernel
def _base(instrument, rules, side):
    """What the cage is measured from."""
    if rules["cage_hold"] & ABOUT_LAST != 0:
        return instrument["last"]
    level = np.int64(instrument["best"][1 - np.int64(side)])
    if level == NONE:
        level = np.int64(instrument["best"][side])
    return instrument["last"] if level == NONE else price_of(instrument, level)


@kernel
def _highest(instrument, base, ppm, ticks):
    floor = (base + np.int64(ticks) * np.int64(instrument["tick"])) * PPM
    return _half_up(max(base * (PPM + np.int64(ppm)), floor), instrument["tick"])


@kernel
def _lowest(instrument, base, ppm, ticks):
    floor = (base - np.int64(ticks) * np.int64(instrument["tick"])) * PPM
    return _half_up(min(base * (PPM - np.int64(ppm)), floor), instrument["tick"])


@kernel
def _bounded(instrument, price):
    """A figure that the day's limits let pass."""
    return max(instrument["limit_down"], min(price, instrument["limit_up"]))


@kernel
def check_cage(instrument, rules, side, price):
    """(reason, nearest valid price) of a limit order in continuous trading; (NONE, 0) is valid."""
    base = _base(instrument, rules, side)
    ppm, ticks = rules["cage_ppm"], rules["cage_ticks"]
    both = rules["cage_hold"] & ABOUT_LAST != 0
    reach = np.int64(ticks) * np.int64(instrument["tick"])  # within it every whole tick is valid
    if (side == Side.BUY or both) and price > base + reach:
        highest = _highest(instrument, base, ppm, ticks)
        if price > highest:
            return np.int64(Reason.PRICE_ABOVE_CAGE), _bounded(instrument, highest)
    if (side == Side.SELL or both) and price < base - reach:
        lowest = _lowest(instrument, base, ppm, ticks)
        if price < lowest:
            return np.int64(Reason.PRICE_BELOW_CAGE), _bounded(instrument, lowest)
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def _check_bounds(instrument, price, low, high):
    if high > 0 and price > high:
        return np.int64(Reason.PRICE_ABOVE_CALL_RANGE), _bounded(instrument, high)
    if price < low:
        return np.int64(Reason.PRICE_BELOW_CALL_RANGE), _bounded(instrument, low)
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def _check_call(instrument, rules, price):
    """A call of a day without price limit: the opening's range, later one about the last trade."""
    if (
        instrument["phase"] == Phase.OPENING_CALL
        or instrument["phase"] == Phase.OPENING_CALL_NO_CANCEL
    ):
        return _check_bounds(instrument, price, rules["call_low"], rules["call_high"])
    ppm = np.int64(rules["close_ppm"])
    if ppm == 0:
        return np.int64(Reason.NONE), np.int64(0)
    last = instrument["last"]
    low, high = _lowest(instrument, last, ppm, 0), _highest(instrument, last, ppm, 0)
    return _check_bounds(instrument, price, low, high)


@kernel
def check_valid_range(s, index, instrument, side, price):
    """Whether a limit order is valid at once, or (`HELD`) will wait until it is."""
    rules = rules_at(s, index)
    if instrument["phase"] == Phase.CONTINUOUS:
        if rules["cage_ppm"] == 0 or rules["cage_hold"] & HELD != 0:
            return np.int64(Reason.NONE), np.int64(0)
        return check_cage(instrument, rules, side, price)
    if instrument["limit_kind"] == LimitKind.UNLIMITED:
        return _check_call(instrument, rules, price)
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def must_be_held(s, index, instrument, side, price):
    """Whether the exchange keeps a limit order outside the book until the base moves."""
    rules = rules_at(s, index)
    if rules["cage_hold"] & HELD == 0 or rules["cage_ppm"] == 0:
        return False
    reason = np.int64(Reason.NONE)
    if instrument["phase"] == Phase.CONTINUOUS:
        reason, _ = check_cage(instrument, rules, side, price)
    elif instrument["limit_kind"] == LimitKind.UNLIMITED:
        reason, _ = _check_call(instrument, rules, price)
    return reason != Reason.NONE
