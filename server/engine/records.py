"""Commands in, events out: 128-byte records, each kind with its own view of the same bytes.

A record is a 32-byte head and 96 bytes of body. `COMMAND` and `EVENT` show the head; the other
dtypes show the same record as one kind fills it: `commands.view(ORDER)["price"]`. Money and prices
are int64 in 1/10 000 yuan, quantities int64 shares, ratios ppm, rates ppb, time int64 microseconds
since the epoch (UTC). Their layout is the journal's format (`FORMAT_VERSION`).
"""

import numpy as np

FORMAT_VERSION = 1
RECORD_BYTES = 128

# Bounds the gateway enforces, so that no product of two of them overflows an int64.
MAX_PRICE = 1_000_000_000  # 100,000 yuan
MAX_QUANTITY = 1_000_000_000
MAX_MONEY = 10_000_000_000_000  # one billion yuan, for one deposit, transfer or loan

CLIENT_ID_BYTES = 36
RATIO_TIERS = 6  # of a table of concentration

_HEAD = [
    ("seq", "i8"),
    ("time", "i8"),
    ("kind", "u1"),
    ("side", "u1"),
    ("type", "u1"),
    ("origin", "u1"),
    ("account", "i4"),
    ("instrument", "i4"),
    ("index", "i4"),  # in an event: its number among the events of its command
]


def _record(*body: tuple[str, str] | tuple[str, str, tuple[int, ...]]) -> np.dtype[np.void]:
    """A 128-byte record: the head, then `body`, then zero padding."""
    fields = np.dtype([*_HEAD, *body])
    gap = RECORD_BYTES - fields.itemsize
    assert gap >= 0, f"record is {-gap} bytes too long"
    return np.dtype([*_HEAD, *body, *([("padding", "u1", (gap,))] if gap else [])])


# Commands ---------------------------------------------------------------------------------------

COMMAND = _record()
DAY_OPEN = _record(("date", "i4"), ("mark_policy", "i4"), ("conventions", "i4"))  # Convention
INSTRUMENT_ADD = _record(("symbol", "S12"))
INSTRUMENT_DAY = _record(
    ("reference", "i8"),
    ("limit_up", "i8"),  # also the ladder's top when the day has no limit
    ("limit_down", "i8"),
    ("tick", "i4"),
    ("lot", "i4"),  # sells, and the odd-lot rule
    ("buy_minimum", "i4"),
    ("buy_step", "i4"),
    ("sell_minimum", "i4"),  # below it only a whole remaining balance may be sold
    ("sell_step", "i4"),
    ("max_limit_quantity", "i4"),
    ("max_market_quantity", "i4"),
    ("limit_ppm", "i4"),  # the board's daily limit, for gap arithmetic
    ("valuation_ppm", "i4"),  # share of the price that counts as collateral (section 5.6)
    ("fee_schedule", "i2"),
    ("session", "i2"),
    ("limit_kind", "u1"),
    ("holding_class", "u1"),
    ("suspended", "u1"),
    ("same_day_sale", "u1"),  # T+0
)
# What else the day says of an instrument: after its INSTRUMENT_DAY, which sets all of it to 0.
INSTRUMENT_RULES = _record(
    ("call_low", "i8"),  # valid prices of the opening call of a day without limit; 0 none
    ("call_high", "i8"),
    ("float_shares", "i8"),
    ("cage_ppm", "i4"),  # the valid range of continuous trading (section 1.6); 0 none
    ("cage_ticks", "i4"),
    ("halt_ppm", "i4", (2,)),  # moves from the opening price that halt it (1.7); 0 none
    ("close_ppm", "i4"),  # range of later calls of a day without limit, about the last trade
    ("collateral_ppm", "i4"),  # haircut
    ("coefficient_ppm", "i4"),  # of a combination product
    ("sector", "i4"),
    ("order_types", "u2"),  # a bit for each OrderType; 0: limit and best five
    ("auction_rule", "u1"),
    ("board", "u1"),
    ("cage_hold", "u1"),  # outside the cage: 0 refused, 1 held; 2 more: about the last trade
    # Market orders: 1 carry a protection price, 2 and then pass on days without limit too.
    ("protection", "u1"),
    ("queue", "u1"),  # the broker keeps orders: 1 over lunch, 2 before the opening
    ("after_hours", "u1"),  # fixed price orders: 1 from continuous trading on, 2 from the call on
    ("st", "u1"),  # RiskStatus
    ("fixed_maximum", "i4"),  # of such an order; 0: as of a limit order
)
FEE_RATES = (
    ("commission_ppb", "i8"),
    ("commission_minimum", "i8"),
    ("stamp_buy_ppb", "i8"),
    ("stamp_sell_ppb", "i8"),
    ("transfer_ppb", "i8"),
    ("transfer_per_share", "i8"),
    ("handling_ppb", "i8"),
    ("regulatory_ppb", "i8"),
)
FEE_SCHEDULE = _record(
    ("schedule", "i4"),
    ("all_in", "i4"),  # 1: handling and regulatory fee are inside the commission
    *FEE_RATES,
)
PRODUCT = _record(
    ("product", "i4"),
    ("version", "i4"),
    ("leverage", "i4"),  # N of 1:N
    ("annual_rate_ppm", "i4"),
    ("day_count", "i4"),
    ("remind_ppm", "i4"),
    ("restrict_ppm", "i4"),
    ("reduce_ppm", "i4"),
    ("liquidate_ppm", "i4"),
    ("class_cap_ppm", "i4", (4,)),  # by HoldingClass
    ("single_cap_ppm", "i4"),
    ("exit_cost_ppm", "i4"),
    ("deposit_minimum", "i8"),
    ("deposit_maximum", "i8"),
)
PRODUCT_TERMS = _record(
    ("product", "i4"),
    ("family", "i4"),
    ("withdraw_ppm", "i4"),  # above it money may leave; 0: above (N + 1) / N
    ("financing_margin_ppm", "i4"),  # margin for each yuan financed (section 4.1)
    ("class_coefficient_ppm", "i4", (4,)),  # margin for each yuan held, by HoldingClass
    ("class_haircut_ppm", "i4", (4,)),  # of the value that counts as margin (section 4.4)
    ("term_days", "i4"),  # calendar days; 0: no end
    ("extension_days", "i4"),
    ("extensions", "i4"),  # how often
    ("minimum_days", "i4"),  # of interest
    ("release_sessions", "i4"),  # after which the rest of a settled contract goes back
    ("early_fee_ppm", "i4"),  # of the loan at the opening
    ("overdue_ppm", "i4"),  # of the rate, from the due day on
    ("call_restore_ppm", "i4"),  # ratio that ends a margin call
    ("call_days", "i2"),  # sessions to end it in; 0: that day
    ("refund", "u1"),  # Refund
    ("repay_order", "u1"),  # RepayOrder
    ("credit_maximum", "i8"),
    ("billing_days", "i2"),  # between two bills of interest
    ("billing", "u1"),  # Billing
    ("unpaid", "u1"),  # Unpaid
)
FINANCING_MARGIN = _record(("ratio_ppm", "i4"))  # negative: nothing is financed
PHASE = _record(("session", "i4"), ("phase", "i4"))
PRICE = _record(("price", "i8"), ("volume", "i8"))  # volume: the source's, since the last PRICE
ENTITLEMENT = _record(("old_close", "i8"), ("reference", "i8"))
ACCOUNT_OPEN = _record(  # account: the next free index
    ("person", "i4"), ("account_class", "i4"), ("request_id", f"S{CLIENT_ID_BYTES}")
)
CONTRACT_OPEN = _record(
    ("source", "i4"),
    ("product", "i4"),
    ("deposit", "i8"),
    ("request_id", f"S{CLIENT_ID_BYTES}"),
    ("spare", "u1", (4,)),
    ("credit", "i8"),  # the line asked for; 0: the largest. Only where a product has one
)
CONTRACT_SETTLE = _record(("destination", "i4"), ("request_id", f"S{CLIENT_ID_BYTES}"))
EXTEND = _record(("loan", "i8"), ("request_id", f"S{CLIENT_ID_BYTES}"))  # 0: the contract
CASH = _record(  # DEPOSIT, WITHDRAW, TRANSFER, REPAY, DRAW
    ("counter", "i4"),
    ("amount", "i8"),
    ("request_id", f"S{CLIENT_ID_BYTES}"),
    ("loan", "i8"),  # REPAY: the number of a licensed account's loan; 0: as the product has it
)
ACCRUE = _record(("days", "i4"))
ORDER = _record(
    ("price", "i8"),
    ("quantity", "i8"),
    ("client_order_id", f"S{CLIENT_ID_BYTES}"),
    ("financed", "u1"),  # a buy on margin, a sale that repays (section 4)
    ("spare", "u1", (3,)),
    ("loan", "i8"),  # of such a sale: the number of the loan it repays first; 0: none is named
)
CANCEL = _record(("order_id", "i8"), ("client_order_id", f"S{CLIENT_ID_BYTES}"))
NOTICE = _record(("notice_id", "i8"), ("code", "i4"), ("stage", "i4"), ("channel", "i4"))
CORPORATE_ACTION = _record(  # all of it per share held at the close before (section 1.8)
    ("action", "i4"),  # its number; with the instrument it names the action in later commands
    ("tax_month_ppm", "i4"),  # of `taxable`, at the sale of shares held up to a month
    ("tax_year_ppm", "i4"),
    ("tax_long_ppm", "i4"),
    ("withheld_ppm", "i4"),  # of `taxable`, kept back from the cash at once
    ("cash_later", "u1"),  # 1: receivable until ACTION_CASH_PAID
    ("shares_later", "u1"),  # 1: not to be sold until ACTION_SHARES_LISTED
    ("cash", "i8"),  # 1/10 000 yuan for 1,000,000 shares
    ("taxable", "i8"),  # as `cash`: what the dividend tax is a part of
    ("bonus_ppb", "i8"),  # bonus and conversion shares for 1,000,000,000
    ("rights_ppb", "i8"),
    ("rights_price", "i8"),
    ("factor_ppb", "i8"),  # a split's or merger's, 0 for none: excludes all of the above
    ("reference", "i8"),  # of the ex-date
    ("rights_until", "i4"),  # last day to pay, YYYYMMDD: for those who tell the holders
)
ACTION = _record(("action", "i4"))  # ACTION_CASH_PAID, ACTION_SHARES_LISTED, RIGHTS_LAPSE
RIGHTS_PAY = _record(("action", "i4"), ("quantity", "i8"), ("request_id", f"S{CLIENT_ID_BYTES}"))
TAX_PERIODS = _record(  # shares got on or after these dates are held up to a month, up to a year
    ("month_from", "i4"), ("year_from", "i4")
)
_ANNOUNCED = (  # dates YYYYMMDD, 0 for none; terms as in CORPORATE_ACTION
    ("action", "i4"),
    ("record_date", "i4"),
    ("ex_date", "i4"),
    ("pay_date", "i4"),
    ("list_date", "i4"),
    ("rights_until", "i4"),
    ("cash", "i8"),
    ("bonus_ppb", "i8"),
    ("rights_ppb", "i8"),
    ("rights_price", "i8"),
    ("factor_ppb", "i8"),
)
ACTION_ANNOUNCE = _record(*_ANNOUNCED)
SELL_LAST = _record(("on", "i4"))  # of an instrument: a forced sale sells it after the others
DESK_ACTION = _record(  # evidence alone: what it asks for is done by other commands
    ("action_id", "i8"), ("until", "i8"), ("officer", "i4"), ("action", "i4"), ("person", "i4")
)
RISK_LIMITS = _record(  # the day's; clears CONCENTRATION and STOCK_LIMIT of the day before; 0 none
    ("client_cap", "i8"),  # loans of one person, over all contracts (section 4.6)
    ("lending_cap", "i8"),  # loans of everybody
    ("person_stock_cap", "i8"),  # one person's financed value of one stock
    ("jump_ppm", "i4"),  # a PRICE further than this from the last is quarantined
    ("confirmations", "i4"),  # agreeing prices in a row that release it; 0: an officer only
    ("price_bounds", "i4"),  # 1: a PRICE beyond the day's limits is quarantined
)
CONCENTRATION = _record(  # a table of tiers by ratio, best first; below the last no increase
    ("product", "i4"),  # -1: every product that has no table of its own
    ("holding_class", "u1"),
    ("scope", "u1"),  # ConcentrationScope
    ("tiers", "u1"),
    ("spare", "u1"),
    ("from_ppm", "i4", (RATIO_TIERS,)),  # the tier's lowest ratio
    ("cap_ppm", "i4", (RATIO_TIERS,)),  # of the account's assets
)
STOCK_LIMIT = _record(  # section 4.6, over the whole platform; 0 none
    ("stop_shares", "i8"),  # at or above: no new financing of it
    ("resume_shares", "i8"),  # below: again
    ("cap", "i8"),  # financed value, our own
)
PLATFORM_STATE = _record(
    ("figure", "i8"),  # what moved it
    ("state", "i4"),
    ("by", "i4"),  # DecidedBy
    ("reason", "i4"),
    ("officer", "i4"),
    ("note", "S48"),
)
STOP = _record(  # account or instrument in the head
    ("until", "i8"),  # market time; 0: until it is lifted
    ("scope", "i4"),
    ("level", "i4"),
    ("person", "i4"),
    ("reason", "i4"),
    ("officer", "i4"),
)
PRICE_OVERRIDE = _record(  # price 0: the quarantined one is discarded
    ("price", "i8"), ("volume", "i8"), ("reason", "i4"), ("officer", "i4")
)

# Events -----------------------------------------------------------------------------------------

EVENT = _record()
DAY_EVENT = _record(("date", "i4"), ("phase", "i4"), ("session", "i4"))
PRICE_EVENT = _record(("price", "i8"), ("old_price", "i8"), ("volume", "i8"))
AUCTION_EVENT = _record(("price", "i8"), ("quantity", "i8"))  # TRADING_RESUMED too: of its auction
HALT_EVENT = _record(
    ("price", "i8"),
    ("base", "i8"),  # the day's opening price
    ("until", "i8"),  # market time
    ("halt_ppm", "i4"),  # the threshold reached
)
ORDER_EVENT = _record(  # accepted, rejected, cancelled, expired, cancel rejected, command rejected
    ("order_id", "i8"),
    ("price", "i8"),
    ("quantity", "i8"),
    ("remaining", "i8"),
    ("figure", "i8"),
    ("reason", "i4"),
)
TRADE_EVENT = _record(
    ("trade_no", "i8"),
    ("price", "i8"),
    ("quantity", "i8"),
    ("buy_order_id", "i8"),
    ("sell_order_id", "i8"),
    ("buy_account", "i4"),
    ("sell_account", "i4"),
)
FILL_EVENT = _record(
    ("trade_no", "i8"),
    ("order_id", "i8"),
    ("price", "i8"),
    ("quantity", "i8"),
    ("remaining", "i8"),
    ("realised", "i8"),
    ("commission", "i8"),
    ("stamp_duty", "i8"),
    ("transfer_fee", "i8"),
    ("handling_fee", "i8"),
    ("regulatory_fee", "i8"),
    ("dividend_tax", "i8"),
)
GRADE_EVENT = _record(  # LINE_CROSSED and GRADE_CHANGED
    ("assets", "i8"),
    ("debt", "i8"),
    ("ratio_ppm", "i8"),
    ("line_ppm", "i8"),
    ("old_grade", "i4"),
    ("new_grade", "i4"),
)
CASH_EVENT = _record(
    ("amount", "i8"),  # signed, as the account sees it
    ("balance", "i8"),
    ("counter", "i4"),  # account, or -1 - ledger
    ("move", "i4"),
)
CONTRACT_EVENT = _record(
    ("deposit", "i8"),
    ("loan", "i8"),
    ("interest", "i8"),  # accrued that day, or paid at settlement
    ("returned", "i8"),
    ("shortfall", "i8"),
    ("person", "i4"),
    ("product", "i4"),
    ("credit", "i8"),  # the line agreed
    ("principal", "i8"),  # repaid at settlement
    ("fee", "i8"),
    ("days", "i4"),  # to the due day at the opening, from the opening at settlement
    ("refund", "i8"),  # at settlement, of interest charged ahead
)
LOAN_EVENT = _record(  # DRAWN, LOAN_REPAID, EXTENDED, OVERDUE, RELEASED
    ("amount", "i8"),  # drawn, repaid (interest included), owed, or released
    ("interest", "i8"),  # of it
    ("total", "i8"),  # the contract's loan after it
    ("loan", "i8"),  # number of a loan of its own, if it was named; 0: the contract's
    ("ratio_ppm", "i4"),  # margin ratio of that loan
    ("days", "i4"),  # to the due day
)
ENTITLED_EVENT = _record(("old_quantity", "i8"), ("new_quantity", "i8"), ("cash", "i8"))
ACTION_EVENT = _record(  # EX_RIGHTS and what becomes of it, DELISTED
    ("action", "i4"),
    ("old_quantity", "i8"),
    ("new_quantity", "i8"),
    ("shares", "i8"),  # got, listed, paid for
    ("cash", "i8"),  # to the account, tax withheld taken off
    ("withheld", "i8"),
    ("rights", "i8"),  # got, or lapsed
    ("price", "i8"),  # of the rights
    ("value", "i8"),  # of the rights, or of what is lost
    ("rights_until", "i4"),
)
ANNOUNCED_EVENT = _record(*_ANNOUNCED)
NOTICE_EVENT = _record(("notice_id", "i8"), ("code", "i4"), ("stage", "i4"), ("channel", "i4"))
SELL_LAST_EVENT = _record(("on", "i4"))
DESK_EVENT = _record(
    ("action_id", "i8"), ("until", "i8"), ("officer", "i4"), ("action", "i4"), ("person", "i4")
)
FINANCING_EVENT = _record(
    ("financed", "i8"),  # shares in contracts
    ("bound", "i8"),
    ("full", "i4"),
)
PLATFORM_EVENT = _record(
    ("figure", "i8"),
    ("old_state", "i4"),
    ("state", "i4"),  # the stricter of the next two
    ("of_rules", "i4"),
    ("of_officer", "i4"),
    ("by", "i4"),
    ("reason", "i4"),
    ("officer", "i4"),
    ("note", "S48"),
)
STOP_EVENT = _record(
    ("until", "i8"),
    ("scope", "i4"),
    ("level", "i4"),
    ("person", "i4"),
    ("reason", "i4"),
    ("officer", "i4"),
)
QUARANTINE_EVENT = _record(
    ("price", "i8"),
    ("last", "i8"),
    ("volume", "i8"),
    ("agreed", "i4"),
)
OVERRIDE_EVENT = _record(
    ("price", "i8"),  # 0: discarded
    ("quarantined", "i8"),
    ("reason", "i4"),
    ("officer", "i4"),
)
