"""What a page may say of an account, a holding, an instrument and the house's ledgers."""

from collections.abc import Callable
from dataclasses import dataclass

from server.engine import liquidation_prices as prices
from server.engine import queries
from server.engine.codes import AccountStatus, Ledger, LimitKind
from server.engine.engine import Engine
from server.scenarios.event_kinds import GRADE, PHASE
from server.scenarios.kinds import COUNT, MONEY, PERCENT, Kind, Word
from server.scenarios.wording import Text, unknown

STATUS = Word(AccountStatus, Text("账户状态", "account status"))
LIMIT = Word(LimitKind, Text("涨跌幅限制", "limit"))


@dataclass(frozen=True)
class Figure:
    """How a figure is written, and how it is read of the engine for (account) or (account, …)."""

    kind: Kind
    of: Callable[[Engine, int, int], int]


def _account(field: str) -> Callable[[Engine, int, int], int]:
    return lambda engine, account, _: int(engine.state.accounts[account][field])


def _contract(field: str) -> Callable[[Engine, int, int], int]:
    return lambda engine, account, _: int(engine.state.contracts[account][field])


def _instrument(field: str) -> Callable[[Engine, int, int], int]:
    return lambda engine, instrument, _: int(engine.state.instruments[instrument][field])


def _exposure(field: str) -> Callable[[Engine, int, int], int]:
    return lambda engine, instrument, _: int(engine.state.exposures[instrument][field])


def _available(engine: Engine, account: int, _: int) -> int:
    row = engine.state.accounts[account]
    return int(row["cash"]) - int(row["frozen"])


def _ratio(engine: Engine, account: int, _: int) -> int:
    debt = int(engine.state.accounts[account]["debt"])
    return queries.ratio_ppm(queries.assets(engine, account), debt)


def _position(field: str) -> Callable[[Engine, int, int], int]:
    def read(engine: Engine, account: int, instrument: int) -> int:
        index = queries.position(engine, account, instrument)
        return int(engine.state.positions[index][field]) if index != queries.NONE else 0

    return read


def _days_left(engine: Engine, account: int, _: int) -> int:
    """Calendar days to the contract's due day; 0 without one."""
    due = int(engine.state.contracts[account]["due_day"])
    return due - int(engine.state.header[0]["days"]) if due else 0


def _price_at(*, net: bool = False, whole: bool = False) -> Callable[[Engine, int, int], int]:
    """Of the liquidation line, or of no equity."""

    def read(engine: Engine, account: int, instrument: int) -> int:
        line = prices.WHOLE if whole else prices.liquidate_ppm(engine, account)
        return prices.price_at(engine, account, instrument, line, net=net)

    return read


def _fall(engine: Engine, account: int, _: int) -> int:
    return prices.fall_to(engine, account, prices.liquidate_ppm(engine, account))


ACCOUNT_FIGURES = {
    "fall": Figure(PERCENT, _fall),
    "credit": Figure(MONEY, _contract("credit")),
    "credit_left": Figure(MONEY, lambda engine, account, _: queries.line_left(engine, account)),
    "drawable": Figure(MONEY, lambda engine, account, _: queries.drawable(engine, account)),
    "margin": Figure(MONEY, lambda engine, account, _: queries.margin_left(engine, account)),
    "days_left": Figure(COUNT, _days_left),
    "loans": Figure(COUNT, lambda engine, account, _: len(queries.loans_of(engine, account))),
    "is_overdue": Figure(COUNT, lambda engine, account, _: queries.is_overdue(engine, account)),
    "cash": Figure(MONEY, _account("cash")),
    "frozen": Figure(MONEY, _account("frozen")),
    "available": Figure(MONEY, _available),
    "value": Figure(MONEY, _account("value")),
    "assets": Figure(MONEY, lambda engine, account, _: queries.assets(engine, account)),
    "debt": Figure(MONEY, _account("debt")),
    "loan": Figure(MONEY, _contract("loan")),
    "interest": Figure(MONEY, _contract("interest")),
    "ratio": Figure(PERCENT, _ratio),
    "grade": Figure(GRADE, _account("grade")),
    "status": Figure(STATUS, _account("status")),
    "withdrawable": Figure(MONEY, lambda engine, account, _: queries.withdrawable(engine, account)),
    "deposit": Figure(MONEY, _contract("deposit")),
    "shortfall": Figure(MONEY, _contract("shortfall")),
    "realised": Figure(MONEY, _contract("realised")),
    "fees_paid": Figure(MONEY, _contract("fees_paid")),
    "receivable": Figure(MONEY, _contract("receivable")),
    "refund": Figure(MONEY, lambda engine, account, _: queries.refund(engine, account)),
    "interest_paid": Figure(MONEY, _contract("interest_paid")),
    "orders": Figure(COUNT, lambda engine, account, _: len(queries.orders_of(engine, account))),
}

HOLDING_FIGURES = {
    "quantity": Figure(COUNT, _position("quantity")),
    "sellable": Figure(COUNT, queries.sellable),
    "frozen": Figure(COUNT, _position("frozen")),
    "bought_today": Figure(COUNT, _position("bought_today")),
    "unlisted": Figure(COUNT, _position("unlisted")),
    "cost": Figure(MONEY, _position("cost")),
    "trigger": Figure(MONEY, _price_at()),
    "trigger_net": Figure(MONEY, _price_at(net=True)),
    "zero_equity": Figure(MONEY, _price_at(net=True, whole=True)),
    "realised": Figure(MONEY, _position("realised")),
}

INSTRUMENT_FIGURES = {
    "reference": Figure(MONEY, _instrument("reference")),
    "limit": Figure(LIMIT, _instrument("limit_kind")),
    "limit_up": Figure(MONEY, _instrument("limit_up")),
    "limit_down": Figure(MONEY, _instrument("limit_down")),
    "tick": Figure(MONEY, _instrument("tick")),
    "lot": Figure(COUNT, _instrument("lot")),
    "phase": Figure(PHASE, _instrument("phase")),
    "mark": Figure(MONEY, _instrument("mark")),
    "last": Figure(MONEY, _instrument("last")),
    "open": Figure(MONEY, _instrument("open")),
    "financed": Figure(COUNT, _exposure("financed")),
    "pending": Figure(COUNT, _exposure("pending")),
    "waiting": Figure(MONEY, _exposure("quarantined")),
    "high": Figure(MONEY, _instrument("high")),
    "low": Figure(MONEY, _instrument("low")),
    "close": Figure(MONEY, _instrument("close")),
    "volume": Figure(COUNT, _instrument("volume")),
}

LEDGER_FIGURES = {
    ledger.name.lower(): Figure(
        MONEY, lambda engine, number, _: int(engine.state.header[0]["ledger"][number])
    )
    for ledger in Ledger
}


def figure_of(figures: dict[str, Figure], name: str) -> Figure:
    """Raises ScenarioError for a figure there is not."""
    if name not in figures:
        raise unknown(Text("数字", "figure"), name, [*figures])
    return figures[name]
