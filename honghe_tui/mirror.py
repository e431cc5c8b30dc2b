"""What the server last said, by key, and which keys changed since the last frame was drawn.

Writes are a dictionary store and a set insertion: thousands a second cost nothing that shows.
The mappings are changed in place and never replaced, so widgets may hold them.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from honghe_tui.prints import Print
from honghe_tui.search import Finder
from server.protocol.accounts import (
    Account,
    Notice,
    Notices,
    Product,
    Products,
    Statement,
    Statements,
)
from server.protocol.desk import (
    DeskAccountPage,
    DeskCall,
    DeskCallList,
    DeskPlanList,
    DeskPlanRow,
    Overview,
    StockList,
    Stress,
    StressStep,
    TomorrowList,
    UnsellableList,
    UnsellableShare,
)
from server.protocol.desk_acts import DeskAction, DeskActionList
from server.protocol.market import Bar, Bars, Depth, Instrument, Instruments, Quote
from server.protocol.messages import Push, Reply
from server.protocol.risk import LiquidationPlan, Tomorrow
from server.protocol.session import BarTopic, Clock, Gap, Welcome
from server.protocol.systemic import PlatformChanged, SystemicFigures
from server.protocol.trading import Fill, Fills, Order, Orders, Placed, Position

BARS_KEPT = 1_000
PRINTS_KEPT = 200

FillKey = tuple[int, int]  # trade number, order id
PositionKey = tuple[int, str]  # account, symbol


@dataclass(slots=True)
class Dirty:
    """The keys that changed. `bars` has pushed bars, `series` the topics answered as a whole,
    `news` the fills that were pushed rather than asked for, `new_notices` the notices that came
    after the login's list, and `greeted` says that this list has come.
    """

    quotes: set[str] = field(default_factory=set[str])
    depths: set[str] = field(default_factory=set[str])
    bars: dict[tuple[BarTopic, int], Bar] = field(default_factory=dict[tuple[BarTopic, int], Bar])
    series: set[BarTopic] = field(default_factory=set[BarTopic])
    prints: list[Print] = field(default_factory=list[Print])
    accounts: set[int] = field(default_factory=set[int])
    positions: set[PositionKey] = field(default_factory=set[PositionKey])
    orders: set[int] = field(default_factory=set[int])
    fills: set[FillKey] = field(default_factory=set[FillKey])
    news: list[Fill] = field(default_factory=list[Fill])
    notices: set[int] = field(default_factory=set[int])
    new_notices: set[int] = field(default_factory=set[int])
    greeted: bool = False
    statements: bool = False
    desk: bool = False
    instruments: bool = False
    welcome: bool = False
    clock: bool = False
    plans: set[int] = field(default_factory=set[int])
    platform: PlatformChanged | None = None
    gap: bool = False


@dataclass(slots=True)
class Desk:
    """What a risk officer's page was last told; answers to its own questions."""

    overview: Overview | None = None
    accounts: DeskAccountPage | None = None
    calls: list[DeskCall] = field(default_factory=list[DeskCall])
    plans: list[DeskPlanRow] = field(default_factory=list[DeskPlanRow])
    unsellable: list[UnsellableShare] = field(default_factory=list[UnsellableShare])
    stocks: StockList | None = None
    stress: list[StressStep] = field(default_factory=list[StressStep])
    systemic: SystemicFigures | None = None
    tomorrow: list[Tomorrow] = field(default_factory=list[Tomorrow])
    actions: list[DeskAction] = field(default_factory=list[DeskAction])
    plan: LiquidationPlan | None = None


@dataclass(slots=True)
class RatioRange:
    """The lowest and highest margin ratio that was seen of an account on its market day."""

    date: int
    low_ppm: int
    high_ppm: int


class Mirror:
    """The client's copy of the server's state; `apply` is the only writer."""

    def __init__(self) -> None:
        self.welcome: Welcome | None = None
        self.clock: Clock | None = None
        self.instruments: dict[str, Instrument] = {}
        self._finder: Finder | None = None
        self.quotes: dict[str, Quote] = {}
        self.depths: dict[str, Depth] = {}
        self.bars: dict[BarTopic, list[Bar]] = {}
        self.accounts: dict[int, Account] = {}
        self.ratio_ranges: dict[int, RatioRange] = {}
        self.positions: dict[PositionKey, Position] = {}
        self.orders: dict[int, Order] = {}
        self.fills: dict[FillKey, Fill] = {}
        self.notices: dict[int, Notice] = {}
        self.unread: list[Notice] = []  # not acknowledged yet, oldest first
        self._greeted = False
        self.statements: dict[int, Statement] = {}
        self.products: dict[int, Product] = {}
        self.plans: dict[int, LiquidationPlan] = {}  # of own accounts, as last pushed
        self.desk = Desk()
        self.prints: deque[Print] = deque(maxlen=PRINTS_KEPT)
        self._tape_symbol = ""
        self._dirty = Dirty()
        self._appliers: dict[type, Callable[[Any], None]] = {
            Quote: self._quote,
            Depth: self._depth,
            Bar: self._bar,
            Account: self._account,
            Position: self._position,
            Order: self._order,
            Fill: self._new_fill,
            Clock: self._clock,
            Notice: self._notice,
            Instruments: self._instruments,
            Welcome: self._welcome,
            Gap: self._gap,
            Bars: self._bars,
            Placed: lambda placed: self._order(placed.order),
            Orders: lambda orders: self._each(self._order, orders.items),
            Fills: lambda fills: self._each(self._fill, fills.items),
            Notices: self._notice_list,
            Products: self._products,
            Statements: self._statements,
            Overview: lambda told: self._tell_desk("overview", told),
            DeskAccountPage: lambda told: self._tell_desk("accounts", told),
            DeskCallList: lambda told: self._tell_desk("calls", told.items),
            DeskPlanList: lambda told: self._tell_desk("plans", told.items),
            UnsellableList: lambda told: self._tell_desk("unsellable", told.items),
            StockList: lambda told: self._tell_desk("stocks", told),
            TomorrowList: lambda told: self._tell_desk("tomorrow", told.items),
            Stress: lambda told: self._tell_desk("stress", told.steps),
            SystemicFigures: lambda told: self._tell_desk("systemic", told),
            PlatformChanged: self._platform,
            DeskActionList: lambda told: self._tell_desk("actions", told.items),
            LiquidationPlan: self._plan,
        }

    @property
    def finder(self) -> Finder:
        """Finds instruments of the day; made anew when they have changed."""
        if self._finder is None:
            self._finder = Finder(self.instruments.values())
        return self._finder

    @property
    def date(self) -> int:
        """The market date, 0 before the first clock."""
        return self.clock.date if self.clock is not None else 0

    def apply(self, item: Reply | Push) -> None:
        """Takes over one message; replies that carry no state are ignored."""
        applier = self._appliers.get(type(item))
        if applier is not None:
            applier(item)

    def take_dirty(self) -> Dirty:
        """What changed since the last call."""
        dirty, self._dirty = self._dirty, Dirty()
        return dirty

    def follow_tape(self, symbol: str) -> None:
        """Whose trades are gathered into `prints`, from now on."""
        if symbol != self._tape_symbol:
            self._tape_symbol = symbol
            self.prints.clear()

    def forget_person(self) -> None:
        """Drops what belongs to one login; the market's data stays."""
        own = (self.accounts, self.positions, self.orders, self.fills, self.notices)
        for table in (*own, self.statements):
            table.clear()
        self.unread = []
        self.desk = Desk()
        self.plans.clear()
        self._greeted = False
        self.ratio_ranges.clear()
        self._dirty.welcome = True

    # The market

    def _quote(self, quote: Quote) -> None:
        if quote.symbol == self._tape_symbol:
            self._print(self.quotes.get(quote.symbol), quote)
        self.quotes[quote.symbol] = quote
        self._dirty.quotes.add(quote.symbol)

    def _print(self, old: Quote | None, new: Quote) -> None:
        """What traded between two quotes, as one line of the tape."""
        if old is None or new.volume <= old.volume:
            return
        aggressor = "buy" if new.last >= old.ask > 0 else "sell" if new.last <= old.bid else ""
        trade = Print(new.time, new.last, new.volume - old.volume, aggressor)
        self.prints.append(trade)
        self._dirty.prints.append(trade)

    def _depth(self, depth: Depth) -> None:
        self.depths[depth.symbol] = depth
        self._dirty.depths.add(depth.symbol)

    def _bars(self, bars: Bars) -> None:
        topic = BarTopic(bars.symbol, bars.interval)
        self.bars[topic] = bars.items
        self._dirty.series.add(topic)

    def _bar(self, bar: Bar) -> None:
        topic = BarTopic(bar.symbol, bar.interval)
        series = self.bars.get(topic)
        if series is None:
            return
        if series and series[-1].time == bar.time:
            series[-1] = bar
        else:
            series.append(bar)
            del series[:-BARS_KEPT]
        self._dirty.bars[topic, bar.time] = bar

    def _instruments(self, instruments: Instruments) -> None:
        self.instruments.clear()
        self.instruments.update((item.symbol, item) for item in instruments.items)
        self._finder = None
        self._dirty.instruments = True

    def _clock(self, clock: Clock) -> None:
        self._dirty.instruments |= clock.date != self.date  # another day: everything may differ
        self.clock = clock
        self._dirty.clock = True

    # The person

    def _welcome(self, welcome: Welcome) -> None:
        if not welcome.resumed:
            self.forget_person()
        self.accounts.clear()  # these follow, and what was sold meanwhile does not
        self.positions.clear()
        self.welcome = welcome
        self._dirty.welcome = True

    def _gap(self, _: Gap) -> None:
        self._dirty.gap = True

    def _account(self, account: Account) -> None:
        self.accounts[account.account] = account
        self._dirty.accounts.add(account.account)
        seen = self.ratio_ranges.get(account.account)
        ratio = account.ratio_ppm
        if ratio and (seen is None or seen.date != self.date):
            self.ratio_ranges[account.account] = RatioRange(self.date, ratio, ratio)
        elif ratio and seen is not None:
            seen.low_ppm = min(seen.low_ppm, ratio)
            seen.high_ppm = max(seen.high_ppm, ratio)

    def _position(self, position: Position) -> None:
        key = (position.account, position.symbol)
        if position.quantity:
            self.positions[key] = position
        else:
            self.positions.pop(key, None)
        self._dirty.positions.add(key)

    def _order(self, order: Order) -> None:
        """History and pushes may come in any order: the newer state wins."""
        known = self.orders.get(order.order_id)
        if known is None or order.seq >= known.seq:
            self.orders[order.order_id] = order
            self._dirty.orders.add(order.order_id)

    def _fill(self, fill: Fill) -> None:
        key = (fill.trade_no, fill.order_id)
        if key not in self.fills:
            self.fills[key] = fill
            self._dirty.fills.add(key)

    def _new_fill(self, fill: Fill) -> None:
        """A fill that was pushed, not asked for: worth a word."""
        self._fill(fill)
        self._dirty.news.append(fill)

    def _notice_list(self, notices: Notices) -> None:
        """The first one after a login ends what the person finds; the rest is news."""
        self._each(self._notice, notices.items)
        self._dirty.greeted |= not self._greeted
        self._greeted = True

    def _notice(self, notice: Notice) -> None:
        if self._greeted and notice.notice_id not in self.notices:
            self._dirty.new_notices.add(notice.notice_id)
        self.notices[notice.notice_id] = notice
        self._dirty.notices.add(notice.notice_id)
        waiting = [item for item in self.notices.values() if not item.acknowledged]
        self.unread = sorted(waiting, key=lambda item: item.notice_id)

    def _products(self, products: Products) -> None:
        self.products.clear()
        self.products.update((item.product, item) for item in products.items)

    def _statements(self, statements: Statements) -> None:
        self.statements.update((item.statement_id, item) for item in statements.items)
        self._dirty.statements = True

    def _plan(self, plan: LiquidationPlan) -> None:
        """Of an own account, pushed; or the answer to an officer."""
        if plan.id:
            self._tell_desk("plan", plan)
            return
        self.plans[plan.account] = plan
        self._dirty.plans.add(plan.account)

    def _platform(self, told: PlatformChanged) -> None:
        self._dirty.platform = told
        if self.clock is not None:
            self.clock.platform = told.state
            self._dirty.clock = True

    def _tell_desk(self, name: str, told: Any) -> None:
        setattr(self.desk, name, told)
        self._dirty.desk = True

    @staticmethod
    def _each(apply: Callable[[Any], None], items: list[Any]) -> None:
        for item in items:
            apply(item)
