"""What a kernel writes to: the event buffer, seen through every kind of event at once."""

import numpy as np

from server.engine import records
from server.engine.access import cursor_at, event_at
from server.engine.codes import Event
from server.engine.jit import kernel
from server.engine.records import RECORD_BYTES

_WORDS = np.dtype([("word", "i8", (RECORD_BYTES // 8,))])


@kernel
def emit(s, kind, account, instrument):
    """Starts an event, zeroed but for its head; returns its number."""
    cursor = cursor_at(s)
    n = cursor["count"]
    words = event_at(s, n, _WORDS)["word"]
    for i in range(RECORD_BYTES // 8):
        words[i] = 0
    head = event_at(s, n, records.EVENT)
    head["seq"] = cursor["seq"]
    head["time"] = cursor["time"]
    head["kind"] = kind
    head["account"] = account
    head["instrument"] = instrument
    head["index"] = n - cursor["first"]
    cursor["count"] = n + 1
    return n


@kernel
def emit_refusal(s, kind, account, instrument, reason, figure):
    """An event that says why a command was refused, and what would pass."""
    n = emit(s, kind, account, instrument)
    event = event_at(s, n, records.ORDER_EVENT)
    event["reason"] = reason
    event["figure"] = figure
    return n


@kernel
def emit_order(s, kind, order, reason):
    """An event about an order of the arena, as it stands; returns its number."""
    n = emit(s, kind, order["account"], order["instrument"])
    event = event_at(s, n, records.ORDER_EVENT)
    event["side"] = order["side"]
    event["type"] = order["type"]
    event["origin"] = order["origin"]
    event["order_id"] = order["id"]
    event["price"] = order["price"]
    event["quantity"] = order["quantity"]
    event["remaining"] = order["remaining"]
    event["reason"] = reason
    return n


@kernel
def emit_cash(s, account, move, amount, balance, counter):
    n = emit(s, Event.CASH_MOVED, account, -1)
    event = event_at(s, n, records.CASH_EVENT)
    event["amount"] = amount
    event["balance"] = balance
    event["counter"] = counter
    event["move"] = move
