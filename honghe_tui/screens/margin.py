"""A gauge for every account with its four lines, the figures of the chosen one, and its forms."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from honghe_tui.intents import (
    AskPlan,
    OpenForm,
    OpenSuppose,
    OpenTicket,
    ShowContract,
    ShowProducts,
)
from honghe_tui.mirror import Dirty, Mirror
from honghe_tui.screens.account_facts import AccountFacts
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.forms import FormKind
from honghe_tui.screens.heading import Heading
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.margin_gauge import GaugeRange, MarginGauge
from server.protocol.accounts import Account


def limit_down_fall(mirror: Mirror, account: int) -> int:
    """What the account loses when every holding falls by a whole limit-down day from here."""
    fall = 0
    for position in mirror.positions.values():
        instrument = mirror.instruments.get(position.symbol)
        if position.account == account and instrument is not None and instrument.limited:
            part = instrument.previous_close - instrument.limit_down
            fall += position.market_value * part // instrument.previous_close
    return fall


class MarginScreen(TradeScreen):
    page = "margin"
    keys = (
        ("↑/↓", "choose"),
        ("Enter", "contract"),
        ("v", "products"),
        ("o", "open_contract"),
        ("f", "draw"),
        ("p", "repay"),
        ("e", "extend"),
        ("x", "close_contract"),
        ("t", "transfer"),
        ("d", "deposit"),
        ("w", "withdraw"),
        ("l", "plan"),
        ("i", "suppose"),
        ("g", "rights"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", show=False),
        Binding("down,j", "choose(1)", show=False),
        Binding("o", "form('open')", show=False),
        Binding("t", "form('transfer')", show=False),
        Binding("d", "form('deposit')", show=False),
        Binding("w", "form('withdraw')", show=False),
        Binding("p", "form('repay')", show=False),
        Binding("x", "form('close')", show=False),
        Binding("f", "form('draw')", show=False),
        Binding("e", "form('extend')", show=False),
        Binding("g", "form('rights')", show=False),
        Binding("enter", "contract", show=False),
        Binding("v", "products", show=False),
        Binding("s,S", "sell", show=False),
        Binding("l", "plan", show=False),
        Binding("i", "suppose", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self.chosen = -1
        self.gauges: dict[int, MarginGauge] = {}
        self.heading = Heading(terminal.look, id="heading")
        self.list = VerticalScroll(id="gauges", can_focus=False)
        self.facts = AccountFacts(terminal, id="facts")

    def body(self) -> Iterable[Widget]:
        yield self.heading
        yield Horizontal(self.list, Vertical(self.facts, id="side"), id="body")

    # Drawing

    def show_all(self) -> None:
        self._show_accounts(set(self.terminal.mirror.accounts))

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        held = {account for account, _ in dirty.positions}
        if dirty.accounts or held:
            self._show_accounts(dirty.accounts | held)

    def _show_accounts(self, changed: set[int]) -> None:
        accounts = self.terminal.mirror.accounts
        if set(self.gauges) != set(accounts):
            self._mount_gauges(sorted(accounts))
        for account in changed & set(accounts):
            self._show_gauge(accounts[account])
        if self.terminal.account in accounts:
            self.chosen = self.terminal.account
            self._mark_chosen()
        elif self.chosen not in accounts:
            nearest = min(accounts.values(), key=lambda a: a.ratio_ppm or 10**12, default=None)
            self.chosen = nearest.account if nearest else -1
            self._mark_chosen()
        key = "screen.margin.title_line" if accounts else "screen.margin.empty"
        self.heading.show(self.terminal.text(key))
        self.set_class(bool(accounts), "-filled")
        self.facts.show(accounts.get(self.chosen))

    def _mount_gauges(self, accounts: list[int]) -> None:
        self.list.remove_children()
        look = self.terminal.look
        self.gauges = {account: MarginGauge(look, classes="gauge") for account in accounts}
        for account, gauge in self.gauges.items():
            cash = self.terminal.mirror.accounts[account].account_class == "cash"
            gauge.set_class(cash, "-cash")
        self.list.mount(*self.gauges.values())
        for account in accounts:
            self._show_gauge(self.terminal.mirror.accounts[account])
        self._mark_chosen()

    def _show_gauge(self, account: Account) -> None:
        mirror, gauge = self.terminal.mirror, self.gauges[account.account]
        seen = mirror.ratio_ranges.get(account.account)
        extra = GaugeRange(
            low_ppm=seen.low_ppm if seen else 0,
            high_ppm=seen.high_ppm if seen else 0,
            limit_down_fall=limit_down_fall(mirror, account.account),
            market_time=mirror.clock.market_time if mirror.clock else 0,
        )
        gauge.show(account, extra)

    def _mark_chosen(self) -> None:
        for account, gauge in self.gauges.items():
            gauge.set_class(account == self.chosen, "-chosen")

    # Keys

    def action_choose(self, step: int) -> None:
        accounts = sorted(self.gauges)
        if not accounts:
            return
        place = accounts.index(self.chosen) + step if self.chosen in accounts else 0
        self.chosen = accounts[min(max(place, 0), len(accounts) - 1)]
        self.terminal.account = self.chosen
        self._mark_chosen()
        self.list.scroll_to_widget(self.gauges[self.chosen], animate=False)
        self.facts.show(self.terminal.mirror.accounts.get(self.chosen))

    def action_form(self, kind: FormKind) -> None:
        self.post_message(OpenForm(kind, self.chosen))

    def action_contract(self) -> None:
        if self.chosen >= 0:
            self.post_message(ShowContract(self.chosen))

    def action_products(self) -> None:
        """The products, beginning with that of the chosen contract."""
        account = self.terminal.mirror.accounts.get(self.chosen)
        self.post_message(ShowProducts(account.product if account else -1))

    def action_plan(self) -> None:
        if self.chosen >= 0:
            self.post_message(AskPlan(self.chosen))

    def action_suppose(self) -> None:
        if self.chosen >= 0:
            self.post_message(OpenSuppose(self.chosen))

    def action_sell(self) -> None:
        self.post_message(OpenTicket("", "sell", self.chosen))
