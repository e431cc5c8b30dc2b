"""What an officer must say before an act: why, and what else the act needs."""

from typing import ClassVar, get_args

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from honghe_tui.desk_act import Act, DeskAct, Subject
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.ticket_form import parse_price
from server.protocol.words import PlatformWord, StopLevel

MINUTE_US = 60_000_000
LONGEST_MINUTES = 5 * 24 * 60
LEVELS: tuple[StopLevel, ...] = get_args(StopLevel)
STATES: tuple[PlatformWord, ...] = get_args(PlatformWord)
FIELDS: dict[Act, tuple[str, ...]] = {
    "hold": ("why", "minutes"),
    "release": ("why",),
    "reduce": ("why",),
    "stop": ("why", "level", "minutes"),
    "price": ("why", "price"),
    "platform": ("why", "state"),
}


class DeskForm(ModalScreen[DeskAct | None]):
    """Enter goes on, and from the last field gives the result; Escape gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, terminal: Terminal, act: Act, of: Subject) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self._act: Act = act
        self._of = of
        self._boxes = {name: self._box(name) for name in FIELDS[act]}

    def _box(self, name: str) -> Input:
        match name:
            case "minutes":
                start = "60" if self._act == "hold" else ""
                return Input(start, max_length=5, restrict="[0-9]*", id=name)
            case "level":
                return Input("2", max_length=1, restrict="[0-2]?", id=name)
            case "state":
                return Input("", max_length=1, restrict="[0-3]?", id=name)
            case "price":
                return Input("", max_length=12, restrict=r"[0-9.]*", id=name)
            case _:
                return Input(max_length=200, id=name)

    def compose(self) -> ComposeResult:
        text = self.terminal.text
        title = text(f"screen.risk.ask_{self._act}", of=str(self._of))
        with Vertical(classes="box"):
            yield Label(Content(title), classes="box-title")
            for name, box in self._boxes.items():
                yield Label(Content(self._label(name)), classes="field-name")
                yield box
            yield Label(Content(text("screen.risk.form_hint")), classes="hint")

    def _label(self, name: str) -> str:
        if name == "minutes" and self._act == "stop":
            return self.terminal.text("screen.risk.stop_minutes")
        kinds = {"level": ("stop_level", LEVELS), "state": ("platform_state", STATES)}
        if name in kinds:
            kind, words = kinds[name]
            look = self.terminal.look
            return "  ".join(f"{n} {look.word(kind, word)}" for n, word in enumerate(words))
        return self.terminal.text(f"screen.risk.{name}")

    def on_mount(self) -> None:
        self._boxes["why"].focus()

    @on(Input.Submitted)
    def _go_on(self, submitted: Input.Submitted) -> None:
        """Of a held Enter the last ones come when the form is gone."""
        if not self.is_current:
            return
        names = list(self._boxes)
        name = submitted.input.id or ""
        if not self._will_do(name):
            return
        if name != names[-1]:
            self._boxes[names[names.index(name) + 1]].focus()
            return
        short = next((each for each in names if not self._will_do(each)), None)
        if short is not None:
            self._boxes[short].focus()
        else:
            self.dismiss(self._result())

    def _will_do(self, name: str) -> bool:
        value = self._boxes[name].value.strip()
        if name == "minutes":
            least = 0 if self._act == "stop" else 1
            return least <= int(value or 0) <= LONGEST_MINUTES
        if name == "price":
            return value in {"", "0"} or parse_price(value) is not None
        return bool(value)

    def _result(self) -> DeskAct:
        said = {name: box.value.strip() for name, box in self._boxes.items()}
        minutes = int(said.get("minutes") or 0)
        clock = self.terminal.mirror.clock
        now = clock.market_time if clock is not None else 0
        return DeskAct(
            self._act,
            self._of,
            said["why"],
            until=now + minutes * MINUTE_US if minutes else 0,
            level=LEVELS[int(said.get("level") or 0)],
            price=parse_price(said.get("price") or "") or 0,
            state=STATES[int(said.get("state") or 0)],
        )
