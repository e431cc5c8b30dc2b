"""The state of the engine and of its twin, as one plain value each, and where two values differ."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np

from server.engine import queries
from server.engine.codes import Family, Ledger, OrderStatus, Side
from server.engine.credit import OF_FAMILY
from server.engine.engine import Engine
from server.engine.layout import INSTRUMENT as INSTRUMENT_ROW
from server.engine.layout import RULES as RULES_ROW
from server.engine.term_tables import FEES, TERMS
from server.engine.terms import DayTerms, FeeTerms, MoreTerms, ProductTerms, RuleTerms
from tests.engine.twin.desk_states import engine_desk, twin_desk
from tests.engine.twin.lending import PLAIN
from tests.engine.twin.model import PPM, Account, Claim, Instrument, Loan, Order, Position
from tests.engine.twin.twin import Twin

State = dict[str, Any]
ACCOUNT = ("person", "klass", "product", "cash", "frozen", "debt", "grade", "status")
CONTRACT = (
    *("deposit", "loan", "unsettled", "shortfall", "realised", "opened"),
    *("interest_paid", "fees_paid", "opening_assets", "receivable"),
    *("credit", "open_credit", "financed", "opened_day", "due_day", "extensions"),
    *("next_bill", "billed", "prepaid"),
)
LOAN = ("number", "principal", "quantity", "opened_day", "due_day", "extensions", "overdue")
POSITION = (
    *("quantity", "bought_today", "frozen", "open_buy", "cost", "realised"),
    *("opening_quantity", "day_flow", "synthetic", "unlisted"),
)
ORDER = (
    *("id", "account", "instrument", "side", "type", "origin", "price", "quantity", "remaining"),
    *("amount", "frozen", "seq", "time", "status"),
)
INSTRUMENT = (
    *("symbol", "mark", "last", "open", "high", "low", "volume", "turnover"),
    *("issuer", "phase", "close", "halts", "halt_until"),
)
PRODUCT = (
    *("version", "leverage", "annual_rate_ppm", "day_count", "single_cap_ppm", "exit_cost_ppm"),
    *("deposit_minimum", "deposit_maximum"),
)
CLAIM = ("cash", "shares", "rights", "worth", "price", "action")
_OF_ACCOUNT = (*ACCOUNT, *CONTRACT)
_of_account, _of_position, _of_order = (
    attrgetter(*names) for names in (_OF_ACCOUNT, POSITION, ORDER)
)
LINES = ("remind_ppm", "restrict_ppm", "reduce_ppm", "liquidate_ppm")


def difference(got: object, wanted: object, where: str = "") -> Iterator[str]:
    """Every place where two plain values differ."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for name in sorted(got.keys() | wanted.keys(), key=str):
            yield from difference(got.get(name), wanted.get(name), f"{where}.{name}")
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for index, (one, other) in enumerate(zip(got, wanted, strict=True)):
            yield from difference(one, other, f"{where}[{index}]")
    elif got != wanted:
        yield f"{where}: the engine has {got}, the twin {wanted}"


# The engine ---------------------------------------------------------------------------------------


def state_of_engine(engine: Engine) -> State:
    header = engine.state.header[0]
    accounts = range(int(header["accounts"]))
    touched = engine.state.touched["account"][: int(header["touched"])]
    return {
        "ledgers": {ledger.name: int(header["ledger"][ledger]) for ledger in Ledger},
        "trades": int(header["trade_no"]),
        "date": int(header["date"]),
        "policy": int(header["mark_policy"]),
        "in_frame": bool(header["in_frame"]),
        "held_since": (int(header["month_from"]), int(header["year_from"])),
        "claims": [_engine_claim(engine, row) for row in _claims(engine)],
        "days": int(header["days"]),
        "financing_margin": int(header["financing_margin_ppm"]),
        "touched": touched.tolist(),
        "accounts": _engine_accounts(engine),
        "instruments": [_engine_instrument(engine, i) for i in range(int(header["instruments"]))],
        "orders": _engine_orders(engine),
        "people": [_engine_family(engine, i) for i in accounts],
        "desk": engine_desk(engine),
    }


def _columns(rows: Any, names: Sequence[str]) -> list[State]:
    """The rows' fields as plain values: column by column, which is much sooner than row by row."""
    columns = [rows[name].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _engine_accounts(engine: Engine) -> list[State]:
    count = int(engine.state.header[0]["accounts"])
    accounts = _columns(engine.state.accounts[:count], ACCOUNT)
    contracts = _columns(engine.state.contracts[:count], CONTRACT)
    positions = engine.state.positions[: int(engine.state.header[0]["positions"])]
    figures = _columns(positions, ("instrument", *POSITION))
    return [_engine_account(engine, i, accounts[i] | contracts[i], figures) for i in range(count)]


def _engine_account(engine: Engine, index: int, shown: State, figures: list[State]) -> State:
    row, contract = engine.state.accounts[index], engine.state.contracts[index]
    held = queries.positions_of(engine, index)[::-1]
    shown["interest"] = _engine_interest(engine, row, contract)
    shown["family"] = int(row["family"]) & OF_FAMILY
    shown["value"] = int(row["value"])
    shown["loans"] = [_engine_loan(engine, i) for i in queries.loans_of(engine, index)]
    shown["is_overdue"] = bool(queries.is_overdue(engine, index))
    _, shown["drawable"], shown["margin"] = queries.credit_of(engine, index)
    shown["withdrawable"] = queries.withdrawable(engine, index)
    shown["positions"] = [
        {"lots": _engine_lots(engine, engine.state.positions[i])} | figures[i] for i in held
    ]
    return shown


def _engine_lots(engine: Engine, position: Any) -> list[tuple[int, int, list[int]]]:
    """As they are once the sold shares have left them: (quantity, acquired, tax)."""
    sold = int(position["bought_today"]) - int(position["quantity"])
    found: list[tuple[int, int, list[int]]] = []
    index = int(position["first_lot"])
    while index:
        lot = engine.state.lots[index]
        sold += int(lot["quantity"])
        found.append((int(lot["quantity"]), int(lot["acquired"]), lot["tax"].tolist()))
        index = int(lot["next"])
    left: list[tuple[int, int, list[int]]] = []
    for quantity, acquired, tax in found:
        part = min(quantity, sold)
        sold -= part
        if quantity > part:
            left.append((quantity - part, acquired, tax))
    return left


def _claims(engine: Engine) -> Any:
    return engine.state.claims[1 : int(engine.state.header[0]["claims"])]


def _engine_claim(engine: Engine, row: Any) -> State | None:
    if row["action"] == 0:
        return None
    owner = engine.state.positions[row["position"]]
    held = {"account": int(owner["account"]), "instrument": int(row["instrument"])}
    return held | {name: int(row[name]) for name in CLAIM}


def _engine_loan(engine: Engine, index: int) -> State:
    row = engine.state.loans[index]
    shown = {name: int(row[name]) for name in LOAN} | {"ratio": int(row["ratio_ppm"])}
    account = engine.state.accounts[int(row["account"])]
    shown["interest"] = _engine_interest(engine, account, row)
    return shown


def _engine_interest(engine: Engine, row: Any, contract: Any) -> Fraction:
    """To the last fraction."""
    interest = Fraction(int(contract["interest"]))
    remainder = int(contract["interest_remainder"])
    if remainder:
        interest += Fraction(remainder, PPM * int(engine.state.terms[row["product"]]["day_count"]))
    return interest


def _engine_family(engine: Engine, index: int) -> int:
    """The account that the same person opened before this one, or -1."""
    return int(engine.state.contracts[index]["next_account"])


def _engine_orders(engine: Engine) -> list[State]:
    rows = engine.state.orders[: int(engine.state.header[0]["orders"])]
    working = rows[rows["status"] != OrderStatus.FREE]
    return _columns(working, ORDER)


def _engine_book(engine: Engine, instrument: int, side: Side) -> list[tuple[int, int, int]]:
    """(price, quantity of the level, id) of each order, best and oldest first."""
    row = engine.state.instruments[instrument]
    base = int(row["level_base"]) + side * int(row["levels"])
    found: list[tuple[int, int, int]] = []
    for price, quantity in queries.book_side(engine, instrument, side, 10**9):
        level = (price - int(row["limit_down"])) // int(row["tick"])
        slot = int(engine.state.levels[base + level]["head"])
        while slot != queries.NONE:
            order = engine.state.orders[slot]
            found.append((price, quantity, int(order["id"])))
            slot = int(order["next"])
    return found


@lru_cache(maxsize=1_024)
def _engine_day(instrument: bytes, of_rules: bytes) -> State:
    """What two rows say; most of them say it again after the next command."""
    row = np.frombuffer(instrument, INSTRUMENT_ROW)[0]
    rules = np.frombuffer(of_rules, RULES_ROW)[0]
    shown = {name: row[name].tolist() for name in INSTRUMENT}
    shown["terms"] = [int(row[name]) for name in DayTerms._fields]
    shown["rules"] = {
        name: (row if name == "queue" else rules)[name].tolist() for name in RuleTerms._fields
    }
    return shown


def _engine_instrument(engine: Engine, index: int) -> State:
    row = engine.state.instruments[index]
    shown = _engine_day(row.tobytes(), engine.state.rules[index].tobytes()).copy()
    base, count = int(row["holder_base"]), int(row["holders"])
    slab = engine.state.holders[base : base + count]
    shown["holders"] = list(zip(slab["account"].tolist(), slab["quantity"].tolist(), strict=True))
    shown["book"] = [_engine_book(engine, index, side) for side in Side]
    return shown


def terms_of_engine(engine: Engine, schedules: Iterable[int], products: Iterable[int]) -> State:
    """Fee schedules and products, by their indices."""
    fees, terms = engine.state.fees, engine.state.terms
    return {
        "fees": {i: _engine_fees(fees[i].tobytes()) for i in schedules},
        "products": {i: _engine_product(terms[i].tobytes()) for i in products},
    }


@lru_cache(maxsize=256)
def _engine_fees(packed: bytes) -> list[int]:
    row = np.frombuffer(packed, FEES)[0]
    return [int(row[name]) for name in FeeTerms._fields]


@lru_cache(maxsize=256)
def _engine_product(packed: bytes) -> State:
    row = np.frombuffer(packed, TERMS)[0]
    shown = {name: int(row[name]) for name in PRODUCT}
    shown["class_cap_ppm"] = tuple(row["class_cap_ppm"].tolist())
    more = {name: row[name].tolist() for name in MoreTerms._fields}
    shown |= {n: tuple(v) if isinstance(v, list) else v for n, v in more.items()}
    return shown | dict(zip(LINES, row["line_ppm"].tolist(), strict=True))


# The twin -----------------------------------------------------------------------------------------


def state_of_twin(twin: Twin) -> State:
    return {
        "ledgers": {ledger.name: twin.ledgers[ledger] for ledger in Ledger},
        "trades": twin.trades,
        "date": twin.date,
        "policy": int(twin.policy),
        "in_frame": twin.in_frame,
        "held_since": (twin.month_from, twin.year_from),
        "claims": [_twin_claim(claim) for claim in twin.claims],
        "days": twin.days,
        "financing_margin": twin.financing_margin,
        "touched": twin.touched.copy(),
        "accounts": [_twin_account(twin, i) for i in range(len(twin.accounts))],
        "instruments": [_twin_instrument(instrument) for instrument in twin.instruments],
        "orders": [_twin_order(order) for order in twin.arena if order],
        "people": [_twin_family(twin, i) for i in range(len(twin.accounts))],
        "desk": twin_desk(twin),
    }


def _twin_account(twin: Twin, index: int) -> State:
    account: Account = twin.accounts[index]
    shown: State = dict(zip(_OF_ACCOUNT, map(int, _of_account(account)), strict=True))
    shown["interest"] = account.interest
    shown["value"] = 0 if account.is_market else twin.value(account)
    shown["withdrawable"] = twin.withdrawable(index)
    shown["family"] = int(account.family)
    shown["loans"] = [_twin_loan(loan) for loan in account.loans]
    shown["is_overdue"] = account.overdue
    shown["drawable"] = twin.drawable(account)
    shown["margin"] = 0
    if account.family == Family.LICENSED:
        shown["margin"] = twin.available_margin(account)
    elif account.family == Family.COMBINATION:
        shown["margin"] = twin.free_margin(account)
    shown["positions"] = [_twin_position(held) for held in account.positions]
    return shown


def _twin_loan(loan: Loan) -> State:
    shown: State = {name: int(getattr(loan, name)) for name in LOAN}
    return shown | {"ratio": loan.ratio, "interest": loan.interest}


def _twin_position(held: Position) -> State:
    shown = dict(zip(POSITION, _of_position(held), strict=True))
    lots = [(lot.quantity, lot.acquired, lot.tax) for lot in held.lots]
    return {"instrument": held.instrument, "lots": lots} | shown


def _twin_claim(claim: Claim | None) -> State | None:
    if claim is None:
        return None
    held = {"account": claim.held.account, "instrument": claim.held.instrument}
    return held | {name: getattr(claim, name) for name in CLAIM}


def _twin_family(twin: Twin, index: int) -> int:
    person = twin.accounts[index].person
    own = [i for i, other in enumerate(twin.accounts[:index]) if other.person == person]
    return own[-1] if own else -1


def _twin_order(order: Order) -> State:
    return dict(zip(ORDER, map(int, _of_order(order)), strict=True))


def _twin_instrument(instrument: Instrument) -> State:
    shown: State = {name: getattr(instrument, name) for name in INSTRUMENT}
    shown["terms"] = list(instrument.day)
    shown["rules"] = instrument.rules._asdict() | {"halt_ppm": list(instrument.rules.halt_ppm)}
    shown["holders"] = [(held.account, held.quantity) for held in instrument.holders]
    shown["book"] = [_twin_book(side) for side in instrument.book]
    return shown


def _twin_book(side: list[Order]) -> list[tuple[int, int, int]]:
    level = {order.price: 0 for order in side}
    for order in side:
        level[order.price] += order.remaining
    return [(order.price, level[order.price], order.id) for order in side]


def terms_of_twin(twin: Twin) -> State:
    return {
        "fees": {i: list(terms) for i, terms in twin.fees.items()},
        "products": {
            i: _twin_product(terms, twin.more_terms.get(i, PLAIN))
            for i, terms in twin.products.items()
        },
    }


@lru_cache(maxsize=256)
def _twin_product(terms: ProductTerms, more: MoreTerms) -> State:
    return terms._asdict() | more._asdict()
