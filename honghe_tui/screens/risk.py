"""The risk officer's page: all contracts by ratio as a picture, and under it one of the lists."""

from collections.abc import Iterable
from typing import Any, ClassVar, get_args

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from honghe_tui import text
from honghe_tui.desk_act import Act, Subject
from honghe_tui.intents import AskDeskPlan, OpenDeskForm
from honghe_tui.mirror import Dirty
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.heading import Heading
from honghe_tui.screens.plan_sheet import PlanSheet
from honghe_tui.screens.tables import desk as tables
from honghe_tui.screens.tables import watch
from honghe_tui.terminal import Terminal
from honghe_tui.watching import Wants
from honghe_tui.widgets.columns import Column
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.ratio_bars import RatioBars
from honghe_tui.widgets.spans import Span
from honghe_tui.widgets.table_view import TableView
from server.protocol.desk import DeskWindow, Overview
from server.protocol.words import DeskSort, DeskView

SORTS: tuple[DeskSort, ...] = get_args(DeskSort)
PICTURE_VIEW: DeskView = "overview"  # above every list
VIEWS: tuple[DeskView, ...] = tuple(view for view in get_args(DeskView) if view != PICTURE_VIEW)
ANYBODY: tuple[Act, ...] = ("stop", "price")  # not of accounts alone
PAGE = 100
PICTURE = DeskWindow(PICTURE_VIEW)

Figure = tuple[str, str, Style]  # its name, itself, its ink


class RiskScreen(TradeScreen):
    page = "risk"
    keys = (
        ("←/→", "view"),
        ("Enter", "plan"),
        ("h", "hold"),
        ("r", "release"),
        ("m", "reduce"),
        ("x", "stop"),
        ("X", "stop_person"),
        ("o", "override"),
        ("f", "platform"),
        ("s", "sort"),
        ("[/]", "turn"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "view(1)", show=False),
        Binding("left", "view(-1)", show=False),
        Binding("h", "act('hold')", show=False),
        Binding("r", "act('release')", show=False),
        Binding("m", "act('reduce')", show=False),
        Binding("x", "act('stop')", show=False),
        Binding("X", "stop_person", show=False),
        Binding("o", "act('price')", show=False),
        Binding("f", "act('platform')", show=False),
        Binding("s", "sort", show=False),
        Binding("right_square_bracket", "turn_list(1)", show=False),
        Binding("left_square_bracket", "turn_list(-1)", show=False),
        Binding("escape", "close_plan", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self.view = 0
        self._sort = 0
        self._offset = 0
        self.figures = Heading(terminal.look, id="heading")
        self.state = Heading(terminal.look, id="state")
        self.tabs = Heading(terminal.look, id="note")
        self.bars = RatioBars(terminal.look, id="bars")
        self.table: TableView[Any] = TableView(
            terminal.look, self._columns(), empty=terminal.text("screen.risk.empty"), id="desk"
        )
        self.plan = PlanSheet(terminal, id="plan")

    def body(self) -> Iterable[Widget]:
        yield self.figures
        yield self.state
        yield Vertical(self.bars, self.tabs, self.table, self.plan, id="body")

    # Drawing

    def show_all(self) -> None:
        self._show()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        if dirty.desk:
            self._show()

    def wants(self) -> Wants:
        """The picture and the list in sight; another page or order is another window."""
        view = VIEWS[self.view]
        window = DeskWindow(view)
        if view == "accounts":
            window = DeskWindow(view, SORTS[self._sort], self._offset, PAGE)
        return Wants(self.terminal.selected, desk=(PICTURE, window))

    def _show(self) -> None:
        desk, words = self.terminal.mirror.desk, self.terminal.text
        if desk.overview is not None:
            self.bars.show(desk.overview.bars)
            self.figures.show_figures(self._figures(desk.overview))
        self.state.show_figures(self._platform(desk.overview), self._state())
        rows, total = self._rows()
        self.table.show(rows)
        names = [words(f"screen.risk.{view}") for view in VIEWS]
        self.tabs.show_tabs(names, self.view, self._place(total))
        self.plan.show(desk.plan)
        self.plan.display = desk.plan is not None
        self.set_class(desk.plan is not None, "-plan")

    def _place(self, total: int) -> str:
        """How long the list is; of the accounts, by what they are sorted, and which page of it."""
        if VIEWS[self.view] != "accounts":
            return text.quantity(total)
        order = self.terminal.text(f"screen.risk.by_{SORTS[self._sort]}")
        return f"{order} {self._offset // PAGE + 1}/{max(1, -(-total // PAGE))}"

    def _figures(self, seen: Overview) -> list[Figure]:
        """What asks for somebody."""
        look, words = self.terminal.look, self.terminal.text
        return [
            (words("screen.risk.bad_debt"), self._money(seen.bad_debt), look.strong),
            (words("screen.risk.uncovered"), self._money(seen.uncovered), look.strong),
            (words("screen.risk.open_calls"), f"{seen.calls}/{seen.unacknowledged}", look.text),
            (words("screen.risk.open_plans"), f"{seen.plans}/{seen.held}", look.text),
        ]

    def _state(self) -> list[Span]:
        mirror, look = self.terminal.mirror, self.terminal.look
        state = mirror.clock.platform if mirror.clock is not None else "normal"
        ink = look.text if state == "normal" else look.strong
        return [(f" {look.word('platform_state', state)} ", ink)]

    def _platform(self, overview: Overview | None) -> list[Figure]:
        """The figures that the rules look at, as they were last pushed, and the size of it all."""
        seen, words, ink = (
            self.terminal.mirror.desk.systemic,
            self.terminal.text,
            self.terminal.look.text,
        )
        figures: list[Figure] = []
        if seen is not None:
            figures = [
                (words("screen.risk.index"), text.percent(seen.index_ppm), ink),
                (words("screen.risk.limit_down"), text.percent(seen.limit_down_ppm), ink),
                (words("screen.risk.unsellable"), text.percent(seen.unsellable_ppm), ink),
            ]
        if overview is not None:
            lent, contracts = self._money(overview.lent), text.quantity(overview.contracts)
            figures += [(words("screen.risk.lent"), lent, ink)]
            figures += [(words("screen.risk.contracts"), contracts, ink)]
        return figures

    def _money(self, money: int) -> str:
        return text.short_money(money, self.terminal.look.language)

    def _columns(self) -> list[Column[Any]]:
        columns: list[Any] = [
            tables.account_columns(self.terminal),
            tables.call_columns(self.terminal),
            tables.plan_columns(self.terminal),
            tables.unsellable_columns(self.terminal),
            watch.stock_columns(self.terminal),
            watch.stress_columns(self.terminal),
            watch.tomorrow_columns(self.terminal),
            tables.action_columns(self.terminal),
        ]
        return columns[self.view]

    def _rows(self) -> tuple[list[tuple[Any, Any]], int]:
        """The rows of the list in sight, keyed, and how many there are in all."""
        desk = self.terminal.mirror.desk
        match VIEWS[self.view]:
            case "accounts":
                found = desk.accounts
                items = found.items if found else []
                return [(a.account, a) for a in items], found.total if found else 0
            case "calls":
                return [(c.account, c) for c in desk.calls], len(desk.calls)
            case "plans":
                return [(p.account, p) for p in desk.plans], len(desk.plans)
            case "unsellable":
                return [(u.symbol, u) for u in desk.unsellable], len(desk.unsellable)
            case "stocks":
                found = desk.stocks
                return [(s.symbol, s) for s in found.items] if found else [], (
                    found.total if found else 0
                )
            case "tomorrow":
                return [(each.account, each) for each in desk.tomorrow], len(desk.tomorrow)
            case "stress":
                return [(s.limit_downs, s) for s in desk.stress], len(desk.stress)
            case _:
                return [(a.action_id, a) for a in desk.actions], len(desk.actions)

    # Keys

    def action_view(self, step: int) -> None:
        self.view = (self.view + step) % len(VIEWS)
        self.terminal.mirror.desk.plan = None
        self.table.forget()
        self.table.set_columns(self._columns())
        self._show()

    def action_sort(self) -> None:
        self._sort = (self._sort + 1) % len(SORTS)
        self._offset = 0

    def action_turn_list(self, step: int) -> None:
        found = self.terminal.mirror.desk.accounts
        last = max(0, (found.total if found else 0) - 1) // PAGE * PAGE
        self._offset = min(max(0, self._offset + step * PAGE), last)

    def action_act(self, act: Act) -> None:
        of = self._subject()
        if act == "platform":
            of = Subject()
        elif not (of.symbol if act == "price" else str(of)) or (act not in ANYBODY and of.symbol):
            return
        self.post_message(OpenDeskForm(act, of))

    def action_stop_person(self) -> None:
        """Of the account in sight, all of its person's."""
        person = getattr(self.table.selected, "person", -1)
        if person >= 0:
            self.post_message(OpenDeskForm("stop", Subject(person=person)))

    def _subject(self) -> Subject:
        """Whom or what the chosen row is about."""
        row = self.table.selected
        return Subject(getattr(row, "account", -1), symbol=getattr(row, "symbol", ""))

    def action_close_plan(self) -> None:
        self.terminal.mirror.desk.plan = None
        self._show()

    @on(LineTable.Opened)
    def opened(self) -> None:
        account = getattr(self.table.selected, "account", -1)
        if account >= 0:
            self.post_message(AskDeskPlan(account))
