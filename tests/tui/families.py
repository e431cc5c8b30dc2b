"""Canned contracts of the families that lend as they are used, on the real products."""

import msgspec

from server.accounts.products import load_products, offered, to_wire
from server.protocol.accounts import Account, Loan
from server.protocol.trading import Position
from tests.tui import canned
from tests.tui.canned import YUAN
from tests.tui.fake_server import FakeServer

VERSIONS = load_products()
PRODUCTS = [to_wire(product, offered(VERSIONS)) for product in VERSIONS]
COMBINATION, FLEXIBLE, LICENSED = (
    next(item for item in PRODUCTS if item.family == family)
    for family in ("combination", "flexible", "licensed")
)
RIGHTS_PRICE = 8 * YUAN


def accounts() -> list[Account]:
    """The cash account, and one contract of each lending family; the flexible one owes nothing."""
    flexible = _contract(
        1, "按日灵活", FLEXIBLE.product, 100_000, 0,
        credit=200_000 * YUAN, credit_left=200_000 * YUAN, drawable=200_000 * YUAN,
        buying_power=300_000 * YUAN, withdraw_ppm=1_500_000,
    )  # fmt: skip
    combination = _contract(
        2, "组合授信", COMBINATION.product, 100_000, 150_000,
        credit=300_000 * YUAN, credit_left=150_000 * YUAN, drawable=150_000 * YUAN,
        margin=40_000 * YUAN, margin_need=60_000 * YUAN, buying_power=160_000 * YUAN,
        withdraw_ppm=1_333_334, due=20160216, days_left=180, extensions_left=2,
    )  # fmt: skip
    licensed = _contract(
        3, "融资账户", LICENSED.product, 200_000, 150_000,
        credit=10_000_000 * YUAN, credit_left=9_850_000 * YUAN, margin=95_000 * YUAN,
        financing_power=190_000 * YUAN, financing_ratio_ppm=500_000, withdraw_ppm=3_000_000,
        loans=[
            _loan(7, "600036.SSE", 2_000, 70_000, 16, 179),
            _loan(9, "601318.SSE", 1_500, 80_000, 0, 180),
        ],
    )  # fmt: skip
    return [canned.accounts()[0], flexible, combination, licensed]


def _loan(
    number: int, symbol: str, quantity: int, principal: int, interest: int, days: int
) -> Loan:
    opened, due = 20150820 + days - 180, 20160216 + days - 180
    money = (principal * YUAN, interest * YUAN)
    return Loan(number, symbol, quantity, *money, 500_000, opened, due, days)


def _contract(
    number: int, name: str, product: int, deposit: int, debt: int, **family: object
) -> Account:
    terms = PRODUCTS[product]
    assets = (deposit + debt) * YUAN
    blank = Account(
        number, f"{name} #{number}", "contract", "open", deposit // 10 * YUAN, 0, 0, 0,
        assets - deposit // 10 * YUAN, assets, deposit * YUAN, debt * YUAN, 0, debt * YUAN,
        assets * 1_000_000 // (debt * YUAN) if debt else 0, "normal", product, terms.leverage,
        terms.remind_ppm, terms.restrict_ppm, terms.reduce_ppm, terms.liquidate_ppm,
        debt * YUAN * terms.annual_rate_ppm // 1_000_000 // 360,
        family=terms.family, opened=20150819, days=1,
    )  # fmt: skip
    return msgspec.structs.replace(blank, **family)


def positions() -> list[Position]:
    """The licensed account's, with rights to new shares of one."""
    held = Position(3, "600036.SSE", 2_000, 2_000, 0, 0, 70_000 * YUAN, 350_000, 70_000 * YUAN)
    return [msgspec.structs.replace(held, rights=600, rights_price=RIGHTS_PRICE)]


def server() -> FakeServer:
    made = FakeServer()
    made.accounts, made.positions, made.products = accounts(), positions(), PRODUCTS
    return made
