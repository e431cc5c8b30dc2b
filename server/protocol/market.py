"""Instruments, quotes, depth and bars."""

import msgspec

from server.protocol.words import Board, Exchange, Interval, OrderType, Phase, Side


class GetInstruments(msgspec.Struct, tag="get_instruments"):
    """Asks for every instrument with its figures of the day."""

    id: int


class Instrument(msgspec.Struct, gc=False):
    symbol: str  # code.exchange, as 600519.SSE
    code: str
    exchange: Exchange
    name: str
    pinyin: str  # initials of the name
    board: Board
    sector: str
    float_shares: int
    tick: int  # smallest step of a price
    lot: int  # shares
    limit_up: int  # highest price of the day
    limit_down: int
    previous_close: int  # after ex-rights
    limited: bool  # False on a day without price limit
    suspended: bool
    same_day_sale: bool  # what was bought today may be sold today
    order_types: list[OrderType]  # taken today in continuous trading; a call takes "limit" alone
    protection: bool = False  # market orders carry a protection price


class Instruments(msgspec.Struct, tag="instruments"):
    """Answers `get_instruments`; also pushed when a new day opens (then `id` is 0)."""

    id: int
    date: int
    items: list[Instrument]


class Quote(msgspec.Struct, tag="quote", omit_defaults=True, gc=False):
    """The newest state of one instrument; older ones are dropped for a slow reader."""

    symbol: str
    time: int
    last: int
    previous_close: int
    open: int = 0  # 0: nothing has traded today
    high: int = 0
    low: int = 0
    volume: int = 0  # shares today
    turnover: int = 0  # money today
    bid: int = 0  # 0: nobody bids
    bid_quantity: int = 0
    ask: int = 0
    ask_quantity: int = 0
    suspended: bool = False
    interpolated: bool = False  # a path inside a bar that the source only has whole
    phase: Phase = "continuous"  # of this instrument
    # In a call, as the exchanges publish it: the price it would have now (0: none), what would
    # trade there, and what would be left over of a side. Bid and ask are that price and quantity.
    indicative: int = 0
    unmatched: int = 0
    unmatched_side: Side = "buy"


class Level(msgspec.Struct, array_like=True, gc=False):
    """What waits at one price."""

    price: int
    quantity: int


class Depth(msgspec.Struct, tag="depth"):
    """The best five levels of each side of a book.

    In a call, as the exchanges publish it, none of them: the first level of both sides is the
    indicative price with what would trade; a second one, at price 0, has what would be left over.
    """

    symbol: str
    time: int
    bids: list[Level]  # best first, at most five
    asks: list[Level]


class GetBars(msgspec.Struct, tag="get_bars"):
    """The newest `limit` bars (at most 1,000), oldest first."""

    id: int
    symbol: str
    interval: Interval
    limit: int = 240


class Bar(msgspec.Struct, tag="bar", omit_defaults=True, gc=False):
    """One bar; `time` is its start. A push repeats the bar under way until it is final."""

    symbol: str
    interval: Interval
    time: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    turnover: int
    final: bool = False
    interpolated: bool = False


class Bars(msgspec.Struct, tag="bars"):
    """Answers `get_bars`; the last one may be under way."""

    id: int
    symbol: str
    interval: Interval
    items: list[Bar]
