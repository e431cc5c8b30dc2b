"""The trading day: opening with every resolved figure, phases, prices, the close."""

import numpy as np

from server.engine.access import (
    account_at,
    contract_at,
    event_at,
    exposure_at,
    header_at,
    holder_at,
    instrument_at,
    level_at,
    position_at,
    rules_at,
    summary_at,
    word_at,
)
from server.engine.arithmetic import muldiv
from server.engine.book import NONE
from server.engine.claims import scale_claims
from server.engine.codes import CashMove, Event, Ledger, Phase
from server.engine.entering import release_held, send_queued
from server.engine.halts import turn_halted
from server.engine.jit import kernel
from server.engine.life import release_due
from server.engine.loans import NO_LOAN, scale_loans
from server.engine.lots import close_lots_of_day, settle_lots
from server.engine.margin import set_mark, touch
from server.engine.output import emit, emit_cash, emit_refusal
from server.engine.positions import write_holder
from server.engine.reasons import Reason
from server.engine.records import DAY_EVENT, ENTITLED_EVENT
from server.engine.tape import clear_tape
from server.engine.trading import expire_all

WORD = 64


@kernel
def open_day(s, command):
    """Rolls T+1 and the day's figures. What follows until LADDERS is graded together.

    Orders of a day that was never closed end here: no order outlives its ladder.
    """
    expire_all(s)
    header = header_at(s)
    header["mark_policy"] = command["mark_policy"]
    header["conventions"] = command["conventions"]
    header["in_frame"] = 1
    header["limits"] = 0
    for i in range(header["instruments"]):
        exposure_at(s, i)["quarantined"] = 0
        exposure_at(s, i)["agreed"] = 0
    for i in range(header["positions"]):
        close_lots_of_day(s, i, np.int64(header["date"]))
        position = position_at(s, i)
        position["bought_today"] = 0
        position["opening_quantity"] = position["quantity"]
        position["day_flow"] = 0
    if header["releasing"] > 0:
        release_due(s)
    for i in range(header["accounts"]):
        contract_at(s, i)["unsettled"] = 0
        contract_at(s, i)["opening_assets"] = account_at(s, i)["cash"] + account_at(s, i)["value"]
    header["date"] = command["date"]
    n = emit(s, Event.DAY_OPENED, -1, -1)
    event_at(s, n, DAY_EVENT)["date"] = command["date"]


@kernel
def add_instrument(s, command):
    header = header_at(s)
    index = np.int64(header["instruments"])
    if command["instrument"] != index:
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, index)
        return
    header["instruments"] = index + 1
    instrument = instrument_at(s, index)
    instrument["symbol"] = command["symbol"]
    instrument["tape_first"] = NONE
    instrument["tape_last"] = NONE
    for side in range(2):
        instrument["best"][side] = NONE


@kernel
def known_instrument(s, index):
    if 0 <= index < header_at(s)["instruments"]:
        return True
    emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.UNKNOWN_INSTRUMENT, 0)
    return False


@kernel
def _has_orders(s, instrument):
    """Open orders; those that the broker keeps, of whatever instrument."""
    waiting = header_at(s)["waiting"] + instrument["waiting"]
    return instrument["live"][0] > 0 or instrument["live"][1] > 0 or waiting > 0


@kernel
def set_instrument_day(s, command):
    """Takes an instrument's terms for the day; the mark becomes the reference price."""
    index = np.int64(command["instrument"])
    if not known_instrument(s, index):
        return
    instrument = instrument_at(s, index)
    if _has_orders(s, instrument):
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, 0)
        return
    instrument["reference"] = command["reference"]
    instrument["limit_up"] = command["limit_up"]
    instrument["limit_down"] = command["limit_down"]
    instrument["tick"] = command["tick"]
    instrument["lot"] = command["lot"]
    instrument["buy_minimum"] = command["buy_minimum"]
    instrument["buy_step"] = command["buy_step"]
    instrument["sell_minimum"] = command["sell_minimum"]
    instrument["sell_step"] = command["sell_step"]
    instrument["max_limit_quantity"] = command["max_limit_quantity"]
    instrument["max_market_quantity"] = command["max_market_quantity"]
    instrument["limit_ppm"] = command["limit_ppm"]
    instrument["valuation_ppm"] = command["valuation_ppm"]
    instrument["fee_schedule"] = command["fee_schedule"]
    instrument["session"] = command["session"]
    instrument["limit_kind"] = command["limit_kind"]
    instrument["holding_class"] = command["holding_class"]
    instrument["suspended"] = command["suspended"]
    instrument["same_day_sale"] = command["same_day_sale"]
    instrument["phase"] = Phase.CLOSED
    instrument["last"] = command["reference"]
    instrument["open"] = 0
    instrument["high"] = 0
    instrument["low"] = 0
    instrument["volume"] = 0
    instrument["turnover"] = 0
    instrument["close"] = 0
    instrument["halts"] = 0
    if instrument["halt_until"] != 0:
        instrument["halt_until"] = 0
        header_at(s)["halted"] -= 1
    clear_tape(s, index)
    _reset_rules(s, index)
    set_mark(s, index, command["reference"])


@kernel
def _reset_rules(s, index):
    """All of an instrument's rules are 0 until INSTRUMENT_RULES says otherwise."""
    rules = rules_at(s, index)
    rules["call_low"] = 0
    rules["call_high"] = 0
    rules["float_shares"] = 0
    rules["cage_ppm"] = 0
    rules["cage_ticks"] = 0
    rules["halt_ppm"][0] = 0
    rules["halt_ppm"][1] = 0
    rules["close_ppm"] = 0
    rules["collateral_ppm"] = 0
    rules["coefficient_ppm"] = 0
    rules["sector"] = 0
    rules["order_types"] = 0
    rules["auction_rule"] = 0
    rules["board"] = 0
    rules["cage_hold"] = 0
    rules["protection"] = 0
    instrument_at(s, index)["ruled"] = 0
    instrument_at(s, index)["queue"] = 0
    instrument_at(s, index)["watched"] = 0
    rules["after_hours"] = 0
    rules["fixed_maximum"] = 0
    rules["st"] = 0


@kernel
def set_instrument_rules(s, command):
    """Takes what else the day's rules say of an instrument; only while no order is open."""
    index = np.int64(command["instrument"])
    if not known_instrument(s, index):
        return
    instrument = instrument_at(s, index)
    if _has_orders(s, instrument):
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, 0)
        return
    rules = rules_at(s, index)
    rules["call_low"] = command["call_low"]
    rules["call_high"] = command["call_high"]
    rules["float_shares"] = command["float_shares"]
    rules["cage_ppm"] = command["cage_ppm"]
    rules["cage_ticks"] = command["cage_ticks"]
    rules["halt_ppm"][0] = command["halt_ppm"][0]
    rules["halt_ppm"][1] = command["halt_ppm"][1]
    rules["close_ppm"] = command["close_ppm"]
    rules["collateral_ppm"] = command["collateral_ppm"]
    rules["coefficient_ppm"] = command["coefficient_ppm"]
    rules["sector"] = command["sector"]
    rules["order_types"] = command["order_types"]
    rules["auction_rule"] = command["auction_rule"]
    rules["board"] = command["board"]
    rules["cage_hold"] = command["cage_hold"]
    rules["protection"] = command["protection"]
    instrument["queue"] = command["queue"]
    instrument["ruled"] = 1
    watched = command["halt_ppm"][0] > 0 or command["halt_ppm"][1] > 0
    instrument["watched"] = 1 if watched else 0
    rules["after_hours"] = command["after_hours"]
    rules["fixed_maximum"] = command["fixed_maximum"]
    rules["st"] = command["st"]


@kernel
def ladder_levels(instrument):
    """Levels of a day's ladder, both limits included."""
    if instrument["tick"] == 0:
        return 0
    width = instrument["limit_up"] - instrument["limit_down"]
    return width // np.int64(instrument["tick"]) + 1


@kernel
def ladders_needed(s):
    """(levels, words, summaries) that all of the day's ladders take, both sides."""
    levels, words, summaries = 0, 0, 0
    for i in range(header_at(s)["instruments"]):
        count = ladder_levels(instrument_at(s, i))
        of_words = (count + WORD - 1) // WORD
        levels += 2 * count
        words += 2 * of_words
        summaries += 2 * ((of_words + WORD - 1) // WORD)
    return levels, words, summaries


@kernel
def lay_ladders(s):
    """Gives every instrument its slice for the day, empty."""
    levels, words, summaries = 0, 0, 0
    header = header_at(s)
    for i in range(header["instruments"]):
        instrument = instrument_at(s, i)
        count = ladder_levels(instrument)
        of_words = (count + WORD - 1) // WORD
        of_summaries = (of_words + WORD - 1) // WORD
        instrument["levels"] = count
        instrument["level_base"] = levels
        instrument["word_base"] = words
        instrument["words"] = of_words
        instrument["summary_base"] = summaries
        instrument["summaries"] = of_summaries
        for side in range(2):
            instrument["best"][side] = NONE
        levels += 2 * count
        words += 2 * of_words
        summaries += 2 * of_summaries
    for i in range(levels):
        row = level_at(s, i)
        row["head"] = NONE
        row["tail"] = NONE
        row["quantity"] = 0
    for i in range(words):
        word_at(s, i)["bits"] = np.uint64(0)
    for i in range(summaries):
        summary_at(s, i)["bits"] = np.uint64(0)
    header["levels"] = levels
    header["words"] = words
    header["summaries"] = summaries
    header["in_frame"] = 0


@kernel
def change_phase(s, command):
    """Sets the phase of a session group, or (-1) of all; sends what waited for it.

    What the price cage still holds goes to a call whose range admits it.
    """
    holding = False
    n = emit(s, Event.PHASE_CHANGED, -1, -1)
    event = event_at(s, n, DAY_EVENT)
    event["date"] = header_at(s)["date"]
    event["phase"] = command["phase"]
    event["session"] = command["session"]
    for i in range(header_at(s)["instruments"]):
        instrument = instrument_at(s, i)
        if command["session"] < 0 or instrument["session"] == command["session"]:
            if instrument["halt_until"] == 0:
                instrument["phase"] = command["phase"]
            else:
                turn_halted(s, np.int64(i), np.int64(command["phase"]))
            holding = holding or instrument["waiting"] > 0
    if holding:
        for i in range(header_at(s)["instruments"]):
            if instrument_at(s, i)["waiting"] > 0:
                release_held(s, np.int64(i))
    if header_at(s)["waiting"] > 0:
        send_queued(s)


@kernel
def close_day(s):
    expire_all(s)
    for i in range(header_at(s)["instruments"]):
        instrument_at(s, i)["phase"] = Phase.CLOSED
        instrument_at(s, i)["halt_until"] = 0
    header_at(s)["halted"] = 0
    n = emit(s, Event.DAY_CLOSED, -1, -1)
    event_at(s, n, DAY_EVENT)["date"] = header_at(s)["date"]


@kernel
def _entitle(s, index, old_close, reference):
    """Turns shares at the old close into shares at the reference and cash for the fraction."""
    position = position_at(s, index)
    account_index = np.int64(position["account"])
    instrument_index = np.int64(position["instrument"])
    instrument = instrument_at(s, instrument_index)
    old = position["quantity"]
    new = muldiv(old, old_close, reference)
    cash = old * old_close - new * reference
    settle_lots(s, position, np.int64(header_at(s)["date"]))
    scale_claims(s, index, old_close, reference)
    position["quantity"] = new
    position["opening_quantity"] = new
    position["synthetic"] += new - old
    position["cost"] = max(np.int64(0), position["cost"] - cash)
    position["day_flow"] += cash
    if position["first_loan"] != NO_LOAN:
        scale_loans(s, index, old_close, reference)
    instrument["issuer"] -= new - old
    header_at(s)["ledger"][Ledger.ISSUER] -= cash
    account = account_at(s, account_index)
    account["cash"] += cash
    account["value"] += (new - old) * instrument["mark"]
    settle_lots(s, position, np.int64(header_at(s)["date"]))
    write_holder(s, instrument, index)
    touch(s, account_index)
    n = emit(s, Event.ENTITLED, account_index, instrument_index)
    event = event_at(s, n, ENTITLED_EVENT)
    event["old_quantity"] = old
    event["new_quantity"] = new
    event["cash"] = cash
    emit_cash(s, account_index, CashMove.ENTITLEMENT, cash, account["cash"], -1 - Ledger.ISSUER)


@kernel
def entitle(s, command):
    """Books an ex-date that has no action table: no holder's value changes (section 1.8).

    Valid between DAY_OPEN and INSTRUMENT_DAY, while no order is open.
    """
    index = np.int64(command["instrument"])
    if not known_instrument(s, index):
        return
    instrument = instrument_at(s, index)
    bad = command["old_close"] <= 0 or command["reference"] <= 0
    header = header_at(s)
    orders = header["live_orders"] + header["waiting"] + header["held"]
    if bad or header["in_frame"] == 0 or orders > 0:
        emit_refusal(s, Event.COMMAND_REJECTED, -1, index, Reason.OUT_OF_ORDER, 0)
        return
    base = np.int64(instrument["holder_base"])
    for i in range(np.int64(instrument["holders"]) - 1, -1, -1):
        holder = np.int64(holder_at(s, base + i)["position"])
        _entitle(s, holder, command["old_close"], command["reference"])
    instrument["last"] = command["reference"]
    set_mark(s, index, command["reference"])
