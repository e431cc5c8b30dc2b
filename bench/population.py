"""Engines full of accounts: cash accounts and 1:2 contracts, each holding a few shares."""

import numpy as np
from numpy.typing import NDArray

from server.engine import building, building_risk
from server.engine.codes import (
    AccountClass,
    ConcentrationScope,
    Event,
    HoldingClass,
    LimitKind,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.engine.records import MAX_MONEY
from server.engine.terms import DayTerms, FeeTerms, LimitTerms, ProductTerms, RuleTerms, Tier

Commands = NDArray[np.void]

YUAN = 10_000
PRICE = 10 * YUAN
TICK = 100
MAKER = 0
SHARES = 20_000  # of each holding
HOLDINGS = 3
PERSON_STOCK_CAP = 2_000_000 * YUAN  # ten times a holding, and far below what all hold of a share
CONTINUOUS_START = 1_736_213_400_000_000  # 2025-01-07 09:30 in Shanghai
_CHUNK = 8_192

_DAY = DayTerms(
    reference=PRICE,
    limit_up=11 * YUAN,
    limit_down=9 * YUAN,
    tick=TICK,
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
_FEES = FeeTerms(1, 250_000, 5 * YUAN, 0, 500_000, 10_000, 0, 34_100, 20_000)
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
    exit_cost_ppm=6_000,
    deposit_minimum=YUAN,
    deposit_maximum=10_000_000_000_000,
)


# Everything that a main-board share's day says beside its terms: each check is made, none refuses.
_RULES = RuleTerms(
    call_low=9 * YUAN,
    call_high=11 * YUAN,
    float_shares=1_000_000_000_000,
    cage_ppm=20_000,
    cage_ticks=10,
    close_ppm=100_000,
    collateral_ppm=700_000,
    coefficient_ppm=1_000_000,
    sector=1,
    order_types=0xFFFF,
    after_hours=1,
)
_LIMITS = LimitTerms(
    client_cap=MAX_MONEY,
    lending_cap=MAX_MONEY,
    person_stock_cap=PERSON_STOCK_CAP,
    jump_ppm=500_000,
    confirmations=3,
    price_bounds=1,
)


class Population:
    """One engine on the morning after everybody has bought; nothing is left in its books.

    `rules`: with every rule a day can bring.
    """

    def __init__(self, instruments: int, accounts: int, *, rules: bool = False) -> None:
        self.instruments = instruments
        self._rules = rules
        self.engine = Engine()
        self._open_day(20250106, new=True)
        self._open_accounts(accounts)
        self._invest()
        self.apply(building.day_close())
        self._open_day(20250107, new=False)

    @property
    def accounts(self) -> int:
        """The maker's included."""
        return int(self.engine.state.header[0]["accounts"])

    def apply(self, commands: Commands) -> NDArray[np.void]:
        """Stamps the commands and applies them."""
        stamp(commands, self.engine.seq + 1)
        return self.engine.apply(commands)

    def _open_day(self, date: int, *, new: bool) -> None:
        parts = [building.day_open(date, MarkPolicy.SOURCE)]
        if new:
            parts += [building.fee_schedule(0, _FEES), building.product(0, _PRODUCT)]
            parts += [
                building.instrument_add(i, f"{600_000 + i}.SSE") for i in range(self.instruments)
            ]
        parts += [building.instrument_day(i, _DAY) for i in range(self.instruments)]
        if self._rules:
            parts += [building.instrument_rules(i, _RULES) for i in range(self.instruments)]
            parts += self._limits()
        parts += [building.ladders(), building.phase(-1, Phase.CONTINUOUS)]
        self.apply(building.concat(parts))

    def _limits(self) -> list[Commands]:
        """Every limit of the platform, each too wide to refuse anything."""
        tiers = [Tier(2_000_000, 1_000_000), Tier(1_000_001, 999_999)]
        return [
            building_risk.risk_limits(_LIMITS),
            *(
                building_risk.concentration(holding_class, scope, tiers)
                for holding_class in HoldingClass
                for scope in ConcentrationScope
            ),
            *(
                building_risk.stock_limit(i, 1_000_000_000_000, 900_000_000_000, MAX_MONEY)
                for i in range(self.instruments)
            ),
        ]

    def _open_accounts(self, accounts: int) -> None:
        """Half of them contracts, each lent on the deposit of one of the others."""
        half = accounts // 2
        self.apply(building.account_open(0, AccountClass.MARKET, MAKER))
        opened = [building.account_open(i, AccountClass.CASH, i) for i in range(1, half + 1)]
        paid = [building.deposit(i, 2_000_000 * YUAN) for i in range(1, half + 1)]
        lent = [
            building.contract_open(i, 0, 600_000 * YUAN, account=half + i)
            for i in range(1, half + 1)
        ]
        for parts in (opened, paid, lent):
            for start in range(0, half, _CHUNK):
                self.apply(building.concat(parts[start : start + _CHUNK]))

    def _invest(self) -> None:
        """Every account buys its shares of the maker."""
        offers = range(self.instruments)
        size = SHARES * HOLDINGS * self.accounts
        for i in offers:
            for _ in range(size // self.instruments // 1_000_000_000 + 2):
                self.apply(_order(MAKER, i, Side.SELL, PRICE, 1_000_000_000, Origin.MARKET))
        number = np.arange(1, self.accounts)
        for turn in range(min(HOLDINGS, self.instruments)):
            shares = (number * 7 + turn * 13) % self.instruments
            for start in range(0, len(number), _CHUNK):
                part = slice(start, start + _CHUNK)
                events = self.apply(
                    building.orders(
                        number[part],
                        shares[part],
                        *(Side.BUY, OrderType.LIMIT, PRICE, SHARES, Origin.CLIENT),
                    )
                )
                assert not (events["kind"] == Event.ORDER_REJECTED).any()


def _order(
    account: int, instrument: int, side: Side, price: int, quantity: int, origin: Origin
) -> Commands:
    kind = OrderType.LIMIT
    return building.order(account, instrument, side, kind, price, quantity, origin)


def stamp(commands: Commands, first_seq: int) -> None:
    """Numbers commands from `first_seq`, one microsecond of market time each."""
    numbers = np.arange(first_seq, first_seq + len(commands))
    commands["seq"] = numbers
    commands["time"] = CONTINUOUS_START + numbers
