"""What an officer must say before an act: why, and for a hold how long."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from honghe_tui.desk_act import Act, DeskAct
from honghe_tui.terminal import Terminal

MINUTE_US = 60_000_000
LONGEST_MINUTES = 5 * 24 * 60


class DeskForm(ModalScreen[DeskAct | None]):
    """Enter goes on, and from the last field gives the result; Escape gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, terminal: Terminal, act: Act, account: int) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self._act: Act = act
        self._account = account
        self._why = Input(max_length=200, id="why")
        self._minutes = Input("60", max_length=5, restrict="[0-9]*", id="minutes")

    def compose(self) -> ComposeResult:
        text = self.terminal.text
        title = text(f"screen.risk.ask_{self._act}", account=self._account)
        with Vertical(classes="box"):
            yield Label(Content(title), classes="box-title")
            yield Label(Content(text("screen.risk.why")), classes="field-name")
            yield self._why
            if self._act == "hold":
                yield Label(Content(text("screen.risk.minutes")), classes="field-name")
                yield self._minutes
            yield Label(Content(text("screen.risk.form_hint")), classes="hint")

    def on_mount(self) -> None:
        self._why.focus()

    @on(Input.Submitted, "#why")
    def _go_on(self) -> None:
        if not self._why.value.strip():
            return
        if self._act == "hold":
            self._minutes.focus()
        else:
            self._give(0)

    @on(Input.Submitted, "#minutes")
    def _with_minutes(self) -> None:
        minutes = int(self._minutes.value or 0)
        if self._why.value.strip() and 0 < minutes <= LONGEST_MINUTES:
            clock = self.terminal.mirror.clock
            now = clock.market_time if clock is not None else 0
            self._give(now + minutes * MINUTE_US)

    def _give(self, until: int) -> None:
        self.dismiss(DeskAct(self._act, self._account, self._why.value.strip(), until))
