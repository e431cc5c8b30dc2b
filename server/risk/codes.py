"""Notices by number (they stand in the journal: append, never renumber), and how one is named."""

from enum import IntEnum, unique


@unique
class NoticeCode(IntEnum):
    """What a notice says; its lower-case name is the wire's `code` and the catalogue's key."""

    LINE_REMIND = 1
    LINE_RESTRICT = 2
    LINE_REDUCE = 3
    LINE_LIQUIDATE = 4
    CALL_CURED = 5
    CALL_REMINDER = 6
    OVERDUE = 7
    OVERDUE_REMINDER = 8
    OVERDUE_CURED = 9
    CONTRACT_OPENED = 10
    CONTRACT_SETTLED = 11
    SHORTFALL = 12
    STATEMENT_READY = 13
    INTEREST_UNPAID = 14
    REST_RELEASED = 15
    BELOW_A_LINE_TOMORROW = 16
    CONTRACT_EXTENDED = 17
    OVERDUE_TOMORROW = 18
    MARGIN_SHORT_TOMORROW = 19
    LIQUIDATION_STARTED = 20
    LIQUIDATION_ORDER = 21
    LIQUIDATION_QUEUED = 22
    LIQUIDATION_FINISHED = 23
    LIQUIDATION_CURED = 24
    REDUCTION_STARTED = 30
    REDUCTION_ORDER = 31
    REDUCTION_QUEUED = 32
    REDUCTION_FINISHED = 33
    REDUCTION_CURED = 34
    REDUCTION_OVERTAKEN = 35
    COLLECTION_STARTED = 36  # a reduction that repays what is overdue
    COLLECTION_ORDER = 37
    COLLECTION_FINISHED = 38
    ACTION_ANNOUNCED = 50
    ACTION_BOOKED = 51
    ACTION_CASH_PAID = 52
    ACTION_SHARES_LISTED = 53
    RIGHTS_TO_PAY = 54
    RIGHTS_PAID = 55
    RIGHTS_LAPSED = 56
    DELISTING_ANNOUNCED = 57
    DELISTED = 58
    RISK_WARNING = 60
    RISK_WARNING_LIFTED = 61
    DELISTING_PERIOD = 62
    CLASS_CHANGED = 63
    SHARE_SUSPENDED = 64
    SHARE_RESUMED = 65


@unique
class Channel(IntEnum):
    """Section 6.5 asks for two; the outbox is where further ones take their messages from."""

    IN_APP = 1
    OUTBOX = 2


INDEX_BITS = 20
FIRST_OF_BATCH = 3 << (INDEX_BITS - 2)


def notice_id(seq: int, index: int) -> int:
    """Of the notice that event `index` of command `seq` gave rise to; below 2**53 to seq 2**33.

    Notices of a batch rather than of one event count up from FIRST_OF_BATCH under its last
    command: a frame would have to move 150,000 accounts over every line to reach that.
    """
    return seq << INDEX_BITS | index
