"""Orders that are accepted and not in the book: at the broker in a pause, or at the exchange, held
by the price cage or for after hours.

One chain of the broker's for the whole market (in the header), one of the exchange's for each
instrument; both in order of arrival. A waiting order is linked by the fields that link it in the
book later.
"""

import numpy as np

from server.engine.access import header_at, instrument_at, order_at
from server.engine.book import NONE
from server.engine.codes import OrderStatus, OrderType
from server.engine.jit import kernel


@kernel
def _append(s, chain, slot):
    """`chain` is the header or an instrument."""
    order = order_at(s, slot)
    order["next"] = NONE
    order["previous"] = np.int64(chain["last_waiting"]) - 1
    if chain["last_waiting"] == 0:
        chain["first_waiting"] = slot + 1
    else:
        order_at(s, np.int64(chain["last_waiting"]) - 1)["next"] = slot
    chain["last_waiting"] = slot + 1
    chain["waiting"] += 1


@kernel
def _unlink(s, chain, slot):
    order = order_at(s, slot)
    previous, following = np.int64(order["previous"]), np.int64(order["next"])
    if previous == NONE:
        chain["first_waiting"] = following + 1
    else:
        order_at(s, previous)["next"] = following
    if following == NONE:
        chain["last_waiting"] = previous + 1
    else:
        order_at(s, following)["previous"] = previous
    chain["waiting"] -= 1


@kernel
def keep_at_broker(s, slot):
    order_at(s, slot)["status"] = OrderStatus.QUEUED
    _append(s, header_at(s), slot)


@kernel
def keep_outside_book(s, slot):
    order = order_at(s, slot)
    instrument = instrument_at(s, order["instrument"])
    order["status"] = OrderStatus.HELD
    _append(s, instrument, slot)
    if order["type"] == OrderType.FIXED_PRICE:
        instrument["fixed"] += 1
    else:
        instrument["holding"] = 1
    header_at(s)["held"] += 1


@kernel
def stop_waiting(s, slot):
    """Takes a waiting order from its chain; it is then in no book either."""
    order = order_at(s, slot)
    if order["status"] == OrderStatus.QUEUED:
        _unlink(s, header_at(s), slot)
    else:
        instrument = instrument_at(s, order["instrument"])
        _unlink(s, instrument, slot)
        header_at(s)["held"] -= 1
        if order["type"] == OrderType.FIXED_PRICE:
            instrument["fixed"] -= 1
        instrument["holding"] = 1 if instrument["waiting"] > instrument["fixed"] else 0
    order["status"] = OrderStatus.WORKING
