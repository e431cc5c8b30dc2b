"""Valid prices of a limit order beside the day's limits (section 1.6), in plain fractions."""

from fractions import Fraction

from server.engine.codes import LimitKind, Phase, Side
from server.engine.reasons import Reason
from tests.engine.twin.model import PPM, Instrument, half_up

Refusal = tuple[Reason, int] | None
HELD, ABOUT_LAST = 1, 2
OPENING = (Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL)


def out_of_range(instrument: Instrument, side: Side, price: int) -> Refusal:
    """Why the exchange takes the order into its book only later, or never."""
    rules = instrument.rules
    if instrument.phase == Phase.CONTINUOUS:
        return _out_of_cage(instrument, side, price) if rules.cage_ppm else None
    if instrument.day.limit_kind != LimitKind.UNLIMITED:
        return None
    if instrument.phase in OPENING:
        low, high = rules.call_low, rules.call_high or 2**62
    elif rules.close_ppm:
        low = _away(instrument, instrument.last, -1, rules.close_ppm, 0)
        high = _away(instrument, instrument.last, 1, rules.close_ppm, 0) or 2**62  # without a last
    else:
        return None
    if price > high:
        return Reason.PRICE_ABOVE_CALL_RANGE, _in_limits(instrument, high)
    if price < low:
        return Reason.PRICE_BELOW_CALL_RANGE, _in_limits(instrument, low)
    return None


def _out_of_cage(instrument: Instrument, side: Side, price: int) -> Refusal:
    rules = instrument.rules
    about_last = bool(rules.cage_hold & ABOUT_LAST)
    base = instrument.last
    for standing in (instrument.book[side], instrument.book[1 - side]):
        if standing and not about_last:
            base = standing[0].price  # the opposite side's, if it has one
    highest = _away(instrument, base, 1, rules.cage_ppm, rules.cage_ticks)
    lowest = _away(instrument, base, -1, rules.cage_ppm, rules.cage_ticks)
    if price > highest and (side == Side.BUY or about_last):
        return Reason.PRICE_ABOVE_CAGE, _in_limits(instrument, highest)
    if price < lowest and (side == Side.SELL or about_last):
        return Reason.PRICE_BELOW_CAGE, _in_limits(instrument, lowest)
    return None


def _away(instrument: Instrument, base: int, sign: int, ppm: int, ticks: int) -> int:
    """`ppm` of the base away from it, or `ticks` if that is further."""
    tick = instrument.day.tick
    far = max(Fraction(base * ppm, PPM), Fraction(ticks * tick))
    return half_up(base + sign * far, tick)


def _in_limits(instrument: Instrument, price: int) -> int:
    return max(instrument.day.limit_down, min(price, instrument.day.limit_up))
