"""Orders, fills, positions, and the what-if before sending."""

import msgspec

from server.protocol.words import Grade, OrderStatus, OrderType, Origin, Side


class PlaceOrder(msgspec.Struct, tag="place_order"):
    """Repeating it with the same `client_order_id` and body returns the first result.

    `client_order_id` is 1 to 36 ASCII characters, unique in the account for the market day.
    `price` is 0 for a market order.
    """

    id: int
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    quantity: int
    client_order_id: str
    price: int = 0


class CancelOrder(msgspec.Struct, tag="cancel_order"):
    id: int
    account: int
    order_id: int


class CancelAll(msgspec.Struct, tag="cancel_all"):
    id: int
    account: int


class Order(msgspec.Struct, tag="order", omit_defaults=True):
    """An order as it stands; pushed whenever it changes."""

    seq: int
    order_id: int
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    price: int
    quantity: int
    filled: int
    filled_amount: int
    status: OrderStatus
    time: int
    date: int
    client_order_id: str = ""
    origin: Origin = "client"
    code: str = ""  # why it was rejected or cancelled
    figure: int = 0


class Placed(msgspec.Struct, tag="placed"):
    """Answers `place_order`: durable, and `order` is its state after matching."""

    id: int
    order: Order
    duplicate: bool = False


class Fill(msgspec.Struct, tag="fill", omit_defaults=True):
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
    realised: int = 0
    origin: Origin = "client"


class Position(msgspec.Struct, tag="position", omit_defaults=True):
    """The newest state of one holding; quantity 0 when it is gone."""

    account: int
    symbol: str
    quantity: int
    sellable: int = 0
    frozen: int = 0
    bought_today: int = 0
    cost: int = 0  # of the whole holding, fees included
    price: int = 0
    market_value: int = 0
    profit: int = 0  # unrealised
    profit_today: int = 0
    realised: int = 0
    synthetic_entitlement: bool = False
    unsellable: bool = False  # suspended, or locked at limit-down


class WhatIf(msgspec.Struct, tag="what_if"):
    """What an order would do; sends nothing."""

    id: int
    account: int
    symbol: str
    side: Side
    order_type: OrderType
    quantity: int
    price: int = 0


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
    filled_now: int
    average_price: int
    amount: int
    fees: int
    frozen: int
    debt: int
    assets_before: int
    assets_after: int
    ratio_before_ppm: int  # 0: no debt
    ratio_after_ppm: int
    grade_after: Grade
    interest_a_day: int
    largest_quantity: int  # that would be accepted, 0 when none
    lines: list[LineDistance]


class GetOrders(msgspec.Struct, tag="get_orders"):
    """Orders of a day, newest first; `date` 0 is the current day, -1 all days."""

    id: int
    account: int = -1  # -1: all own accounts
    date: int = 0
    limit: int = 500
    before_seq: int = 0


class Orders(msgspec.Struct, tag="orders"):
    id: int
    items: list[Order]


class GetFills(msgspec.Struct, tag="get_fills"):
    id: int
    account: int = -1
    date: int = 0
    limit: int = 500
    before_seq: int = 0


class Fills(msgspec.Struct, tag="fills"):
    id: int
    items: list[Fill]
