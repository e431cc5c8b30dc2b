"""The vocabulary of a product's terms; numbers stand in the journal for ever, as in `codes`."""

from enum import IntEnum, unique


@unique
class Billing(IntEnum):
    """When interest is collected (section 5.4)."""

    AT_REPAYMENT = 0
    ARREARS = 1  # after each period
    ADVANCE = 2  # for each period before it; of a fixed contract


@unique
class Unpaid(IntEnum):
    """What becomes of a bill that free cash does not pay."""

    OVERDUE = 0
    CAPITALISED = 1


@unique
class Refund(IntEnum):
    """What becomes of interest charged ahead on what is repaid before the days it was for."""

    NONE = 0
    BY_DAY = 1  # the days to come are given back, but not of the product's smallest number of days


@unique
class RepayOrder(IntEnum):
    """Which loan of a licensed account is repaid first where none is named."""

    OLDEST = 0
    EARLIEST_DUE = 1  # what is overdue before the rest; of one due day the oldest
