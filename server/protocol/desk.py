"""What risk officers look at. Everything here is refused to anybody else with `not_permitted`."""

import msgspec

from server.protocol.risk import Tomorrow
from server.protocol.words import (
    DeskSort,
    DeskView,
    Grade,
    Obstacle,
    PlanKind,
    PlanTime,
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


DeskQuestion = (
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
)
DeskPicture = (
    Overview
    | Stress
    | DeskAccountPage
    | DeskCallList
    | DeskPlanList
    | UnsellableList
    | StockList
    | TomorrowList
)
