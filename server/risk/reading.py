"""Reads contracts and orders out of the engine's tables, for plans and statements."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from server.engine import queries
from server.engine.codes import AccountClass, Grade, Phase, Side
from server.engine.engine import Engine
from server.engine.queries import is_overdue, loans_of
from server.risk.cure import half_up_to_fen
from server.risk.portfolio import Holding, Portfolio
from server.risk.quotes import Quotes
from server.risk.runs import Figures

CANCELLABLE = (Phase.OPENING_CALL, Phase.CONTINUOUS, Phase.HALTED)


class Lines(NamedTuple):
    """The four lines of a contract, in ppm (section 5.3)."""

    remind: int
    restrict: int
    reduce: int
    liquidate: int


def lines_of(engine: Engine, account: int) -> Lines:
    terms = engine.state.terms[int(engine.state.accounts[account]["product"])]
    return Lines(*(int(line) for line in terms["line_ppm"]))


def restore_ppm(engine: Engine, account: int) -> int:
    """The ratio that ends a call: the product's, or the restrict line."""
    terms = engine.state.terms[int(engine.state.accounts[account]["product"])]
    return int(terms["call_restore_ppm"]) or int(terms["line_ppm"][Grade.RESTRICT - 1])


def is_restored(engine: Engine, account: int, grade: int) -> bool:
    """Whether a grade means that the ratio is above the one that ends a call."""
    lines = lines_of(engine, account)
    worst = Grade.REMIND if restore_ppm(engine, account) < lines.remind else Grade.NORMAL
    return grade <= worst


def sessions_to_restore(engine: Engine, account: int) -> int:
    """Of a call, beside the day of the crossing; 0: until that day's cut-off."""
    return int(engine.state.terms[int(engine.state.accounts[account]["product"])]["call_days"])


def person_of(engine: Engine, account: int) -> int:
    return int(engine.state.accounts[account]["person"])


def holders_of(engine: Engine, index: int) -> list[int]:
    """Accounts that hold an instrument, the market's left out, in order."""
    row = engine.state.instruments[index]
    base = int(row["holder_base"])
    holders = engine.state.holders["account"][base : base + int(row["holders"])]
    classes = engine.state.accounts["klass"][holders]
    return sorted(holders[classes != AccountClass.MARKET].tolist())


def grade_of(engine: Engine, account: int) -> int:
    return int(engine.state.accounts[account]["grade"])


def figures_of(engine: Engine, account: int) -> Figures:
    """The account after the last command applied."""
    row = engine.state.accounts[account]
    return Figures(
        seq=engine.seq,
        time=engine.time,
        cash=int(row["cash"]),
        value=int(row["value"]),
        debt=int(row["debt"]),
        shortfall=int(engine.state.contracts[account]["shortfall"]),
    )


def _holding(
    quotes: Quotes, index: int, sell_last: Collection[int], late: Collection[int]
) -> Holding:
    position = quotes.engine.state.positions[index]
    instrument, frozen = int(position["instrument"]), int(position["frozen"])
    quote = quotes.of(instrument)
    return Holding(
        instrument,
        quote.symbol,
        int(position["quantity"]) - frozen,
        frozen,
        queries.position_sellable(quotes.engine, index),
        *quote[1:14],
        sell_last=instrument in sell_last,
        lowest_sale=quote.lowest_sale,
        protected=quote.protected,
        overdue=instrument in late,
        taxed=tuple(queries.taxed_lots(quotes.engine, index)) if position["taxed"] else (),
    )


def amount_overdue(engine: Engine, account: int) -> int:
    """What a repayment of everything overdue takes, in whole fen; 0 when nothing is."""
    if not is_overdue(engine, account):
        return 0
    rows = [engine.state.loans[row] for row in loans_of(engine, account)]
    if not rows:
        contract = engine.state.contracts[account]
        if not 0 < contract["due_day"] <= engine.state.header[0]["days"]:
            return int(contract["billed"])
        return int(contract["loan"]) + half_up_to_fen(int(contract["interest"]))
    late = [row for row in rows if row["overdue"]]
    return sum(int(row["principal"]) + half_up_to_fen(int(row["interest"])) for row in late)


def shares_overdue(engine: Engine, account: int) -> set[int]:
    """Instruments that a licensed account owes an overdue loan for."""
    if not is_overdue(engine, account):
        return set()
    rows = [engine.state.loans[row] for row in loans_of(engine, account)]
    held = [int(row["position"]) for row in rows if row["overdue"]]
    return {int(engine.state.positions[index]["instrument"]) for index in held}


def read_portfolio(
    engine: Engine, account: int, sell_last: Collection[int] = (), quotes: Quotes | None = None
) -> Portfolio:
    """The contract `account` as it stands now; `sell_last` are the instruments it tagged so.

    Who reads many contracts hands in the quotes that they share.
    """
    quotes = quotes or Quotes(engine)
    row = engine.state.accounts[account]
    contract = engine.state.contracts[account]
    cash = int(row["cash"])
    positions = engine.state.positions
    held = [i for i in queries.positions_of(engine, account) if positions[i]["quantity"] > 0]
    late = shares_overdue(engine, account)
    return Portfolio(
        account=account,
        person=int(row["person"]),
        cash=cash,
        free_cash=cash - int(row["frozen"]),
        assets=cash + int(row["value"]),
        debt=int(row["debt"]),
        owed=int(contract["loan"]) + half_up_to_fen(int(contract["interest"])),
        restrict_ppm=restore_ppm(engine, account),
        holdings=tuple(_holding(quotes, i, sell_last, late) for i in held),
        overdue=amount_overdue(engine, account),
    )


def without_orders(engine: Engine, portfolio: Portfolio) -> Portfolio:
    """The portfolio once CANCEL_ALL, which a run begins with, has ended what it can end."""
    orders = engine.state.orders
    free_cash, freed = portfolio.free_cash, dict[int, int]()
    for index in queries.orders_of(engine, portfolio.account):
        order = orders[index]
        instrument = int(order["instrument"])
        if Phase(int(engine.state.instruments[instrument]["phase"])) not in CANCELLABLE:
            continue
        if order["side"] == Side.BUY:
            free_cash += int(order["frozen"])
        else:
            freed[instrument] = freed.get(instrument, 0) + int(order["remaining"])
    holdings = tuple(
        replace(
            each,
            balance=each.balance + freed.get(each.instrument, 0),
            frozen=each.frozen - freed.get(each.instrument, 0),
            sellable=each.sellable + freed.get(each.instrument, 0),
        )
        for each in portfolio.holdings
    )
    return replace(portfolio, free_cash=free_cash, holdings=holdings)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    account: int
    order_id: int
    instrument: int
    price: int
    origin: int


def open_orders(engine: Engine, account: int, side: Side | None = None) -> list[OpenOrder]:
    """Working orders of an account, of one side or both."""
    orders = engine.state.orders
    found: list[OpenOrder] = []
    for index in queries.orders_of(engine, account):
        order = orders[index]
        if side is None or int(order["side"]) == side:
            numbers = (int(order[name]) for name in ("id", "instrument", "price", "origin"))
            found.append(OpenOrder(account, *numbers))
    return found
