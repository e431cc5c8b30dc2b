"""The state of the engine and of its twin, as one plain value each."""

from math import floor
from typing import Any

from server.engine import queries
from server.engine.codes import Ledger, Side
from server.engine.engine import Engine
from tests.engine.twin.model import Account, Instrument
from tests.engine.twin.twin import Twin

State = dict[str, Any]
ACCOUNT = ("person", "klass", "product", "cash", "frozen", "debt", "grade", "status")
CONTRACT = (
    *("deposit", "loan", "unsettled", "shortfall", "realised"),
    *("interest_paid", "fees_paid", "opening_assets"),
)
POSITION = (
    *("quantity", "bought_today", "frozen", "open_buy", "cost", "realised"),
    *("opening_quantity", "day_flow", "synthetic"),
)
INSTRUMENT = (
    *("symbol", "mark", "last", "open", "high", "low", "volume", "turnover"),
    *("issuer", "phase"),
)


def state_of_engine(engine: Engine) -> State:
    header = engine.state.header[0]
    return {
        "ledgers": {ledger.name: int(header["ledger"][ledger]) for ledger in Ledger},
        "trades": int(header["trade_no"]),
        "date": int(header["date"]),
        "accounts": [_engine_account(engine, i) for i in range(int(header["accounts"]))],
        "instruments": [_engine_instrument(engine, i) for i in range(int(header["instruments"]))],
    }


def _engine_account(engine: Engine, index: int) -> State:
    row, contract = engine.state.accounts[index], engine.state.contracts[index]
    held = [engine.state.positions[i] for i in queries.positions_of(engine, index)]
    shown = {name: int(row[name]) for name in ACCOUNT}
    shown |= {name: int(contract[name]) for name in CONTRACT}
    shown["interest"] = int(contract["interest"])
    shown["value"] = int(row["value"])
    shown["withdrawable"] = queries.withdrawable(engine, index)
    shown["positions"] = [
        {"instrument": int(p["instrument"])} | {name: int(p[name]) for name in POSITION}
        for p in reversed(held)
    ]
    return shown


def _engine_book(engine: Engine, instrument: int, side: Side) -> list[tuple[int, int, int, int]]:
    """(id, account, remaining, price) of each order, best and oldest first."""
    row = engine.state.instruments[instrument]
    base = int(row["level_base"]) + side * int(row["levels"])
    found: list[tuple[int, int, int, int]] = []
    for price, _ in queries.book_side(engine, instrument, side, 10**9):
        level = (price - int(row["limit_down"])) // int(row["tick"])
        slot = int(engine.state.levels[base + level]["head"])
        while slot != queries.NONE:
            o = engine.state.orders[slot]
            found.append((int(o["id"]), int(o["account"]), int(o["remaining"]), int(o["price"])))
            slot = int(o["next"])
    return found


def _engine_instrument(engine: Engine, index: int) -> State:
    row = engine.state.instruments[index]
    base, count = int(row["holder_base"]), int(row["holders"])
    shown = {name: row[name].tolist() for name in INSTRUMENT}
    shown["holders"] = engine.state.holders["account"][base : base + count].tolist()
    shown["book"] = [_engine_book(engine, index, side) for side in Side]
    return shown


def state_of_twin(twin: Twin) -> State:
    return {
        "ledgers": {ledger.name: twin.ledgers[ledger] for ledger in Ledger},
        "trades": twin.trades,
        "date": twin.date,
        "accounts": [_twin_account(twin, i) for i in range(len(twin.accounts))],
        "instruments": [_twin_instrument(instrument) for instrument in twin.instruments],
    }


def _twin_account(twin: Twin, index: int) -> State:
    account: Account = twin.accounts[index]
    shown: State = {name: int(getattr(account, name)) for name in (*ACCOUNT, *CONTRACT)}
    shown["interest"] = floor(account.interest)
    shown["value"] = 0 if account.is_market else twin.value(account)
    shown["withdrawable"] = twin.withdrawable(index)
    shown["positions"] = [
        {"instrument": held.instrument} | {name: getattr(held, name) for name in POSITION}
        for held in account.positions
    ]
    return shown


def _twin_instrument(instrument: Instrument) -> State:
    shown: State = {name: getattr(instrument, name) for name in INSTRUMENT}
    shown["holders"] = [held.account for held in instrument.holders]
    shown["book"] = [
        [(o.id, o.account, o.remaining, o.price) for o in side] for side in instrument.book
    ]
    return shown
