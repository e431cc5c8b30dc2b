"""Orders, fills, positions, and the what-if before sending."""

import msgspec

from server.protocol.words import Grade, OrderStatus, OrderType, Origin, RestOutcome, Side


class PlaceOrder(msgspec.Struct, tag="place_order", gc=False):
    """Repeating it with the same `client_order_id` and body returns the first result.

    `client_order_id` is 1 to 36 ASCII characters, unique in the account for the market day.
    `price` is 0 for a market order, unless its instrument has `protection`: then it is the worst
    price the order may trade at. `financed` is for licensed accounts: a buy on margin, lent in
    full; a sale to repay, whose proceeds repay the share's own loans and then the others, in the
    order of the product. `loan` names the one that such a sale repays first: of the share's own
    loans if it is one of them, of the others otherwise.
    """

    id: int
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    quantity: int
    client_order_id: str
    price: int = 0
    financed: bool = False
    loan: int = 0  # its number; 0: none is named


class CancelOrder(msgspec.Struct, tag="cancel_order", gc=False):
    """Takes an open order out of the market; answered once it is out."""

    id: int
    account: int
    order_id: int


class CancelAll(msgspec.Struct, tag="cancel_all"):
    """Takes every open order of an account out of the market, as far as the phase allows."""

    id: int
    account: int


class Order(msgspec.Struct, tag="order", omit_defaults=True, gc=False):
    """An order as it stands; pushed whenever it changes.

    `queued`: the broker sends it when the market takes orders again, and checks it again then.
    `held`: the exchange keeps it outside the book until its price is in the valid range.
    """

    seq: int  # of its last change
    order_id: int  # negative: refused before it got a number
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    price: int  # 0 for a market order, until its rest stays at a price
    quantity: int
    filled: int  # shares
    filled_amount: int  # money, without fees
    status: OrderStatus
    time: int  # when it was placed
    date: int
    client_order_id: str = ""  # empty for an order that the house placed
    origin: Origin = "client"
    code: str = ""  # why it was rejected or cancelled
    figure: int = 0  # what would have passed, in the unit of `code`
    financed: bool = False


class Placed(msgspec.Struct, tag="placed", gc=False):
    """Answers `place_order`: durable, and `order` is its state after matching.

    `duplicate` says that it had been placed before; then `order` is its state now.
    """

    id: int
    order: Order
    duplicate: bool = False


class Fill(msgspec.Struct, tag="fill", omit_defaults=True, gc=False):
    """One fill with its fees, each in 1/10 000 yuan."""

    seq: int
    trade_no: int
    order_id: int
    account: int
    symbol: str
    side: Side
    price: int
    quantity: int
    time: int
    date: int
    commission: int = 0
    stamp_duty: int = 0
    transfer_fee: int = 0
    handling_fee: int = 0
    regulatory_fee: int = 0
    realised: int = 0  # profit of a sale against the average cost
    origin: Origin = "client"
    dividend_tax: int = 0  # of a sale, by how long the shares were held


class Position(msgspec.Struct, tag="position", omit_defaults=True, gc=False):
    """The newest state of one holding; quantity 0 when it is gone."""

    account: int
    symbol: str
    quantity: int
    sellable: int = 0  # now
    frozen: int = 0  # in open sales
    bought_today: int = 0  # and therefore not sellable before tomorrow
    cost: int = 0  # of the whole holding, fees included
    price: int = 0
    market_value: int = 0
    profit: int = 0  # unrealised
    profit_today: int = 0
    realised: int = 0
    synthetic_entitlement: bool = False  # holds shares booked on an ex-date without an action table
    unsellable: bool = False  # suspended, or locked at limit-down
    unlisted: int = 0  # new shares of corporate actions, in the quantity and not sellable yet
    rights: int = 0  # to new shares, not paid for yet (`pay_rights`)
    rights_price: int = 0


class WhatIf(msgspec.Struct, tag="what_if"):
    """What an order would do; sends nothing."""

    id: int
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    quantity: int
    price: int = 0  # as in `place_order`
    financed: bool = False


class LineDistance(msgspec.Struct):
    """How far a line is, from the assets after the order."""

    grade: Grade
    line_ppm: int
    assets: int  # at which the line is reached
    fall: int  # in yuan/10 000; negative when it is already passed
    fall_ppm: int  # of the holdings' value
    limit_downs_ppm: int  # number of whole-portfolio limit-down days, in ppm of a day


class WhatIfResult(msgspec.Struct, tag="what_if_result"):
    """`code` is empty when the order would be accepted, else the reason, as in `failed`."""

    id: int
    code: str
    message_zh: str
    message_en: str
    figure: int | None
    unit: str
    filled_now: int  # shares that would trade at once
    average_price: int
    amount: int  # money of the whole order
    fees: int
    frozen: int  # money held for what would rest in the book
    debt: int  # after it, with what it draws, is lent, or repays
    assets_before: int
    assets_after: int
    ratio_before_ppm: int  # 0: no debt
    ratio_after_ppm: int
    grade_after: Grade
    interest_a_day: int
    largest_quantity: int  # that would be accepted, 0 when none
    lines: list[LineDistance]
    withdrawable_before: int = 0
    withdrawable_after: int = 0
    debt_before: int = 0
    credit_left_after: int = 0  # of the line
    margin_after: int = 0  # as in `account`
    buying_power_after: int = 0
    rest: RestOutcome = "none"  # what becomes of what does not trade at once
    rest_price: int = 0  # the limit, the close, the call's price now; 0 where there is none


class GetOrders(msgspec.Struct, tag="get_orders"):
    """Orders of a day, newest change first; `date` 0 is the current day, -1 all days.

    For the next page give the lowest `seq` of this one as `before_seq`. A page has at most 1,000
    orders, and more only where they changed in one step, so that no page ends inside one.
    """

    id: int
    account: int = -1  # -1: all own accounts
    date: int = 0
    limit: int = 500
    before_seq: int = 0  # 0: from the newest


class Orders(msgspec.Struct, tag="orders"):
    """Answers `get_orders` with everything that was answered or pushed before."""

    id: int
    items: list[Order]


class GetFills(msgspec.Struct, tag="get_fills"):
    """Fills of a day, newest first; as `get_orders`."""

    id: int
    account: int = -1
    date: int = 0
    limit: int = 500
    before_seq: int = 0


class Fills(msgspec.Struct, tag="fills"):
    """Answers `get_fills`."""

    id: int
    items: list[Fill]
