"""A small market for the journal's tests: one share, a maker, a person with cash and a contract."""

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import AccountClass, LimitKind, MarkPolicy, OrderType, Phase, Side
from server.engine.terms import DayTerms, FeeTerms, ProductTerms

Commands = NDArray[np.void]

YUAN = 10_000
OPENING = 1_440_379_800_000_000  # 2015-08-24 09:30 in Shanghai
SECOND = 1_000_000
MAKER, CASH, CONTRACT = 0, 1, 2

_DAY = DayTerms(
    reference=10 * YUAN,
    limit_up=11 * YUAN,
    limit_down=9 * YUAN,
    tick=100,
    lot=100,
    buy_minimum=100,
    buy_step=100,
    sell_minimum=100,
    sell_step=100,
    max_limit_quantity=1_000_000,
    max_market_quantity=1_000_000,
    limit_ppm=100_000,
    valuation_ppm=1_000_000,
    fee_schedule=0,
    session=0,
    limit_kind=LimitKind.LIMITED,
    holding_class=0,
    suspended=0,
    same_day_sale=0,
)
_FEES = FeeTerms(1, 250_000, 5 * YUAN, 0, 1_000_000, 20_000, 0, 48_700, 20_000)
_PRODUCT = ProductTerms(
    version=1,
    leverage=2,
    annual_rate_ppm=72_000,
    day_count=360,
    remind_ppm=1_400_000,
    restrict_ppm=1_300_000,
    reduce_ppm=1_250_000,
    liquidate_ppm=1_200_000,
    class_cap_ppm=(1_000_000, 1_000_000, 1_000_000, 1_000_000),
    single_cap_ppm=1_000_000,
    exit_cost_ppm=2_000,
    deposit_minimum=1_000 * YUAN,
    deposit_maximum=100_000_000 * YUAN,
)


def opening() -> Commands:
    """A day is opened, money paid in, a 1:2 contract opened, and continuous trading begins."""
    return building.concat(
        [
            building.day_open(20150824, MarkPolicy.LAST_TRADE),
            building.fee_schedule(0, _FEES),
            building.product(0, _PRODUCT),
            building.instrument_add(0, "600000.SSE"),
            building.instrument_day(0, _DAY),
            building.ladders(),
            building.phase(-1, Phase.CONTINUOUS),
            building.account_open(1, AccountClass.MARKET),
            building.account_open(2, AccountClass.CASH),
            building.deposit(CASH, 1_000_000 * YUAN, b"first"),
            building.contract_open(CASH, 0, 200_000 * YUAN, b"contract"),
        ]
    )


def order(
    account: int, side: Side, price: int, quantity: int, client_order_id: bytes = b""
) -> Commands:
    """A limit order for the one share; `price` in fen."""
    kind = OrderType.LIMIT
    return building.order(
        account, 0, side, kind, price * 100, quantity, client_order_id=client_order_id
    )


def trading(count: int, seed: int) -> Commands:
    """The maker sells and both accounts buy around 10 yuan; about half of the orders meet."""
    random = np.random.default_rng(seed)
    accounts = random.choice([MAKER, CASH, CONTRACT], count, p=[0.5, 0.25, 0.25])
    prices = random.integers(980, 1_021, count)
    quantities = random.integers(1, 11, count) * 100
    return building.concat(
        [
            order(account, Side.SELL if account == MAKER else Side.BUY, price, quantity)
            for account, price, quantity in zip(
                accounts.tolist(), prices.tolist(), quantities.tolist(), strict=True
            )
        ]
    )
