"""The platform's limits in the path of orders and loans (sections 4.6, 7.5 of the rules).

Each check returns (reason, what would pass), as in `checks`. What is not set costs a compare.
"""

import numpy as np

from server.engine.access import (
    account_at,
    concentration_at,
    contract_at,
    exposure_at,
    header_at,
    instrument_at,
    limits_at,
    position_at,
    slot_at,
    terms_at,
)
from server.engine.admission import WHOLE, exposure, whole_steps
from server.engine.arithmetic import FEN, HIGHEST, PPM, muldiv, ratio_ppm
from server.engine.codes import (
    AccountClass,
    ConcentrationScope,
    Ledger,
    Origin,
    PlatformState,
    Side,
    StopLevel,
)
from server.engine.jit import kernel
from server.engine.layout import STOP_OF_PERSON
from server.engine.positions import EMPTY, borrows, find_position, find_slot, person_key
from server.engine.reasons import Reason
from server.engine.records import RATIO_TIERS
from server.engine.term_tables import CLASSES


@kernel
def _passed():
    return np.int64(Reason.NONE), np.int64(0)


@kernel
def _refused(reason, figure):
    return np.int64(reason), np.int64(figure)


# Stops and the platform's state -------------------------------------------------------------------


@kernel
def _is_on(s, level, until, side):
    if level == StopLevel.NONE or (until != 0 and header_at(s)["time"] >= until):
        return False
    return level == StopLevel.NO_ORDERS or side == Side.BUY


@kernel
def _check_stops(s, account_index, index, side, origin):
    x = exposure_at(s, index)
    if _is_on(s, x["stop"], x["stop_until"], side):
        return _refused(Reason.STOPPED_INSTRUMENT, 0)
    stop = np.int64(account_at(s, account_index)["stop"])
    if stop == 0 or origin != Origin.CLIENT:
        return _passed()
    contract = contract_at(s, account_index)
    if _is_on(s, stop % STOP_OF_PERSON, contract["stop_until"], side):
        return _refused(Reason.STOPPED_ACCOUNT, 0)
    if _is_on(s, stop // STOP_OF_PERSON, contract["person_stop_until"], side):
        return _refused(Reason.STOPPED_PERSON, 0)
    return _passed()


@kernel
def check_gate(s, account, index, side, origin):
    """What is shut to clients. Forced sales and officers pass the stops of people and accounts."""
    header = header_at(s)
    if header["stops"] == 0 and header["platform"] == PlatformState.NORMAL:
        return _passed()
    if account_at(s, account)["klass"] == AccountClass.MARKET:
        return _passed()
    if header["platform"] == PlatformState.HALTED:
        return _refused(Reason.HALTED, 0)
    if header["platform"] == PlatformState.REDUCE_ONLY and side == Side.BUY:
        return _refused(Reason.REDUCE_ONLY, 0)
    return _check_stops(s, account, index, side, origin)


# Concentration, and one stock over the whole platform ---------------------------------------------


@kernel
def table_of(s, product, holding_class, scope):
    """(row, first of its cells) of the tiers for a product; row 0 where it has none of its own."""
    cell = np.int64(holding_class) + CLASSES * np.int64(scope)
    row = np.int64(product) + 1
    if concentration_at(s, row)["tiers"][cell] == 0:
        row = np.int64(0)
    return row, cell


@kernel
def _ratio(account):
    """That of assets to debt in ppm; HIGHEST without debt."""
    if account["debt"] <= 0:
        return HIGHEST
    return ratio_ppm(account["cash"] + account["value"], account["debt"])


@kernel
def tier_cap(s, ratio, product, holding_class, scope):
    """The share of the assets that the tier of a ratio admits; HIGHEST without tiers."""
    row, cell = table_of(s, product, holding_class, scope)
    table = concentration_at(s, row)
    count = np.int64(table["tiers"][cell])
    if count == 0:
        return HIGHEST
    first = cell * RATIO_TIERS
    for i in range(first, first + count):
        if ratio >= table["from_ppm"][i]:
            return np.int64(table["cap_ppm"][i])
    return np.int64(0)


@kernel
def class_exposure(s, account, holding_class):
    """What an account has in all stocks of a class, open buys included."""
    worth = np.int64(0)
    index = np.int64(account["first_position"])
    while index >= 0:
        position = position_at(s, index)
        instrument = instrument_at(s, position["instrument"])
        if instrument["holding_class"] == holding_class:
            worth += exposure(position, instrument)
        index = np.int64(position["next"])
    return worth


@kernel
def person_exposure(s, person, index):
    """What a person has in one stock over all accounts that borrow, open buys included."""
    slot = find_slot(s, person_key(person))
    if slot_at(s, slot)["key"] == EMPTY:
        return np.int64(0)
    worth = np.int64(0)
    account = np.int64(slot_at(s, slot)["position"])
    while account >= 0:
        if borrows(account_at(s, account)["klass"]):
            held = find_position(s, account, index)
            worth += exposure(position_at(s, held), instrument_at(s, index))
        account = np.int64(contract_at(s, account)["next_account"])
    return worth


@kernel
def _check_tiers(s, account, held, index, new, price):
    instrument = instrument_at(s, index)
    assets = account["cash"] + account["value"]
    product, of = account["product"], instrument["holding_class"]
    ratio = _ratio(account)
    cap = tier_cap(s, ratio, product, of, ConcentrationScope.STOCK)
    if cap < WHOLE:
        room = muldiv(max(assets, np.int64(0)), cap, PPM) - exposure(
            position_at(s, held), instrument
        )
        if new > room:
            return _refused(Reason.CONCENTRATION_TIER, whole_steps(instrument, room, price))
    cap = tier_cap(s, ratio, product, of, ConcentrationScope.BOARD)
    if cap < WHOLE:
        room = muldiv(max(assets, np.int64(0)), cap, PPM) - class_exposure(s, account, of)
        if new > room:
            return _refused(Reason.BOARD_CONCENTRATION, whole_steps(instrument, room, price))
    return _passed()


@kernel
def check_limits(s, account_index, index, held, quantity, price):
    """(reason, largest quantity) for a buy by an account that borrows, on a day with limits."""
    account = account_at(s, account_index)
    if not borrows(account["klass"]):
        return _passed()
    instrument = instrument_at(s, index)
    new = quantity * price
    reason, figure = _check_tiers(s, account, held, index, new, price)
    if reason != Reason.NONE:
        return reason, figure
    x = exposure_at(s, index)
    if x["full"] != 0:
        excess = x["financed"] - x["resume_shares"] + 1
        return _refused(Reason.FINANCING_FULL, max(excess, np.int64(0)))
    if x["cap"] > 0:
        room = x["cap"] - (x["financed"] + x["pending"]) * instrument["mark"]
        if new > room:
            return _refused(Reason.STOCK_CAP, whole_steps(instrument, room, price))
    cap = limits_at(s, 0)["person_stock_cap"]
    if cap > 0:
        room = cap - person_exposure(s, account["person"], index)
        if new > room:
            return _refused(Reason.PERSON_STOCK_CAP, whole_steps(instrument, room, price))
    return _passed()


# Lending ------------------------------------------------------------------------------------------


@kernel
def person_loans(s, person):
    """What a person owes the lender over all contracts: shortfalls and open buys included."""
    slot = find_slot(s, person_key(person))
    owed = np.int64(0)
    if slot_at(s, slot)["key"] == EMPTY:
        return owed
    account = np.int64(slot_at(s, slot)["position"])
    while account >= 0:
        contract = contract_at(s, account)
        owed += contract["loan"] + contract["shortfall"] + contract["open_credit"]
        account = np.int64(contract["next_account"])
    return owed


@kernel
def lent(s):
    """What the lender has out, bad debts included."""
    return max(np.int64(0), -header_at(s)["ledger"][Ledger.LENDER])


@kernel
def check_lending(s, account, loan):
    """(reason, largest loan) for new money lent to the person of `account`."""
    header = header_at(s)
    if header["platform"] != PlatformState.NORMAL:
        return _refused(Reason.NO_NEW_FINANCING, 0)
    stop = np.int64(account_at(s, account)["stop"])
    contract = contract_at(s, account)
    if _is_on(s, stop % STOP_OF_PERSON, contract["stop_until"], Side.BUY):
        return _refused(Reason.STOPPED_ACCOUNT, 0)
    if _is_on(s, stop // STOP_OF_PERSON, contract["person_stop_until"], Side.BUY):
        return _refused(Reason.STOPPED_PERSON, 0)
    if header["limits"] == 0:
        return _passed()
    limits = limits_at(s, 0)
    if limits["client_cap"] > 0:
        room = limits["client_cap"] - person_loans(s, account_at(s, account)["person"])
        if loan > room:
            return _refused(Reason.CLIENT_LENDING_CAP, max(room, np.int64(0)))
    if limits["lending_cap"] > 0:
        room = limits["lending_cap"] - lent(s) - header["open_credit"]
        if loan > room:
            return _refused(Reason.LENDING_CAP, max(room, np.int64(0)))
    return _passed()


@kernel
def check_contract_loan(s, source, product, deposit):
    """As `check_lending`, for the loan on a deposit; the figure is the largest deposit."""
    terms = terms_at(s, product)
    leverage = np.int64(terms["leverage"])
    reason, room = check_lending(s, source, deposit * leverage)
    if reason != Reason.CLIENT_LENDING_CAP and reason != Reason.LENDING_CAP:
        return reason, room
    largest = room // leverage // FEN * FEN
    return reason, largest if largest >= terms["deposit_minimum"] else np.int64(0)
