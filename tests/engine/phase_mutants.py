"""Bugs that somebody could have written into halts, calls, the close and what follows it."""

from tests.engine.mutant import Mutant

PHASE_MUTANTS = (
    Mutant(
        "a threshold halts as often as it is passed",
        "halts.py",
        '    if bits & ~np.int64(instrument["halts"]) == 0:',
        "    if bits == 0:",
    ),
    Mutant(
        "a halt needs more than its threshold",
        "halts.py",
        'instrument["low"] * PPM <= base - move',
        'instrument["low"] * PPM < base - move',
    ),
    Mutant(
        "lunch is part of a halt",
        "halts.py",
        'now - instrument["halt_until"]\n            _emit',
        "now + HALT_US\n            _emit",
    ),
    Mutant(
        "the auction of a resumption is no price that halts",
        "uncrossing.py",
        "    watch(s, index)\n",
        "",
    ),
    Mutant(
        "a halt's orders meet when the call is over",
        "uncrossing.py",
        "    price, volume = _cross(s, index)\n    end_halt",
        "    price, volume = np.int64(0), np.int64(0)\n    end_halt",
    ),
    Mutant(
        "the closing price is the last trade's",
        "uncrossing.py",
        "    average = minute_average(s, index)\n",
        '    average = instrument["last"]\n',
    ),
    Mutant(
        "the tape keeps what is older than a minute",
        "tape.py",
        'tape_at(s, instrument["tape_first"])["time"] < now - MINUTE_US',
        'tape_at(s, instrument["tape_first"])["time"] < now - 2 * MINUTE_US',
    ),
    Mutant(
        "closing leaves the orders that the cage holds",
        "uncrossing.py",
        '        following = np.int64(order_at(s, slot)["next"])\n        if order_at',
        "        following = np.int64(NONE)\n        if order_at",
    ),
    Mutant(
        "after hours a buy needs more than the close",
        "after_hours.py",
        "side == Side.BUY and price < close",
        "side == Side.BUY and price <= close",
    ),
    Mutant(
        "a fixed price order trades in the day's book",
        "after_hours.py",
        'instrument["phase"] != Phase.AFTER_HOURS or close == 0 or',
        'close == 0 and instrument["phase"] != Phase.CONTINUOUS or',
    ),
    Mutant(
        "after hours the limit is the price",
        "entering.py",
        '    order["price"] = close\n',
        "",
    ),
    Mutant(
        "a trade after hours is the last price",
        "trading.py",
        '    if buy["type"] == OrderType.FIXED_PRICE:\n        _record_after_hours',
        "    if False:\n        _record_after_hours",
    ),
    Mutant(
        "the close expires what waits for after hours",
        "uncrossing.py",
        'if order_at(s, slot)["type"] != OrderType.FIXED_PRICE:',
        "if True:",
    ),
    Mutant(
        "a fixed price order in the closing call cannot be had back",
        "cancelling.py",
        '    if order["type"] == OrderType.FIXED_PRICE:\n        return takes_fixed',
        "    if False:\n        return takes_fixed",
    ),
)
