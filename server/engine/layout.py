"""The engine's state: structured arrays and one header record.

A snapshot is these arrays; two engines are equal when they are. Indices are positions in the
arrays, -1 is none. No table refers to anything outside `State`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_LEDGERS = 16
CACHE_LINE = 64  # bytes
TIERS = 3  # of the holding period: up to a month, up to a year, longer
STOP_OF_PERSON = 4  # times the StopLevel

HEADER = np.dtype(
    [
        ("seq", "i8"),
        ("time", "i8"),
        ("trade_no", "i8"),
        ("ledger", "i8", (N_LEDGERS,)),
        ("date", "i4"),
        ("mark_policy", "i4"),
        ("in_frame", "i4"),
        ("accounts", "i4"),  # in use
        ("instruments", "i4"),
        ("positions", "i4"),
        ("orders", "i4"),  # high-water mark of the arena
        ("free_order", "i4"),  # head of the chain of freed orders
        ("holders", "i4"),  # high-water mark of the slabs
        ("levels", "i4"),
        ("words", "i4"),
        ("summaries", "i4"),
        ("products", "i4"),
        ("touched", "i4"),
        ("live_orders", "i4"),
        ("lots", "i4"),  # high-water mark; row 0 is none
        ("free_lot", "i4"),
        ("claims", "i4"),  # high-water mark; row 0 is none
        ("free_claim", "i4"),
        ("month_from", "i4"),  # shares got on or after it are held up to a month
        ("year_from", "i4"),
        ("tape", "i4"),
        ("free_tape", "i4"),  # head of the chain of freed rows
        ("waiting", "i4"),  # orders that the broker keeps, in order of arrival
        ("first_waiting", "i4"),  # index + 1; 0 is none
        ("last_waiting", "i4"),
        ("held", "i4"),  # orders that price cages keep outside the books
        ("halted", "i4"),  # instruments
        ("limits", "i4"),  # whether the day's RISK_LIMITS have come
        ("stops", "i4"),  # accounts and instruments with one
        ("platform", "i4"),  # PlatformState: the stricter of the next two
        ("platform_rules", "i4"),
        ("platform_officer", "i4"),
        ("conventions", "i4"),  # bits of Convention, of the day
        ("loans", "i4"),  # high-water mark; row 0 is no loan
        ("days", "i8"),  # calendar days accrued since the beginning
        ("loan_no", "i8"),
        ("free_loan", "i4"),  # head of the chain of repaid loans
        ("releasing", "i4"),  # settled contracts whose rest has not gone back yet
        ("lending", "i4"),  # contracts that draw as they buy
        ("financing_margin_ppm", "i4"),  # the exchanges' of the day; negative: nothing is lent
        ("open_credit", "i8"),  # of all credit lines, for open buys
    ]
)

# 64 bytes: what a price touches for every account that holds the instrument.
ACCOUNT = np.dtype(
    [
        ("cash", "i8"),  # frozen cash included
        ("value", "i8"),  # of the holdings at their marks, and what is receivable
        ("band_low", "i8"),  # assets at or below which the grade gets worse
        ("band_high", "i8"),  # assets above which it gets better
        ("debt", "i8"),
        ("frozen", "i8"),  # for open buys
        ("person", "i4"),
        ("first_position", "i4"),
        ("product", "i2"),
        ("klass", "u1"),
        ("grade", "u1"),
        ("status", "u1"),
        ("touched", "u1"),
        ("stop", "u1"),  # StopLevel of the account; that of its person from STOP_OF_PERSON on
        ("family", "u1"),  # of a contract's product, with OVERDUE
    ]
)

# Three cache lines: what fills and open buys change is in the first two.
CONTRACT = np.dtype(
    [
        ("deposit", "i8"),  # put in less taken out
        ("loan", "i8"),
        ("interest", "i8"),  # accrued and unpaid
        ("interest_remainder", "i8"),  # of day_count * 1 000 000
        ("unsettled", "i8"),  # today's sale proceeds not yet spent
        ("shortfall", "i8"),
        ("realised", "i8"),
        ("interest_paid", "i8"),
        ("fees_paid", "i8"),
        ("opening_assets", "i8"),  # at the day's opening, for today's profit
        ("opened", "i8"),  # market time
        ("receivable", "i8"),  # cash of dividends to come, and what unpaid rights are worth
        ("next_account", "i4"),  # of the same person
        ("charged_until", "i4"),  # day up to which interest is charged in advance
        ("credit", "i8"),  # the line agreed
        ("open_credit", "i8"),  # of it, for open buys
        ("financed", "i8"),  # loan at the opening
        ("opened_day", "i4"),
        ("due_day", "i4"),  # 0: none
        ("extensions", "i4"),  # had
        ("release_to", "i4"),
        ("release_left", "i4"),  # sessions
        ("next_bill", "i4"),  # day on which interest is collected; 0: at repayment
        ("billed", "i8"),  # interest that was asked for and not paid
        ("stop_until", "i8"),
        ("person_stop_until", "i8"),
        ("prepaid", "i8"),  # of the loan, what interest is charged ahead on until charged_until
        ("spare_2", "u1", (16,)),
    ]
)

# Two cache lines: what every order reads, then what only fills and the day's turn change.
POSITION = np.dtype(
    [
        ("quantity", "i8"),
        ("bought_today", "i8"),
        ("frozen", "i8"),  # in open sells
        ("open_buy", "i8"),  # in open buys
        ("account", "i4"),
        ("instrument", "i4"),
        ("next", "i4"),  # of the account
        ("holder", "i4"),  # index in the instrument's slab
        ("first_order", "i4"),  # of the chain of its open orders
        ("open_orders", "i4"),
        ("unlisted", "i8"),  # shares of corporate actions that are not listed yet
        ("first_loan", "i4"),  # newest loan for it; 0: none
        ("spare_3", "i4"),
        ("cost", "i8"),  # of what is held, fees included
        ("realised", "i8"),
        ("opening_quantity", "i8"),
        ("day_flow", "i8"),  # sales less purchases today, fees included
        ("synthetic", "i8"),  # shares that came from synthetic entitlements
        ("first_lot", "i4"),  # oldest first; without what was bought today
        ("last_lot", "i4"),
        ("taxed", "i4"),  # lots on which a sale pays dividend tax
        ("first_claim", "i4"),
    ]
)

# Shares of a position got on one day (section 6.2). Lots follow sales when they are looked at:
# before that the oldest may hold shares that are sold, unless the position is `taxed`.
LOT = np.dtype(
    [
        ("quantity", "i8"),
        ("tax", "i8", (TIERS,)),  # due at the sale, as CORPORATE_ACTION's cash, by holding period
        ("acquired", "i4"),  # YYYYMMDD
        ("next", "i4"),  # of the position; of the free chain when freed
    ]
)

# What a corporate action still owes a position.
CLAIM = np.dtype(
    [
        ("cash", "i8"),
        ("shares", "i8"),  # in the position, not listed yet
        ("rights", "i8"),
        ("worth", "i8"),  # of one right, as it is counted in the account's value
        ("price", "i8"),  # to be paid for one right
        ("position", "i4"),
        ("instrument", "i4"),
        ("action", "i4"),  # 0: free
        ("next", "i4"),  # of the position; of the free chain when freed
    ]
)

# The first 48 bytes are what matching touches.
ORDER = np.dtype(
    [
        ("id", "i8"),
        ("remaining", "i8"),
        ("price", "i8"),
        ("next", "i4"),  # in its level's queue; of the free chain when freed
        ("previous", "i4"),
        ("level", "i4"),
        ("account", "i4"),
        ("instrument", "i4"),
        ("side", "u1"),
        ("type", "u1"),
        ("status", "u1"),
        ("origin", "u1"),
        ("quantity", "i8"),
        ("amount", "i8"),  # traded so far
        ("frozen", "i8"),  # cash held for it
        ("seq", "i8"),
        ("time", "i8"),
        ("position", "i4"),
        ("position_next", "i4"),
        ("position_previous", "i4"),
        ("financed", "i4"),  # 1: a buy on margin, a sale that repays
        ("lent", "i8"),  # of the credit line, held for it
        ("loan", "i8"),  # number of the loan that a sale to repay names
        ("spare_2", "i8"),
    ]
)

# A loan for one share, of a licensed account (section 4): its own margin ratio, interest and term.
LOAN = np.dtype(
    [
        ("number", "i8"),
        ("principal", "i8"),
        ("interest", "i8"),
        ("interest_remainder", "i8"),
        ("quantity", "i8"),  # bought with it and still owed for
        ("account", "i4"),
        ("position", "i4"),
        ("next", "i4"),  # older loan of the position; of the free chain when repaid
        ("ratio_ppm", "i4"),
        ("opened_day", "i4"),
        ("due_day", "i4"),
        ("extensions", "i4"),
        ("overdue", "i4"),
    ]
)

LEVEL = np.dtype([("head", "i4"), ("tail", "i4"), ("quantity", "i8")])

HOLDER = np.dtype([("account", "i4"), ("position", "i4"), ("quantity", "i8")])

WORD = np.dtype([("bits", "u8")])

TOUCHED = np.dtype([("account", "i4")])

SLOT = np.dtype([("key", "i8"), ("position", "i4"), ("spare", "i4")])

# Four cache lines: the first two are what checking and placing an order read.
INSTRUMENT = np.dtype(
    [
        ("limit_up", "i8"),
        ("limit_down", "i8"),
        ("mark", "i8"),  # collateral value of a share
        ("tick", "i4"),
        ("levels", "i4"),  # per side
        ("level_base", "i4"),  # of the buy side; the sell side follows
        ("best", "i4", (2,)),  # level index by side, -1 when empty
        ("live", "i4", (2,)),  # open orders by side
        ("fee_schedule", "i2"),
        ("session", "i2"),
        ("limit_kind", "u1"),
        ("holding_class", "u1"),
        ("suspended", "u1"),
        ("same_day_sale", "u1"),
        ("phase", "u1"),
        ("ruled", "u1"),  # INSTRUMENT_RULES came today
        ("holding", "u1"),  # orders wait outside the book for the price cage
        ("queue", "u1"),  # as in INSTRUMENT_RULES
        ("buy_minimum", "i4"),
        ("buy_step", "i4"),
        ("sell_minimum", "i4"),
        ("sell_step", "i4"),
        ("max_limit_quantity", "i4"),
        ("max_market_quantity", "i4"),
        ("limit_ppm", "i4"),
        ("word_base", "i4"),
        ("words", "i4"),
        ("summary_base", "i4"),
        ("summaries", "i4"),
        ("holder_base", "i4"),
        ("holders", "i4"),
        ("holder_capacity", "i4"),
        ("lot", "i4"),
        ("valuation_ppm", "i4"),
        ("last", "i8"),
        ("reference", "i8"),
        ("open", "i8"),
        ("high", "i8"),
        ("low", "i8"),
        ("volume", "i8"),
        ("turnover", "i8"),
        ("issuer", "i8"),  # the ledger of shares that entitlements are booked against
        ("symbol", "S12"),
        ("waiting", "i4"),  # orders held outside the book, in order of arrival
        ("close", "i8"),  # of the day; 0 until there is one
        ("tape_first", "i4"),
        ("tape_last", "i4"),
        ("first_waiting", "i4"),  # index + 1; 0 is none
        ("last_waiting", "i4"),
        # End of a temporary halt; below 0 what is left of it over lunch; 0: none.
        ("halt_until", "i8"),
        ("halts", "u1"),  # a bit for each threshold reached today: up and down, by 30 %, by 60 %
        ("watched", "u1"),  # there are thresholds
        ("fixed", "i4"),  # of the waiting: for after hours
        ("spare_2", "u1", (10,)),
    ]
)

# Trades of one moment in one instrument.
TAPE = np.dtype(
    [("time", "i8"), ("quantity", "i8"), ("amount", "i8"), ("next", "i4"), ("spare", "i4")]
)

# What INSTRUMENT_RULES says of an instrument; same index as the instruments.
RULES = np.dtype(
    [
        ("call_low", "i8"),
        ("call_high", "i8"),
        ("float_shares", "i8"),
        ("cage_ppm", "i4"),
        ("cage_ticks", "i4"),
        ("halt_ppm", "i4", (2,)),
        ("close_ppm", "i4"),
        ("collateral_ppm", "i4"),
        ("coefficient_ppm", "i4"),
        ("sector", "i4"),
        ("order_types", "u2"),
        ("auction_rule", "u1"),
        ("board", "u1"),
        ("cage_hold", "u1"),
        ("protection", "u1"),
        ("after_hours", "u1"),
        ("st", "u1"),
        ("fixed_maximum", "i4"),
    ]
)


class OtherLayout(ValueError):
    """A snapshot whose tables are laid out as another version of the engine lays them out."""


class State(NamedTuple):
    """Every table; `access` is how kernels reach them."""

    header: NDArray[np.void]  # one record
    accounts: NDArray[np.void]
    contracts: NDArray[np.void]  # same index as accounts
    positions: NDArray[np.void]
    slots: NDArray[np.void]  # open-addressing hash of (account, instrument)
    orders: NDArray[np.void]
    instruments: NDArray[np.void]
    rules: NDArray[np.void]  # same index as instruments
    tape: NDArray[np.void]
    levels: NDArray[np.void]
    words: NDArray[np.void]
    summaries: NDArray[np.void]
    holders: NDArray[np.void]
    touched: NDArray[np.void]
    fees: NDArray[np.void]
    terms: NDArray[np.void]
    lots: NDArray[np.void]
    claims: NDArray[np.void]
    limits: NDArray[np.void]  # one record
    concentration: NDArray[np.void]
    exposures: NDArray[np.void]  # same index as instruments
    loans: NDArray[np.void]
