"""What may stand in a scenario file. docs/scenarios.md tells a trader the same in words.

Money and prices are text in yuan ("10.05"), quantities whole numbers of shares. An account is named
by the key it was given under, an instrument by its symbol or, where only one has it, by its code.
Events and figures that are expected stay as they are on the page; `vocabulary` reads them.
"""

from datetime import date
from typing import Any, Literal

import msgspec

from server.engine.codes import Phase
from server.market.rules import Choices, Ipo, Kind, Status
from server.protocol.words import Board, OrderType
from server.scenarios.page_limits import Limits, Override, Platform, Stop
from server.scenarios.page_plans import Plan, SellLast

Name = str | int  # an int is a bare number: how a page names an account or instrument there is not
Raw = dict[str, Any]
PHASES = [phase.name.lower() for phase in Phase]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the page."""


# Given --------------------------------------------------------------------------------------------


class Terms(Part, frozen=True, kw_only=True):
    """Explicit terms of a day, in place of what the rules' tables say for its date."""

    limit: Literal["limited", "unlimited", "unknown"] | None = None
    limit_up: str | None = None
    limit_down: str | None = None
    tick: str | None = None
    lot: int | None = None
    buy_minimum: int | None = None
    buy_step: int | None = None
    sell_minimum: int | None = None
    sell_step: int | None = None
    max_limit_quantity: int | None = None
    max_market_quantity: int | None = None
    day_limit: str | None = None
    valuation: str | None = None
    holding_class: Literal["main", "wide_20", "bse_30", "risk_warning"] | None = None
    same_day_sale: bool | None = None
    collateral: str | None = None  # haircut (section 4.4)
    coefficient: str | None = None  # of a combination contract


class Instrument(Part, frozen=True, kw_only=True):
    """An instrument on a day. A later day need not repeat its status and the like."""

    reference: str | None = None
    status: Status | None = None
    board: Board | None = None
    kind: Kind | None = None
    ipo: Ipo | None = None
    listing_day: int | None = None
    suspended: bool | None = None
    suspended_sessions: int | None = None
    index_since: str | None = None  # suspended: the index over what it was when it last traded
    old_close: str | None = None  # only of this day: books an entitlement
    float_shares: int | None = None
    terms: Terms | None = None


class Holding(Part, frozen=True, kw_only=True):
    quantity: int
    cost: str | None = None  # a share; none: the previous close
    financed: bool = False  # bought on margin


class Account(Part, frozen=True, kw_only=True):
    """A cash account, a contract ("1:3") or a participant of the market."""

    cash: str | None = None  # beside what the holdings cost and the contracts took
    contract: str | None = None
    deposit: str | None = None
    credit: str | None = None  # the line; none: the largest
    of: str | None = None  # the account of the same person
    market: bool = False
    holds: dict[str, int | Holding] = {}


class Book(Part, frozen=True, kw_only=True):
    """Price to quantity, in the order in which the orders arrive."""

    bids: dict[str, int] = {}
    asks: dict[str, int] = {}


class Commission(Part, frozen=True, kw_only=True):
    rate: str
    minimum: str = "5.00"
    mode: Literal["all_in", "net"] = "all_in"


class Action(Part, frozen=True, kw_only=True):
    """A corporate action, per share; numbered from 1 in the order of the page."""

    symbol: str | None = None  # none: the only one there is
    ex: date | None = None
    announced: date | None = None
    record: date | None = None
    paid: date | None = None
    listed: date | None = None
    rights_until: date | None = None
    last_day: date | None = None
    cash: str | None = None
    bonus: str | None = None
    conversion: str | None = None
    rights: str | None = None
    rights_price: str | None = None
    factor: str | None = None


class Given(Part, frozen=True, kw_only=True):
    date: date
    instruments: dict[str, str | Instrument]
    accounts: dict[str, Account] = {}
    market: dict[str, Book] = {}
    actions: list[Action] = []
    phase: str = "continuous"
    mark: Literal["source", "last_trade"] = "source"
    commission: Commission | None = None
    fees: Literal["rules", "none"] = "rules"
    interest: Literal["product", "none"] = "product"
    limits: Limits | Literal["published"] | None = None  # of every day, until a step says others
    choices: Choices = Choices()  # what the rules leave open
    products: dict[str, Raw] = {}  # fields of products.toml in place of a product's own


# Steps --------------------------------------------------------------------------------------------


class Order(Part, frozen=True, kw_only=True):
    quantity: int
    price: str | None = None  # none: a market order
    type: OrderType | None = None  # of a market order; none: best five, rest cancelled
    protection: str | None = None  # its protection price
    account: Name | None = None  # none: the market
    symbol: Name | None = None  # none: the only one there is
    name: str | None = None
    by: Literal["client", "forced_reduce", "forced_liquidate", "officer"] = "client"
    financed: bool = False  # a buy on margin, a sale to repay
    loan: int = 0  # of a sale to repay: the number of the loan it repays first


class Cancel(Part, frozen=True, kw_only=True):
    order: Name
    account: Name | None = None  # none: the order's own


class CancelAll(Part, frozen=True, kw_only=True):
    account: Name
    symbol: Name | None = None


class NextDay(Part, frozen=True, kw_only=True):
    date: date
    instruments: dict[str, str | Instrument] = {}
    phase: str = "continuous"


class Amount(Part, frozen=True, kw_only=True):
    account: Name
    amount: str


class Transfer(Part, frozen=True, kw_only=True):
    source: Name = msgspec.field(name="from")
    to: Name
    amount: str


class Contract(Part, frozen=True, kw_only=True):
    contract: Name
    deposit: str
    credit: str | None = None
    source: Name = msgspec.field(name="from")
    name: str


class Repayment(Part, frozen=True, kw_only=True):
    account: Name
    amount: str
    symbol: Name | None = None  # of a licensed account: the share whose loans are paid
    loan: int = 0  # of a licensed account: the number of the loan that is paid


class Extension(Part, frozen=True, kw_only=True):
    account: Name
    loan: int = 0  # number of a loan of a licensed account


class Settle(Part, frozen=True, kw_only=True):
    account: Name
    to: Name


class Entitlement(Part, frozen=True, kw_only=True):
    symbol: Name
    old_close: str
    reference: str


class PayRights(Part, frozen=True, kw_only=True):
    account: Name
    quantity: int
    symbol: Name | None = None
    action: int = 1


class Opening(Part, frozen=True, kw_only=True):
    """`name` is a cash account, of the person of `of` if there is one."""

    name: str
    of: str | None = None


class Refusal(Part, frozen=True, kw_only=True):
    reason: str
    figure: Name | None = None


class Step(Part, frozen=True, kw_only=True):
    """One thing done, at most, and what must hold after it."""

    buy: Order | None = None
    sell: Order | None = None
    cancel: Name | Cancel | None = None
    cancel_all: Name | CancelAll | None = None
    prices: dict[str, str] | None = None
    phase: str | None = None
    uncross: Name | None = None
    closing: Name | None = None
    resume: Name | None = None
    time: str | None = None
    close: bool | None = None
    next_day: NextDay | None = None
    deposit: Amount | None = None
    withdraw: Amount | None = None
    repay: Repayment | None = None
    draw: Amount | None = None
    extend: Extension | None = None
    transfer: Transfer | None = None
    open_account: Opening | None = None
    open_contract: Contract | None = None
    settle: Settle | None = None
    interest: int | None = None
    entitlement: Entitlement | None = None
    pay_rights: PayRights | None = None
    limits: Limits | None = None
    platform: Platform | None = None
    stop: Stop | None = None
    override: Override | None = None
    watch: bool | None = None
    sell_last: SellLast | None = None
    force: Name | None = None
    # Expected.
    events: list[Raw] | None = None
    refused: str | Refusal | None = None
    then: dict[str, Raw] = {}
    ahead: dict[str, Raw] = {}  # of `next_day`: what was foreseen the evening before
    instruments: dict[str, Raw] = {}
    book: dict[str, Book] = {}
    ledgers: Raw = {}
    systemic: Raw = {}
    plan: dict[str, Plan] = {}


EXPECTED = (
    *("events", "refused", "then", "ahead", "instruments"),
    *("book", "ledgers", "systemic", "plan"),
)
VERBS = tuple(name for name in Step.__struct_fields__ if name not in EXPECTED)


class Scenario(Part, frozen=True, kw_only=True):
    rule: str | list[str]  # a section ("2.3"), rules of it ("2.3/sse-midpoint")
    title: str
    title_en: str
    given: Given
    step: list[Step] = []

    @property
    def rules(self) -> tuple[str, ...]:
        return (self.rule,) if isinstance(self.rule, str) else tuple(self.rule)

    @property
    def section(self) -> str:
        """Of the first rule."""
        return self.rules[0].partition("/")[0] if self.rules else ""
