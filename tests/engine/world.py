"""A small world for engine tests: yuan in, yuan out, one command a line."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import (
    AccountClass,
    Event,
    HoldingClass,
    LimitKind,
    MarkPolicy,
    OrderType,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.engine.terms import DayTerms, FeeTerms, ProductTerms

BUY, SELL = Side.BUY, Side.SELL
MARKET = 0  # account of the market


def money(yuan: str | int) -> int:
    """Yuan to 1/10 000 yuan, exactly."""
    units = Fraction(yuan) * 10_000
    assert units.denominator == 1
    return int(units)


FREE_FEES = FeeTerms(0, 0, 0, 0, 0, 0, 0, 0, 0)
PRODUCTS = {
    2: ProductTerms(1, 2, 108_000, 360, 1_400_000, 1_300_000, 1_250_000, 1_200_000,
                    (1_000_000, 500_000, 100_000, 0), 1_000_000, 6_000, money(1_000), money(10**7)),
    3: ProductTerms(1, 3, 108_000, 360, 1_270_000, 1_220_000, 1_180_000, 1_140_000,
                    (1_000_000, 150_000, 0, 0), 500_000, 6_000, money(1_000), money(10**7)),
    4: ProductTerms(1, 4, 108_000, 360, 1_210_000, 1_180_000, 1_155_000, 1_130_000,
                    (1_000_000, 0, 0, 0), 330_000, 6_000, money(1_000), money(10**7)),
}  # fmt: skip


def day_terms(reference: str, **changes: int) -> DayTerms:
    """A main-board share with 10 % limits (rounded half up to the fen) around `reference`."""
    base = money(reference)
    up = (base * 110 // 100 + 50) // 100 * 100
    down = (base * 90 // 100 + 50) // 100 * 100
    terms = DayTerms(
        reference=base, limit_up=up, limit_down=down, tick=100, lot=100, buy_minimum=100,
        buy_step=100, sell_minimum=1, sell_step=100, max_limit_quantity=1_000_000,
        max_market_quantity=1_000_000, limit_ppm=100_000, valuation_ppm=1_000_000, fee_schedule=0,
        session=0, limit_kind=LimitKind.LIMITED, holding_class=HoldingClass.MAIN, suspended=0,
        same_day_sale=0,
    )  # fmt: skip
    return terms._replace(**changes)


class World:
    """An engine with a market account (0), instruments by name, and a day that is open."""

    def __init__(self, *, mark_policy: MarkPolicy = MarkPolicy.SOURCE, fees: FeeTerms = FREE_FEES,
                 **prices: str | DayTerms) -> None:  # fmt: skip
        self.engine = Engine()
        self.events = np.zeros(0, records.EVENT)
        self.seq = 0
        self.time = 0
        self.index = {name: i for i, name in enumerate(prices)}
        self.terms = {
            name: day_terms(value) if isinstance(value, str) else value
            for name, value in prices.items()
        }
        self.mark_policy = mark_policy
        for name, i in self.index.items():
            self.do(building.instrument_add(i, name.upper() + ".SSE"))
        self.do(building.fee_schedule(0, fees))
        for n, terms in PRODUCTS.items():
            self.do(building.product(n, terms))
        self.do(building.account_open(1_000_000, AccountClass.MARKET, MARKET))
        self.open_day(20260105)

    def do(self, commands: NDArray[np.void]) -> NDArray[np.void]:
        """Applies commands, stamped; returns and keeps their events."""
        for command in commands:
            self.seq += 1
            self.time += 1_000_000
            command["seq"], command["time"] = self.seq, self.time
        self.events = self.engine.apply(commands)
        return self.events

    def open_day(self, date: int, phase: Phase = Phase.CONTINUOUS, **prices: str) -> None:
        for name, price in prices.items():
            self.terms[name] = day_terms(price)
        self.do(building.day_open(date, self.mark_policy))
        for name, i in self.index.items():
            self.do(building.instrument_day(i, self.terms[name]))
        self.do(building.ladders())
        self.do(building.phase(building.ALL, phase))

    def phase(self, phase: Phase) -> None:
        self.do(building.phase(building.ALL, phase))

    def person(self, person: int, yuan: str | int = 0) -> int:
        """A cash account with money in it."""
        account = int(self.engine.state.header[0]["accounts"])
        self.do(building.account_open(person, AccountClass.CASH, account))
        if money(yuan):
            self.do(building.deposit(account, money(yuan)))
        return account

    def contract(self, source: int, product: int, deposit: str | int) -> int:
        account = int(self.engine.state.header[0]["accounts"])
        self.do(building.contract_open(source, product, money(deposit), account=account))
        assert self.engine.state.header[0]["accounts"] == account + 1, self.reason()
        return account

    def order(self, account: int, side: Side, name: str, quantity: int, price: str | None = None):
        """Places an order (market when no price); returns its id, or None when refused."""
        kind = OrderType.LIMIT if price else OrderType.BEST_FIVE_IOC
        events = self.do(
            building.order(account, self.index[name], side, kind, money(price or 0), quantity)
        )
        if events[0]["kind"] != Event.ORDER_ACCEPTED:
            return None
        return int(events.view(records.ORDER_EVENT)[0]["order_id"])

    def price(self, name: str, price: str, volume: int = 0) -> NDArray[np.void]:
        return self.do(building.price(self.index[name], money(price), volume))

    def holding(self, account: int, name: str, quantity: int, price: str) -> None:
        """Has an account buy from the market."""
        self.order(MARKET, SELL, name, quantity, price)
        assert self.order(account, BUY, name, quantity, price), self.reason()

    def kinds(self) -> list[Event]:
        return [Event(int(kind)) for kind in self.events["kind"]]

    def reason(self) -> tuple[Reason, int]:
        """Why the last command was refused, and the figure that would pass."""
        event = self.events.view(records.ORDER_EVENT)[0]
        return Reason(int(event["reason"])), int(event["figure"])

    def cash(self, account: int) -> int:
        return int(self.engine.state.accounts[account]["cash"])

    def assets(self, account: int) -> int:
        row = self.engine.state.accounts[account]
        return int(row["cash"]) + int(row["value"])

    def check(self) -> None:
        """The invariants that hold after every command."""
        state = self.engine.state
        header = state.header[0]
        accounts = state.accounts[: header["accounts"]]
        assert int(accounts["cash"].sum()) + int(header["ledger"].sum()) == 0
        positions = state.positions[1 : header["positions"]]
        for i in range(int(header["instruments"])):
            held = int(positions["quantity"][positions["instrument"] == i].sum())
            assert held + int(state.instruments[i]["issuer"]) == 0
        clients = accounts[accounts["klass"] != AccountClass.MARKET]
        assert (clients["frozen"] >= 0).all()
        assert (clients["frozen"] <= clients["cash"]).all()
