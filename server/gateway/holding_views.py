"""Accounts and positions as messages, read from the engine's state."""

from typing import Final, get_args

from server.accounts.directory import AccountDirectory
from server.engine.codes import AccountClass, Side
from server.engine.engine import Engine
from server.engine.layout import ACCOUNT, CONTRACT, INSTRUMENT, POSITION
from server.engine.queries import interest_a_day, ratio_ppm, rights_of, withdrawable
from server.gateway.contract_views import add_contract
from server.gateway.ports import Risk
from server.protocol import words
from server.protocol.accounts import Account
from server.protocol.trading import Position
from server.sequencing.unpacking import reader

GRADES: Final[dict[int, words.Grade]] = dict(enumerate(get_args(words.Grade)))
STATUSES: Final[dict[int, words.AccountStatus]] = dict(enumerate(get_args(words.AccountStatus)))
CLASSES: Final[dict[int, words.AccountClass]] = {
    AccountClass.CASH: "cash",
    AccountClass.CONTRACT: "contract",
}
_cash = reader(*(ACCOUNT, "cash", "value", "debt", "frozen", "product", "klass", "grade", "status"))
_debt = reader(
    *(CONTRACT, "deposit", "loan", "interest", "unsettled", "shortfall", "opening_assets"),
    "receivable",
)
_holdings = reader(
    *(POSITION, "quantity", "bought_today", "frozen", "cost", "realised"),
    *("opening_quantity", "day_flow", "synthetic", "account", "instrument", "unlisted"),
    "first_claim",
)
_shares = reader(
    *(INSTRUMENT, "last", "reference", "limit_down", "best", "suspended", "same_day_sale")
)


def account(
    engine: Engine, directory: AccountDirectory, risk: Risk, index: int, language: str
) -> Account:
    """One account of a trader as it stands."""
    state = engine.state
    (money,) = _cash(state.accounts[index].tobytes())
    (owed,) = _debt(state.contracts[index].tobytes())
    cash, value, debt, frozen, product, klass, grade, status = money
    deposit, loan, interest, unsettled, shortfall, opening, receivable = owed
    assets = cash + value
    message = Account(
        account=index,
        name=directory.name(index, language),
        account_class=CLASSES[klass],
        status=STATUSES[status],
        cash=cash,
        frozen=frozen,
        withdrawable=withdrawable(engine, index),
        unsettled=unsettled,
        market_value=value - receivable,
        assets=assets,
        deposit=deposit,
        loan=loan,
        interest=interest,
        debt=debt,
        ratio_ppm=ratio_ppm(assets, debt),
        grade=GRADES[grade],
        profit=assets - debt - shortfall - deposit,
        profit_today=assets - opening,
        receivable=receivable,
        shortfall=shortfall,
    )
    if klass == AccountClass.CONTRACT:
        _add_terms(engine, message, product)
        add_contract(engine, message)
        _add_call(risk, message)
    else:
        message.buying_power = max(0, cash - frozen)
    return message


def _add_terms(engine: Engine, message: Account, product: int) -> None:
    terms = engine.state.terms[product]
    message.product = product
    message.leverage = int(terms["leverage"])
    message.remind_ppm, message.restrict_ppm, message.reduce_ppm, message.liquidate_ppm = terms[
        "line_ppm"
    ].tolist()
    message.interest_a_day = interest_a_day(engine, message.account)


def _add_call(risk: Risk, message: Account) -> None:
    call = risk.call_of(message.account)
    if call is not None:
        message.cure_deadline, message.cure_deposit = call.deadline, call.deposit
        message.cure_repay = call.repay
    message.liquidating = risk.is_liquidating(message.account)


def positions(engine: Engine, indices: list[int]) -> list[Position]:
    """Holdings as they stand, quantity 0 when one is gone; `indices` are those of the positions."""
    if not indices:
        return []
    state = engine.state
    rows = state.positions[indices]
    shares = state.instruments[rows["instrument"]]
    pairs = zip(_holdings(rows.tobytes()), _shares(shares.tobytes()), strict=True)
    return [_position(engine, holding, share) for holding, share in pairs]


def _position(engine: Engine, holding: tuple[int, ...], share: tuple[int, ...]) -> Position:
    quantity, bought, frozen, cost, realised, opening, flow, synthetic, *rest = holding
    owner, instrument, unlisted, first_claim = rest
    last, reference, limit_down, *best, suspended, same_day_sale = share
    is_locked = last == limit_down and best[Side.BUY] < 0
    value = quantity * last
    bought_today = 0 if same_day_sale else bought
    message = Position(
        account=owner,
        symbol=engine.symbol(instrument),
        quantity=quantity,
        sellable=max(0, quantity - frozen - unlisted - bought_today),
        frozen=frozen,
        bought_today=bought_today,
        cost=cost,
        price=last,
        market_value=value,
        profit=value - cost,
        profit_today=value - opening * reference + flow,
        realised=realised,
        synthetic_entitlement=synthetic != 0,
        unsellable=quantity > 0 and (bool(suspended) or is_locked),
        unlisted=unlisted,
    )
    if first_claim:
        _add_rights(engine, message)
    return message


def _add_rights(engine: Engine, message: Position) -> None:
    instrument = engine.instrument(message.symbol)
    for each in rights_of(engine, message.account, instrument):
        message.rights += each.quantity
        message.rights_price = each.price
