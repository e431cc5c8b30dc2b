"""What-if over a whole account, plans of forced sales, and the wish to sell a holding last."""

import msgspec

from server.protocol.trading import LineDistance
from server.protocol.words import (
    ChangeCause,
    Grade,
    Obstacle,
    OrderType,
    PlanKind,
    PlanTime,
    RestOutcome,
    Side,
    Wish,
)


class BasketOrder(msgspec.Struct, gc=False):
    """One order of a what-if; `price` is 0 for a market order."""

    symbol: str
    side: Side
    order_type: OrderType
    quantity: int
    price: int = 0
    financed: bool = False  # as in `place_order`


class SupposedPrice(msgspec.Struct, gc=False):
    symbol: str
    price: int


class WhatIfAccount(msgspec.Struct, tag="what_if_account"):
    """What would become of an account; sends nothing.

    First the deposit comes in, then the orders are sent one after another (at most 50), then
    prices move: every holding by `move_ppm`, those in `prices` to theirs.
    """

    id: int
    account: int
    orders: list[BasketOrder] = []
    deposit: int = 0
    move_ppm: int = 0  # of the last price; -100 000 is a fall of 10 %
    prices: list[SupposedPrice] = []


class OrderForecast(msgspec.Struct, omit_defaults=True):
    """What would come of one order of the basket; `code` as in `failed`, empty when accepted."""

    code: str = ""
    message_zh: str = ""
    message_en: str = ""
    figure: int | None = None
    unit: str = ""
    filled_now: int = 0
    average_price: int = 0
    amount: int = 0  # of the whole order
    fees: int = 0
    frozen: int = 0
    rest: RestOutcome = "none"  # as in `what_if_result`
    rest_price: int = 0


class AccountStanding(msgspec.Struct):
    """An account at one moment."""

    cash: int
    free_cash: int  # what is not frozen for open buys
    assets: int
    debt: int
    ratio_ppm: int  # 0: no debt
    grade: Grade
    withdrawable: int
    lines: list[LineDistance]


class PlanOrder(msgspec.Struct):
    """One order of a plan. It comes in the order of `rank`: board limit times weight."""

    rank: int
    symbol: str
    quantity: int
    order_type: OrderType
    price: int  # 0 for a market order
    floor: int  # the lowest price it may trade at, as the book is now
    weight_ppm: int  # of the holding in the assets
    limit_ppm: int  # of its board
    wish: Wish


class PlanQueued(msgspec.Struct):
    """Shares that cannot be sold now, and why."""

    symbol: str
    quantity: int
    obstacle: Obstacle


class PlanSteps(msgspec.Struct):
    """What is sent, in order: open orders are cancelled, `repay` is repaid, `orders` are sold.

    What it leaves is estimated at the bids as they are, with the highest fees.
    """

    repay: int
    orders: list[PlanOrder]
    queued: list[PlanQueued]
    spared: list[str]  # tagged 'sell last', and not needed
    proceeds: int
    assets_after: int
    debt_after: int


class AccountForecast(msgspec.Struct, tag="account_forecast"):
    """Answers `what_if_account`. `deposit_code` is empty unless the deposit would be refused.

    `plan` is what forced sales would send then; absent above the remind line.
    """

    id: int
    account: int
    before: AccountStanding
    after: AccountStanding
    crossed: list[Grade]  # lines reached on the way, in order
    orders: list[OrderForecast]
    deposit_code: str = ""
    plan_kind: PlanKind = "none"
    plan: PlanSteps | None = None
    plan_waits: bool = False  # the market does not trade continuously now: it is for when it does


class GetPlan(msgspec.Struct, tag="get_plan"):
    """Asks what forced sales would send now for an account at or below its remind line."""

    id: int
    account: int


class LiquidationPlan(msgspec.Struct, tag="plan", omit_defaults=True):
    """Answers `get_plan`: the orders that would be sent now, and the call with both its cures.

    Pushed with id 0 to the account's owner when it has changed, about once a second at the most;
    one without `steps` says that there is none any more.
    """

    id: int
    account: int
    kind: PlanKind = "none"
    when: PlanTime = "none"
    deadline: int = 0  # market time; of the call
    held_until: int = 0  # market time; the risk desk holds the sales
    deposit: int = 0  # what lifts the ratio above the restrict line
    repay: int = 0  # sold and repaid instead, the same
    acknowledged: bool = False
    next_reminder: int = 0  # market time
    steps: PlanSteps | None = None
    sell_last: list[str] = []  # what the client has tagged so


class SetSellLast(msgspec.Struct, tag="set_sell_last"):
    """Asks forced sales to sell a holding after all others, or takes that back.

    A plan does so as far as the others suffice, and says where it does not.
    """

    id: int
    account: int
    symbol: str
    on: bool = True


class GetTomorrow(msgspec.Struct, tag="get_tomorrow"):
    """Asks where the next session's opening leaves an account if no price moves."""

    id: int
    account: int


class TomorrowChange(msgspec.Struct, gc=False):
    """What one cause adds to an account's figures; `symbol` is empty where it is no share's."""

    cause: ChangeCause
    symbol: str
    assets: int
    debt: int
    margin: int


class Tomorrow(msgspec.Struct, tag="tomorrow"):
    """Answers `get_tomorrow`: everything that the date brings is booked, no price moves.

    `margin` is the available margin of a licensed account (section 4.2), the free margin of a
    combination, 0 of others. `changes` add up to the difference; a list of many accounts has none.
    """

    id: int
    account: int
    session: int  # YYYYMMDD
    days: int  # of interest
    interest: int  # that is charged
    assets: int
    debt: int
    ratio_ppm: int
    grade: Grade  # now
    grade_then: Grade
    assets_now: int = 0
    debt_now: int = 0
    ratio_now_ppm: int = 0
    margin_now: int = 0
    margin: int = 0
    falls_overdue: bool = False  # a due day comes
    changes: list[TomorrowChange] = []
