"""The risk officer's desk. Everything here is refused to anybody else with `not_permitted`.

What changes something carries why, and a `request_id`: a repetition returns the first outcome.
"""

import msgspec

from server.protocol.risk import LiquidationPlan, Tomorrow
from server.protocol.words import (
    DeskActionKind,
    DeskSort,
    DeskView,
    Grade,
    Obstacle,
    PlanKind,
    PlanTime,
    PlatformWord,
    StopLevel,
)


class DeskWindow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to look at; the other fields are those of `desk_accounts`, for `accounts` alone."""

    view: DeskView
    sort: DeskSort = "ratio"
    offset: int = 0
    limit: int = 50
    from_grade: Grade = "normal"


class DeskWatch(msgspec.Struct, tag="desk_watch"):
    """Pushes what these windows show, and no others any more; at most 8, none to end it.

    Each comes at once, as the answer to the question of its name with `id` 0, and again whenever it
    has changed, at most twice a second.
    """

    id: int
    windows: list[DeskWindow] = []


class DeskOverview(msgspec.Struct, tag="desk_overview"):
    """Asks for the accounts by ratio, and what the lender stands to lose."""

    id: int


class RatioBar(msgspec.Struct):
    """Contracts with debt whose ratio is at or above `from_ppm` and below the next bar's."""

    from_ppm: int
    accounts: int
    debt: int


class GradeCount(msgspec.Struct):
    grade: Grade
    accounts: int
    debt: int


class PersonExposure(msgspec.Struct):
    """What one person owes over all their contracts."""

    person: int
    accounts: int
    debt: int


class Overview(msgspec.Struct, tag="overview"):
    """Answers `desk_overview`."""

    id: int
    market_time: int
    contracts: int  # open
    bars: list[RatioBar]
    grades: list[GradeCount]
    calls: int
    unacknowledged: int  # calls
    plans: int  # forced sales due or under way
    held: int
    lent: int  # principal
    interest: int  # accrued and unpaid
    bad_debt: int  # shortfalls still owed
    uncovered: int  # debt that assets do not cover, as prices are now
    largest: list[PersonExposure]


class DeskStress(msgspec.Struct, tag="desk_stress"):
    """Asks what one, two and three limit-downs of every holding would do."""

    id: int


class StressStep(msgspec.Struct):
    limit_downs: int
    grades: list[GradeCount]
    loss: int  # debt that assets would not cover


class Stress(msgspec.Struct, tag="stress"):
    """Answers `desk_stress`; the first step is no fall at all."""

    id: int
    steps: list[StressStep]


class DeskAccounts(msgspec.Struct, tag="desk_accounts"):
    """Asks for a page of open contracts with debt, worst first; at most 200 a page."""

    id: int
    sort: DeskSort = "ratio"
    offset: int = 0
    limit: int = 50
    from_grade: Grade = "normal"  # this one and worse


class DeskAccount(msgspec.Struct, omit_defaults=True):
    account: int
    person: int
    leverage: int
    assets: int
    debt: int
    ratio_ppm: int
    grade: Grade
    market_value: int
    deadline: int = 0  # of its call, market time
    acknowledged: bool = False
    running: PlanKind = "none"
    held_until: int = 0


class DeskAccountPage(msgspec.Struct, tag="desk_account_page"):
    """Answers `desk_accounts`; `total` counts all that match."""

    id: int
    total: int
    offset: int
    items: list[DeskAccount]


class DeskCalls(msgspec.Struct, tag="desk_calls"):
    """Asks for the open margin calls, the nearest deadline first; at most 500."""

    id: int


class DeskCall(msgspec.Struct):
    account: int
    person: int
    deadline: int
    deposit: int
    repay: int
    ratio_ppm: int
    reminders: int
    acknowledged: bool


class DeskCallList(msgspec.Struct, tag="desk_call_list"):
    """Answers `desk_calls`."""

    id: int
    total: int
    items: list[DeskCall]


class DeskPlans(msgspec.Struct, tag="desk_plans"):
    """Asks for the queue of forced sales, due and under way; at most 500."""

    id: int


class DeskPlanRow(msgspec.Struct):
    account: int
    person: int
    kind: PlanKind
    when: PlanTime
    since: int  # market time
    ratio_ppm: int
    steps: int  # orders sent
    held_until: int
    proposed_by: int  # officer who proposed the release; 0: nobody


class DeskPlanList(msgspec.Struct, tag="desk_plan_list"):
    """Answers `desk_plans`."""

    id: int
    total: int
    items: list[DeskPlanRow]


class DeskPlan(msgspec.Struct, tag="desk_plan"):
    """Asks for one account's plan; answered with `plan`, as its owner is."""

    id: int
    account: int


class DeskUnsellable(msgspec.Struct, tag="desk_unsellable"):
    """Asks which shares that contracts hold cannot be sold now."""

    id: int


class UnsellableShare(msgspec.Struct):
    symbol: str
    obstacle: Obstacle
    accounts: int
    quantity: int
    value: int


class UnsellableList(msgspec.Struct, tag="unsellable_list"):
    """Answers `desk_unsellable`; `share_ppm` is its part of all that contracts hold."""

    id: int
    value: int
    share_ppm: int
    items: list[UnsellableShare]


class DeskStocks(msgspec.Struct, tag="desk_stocks"):
    """Asks what the whole platform has in each share; at most 500, what needs somebody first."""

    id: int


class StockExposure(msgspec.Struct, omit_defaults=True):
    """One share over all contracts, and what the risk desk has decided about it."""

    symbol: str
    accounts: int  # that hold it, unleveraged ones too
    financed: int  # shares in contracts
    value: int  # of them
    last: int  # price
    cap: int = 0  # of the value; 0: none
    float_shares: int = 0  # 0: unknown, then no share of it limits financing
    share_ppm: int = 0  # financed, of the float
    full: bool = False  # no new financing until it is below the resume share
    stop: StopLevel = "none"
    stop_until: int = 0  # market time; 0: until it is lifted
    waiting: int = 0  # a price in quarantine


class StockList(msgspec.Struct, tag="stock_list"):
    """Answers `desk_stocks`: first a price that waits, then a stop, then full, then by value."""

    id: int
    total: int
    items: list[StockExposure]


class DeskTomorrow(msgspec.Struct, tag="desk_tomorrow"):
    """Asks who will be below another line at the next opening if no price moves; at most 500."""

    id: int


class TomorrowList(msgspec.Struct, tag="tomorrow_list"):
    """Answers `desk_tomorrow`, by account."""

    id: int
    total: int
    items: list[Tomorrow]


class DeskHold(msgspec.Struct, tag="desk_hold"):
    """Holds an account's forced sales until a market time, at most five days away."""

    id: int
    account: int
    until: int
    why: str
    request_id: str


class DeskRelease(msgspec.Struct, tag="desk_release"):
    """Ends a hold before its time. It takes two officers: the first proposes, another releases."""

    id: int
    account: int
    why: str
    request_id: str


class DeskReduce(msgspec.Struct, tag="desk_reduce"):
    """Reduces an account to its restrict line now, whatever its call's deadline."""

    id: int
    account: int
    why: str
    request_id: str


class DeskStop(msgspec.Struct, tag="desk_stop"):
    """Stops an account, a person or a share, exactly one of them, or lets it go (`none`)."""

    id: int
    level: StopLevel
    why: str
    request_id: str
    account: int = -1
    person: int = -1
    symbol: str = ""
    until: int = 0  # market time; 0: until it is lifted


class DeskPrice(msgspec.Struct, tag="desk_price"):
    """Sets a share's price in place of a quarantined one; 0 discards the quarantined one."""

    id: int
    symbol: str
    price: int
    why: str
    request_id: str


class DeskPlatform(msgspec.Struct, tag="desk_platform"):
    """Moves the platform; the stricter of this and of what the rules say holds."""

    id: int
    state: PlatformWord
    why: str
    request_id: str


class DeskDone(msgspec.Struct, tag="desk_done"):
    """Answers what changes something: its number on record, and what was done."""

    id: int
    action_id: int
    action: DeskActionKind
    duplicate: bool = False


class DeskActions(msgspec.Struct, tag="desk_actions"):
    """Asks what officers did, newest first; at most 500."""

    id: int
    limit: int = 100


class DeskAction(msgspec.Struct, omit_defaults=True):
    """One act of an officer, and its reason in the officer's own words."""

    action_id: int
    action: DeskActionKind
    officer: int
    why: str
    market_time: int
    wall_time: int
    account: int = -1
    person: int = -1
    symbol: str = ""
    until: int = 0
    figure: int = 0
    proposal: int = 0  # the action that this one confirms
    refused: str = ""  # why the engine did not do it, a code as in `failed`


class DeskActionList(msgspec.Struct, tag="desk_action_list"):
    """Answers `desk_actions`."""

    id: int
    items: list[DeskAction]


DeskRequest = (
    DeskWatch
    | DeskOverview
    | DeskStress
    | DeskAccounts
    | DeskCalls
    | DeskPlans
    | DeskPlan
    | DeskUnsellable
    | DeskStocks
    | DeskTomorrow
    | DeskHold
    | DeskRelease
    | DeskReduce
    | DeskStop
    | DeskPrice
    | DeskPlatform
    | DeskActions
)
DeskReply = (
    Overview
    | Stress
    | DeskAccountPage
    | DeskCallList
    | DeskPlanList
    | LiquidationPlan
    | UnsellableList
    | StockList
    | TomorrowList
    | DeskDone
    | DeskActionList
)
