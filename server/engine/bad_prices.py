"""Prices of a source: on a day with limits an implausible one waits, and the mark stays.

Beyond the day's limits it waits for an officer; too far from the last, also for prices that agree.
"""

import numpy as np

from server.engine.access import event_at, exposure_at, header_at, instrument_at, limits_at
from server.engine.arithmetic import PPM
from server.engine.codes import Event, LimitKind
from server.engine.controls import known_stock
from server.engine.entering import release_held
from server.engine.halts import watch
from server.engine.jit import kernel
from server.engine.margin import set_mark
from server.engine.output import emit, emit_refusal
from server.engine.reasons import Reason
from server.engine.records import MAX_PRICE, OVERRIDE_EVENT, PRICE_EVENT, QUARANTINE_EVENT
from server.engine.trading import record_trade


@kernel
def _is_far(price, from_price, ppm):
    return abs(price - from_price) * PPM > from_price * np.int64(ppm)


@kernel
def _beyond_bounds(instrument, price):
    """Beyond the day's limits, or the ladder of a day without."""
    if instrument["limit_kind"] == LimitKind.UNKNOWN:
        return False
    return price < instrument["limit_down"] or price > instrument["limit_up"]


@kernel
def is_plausible(s, index, price):
    """Whether a source's price is taken; counts the prices that agree with one that was not."""
    limits, instrument, x = limits_at(s, 0), instrument_at(s, index), exposure_at(s, index)
    if price <= 0 or price > MAX_PRICE:
        return False
    if limits["price_bounds"] != 0 and _beyond_bounds(instrument, price):
        return False
    jump = np.int64(limits["jump_ppm"])
    limited = instrument["limit_kind"] == LimitKind.LIMITED
    if jump == 0 or not limited or not _is_far(price, instrument["last"], jump):
        return True
    if x["quarantined"] <= 0 or _is_far(price, x["quarantined"], jump):
        x["agreed"] = 0
        return False
    x["agreed"] += 1
    return limits["confirmations"] > 0 and x["agreed"] >= limits["confirmations"]


@kernel
def quarantine(s, index, price, volume):
    """Keeps a price off the mark until it is confirmed."""
    x = exposure_at(s, index)
    x["quarantined"] = price
    n = emit(s, Event.PRICE_QUARANTINED, -1, index)
    event = event_at(s, n, QUARANTINE_EVENT)
    event["price"] = price
    event["last"] = instrument_at(s, index)["last"]
    event["volume"] = volume
    event["agreed"] = x["agreed"]


@kernel
def release(s, index):
    x = exposure_at(s, index)
    x["quarantined"] = 0
    x["agreed"] = 0


@kernel
def mark_price(s, index, price, volume):
    """The day's figures, and the mark of everyone who holds the share."""
    old = instrument_at(s, index)["last"]
    record_trade(s, index, price, volume)
    set_mark(s, index, price)
    n = emit(s, Event.PRICE_MARKED, -1, index)
    event = event_at(s, n, PRICE_EVENT)
    event["price"] = price
    event["old_price"] = old
    event["volume"] = volume
    if instrument_at(s, index)["watched"] != 0:
        watch(s, index)
    if instrument_at(s, index)["holding"] != 0:
        release_held(s, index)


@kernel
def set_price(s, command):
    """A source's price; on a day with limits only a plausible one moves the mark."""
    index = np.int64(command["instrument"])
    if not known_stock(s, index):
        return
    if header_at(s)["limits"] != 0:
        if not is_plausible(s, index, command["price"]):
            quarantine(s, index, command["price"], command["volume"])
            return
        release(s, index)
    mark_price(s, index, command["price"], command["volume"])


@kernel
def override_price(s, command):
    """An officer's price, or (0) the end of a quarantine without one."""
    index, price = np.int64(command["instrument"]), command["price"]
    if not known_stock(s, index):
        return
    x = exposure_at(s, index)
    if price < 0 or price > MAX_PRICE:
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_RANGE, MAX_PRICE)
        return
    if price == 0 and x["quarantined"] == 0:
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.NOT_QUARANTINED, 0)
        return
    n = emit(s, Event.PRICE_OVERRIDDEN, -1, index)
    event = event_at(s, n, OVERRIDE_EVENT)
    event["price"] = price
    event["quarantined"] = x["quarantined"]
    event["reason"] = command["reason"]
    event["officer"] = command["officer"]
    release(s, index)
    if price > 0:
        mark_price(s, index, price, command["volume"])
