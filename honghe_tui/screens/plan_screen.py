"""The plan of one's own account and its ratio tomorrow; it follows what the server pushes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label

from honghe_tui.screens.plan_sheet import PlanSheet
from honghe_tui.terminal import Terminal
from server.protocol.risk import LiquidationPlan, Tomorrow


class PlanScreen(ModalScreen[None]):
    """Escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,l", "dismiss", show=False)]

    def __init__(
        self, terminal: Terminal, plan: LiquidationPlan, ahead: Tomorrow | None = None
    ) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self.sheet = PlanSheet(terminal, id="own-plan")
        self._plan, self._ahead = plan, ahead

    def compose(self) -> ComposeResult:
        hint = Label(Content(f" {self.terminal.text('screen.plan.hint')}"), classes="hint")
        yield Vertical(self.sheet, hint, classes="box", id="plan-box")

    def on_mount(self) -> None:
        self.sheet.show(self._plan, self._ahead)

    def show_newest(self, changed: set[int]) -> None:
        """What was pushed meanwhile; `changed` are accounts."""
        if self._plan.account in changed:
            self._plan = self.terminal.mirror.plans[self._plan.account]
            self.sheet.show(self._plan, self._ahead)
