"""The twin's things: what an account, a position, an order and an instrument are made of."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from server.engine.codes import (
    AccountClass,
    AccountStatus,
    Family,
    Grade,
    OrderStatus,
    OrderType,
    Phase,
    Side,
)
from server.engine.terms import DayTerms, RuleTerms

PPM = 1_000_000
PPB = 1_000_000_000
FEN = 100
MINUTE_US = 60_000_000
NO_DAY = DayTerms(*(0 for _ in DayTerms._fields))  # before the first one: the limit is UNKNOWN
NO_RULES = RuleTerms()


def half_up(value: Fraction | int, unit: int) -> int:
    """To a multiple of `unit`, halves upward."""
    return floor(Fraction(value) / unit + Fraction(1, 2)) * unit


@dataclass
class Order:
    id: int
    account: int
    instrument: int
    side: Side
    type: int
    origin: int
    price: int  # the worst one it can trade at
    quantity: int
    remaining: int
    seq: int
    time: int
    amount: int = 0
    frozen: int = 0
    status: OrderStatus = OrderStatus.WORKING
    in_book: bool = False
    financed: int = 0
    lent: int = 0  # of the credit line, for what is left of it
    loan: int = 0  # number of the loan that a sale to repay names

    @property
    def is_limit(self) -> bool:
        """Its price is a limit."""
        return self.type in (OrderType.LIMIT, OrderType.FIXED_PRICE)

    @property
    def is_fixed(self) -> bool:
        return self.type == OrderType.FIXED_PRICE

    def figures(self) -> dict[str, int]:
        return {
            "order_id": self.id,
            "price": self.price,
            "quantity": self.quantity,
            "remaining": self.remaining,
            "side": self.side,
            "type": self.type,
            "origin": self.origin,
        }


@dataclass
class Lot:
    """Shares of a position got on one day, and the tax their sale costs for 1,000,000 shares."""

    quantity: int
    acquired: int
    tax: list[int] = field(default_factory=lambda: [0, 0, 0])  # by holding period


@dataclass(eq=False)
class Claim:
    """What a corporate action still owes a position."""

    held: "Position"
    action: int
    cash: int
    shares: int
    rights: int
    worth: int
    price: int

    @property
    def is_open(self) -> bool:
        return any((self.cash, self.shares, self.rights))

    @property
    def value(self) -> int:
        return self.cash + self.rights * self.worth


@dataclass
class Position:
    account: int
    instrument: int
    quantity: int = 0
    bought_today: int = 0
    cost: int = 0
    realised: int = 0
    opening_quantity: int = 0
    day_flow: int = 0
    synthetic: int = 0
    orders: list[Order] = field(default_factory=list[Order])  # open ones, oldest first
    lots: list[Lot] = field(default_factory=list[Lot])  # without today's, oldest first
    claims: list[Claim] = field(default_factory=list[Claim])  # oldest first

    def open_quantity(self, side: Side) -> int:
        return sum(order.remaining for order in self.orders if order.side == side)

    @property
    def frozen(self) -> int:
        return self.open_quantity(Side.SELL)

    @property
    def open_buy(self) -> int:
        return self.open_quantity(Side.BUY)

    @property
    def unlisted(self) -> int:
        return sum(claim.shares for claim in self.claims)

    def take_oldest(self, quantity: int) -> list[tuple[int, Lot]]:
        """First in, first out: how many shares of which lot are sold."""
        taken: list[tuple[int, Lot]] = []
        while quantity > 0 and self.lots:
            lot = self.lots[0]
            part = min(quantity, lot.quantity)
            taken.append((part, lot))
            lot.quantity -= part
            quantity -= part
            if lot.quantity == 0:
                self.lots.pop(0)
        return taken

    def follow(self, date: int) -> None:
        """Lots of the shares that an ex-date has turned into others."""
        missing = self.quantity - self.bought_today - sum(lot.quantity for lot in self.lots)
        if missing > 0:
            self.lots.append(Lot(missing, date))
        self.take_oldest(-missing)


@dataclass
class Loan:
    """For one share, of a licensed account."""

    number: int
    instrument: int
    ratio: int
    opened_day: int
    due_day: int
    principal: int = 0
    interest: Fraction = Fraction(0)
    quantity: int = 0
    extensions: int = 0
    overdue: bool = False

    @property
    def owed(self) -> int:
        """What repaying it takes."""
        return self.principal + half_up(floor(self.interest), FEN)


@dataclass
class Account:
    person: int
    klass: AccountClass
    product: int = -1
    cash: int = 0
    grade: Grade = Grade.NORMAL
    status: AccountStatus = AccountStatus.OPEN
    deposit: int = 0
    loan: int = 0
    interest: Fraction = Fraction(0)  # exact
    unsettled: int = 0
    shortfall: int = 0
    realised: int = 0
    interest_paid: int = 0
    fees_paid: int = 0
    opening_assets: int = 0
    opened: int = 0
    positions: list[Position] = field(default_factory=list[Position])  # oldest first
    family: Family = Family.FIXED
    overdue: bool = False
    credit: int = 0
    financed: int = 0
    opened_day: int = 0
    due_day: int = 0
    extensions: int = 0
    charged_until: int = 0
    release_to: int = 0
    release_left: int = 0
    next_bill: int = 0
    billed: int = 0
    prepaid: int = 0
    loans: list[Loan] = field(default_factory=list[Loan])  # oldest first

    @property
    def open_credit(self) -> int:
        """Of the line, for open buys."""
        return sum(order.lent for held in self.positions for order in held.orders)

    def loans_for(self, instrument: int) -> list[Loan]:
        """Newest first."""
        return [loan for loan in reversed(self.loans) if loan.instrument == instrument]

    def loans_as_held(self) -> list[Loan]:
        """By position, the newest position first, in it the newest loan first."""
        return [
            loan for held in reversed(self.positions) for loan in self.loans_for(held.instrument)
        ]

    def add_up_interest(self) -> None:
        self.interest = Fraction(sum(floor(loan.interest) for loan in self.loans))

    @property
    def debt(self) -> int:
        return self.loan + floor(self.interest)

    @property
    def frozen(self) -> int:
        return sum(order.frozen for held in self.positions for order in held.orders)

    @property
    def is_market(self) -> bool:
        return self.klass == AccountClass.MARKET

    @property
    def receivable(self) -> int:
        return sum(claim.value for held in self.positions for claim in held.claims)

    def position(self, instrument: int) -> Position | None:
        return next((held for held in self.positions if held.instrument == instrument), None)


@dataclass
class Instrument:
    symbol: bytes
    day: DayTerms = NO_DAY
    rules: RuleTerms = NO_RULES
    phase: Phase = Phase.CLOSED
    mark: int = 0
    last: int = 0
    open: int = 0
    high: int = 0
    low: int = 0
    volume: int = 0
    turnover: int = 0
    issuer: int = 0
    close: int = 0
    trades: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    book: tuple[list[Order], list[Order]] = field(default_factory=lambda: ([], []))
    holders: list[Position] = field(default_factory=list[Position])
    ruled: bool = False  # INSTRUMENT_RULES came today
    held: list[Order] = field(default_factory=list[Order])  # outside the book, by arrival
    halts: int = 0  # thresholds reached today
    halt_until: int = 0  # below 0: what is left of it over lunch

    def record(self, price: int, quantity: int) -> None:
        """A price of the day: last, open, high, low, volume."""
        self.last = price
        if self.open == 0:
            self.open = self.high = self.low = price
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.volume += quantity
        self.turnover += price * quantity

    def minute_average(self) -> int:
        """Section 2.1: of the minute up to and with the last trade, by volume; 0 without trades."""
        if not self.trades:
            return 0
        ends = self.trades[-1][0]
        last = [(price, quantity) for at, price, quantity in self.trades if at >= ends - MINUTE_US]
        amount = sum(price * quantity for price, quantity in last)
        return half_up(Fraction(amount, sum(quantity for _, quantity in last)), self.day.tick)

    def stand(self, order: Order) -> None:
        """Into the book: by price, then by arrival."""
        side = self.book[order.side]
        better = -1 if order.side == Side.BUY else 1
        behind = [i for i, other in enumerate(side) if better * other.price > better * order.price]
        side.insert(behind[0] if behind else len(side), order)
        order.in_book = True

    def leave(self, order: Order) -> None:
        self.book[order.side].remove(order)
        order.in_book = False
