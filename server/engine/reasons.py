"""Why a command is refused or an order ends; numbers stand in the journal and never change."""

from enum import IntEnum, unique


@unique
class Reason(IntEnum):
    """Why a command was refused. `figure` in the event is what would pass, as the comment says."""

    NONE = 0
    UNKNOWN_ACCOUNT = 1
    ACCOUNT_CLOSED = 2
    UNKNOWN_INSTRUMENT = 3
    SUSPENDED = 4
    PHASE_CLOSED = 5
    ORDER_TYPE_NOT_ALLOWED = 6
    PRICE_OFF_TICK = 7  # nearest price on a tick
    PRICE_ABOVE_LIMIT = 8  # limit-up
    PRICE_BELOW_LIMIT = 9  # limit-down
    LIMIT_UNKNOWN = 10
    QUANTITY_NOT_POSITIVE = 11  # smallest quantity
    QUANTITY_OFF_LOT = 12  # nearest smaller valid quantity, else the smallest valid one
    QUANTITY_BELOW_MINIMUM = 13  # smallest quantity
    QUANTITY_ABOVE_MAXIMUM = 14  # largest quantity
    ODD_LOT_SPLIT = 15  # nearest smaller valid quantity (section 1.3)
    NOT_SELLABLE = 16  # sellable quantity
    INSUFFICIENT_CASH = 17  # largest quantity the cash pays for at this price
    GRADE_RESTRICTED = 18  # yuan of deposit that lifts the ratio above the restrict line
    CONCENTRATION = 19  # largest quantity the single-stock cap admits
    HOLDING_NOT_ADMITTED = 20  # largest quantity the class cap admits
    GAP_NOT_SURVIVED = 21  # largest quantity for which the liquidation line survives one limit-down
    SELF_TRADE = 22  # price of the person's own order in the way
    UNKNOWN_ORDER = 23
    CANCEL_NOT_ALLOWED = 24
    AMOUNT_NOT_POSITIVE = 25
    WITHDRAWABLE_EXCEEDED = 26  # withdrawable amount
    DIFFERENT_PERSON = 27
    DEBT_BLOCKS_WITHDRAWAL = 28  # the debt
    UNKNOWN_PRODUCT = 29
    DEPOSIT_OUT_OF_RANGE = 30  # nearest deposit allowed
    CONTRACT_NOT_EMPTY = 31
    NOT_A_CONTRACT = 32
    OUT_OF_RANGE = 33  # the bound
    LINES_DO_NOT_SURVIVE = 34
    OUT_OF_ORDER = 35
    AFTER_HOURS_NOT_OFFERED = 36
    PRICE_BELOW_CLOSE = 37  # the close, at which a buy trades after hours
    PRICE_ABOVE_CLOSE = 38  # the close, at which a sale does
    ORDER_TYPE_NOT_ON_BOARD = 46
    PROTECTION_PRICE_MISSING = 47  # the price that protects least
    PRICE_ABOVE_CAGE = 48  # highest valid price (section 1.6)
    PRICE_BELOW_CAGE = 49  # lowest valid price
    PRICE_ABOVE_CALL_RANGE = 50  # highest valid price of the call
    PRICE_BELOW_CALL_RANGE = 51  # lowest valid price of the call
    SIDE_UNKNOWN = 52
    RIGHTS_EXCEEDED = 60  # rights left to pay for
    UNKNOWN_PERSON = 85
    STOPPED_ACCOUNT = 86
    STOPPED_PERSON = 87
    STOPPED_INSTRUMENT = 88
    NO_NEW_FINANCING = 89
    REDUCE_ONLY = 90
    HALTED = 91
    CONCENTRATION_TIER = 92  # largest quantity the tier of the account's ratio admits
    BOARD_CONCENTRATION = 93  # largest quantity the tier for the whole board admits
    FINANCING_FULL = 94  # shares that must be sold first: they pass again below the resume share
    STOCK_CAP = 95  # largest quantity the platform's cap on one stock admits
    PERSON_STOCK_CAP = 96  # largest quantity the cap on one person in one stock admits
    CLIENT_LENDING_CAP = 97  # largest loan that one person may still take
    LENDING_CAP = 98  # largest loan the lender still gives
    NOT_QUARANTINED = 99
    CREDIT_INSUFFICIENT = 70  # quantity that cash and credit line pay for
    MARGIN_INSUFFICIENT = 71  # largest quantity that the margin carries
    FINANCING_NOT_ALLOWED = 72  # the product lends nothing for this
    CONTRACT_OVERDUE = 73  # the debt
    EXTENSION_NOT_ALLOWED = 74
    UNKNOWN_LOAN = 75
    CREDIT_LINE_EXCEEDED = 76  # the amount the line still lends
