"""What the risk desk and the day's tables tell the engine: limits, the platform, stops, bad prices.

Section 4.6 and 7.5 of the rules. The figures are resolved outside; nothing here knows dates.
"""

import numpy as np

from server.engine.access import (
    account_at,
    concentration_at,
    contract_at,
    event_at,
    exposure_at,
    header_at,
    limits_at,
    slot_at,
)
from server.engine.cash import known_account, refuse
from server.engine.codes import (
    ConcentrationScope,
    DecidedBy,
    Event,
    PlatformState,
    StopLevel,
    StopScope,
)
from server.engine.jit import kernel
from server.engine.layout import STOP_OF_PERSON
from server.engine.output import emit, emit_refusal
from server.engine.positions import EMPTY, find_slot, person_key
from server.engine.reasons import Reason
from server.engine.records import (
    FINANCING_EVENT,
    PLATFORM_EVENT,
    RATIO_TIERS,
    STOP_EVENT,
)
from server.engine.term_tables import CLASSES, SCOPES

# The day's tables ---------------------------------------------------------------------------------


@kernel
def set_limits(s, command):
    """Begins the day's limits: the tables of concentration and the caps on stocks are empty."""
    header = header_at(s)
    header["limits"] = 1
    limits = limits_at(s, 0)
    limits["client_cap"] = command["client_cap"]
    limits["lending_cap"] = command["lending_cap"]
    limits["person_stock_cap"] = command["person_stock_cap"]
    limits["jump_ppm"] = command["jump_ppm"]
    limits["confirmations"] = command["confirmations"]
    limits["price_bounds"] = command["price_bounds"]
    for row in range(np.int64(header["products"]) + 1):
        for cell in range(CLASSES * SCOPES):
            concentration_at(s, row)["tiers"][cell] = 0
    for index in range(header["instruments"]):
        x = exposure_at(s, index)
        x["cap"] = 0
        x["quarantined"] = 0
        x["agreed"] = 0


@kernel
def _bad_table(s, command):
    """The bound that a CONCENTRATION is beyond; -1 when it is none."""
    if command["product"] < -1 or command["product"] >= header_at(s)["products"]:
        return np.int64(header_at(s)["products"])
    if command["holding_class"] >= CLASSES:
        return np.int64(CLASSES)
    if command["scope"] > ConcentrationScope.BOARD:
        return np.int64(ConcentrationScope.BOARD)
    return np.int64(RATIO_TIERS) if command["tiers"] > RATIO_TIERS else np.int64(-1)


@kernel
def set_concentration(s, command):
    bound = _bad_table(s, command)
    if bound >= 0:
        refuse(s, np.int64(-1), Reason.OUT_OF_RANGE, bound)
        return
    table = concentration_at(s, np.int64(command["product"]) + 1)
    cell = np.int64(command["holding_class"]) + CLASSES * np.int64(command["scope"])
    table["tiers"][cell] = command["tiers"]
    for i in range(RATIO_TIERS):
        table["from_ppm"][cell * RATIO_TIERS + i] = command["from_ppm"][i]
        table["cap_ppm"][cell * RATIO_TIERS + i] = command["cap_ppm"][i]


@kernel
def known_stock(s, index):
    if 0 <= index < header_at(s)["instruments"]:
        return True
    emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.UNKNOWN_INSTRUMENT, 0)
    return False


@kernel
def set_stock_limit(s, command):
    """Section 4.6: at the stop share no new financing for the day; below the resume share again."""
    index = np.int64(command["instrument"])
    if not known_stock(s, index):
        return
    x = exposure_at(s, index)
    x["cap"] = command["cap"]
    x["resume_shares"] = command["resume_shares"]
    full = np.int64(x["full"])
    if command["stop_shares"] == 0 or x["financed"] < command["resume_shares"]:
        full = np.int64(0)
    elif x["financed"] >= command["stop_shares"]:
        full = np.int64(1)
    if full == x["full"]:
        return
    x["full"] = full
    n = emit(s, Event.FINANCING_CHANGED, -1, index)
    event = event_at(s, n, FINANCING_EVENT)
    event["financed"] = x["financed"]
    event["bound"] = command["stop_shares"] if full != 0 else command["resume_shares"]
    event["full"] = full


# The platform's state and stops -------------------------------------------------------------------


@kernel
def set_platform(s, command):
    """By the rules or by an officer's hand; the stricter of both holds."""
    state, by = np.int64(command["state"]), np.int64(command["by"])
    if state < 0 or state > PlatformState.HALTED:
        refuse(s, np.int64(-1), Reason.OUT_OF_RANGE, PlatformState.HALTED)
        return
    header = header_at(s)
    old = np.int64(header["platform"])
    if by == DecidedBy.OFFICER:
        header["platform_officer"] = state
    else:
        header["platform_rules"] = state
    header["platform"] = max(header["platform_officer"], header["platform_rules"])
    n = emit(s, Event.PLATFORM_CHANGED, -1, -1)
    event = event_at(s, n, PLATFORM_EVENT)
    event["figure"] = command["figure"]
    event["old_state"] = old
    event["state"] = header["platform"]
    event["of_rules"] = header["platform_rules"]
    event["of_officer"] = header["platform_officer"]
    event["by"] = by
    event["reason"] = command["reason"]
    event["officer"] = command["officer"]
    event["note"] = command["note"]


@kernel
def _count_stop(s, before, after):
    header_at(s)["stops"] += np.int64(after != 0) - np.int64(before != 0)


@kernel
def write_stop(s, index, own, of_person):
    """Both levels of one account."""
    account = account_at(s, index)
    stop = own + STOP_OF_PERSON * of_person
    _count_stop(s, account["stop"], stop)
    account["stop"] = stop


@kernel
def _stop_account(s, command, level):
    index = np.int64(command["account"])
    if not known_account(s, index):
        return False
    write_stop(s, index, level, np.int64(account_at(s, index)["stop"]) // STOP_OF_PERSON)
    contract_at(s, index)["stop_until"] = command["until"]
    return True


@kernel
def _stop_person(s, command, level):
    slot = find_slot(s, person_key(command["person"]))
    if command["person"] < 0 or slot_at(s, slot)["key"] == EMPTY:
        refuse(s, np.int64(-1), Reason.UNKNOWN_PERSON, 0)
        return False
    account = np.int64(slot_at(s, slot)["position"])
    while account >= 0:
        write_stop(s, account, np.int64(account_at(s, account)["stop"]) % STOP_OF_PERSON, level)
        contract_at(s, account)["person_stop_until"] = command["until"]
        account = np.int64(contract_at(s, account)["next_account"])
    return True


@kernel
def _stop_instrument(s, command, level):
    index = np.int64(command["instrument"])
    if not known_stock(s, index):
        return False
    x = exposure_at(s, index)
    _count_stop(s, x["stop"], level)
    x["stop"] = level
    x["stop_until"] = command["until"]
    return True


@kernel
def set_stop(s, command):
    """Stops, or (level NONE) lets go, an account, a person or an instrument."""
    level, scope = np.int64(command["level"]), np.int64(command["scope"])
    done = False
    if level < 0 or level > StopLevel.NO_ORDERS or command["until"] < 0:
        refuse(s, np.int64(-1), Reason.OUT_OF_RANGE, StopLevel.NO_ORDERS)
    elif scope == StopScope.ACCOUNT:
        done = _stop_account(s, command, level)
    elif scope == StopScope.PERSON:
        done = _stop_person(s, command, level)
    elif scope == StopScope.INSTRUMENT:
        done = _stop_instrument(s, command, level)
    else:
        refuse(s, np.int64(-1), Reason.OUT_OF_RANGE, StopScope.INSTRUMENT)
    if not done:
        return
    n = emit(s, Event.STOP_CHANGED, np.int64(command["account"]), np.int64(command["instrument"]))
    event = event_at(s, n, STOP_EVENT)
    event["until"] = command["until"]
    event["scope"] = scope
    event["level"] = level
    event["person"] = command["person"]
    event["reason"] = command["reason"]
    event["officer"] = command["officer"]
