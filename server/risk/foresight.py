"""What forced sales would do to an account: now, and if orders, deposits or prices came first.

The plan shown is the plan a run would send: made by the same planner from the same figures, as they
are once the run's CANCEL_ALL has ended the account's open orders.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from server.engine import queries
from server.engine.codes import AccountClass, AccountStatus, Grade, Phase
from server.engine.engine import Engine
from server.engine.supposing import Supposed, SupposedOrder, suppose
from server.risk.book import Book
from server.risk.cure import PPM, repayment_to_cure
from server.risk.plan import Plan, net_proceeds, plan_liquidation, plan_reduction
from server.risk.portfolio import Holding, Portfolio
from server.risk.reading import grade_of, read_portfolio, without_orders
from server.risk.runs import Kind


@dataclass(frozen=True, slots=True)
class PlanNow:
    """The plan of a contract at or below its remind line, and what it would leave (estimated)."""

    kind: Kind
    running: bool
    plan: Plan
    proceeds: int  # of the orders, less the most they can cost in fees and dividend tax
    assets_after: int
    debt_after: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of an account, and what would be sold of it then."""

    supposed: Supposed
    plan: PlanNow | None
    waits: bool = False


def plan_now(engine: Engine, book: Book, account: int) -> PlanNow | None:
    """None for what is no open contract, and for one above its remind line."""
    run = book.runs.get(account)
    if run is None and not _may_be_sold(engine, account):
        return None
    portfolio = read_portfolio(engine, account, book.wishes(account))
    if run is None or run.opening is None:
        portfolio = without_orders(engine, portfolio)
    kind = run.kind if run is not None else _kind(grade_of(engine, account))
    return _planned(portfolio, kind, running=run is not None)


def _may_be_sold(engine: Engine, account: int) -> bool:
    row = engine.state.accounts[account]
    is_open = row["klass"] == AccountClass.CONTRACT and row["status"] == AccountStatus.OPEN
    at_a_line = row["grade"] >= Grade.REMIND or queries.is_overdue(engine, account)
    return bool(is_open and at_a_line)


def _kind(grade: int) -> Kind:
    return "liquidation" if grade >= Grade.LIQUIDATE else "reduction"


def _planned(portfolio: Portfolio, kind: Kind, *, running: bool) -> PlanNow:
    plan = plan_liquidation(portfolio) if kind == "liquidation" else plan_reduction(portfolio)
    held = {each.instrument: each for each in portfolio.holdings}
    assets, proceeds = portfolio.assets, 0
    sold = dict.fromkeys(held, 0)
    for order in plan.orders:
        holding = held[order.instrument]
        net = net_proceeds(holding, order.quantity, sold[order.instrument])
        sold[order.instrument] += order.quantity
        proceeds += net
        assets += net - order.quantity * holding.mark
    cash = portfolio.free_cash + proceeds
    wanted = portfolio.owed
    if kind == "reduction":
        wanted = repayment_to_cure(assets, portfolio.debt, portfolio.restrict_ppm)
        wanted = max(wanted, portfolio.overdue)
    repaid = max(0, min(wanted, cash, portfolio.owed))
    return PlanNow(kind, running, plan, proceeds, assets - repaid, portfolio.debt - repaid)


# If something came first --------------------------------------------------------------------------


def foresee(
    engine: Engine,
    account: int,
    orders: Sequence[SupposedOrder] = (),
    deposit: int = 0,
    move_ppm: int = 0,
    prices: Mapping[int, int] | None = None,
    sell_last: Collection[int] = (),
) -> Foreseen:
    """`move_ppm` moves every holding's price; `prices` are those that move otherwise.

    Bids are taken to move with their price. A plan is of continuous trading: `waits` says that some
    of the holdings do not trade so now.
    """
    moved = _moved(engine, account, orders, move_ppm) | dict(prices or {})
    supposed = suppose(engine, account, orders, deposit, moved)
    copied = supposed.copy.engine
    if not _may_be_sold(copied, account):
        return Foreseen(supposed, None)
    portfolio = without_orders(copied, read_portfolio(copied, account, sell_last))
    holdings = tuple(_as_moved(engine, each, moved) for each in portfolio.holdings)
    kind = _kind(grade_of(copied, account))
    plan = _planned(replace(portfolio, holdings=holdings), kind, running=False)
    waits = any(each.phase != Phase.CONTINUOUS for each in portfolio.holdings)
    return Foreseen(supposed, plan, waits)


def _moved(
    engine: Engine, account: int, orders: Sequence[SupposedOrder], move_ppm: int
) -> dict[int, int]:
    if not move_ppm:
        return {}
    rows = engine.state.positions[queries.positions_of(engine, account)]
    held = set(rows["instrument"][rows["quantity"] > 0].tolist())
    held |= {order.instrument for order in orders}
    return {each: _at(engine, each, move_ppm) for each in sorted(held)}


def _at(engine: Engine, instrument: int, move_ppm: int) -> int:
    """The last price moved, to the nearest tick, one tick at the least."""
    day = engine.state.instruments[instrument]
    return _to_tick(int(day["last"]) * (PPM + move_ppm), int(day["tick"]) * PPM) // PPM


def _to_tick(price: int, tick: int) -> int:
    return max(tick, (price + tick // 2) // tick * tick)


def _as_moved(engine: Engine, holding: Holding, moved: Mapping[int, int]) -> Holding:
    day = engine.state.instruments[holding.instrument]
    last, price = int(day["last"]), moved.get(holding.instrument, int(day["last"]))
    bids = tuple(queries.depth(engine, holding.instrument)[0])
    if last > 0 and price != last:
        bids = tuple((_to_tick(bid * price // last, int(day["tick"])), size) for bid, size in bids)
    return replace(
        holding,
        bids=bids,
        limit_down=min(holding.limit_down, price),
        phase=Phase.CONTINUOUS,
    )
