"""Temporary halts of shares without a price limit (section 1.7).

The first price of the day that is so far from the opening price, up or down, halts an instrument
for ten minutes of trading time: what lunch takes of them comes after it. The market's source ends
a halt, by RESUME; the closing call ends one too, and its orders stay for that call.
"""

import numpy as np

from server.engine.access import event_at, header_at, instrument_at, rules_at
from server.engine.arithmetic import PPM
from server.engine.codes import Event, Phase
from server.engine.jit import kernel
from server.engine.output import emit
from server.engine.records import AUCTION_EVENT, HALT_EVENT

HALT_US = 600_000_000
THRESHOLDS = 2  # each up and down


@kernel
def _reached(instrument, rules):
    """(bits of the thresholds that the day's prices have reached, the furthest of the new ones)."""
    base = instrument["open"] * PPM
    known = np.int64(instrument["halts"])
    bits, furthest = np.int64(0), np.int64(0)
    for i in range(THRESHOLDS):
        ppm = np.int64(rules["halt_ppm"][i])
        move = instrument["open"] * ppm
        if ppm > 0 and instrument["high"] * PPM >= base + move:
            bits |= 1 << 2 * i
        if ppm > 0 and instrument["low"] * PPM <= base - move:
            bits |= 2 << 2 * i
        if bits & ~known >= 1 << 2 * i:
            furthest = ppm
    return bits, furthest


@kernel
def _emit_halted(s, index, price, ppm):
    instrument = instrument_at(s, index)
    n = emit(s, Event.TRADING_HALTED, -1, index)
    event = event_at(s, n, HALT_EVENT)
    event["price"] = price
    event["base"] = instrument["open"]
    event["until"] = instrument["halt_until"]
    event["halt_ppm"] = ppm


@kernel
def watch(s, index):
    """Halts an instrument in continuous trading when its prices ask for it; once a threshold."""
    instrument = instrument_at(s, index)
    if instrument["phase"] != Phase.CONTINUOUS or instrument["open"] == 0:
        return
    bits, ppm = _reached(instrument, rules_at(s, index))
    if bits & ~np.int64(instrument["halts"]) == 0:
        return
    instrument["halts"] |= bits
    instrument["phase"] = Phase.HALTED
    instrument["halt_until"] = header_at(s)["time"] + HALT_US
    header_at(s)["halted"] += 1
    _emit_halted(s, index, instrument["last"], ppm)


@kernel
def end_halt(s, index, phase, price, quantity):
    """Into another phase; price and quantity are those of the resumption's auction, or 0."""
    instrument = instrument_at(s, index)
    instrument["phase"] = phase
    instrument["halt_until"] = 0
    header_at(s)["halted"] -= 1
    n = emit(s, Event.TRADING_RESUMED, -1, index)
    event = event_at(s, n, AUCTION_EVENT)
    event["price"] = price
    event["quantity"] = quantity


@kernel
def turn_halted(s, index, phase):
    """The market's next phase for an instrument that is halted."""
    instrument = instrument_at(s, index)
    now = header_at(s)["time"]
    if phase == Phase.LUNCH:
        if instrument["halt_until"] > 0:
            instrument["halt_until"] = min(np.int64(-1), now - instrument["halt_until"])
        instrument["phase"] = phase
    elif phase == Phase.CONTINUOUS:
        if instrument["halt_until"] < 0:
            instrument["halt_until"] = now - instrument["halt_until"]
            _emit_halted(s, index, instrument["last"], np.int64(0))
        instrument["phase"] = Phase.HALTED
    elif phase == Phase.CLOSING_CALL:
        end_halt(s, index, phase, np.int64(0), np.int64(0))
    else:
        instrument["phase"] = Phase.CLOSED
