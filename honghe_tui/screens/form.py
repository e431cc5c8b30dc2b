"""A small form over the screen: open, close, transfer, deposit, withdraw."""

from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from honghe_tui.commands import new_id
from honghe_tui.screens.choice import Choice
from honghe_tui.screens.forms import (
    FIELDS,
    FieldName,
    FormKind,
    Values,
    options,
    parse_amount,
    remarks,
    request_of,
)
from honghe_tui.terminal import Terminal
from honghe_tui.text import clean, money
from server.protocol.messages import Request

State = Literal["edit", "review", "sent"]


class FormScreen(ModalScreen[None]):
    """Enter reviews, `y` sends once; a refusal is shown and the form can be mended.

    The same values sent again carry the same request id: a lost answer cannot move money twice.
    """

    class Submitted(Message):
        """A filled form; `request` is complete but for its id."""

        def __init__(self, form: "FormScreen", request: Request) -> None:
            super().__init__()
            self.form, self.request = form, request

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("down,tab", "app.focus_next", show=False),
        Binding("up,shift+tab", "app.focus_previous", show=False),
        Binding("enter", "review", show=False),
    ]

    def __init__(self, terminal: Terminal, kind: FormKind, account: int) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self.kind: FormKind = kind
        self.state: State = "edit"
        self._ids: dict[Values, str] = {}
        self._choices = {
            name: Choice(terminal.look, options(terminal, kind, name), account, id=name)
            for name in FIELDS[kind]
            if name != "amount"
        }
        self._amount = Input(restrict=r"[0-9.,，]*", id="amount")
        self._remarks = Label(id="remarks")
        self._note = Label(id="form-note")

    def compose(self) -> ComposeResult:
        text = self.terminal.text
        with Vertical(id="form", classes="box"):
            yield Label(Content(text(f"screen.forms.{self.kind}")), classes="box-title")
            for name in FIELDS[self.kind]:
                yield Label(Content(text(f"screen.forms.{name}")), classes="field-name")
                yield self._field(name)
            yield self._remarks
            yield self._note

    def on_mount(self) -> None:
        self._say("screen.forms.hint")
        self._show_remarks()

    def _field(self, name: FieldName) -> Choice | Input:
        return self._amount if name == "amount" else self._choices[name]

    # The values

    @property
    def values(self) -> Values:
        """Raises ValueError while the amount is none."""
        amount = parse_amount(self._amount.value) if "amount" in FIELDS[self.kind] else 0
        chosen = {name: choice.value for name, choice in self._choices.items()}
        return Values(**chosen, amount=amount)

    @on(Choice.Changed)
    @on(Input.Changed)
    def _show_remarks(self) -> None:
        try:
            values = self.values
        except ValueError:
            values = Values(**{name: choice.value for name, choice in self._choices.items()})
        lines = remarks(self.terminal, self.kind, values)
        self._remarks.update(Content("\n".join(lines)))

    def _say(self, key: str, **values: object) -> None:
        self._note.update(Content(self.terminal.text(key, **values)))

    # Review and sending

    @on(Input.Submitted)
    def action_review(self) -> None:
        if self.state != "edit":
            return
        try:
            values = self.values
        except ValueError:
            self._say("screen.forms.bad_amount")
            self._amount.focus()
            return
        if any(choice.value < 0 for choice in self._choices.values()):
            self._say("screen.forms.no_choice")
            return
        self._set_state("review")
        words = [choice.words for choice in self._choices.values()]
        summary = " > ".join([*words, *([money(values.amount)] if values.amount else [])])
        self._say("screen.forms.review", summary=summary)

    def on_key(self, event: events.Key) -> None:
        if self.state == "review" and event.key in {"y", "Y", "f10"}:
            event.stop()
            self._set_state("sent")
            values = self.values
            request_id = self._ids.setdefault(values, new_id())
            self._say("screen.forms.sending")
            self.post_message(self.Submitted(self, request_of(self.kind, values, request_id)))

    def show_refusal(self, sentence: str) -> None:
        """The server said no, or nothing; the form can be mended and sent again."""
        self._set_state("edit")
        self._note.update(Content(clean(sentence)))

    def action_back(self) -> None:
        if self.state == "review":
            self._set_state("edit")
            self._say("screen.forms.hint")
        else:
            self.dismiss()

    def _set_state(self, state: State) -> None:
        self.state = state
        self._note.set_class(state == "review", "-review")
        for name in FIELDS[self.kind]:
            self._field(name).disabled = state != "edit"
        if state == "edit":
            self._field(FIELDS[self.kind][-1]).focus()
