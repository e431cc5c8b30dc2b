"""The words of the wire: closed sets of strings, spelled once."""

from typing import Literal

Side = Literal["buy", "sell"]
OrderType = Literal[
    "limit",
    "best_five_ioc",
    "best_five_limit",
    "opposite_best",
    "own_best",
    "ioc",
    "fill_or_kill",
    "fixed_price",
]
OrderStatus = Literal["working", "queued", "held", "filled", "cancelled", "expired", "rejected"]
OPEN: tuple[OrderStatus, ...] = ("working", "queued", "held")  # of an order that may yet trade
# What becomes of what an order does not trade at once. `at_limit` and `at_close` (fixed price after
# hours) are taken to fill at that price; the others wait: for a close that nobody knows, for the
# end of a call whose price of this moment (without one, the best opposite price) would or would not
# fill them, for the market to take them.
RestOutcome = Literal[
    "none", "at_limit", "at_close", "after_hours", "call_fills", "call_waits", "kept"
]
Origin = Literal["client", "market", "forced_reduce", "forced_liquidate", "officer"]
AccountClass = Literal["cash", "contract"]
AccountStatus = Literal["open", "settled", "shortfall", "releasing"]
# When interest is collected: with a repayment, or by periods after or before them.
BillingName = Literal["at_repayment", "arrears", "advance"]
# What becomes of a bill that free cash does not pay.
UnpaidName = Literal["overdue", "capitalised"]
# What becomes of interest charged ahead on what is repaid before the days it was for.
RefundName = Literal["none", "by_day"]
# Which loan of a licensed account is repaid first where none is named.
RepayOrderName = Literal["oldest", "earliest_due"]
FamilyName = Literal["fixed", "combination", "flexible", "licensed", "cash"]
Grade = Literal["normal", "remind", "restrict", "reduce", "liquidate"]
Phase = Literal[
    "closed",
    "opening_call",
    "opening_call_no_cancel",
    "pause",
    "continuous",
    "lunch",
    "closing_call",
    "halted",
    "after_hours_entry",
    "after_hours",
]
Board = Literal["main", "chinext", "star", "bse", "fund"]
Exchange = Literal["SSE", "SZSE", "BSE"]
Interval = Literal["1m", "5m", "15m", "30m", "60m", "1d"]
MarketKind = Literal["agents", "replay"]
# What a new date does to a contract: interest and its bills, a corporate action, what a share is
# valued at (suspended), what it counts for as margin (ST, haircut, coefficient), its close in place
# of the last price; `not_admissible` changes no figure: no more of it may be bought.
ChangeCause = Literal[
    "interest",
    "corporate_action",
    "valuation",
    "margin_terms",
    "closing_price",
    "not_admissible",
]
PlanKind = Literal["none", "reduction", "liquidation"]
PlanTime = Literal["none", "running", "held", "at_once", "at_deadline", "if_called"]
Obstacle = Literal["t_plus_one", "suspended", "limit_down_locked", "no_bid", "phase"]
Wish = Literal["none", "honoured", "all_is_sold", "others_do_not_suffice", "others_cannot_be_sold"]
Role = Literal["trader", "risk_officer"]
DeskSort = Literal["ratio", "debt", "assets", "uncovered", "account"]
DeskView = Literal[
    "overview",
    "accounts",
    "calls",
    "plans",
    "unsellable",
    "stocks",
    "stress",
    "tomorrow",
    "actions",
]
DeskActionKind = Literal[
    "hold",
    "propose_release",
    "release",
    "reduce",
    "stop",
    "resume",
    "quarantine_price",
    "override_price",
    "free_price",
    "platform_state",
]
StopLevel = Literal["none", "no_buys", "no_orders"]
PlatformWord = Literal["normal", "no_new_financing", "reduce_only", "halted"]
IndexWeights = Literal["float_cap", "equal", "published"]
