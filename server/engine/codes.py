"""The engine's vocabulary: small integers that stand in the journal for ever.

Numbers are part of the journal's format: append, never renumber.
"""

from enum import IntEnum, unique


@unique
class Command(IntEnum):
    """What a journal record asks the engine to do."""

    DAY_OPEN = 1
    INSTRUMENT_ADD = 2
    INSTRUMENT_DAY = 3
    LADDERS = 4
    FEE_SCHEDULE = 5
    PRODUCT = 6
    PHASE = 7
    UNCROSS = 8
    DAY_CLOSE = 9
    FRAME_BEGIN = 10
    PRICE = 11
    FRAME_END = 12
    ENTITLEMENT = 13
    INSTRUMENT_RULES = 14
    CLOSING = 15  # an instrument's closing auction and closing price; its orders expire
    RESUME = 16  # the call auction that ends a temporary halt
    ACCOUNT_OPEN = 20
    CONTRACT_OPEN = 21
    CONTRACT_SETTLE = 22
    DEPOSIT = 23
    WITHDRAW = 24
    TRANSFER = 25
    ACCRUE = 26
    REPAY = 27
    PRODUCT_TERMS = 28  # after its PRODUCT, which takes them back
    ORDER = 30
    CANCEL = 31
    CANCEL_ALL = 32
    NOTICE = 40
    CORPORATE_ACTION = 50
    ACTION_CASH_PAID = 51
    ACTION_SHARES_LISTED = 52
    RIGHTS_PAY = 53
    RIGHTS_LAPSE = 54
    DELIST = 55
    TAX_PERIODS = 56
    ACTION_ANNOUNCE = 57
    SELL_LAST = 80
    DESK_ACTION = 81
    RISK_LIMITS = 70
    CONCENTRATION = 71
    STOCK_LIMIT = 72
    PLATFORM_STATE = 73
    STOP = 74
    PRICE_OVERRIDE = 75
    DRAW = 60
    EXTEND = 61
    FINANCING_MARGIN = 62


@unique
class Event(IntEnum):
    """What came of a command."""

    DAY_OPENED = 1
    PHASE_CHANGED = 2
    PRICE_MARKED = 3
    AUCTION = 4
    DAY_CLOSED = 5
    ENTITLED = 6
    CLOSED = 7  # the closing price; volume: of the closing auction
    TRADING_HALTED = 8  # temporarily (section 1.7)
    TRADING_RESUMED = 9
    ORDER_ACCEPTED = 10
    ORDER_REJECTED = 11
    ORDER_CANCELLED = 12
    ORDER_EXPIRED = 13
    TRADE = 14
    FILL = 15
    CANCEL_REJECTED = 16
    LINE_CROSSED = 20
    GRADE_CHANGED = 21
    ACCOUNT_OPENED = 30
    CONTRACT_OPENED = 31
    CONTRACT_SETTLED = 32
    SHORTFALL = 33
    CASH_MOVED = 34
    INTEREST_ACCRUED = 35
    COMMAND_REJECTED = 36
    NOTICE_RECORDED = 40
    EX_RIGHTS = 50
    DIVIDEND_PAID = 51
    SHARES_LISTED = 52
    RIGHTS_PAID = 53
    RIGHTS_LAPSED = 54
    DELISTED = 55
    ANNOUNCED = 56
    SELL_LAST_SET = 85
    DESK_RECORDED = 86
    ORDER_QUEUED = 60  # accepted, and kept by the broker
    ORDER_HELD = 61  # accepted, and kept by the exchange outside the book
    ORDER_RELEASED = 62  # goes to the book
    ORDER_CONVERTED = 63  # the rest of a market order rests at `price`
    FINANCING_CHANGED = 75
    PLATFORM_CHANGED = 76
    STOP_CHANGED = 77
    PRICE_QUARANTINED = 78
    PRICE_OVERRIDDEN = 79
    DRAWN = 65
    LOAN_REPAID = 66
    EXTENDED = 67
    OVERDUE = 68
    RELEASED = 69


@unique
class Side(IntEnum):
    BUY = 0
    SELL = 1


NO_AGGRESSOR = 2  # the side of a trade in an auction


@unique
class OrderType(IntEnum):
    """Sections 2.5 and 2.2. All but LIMIT and FIXED_PRICE are market orders."""

    LIMIT = 0
    BEST_FIVE_IOC = 1
    BEST_FIVE_LIMIT = 2  # the rest at its last trade's price, else at the own best
    OPPOSITE_BEST = 3  # a limit order at the best opposite price
    OWN_BEST = 4  # joins the best price of its own side
    IOC = 5  # the whole book
    FILL_OR_KILL = 6
    FIXED_PRICE = 7  # after hours, at the close if that is within its limit (section 2.2)


@unique
class OrderStatus(IntEnum):
    FREE = 0
    WORKING = 1
    QUEUED = 2  # at the broker, until the market takes orders (section 2.1)
    HELD = 3  # at the exchange, outside the book: until the price cage moves, or after hours


@unique
class Origin(IntEnum):
    """Who asked for an order or a cancel, and why."""

    CLIENT = 0
    MARKET = 1
    FORCED_REDUCE = 2
    FORCED_LIQUIDATE = 3
    OFFICER = 4


@unique
class AccountClass(IntEnum):
    CASH = 1
    CONTRACT = 2
    MARKET = 3


@unique
class AccountStatus(IntEnum):
    OPEN = 0
    SETTLED = 1
    SHORTFALL = 2
    RELEASING = 3  # settled; what is left goes back when its sessions are over


@unique
class Family(IntEnum):
    """Kinds of product: who may borrow how much against what."""

    FIXED = 0  # 1:N, the whole loan at the opening (section 5)
    COMBINATION = 1  # a coefficient for each share; the need for margin is a sum
    FLEXIBLE = 2  # a line drawn as it is used, by the day
    LICENSED = 3  # exchange margin trading (section 4)
    CASH = 4  # no loan


@unique
class Grade(IntEnum):
    """The five grades of a contract, best first (section 5.3 of the rules)."""

    NORMAL = 0
    REMIND = 1
    RESTRICT = 2
    REDUCE = 3
    LIQUIDATE = 4


@unique
class Phase(IntEnum):
    """The phases of a trading day (section 2.1)."""

    CLOSED = 0
    OPENING_CALL = 1
    OPENING_CALL_NO_CANCEL = 2
    PAUSE = 3
    CONTINUOUS = 4
    LUNCH = 5
    CLOSING_CALL = 6
    HALTED = 7  # temporarily: a call, which the auction of the resumption ends (section 1.7)
    AFTER_HOURS_ENTRY = 8  # closed; orders for what follows are taken (section 2.2)
    AFTER_HOURS = 9  # fixed price trading at the close


CALLS = (  # phases in which orders wait for an auction
    *(Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL),
    *(Phase.CLOSING_CALL, Phase.HALTED),
)


@unique
class AuctionRule(IntEnum):
    """How a call auction chooses among prices that trade as much (section 2.3)."""

    ORDER_PRICES = 0  # SSE: least unmatched, then the midpoint, half up to the tick
    EVERY_TICK = 1  # SZSE, BSE: least unmatched, then the nearest to the reference
    ORDER_PRICES_DOWN = 2  # as ORDER_PRICES, but half down: a house's setting


@unique
class Board(IntEnum):
    """The boards of section 1.1."""

    NONE = 0
    MAIN = 1
    CHINEXT = 2
    STAR = 3
    BSE = 4
    FUND = 5


@unique
class HoldingClass(IntEnum):
    """Columns of the admissible-holdings table (section 5.3)."""

    MAIN = 0
    WIDE_20 = 1
    BSE_30 = 2
    RISK_WARNING = 3


@unique
class RiskStatus(IntEnum):
    """The risk mark in a share's name."""

    NONE = 0
    WARNED = 1  # ST, *ST
    DELISTING = 2


@unique
class LimitKind(IntEnum):
    """UNKNOWN is refused: section 0, rule 3."""

    UNKNOWN = 0
    LIMITED = 1
    UNLIMITED = 2


@unique
class MarkPolicy(IntEnum):
    """Where an instrument's mark comes from."""

    SOURCE = 0
    LAST_TRADE = 1


@unique
class Convention(IntEnum):
    """Bits of DAY_OPEN: what the rules leave to the broker; a day of before goes by none."""

    UNSETTLED_FIRST = 1  # an open buy holds unsettled proceeds before settled money (section 6.1)
    BOUNDED_LENDING = 2  # nothing is lent after the term; a share's repayment is what it owes


@unique
class Ledger(IntEnum):
    """The house's cash ledgers; with the accounts' cash they always sum to zero."""

    OUTSIDE = 0
    LENDER = 1
    INTEREST = 2
    COMMISSION = 3
    STAMP_DUTY = 4
    TRANSFER_FEE = 5
    HANDLING_FEE = 6
    REGULATORY_FEE = 7
    ISSUER = 8
    DIVIDEND_TAX = 9
    CONTRACT_FEE = 11


@unique
class CashMove(IntEnum):
    DEPOSIT = 1
    WITHDRAW = 2
    TRANSFER_OUT = 3
    TRANSFER_IN = 4
    LOAN = 5
    REPAY_PRINCIPAL = 6
    REPAY_INTEREST = 7
    ENTITLEMENT = 8
    DIVIDEND = 9
    FRACTION = 10  # of a share that a split or a merger leaves over
    RIGHTS_PAYMENT = 11
    DRAW = 15
    EARLY_FEE = 16
    REFUND_INTEREST = 17


@unique
class PlatformState(IntEnum):
    """What the whole platform still takes (section 7.5)."""

    NORMAL = 0
    NO_NEW_FINANCING = 1
    REDUCE_ONLY = 2
    HALTED = 3


@unique
class DecidedBy(IntEnum):
    """Who moves the platform; the stricter of both holds."""

    RULES = 0
    OFFICER = 1


@unique
class StopScope(IntEnum):
    ACCOUNT = 0
    PERSON = 1
    INSTRUMENT = 2


@unique
class StopLevel(IntEnum):
    NONE = 0
    NO_BUYS = 1
    NO_ORDERS = 2


@unique
class ConcentrationScope(IntEnum):
    """What a table of concentration bounds."""

    STOCK = 0  # one stock of a class
    BOARD = 1  # all stocks of the class together


@unique
class NoticeStage(IntEnum):
    SENT = 1
    DELIVERED = 2
    ACKNOWLEDGED = 3


@unique
class DeskAction(IntEnum):
    """What a risk officer did; the action's words and reason are in the risk desk's table."""

    HOLD = 1  # of a forced sale, until a market time
    PROPOSE_RELEASE = 2
    RELEASE = 3  # by another officer than who proposed it
    REDUCE = 4
    STOP = 5
    RESUME = 6
    QUARANTINE_PRICE = 7
    OVERRIDE_PRICE = 8
    FREE_PRICE = 9
    PLATFORM_STATE = 10
