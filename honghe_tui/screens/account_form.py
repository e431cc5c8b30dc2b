"""The account forms' one widget: fields by keyboard, what must be known, and one sending."""

from collections.abc import Callable
from typing import Literal

from textual import events
from textual.message import Message
from textual.strip import Strip

from honghe_tui.commands import new_id
from honghe_tui.screens.choices import Choice, Debt, Right
from honghe_tui.screens.forms import (
    FIELDS,
    TYPED,
    FieldName,
    FormKind,
    Values,
    hidden,
    impossible,
    options,
    parse_amount,
    parse_quantity,
    request_of,
)
from honghe_tui.screens.remarks import remarks
from honghe_tui.terminal import Terminal
from honghe_tui.text import clean, fit, money, quantity, wrap
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import style
from honghe_tui.widgets.spans import Span, line
from server.protocol.messages import Request

State = Literal["edit", "review", "sent"]
_LABEL = 18
_LONGEST_AMOUNT = 18
_NOTHING = -1


def _account_of(value: Choice) -> int:
    return value.account if isinstance(value, (Debt, Right)) else value


class AccountForm(Drawing, can_focus=True):
    """Enter reviews, `y` sends once; a refusal is shown and the form can be mended.

    The same values sent again carry the same request id: a lost answer cannot move money twice.
    Every key is handled in `on_key`, in the order typed, as in the order ticket.
    """

    class Submitted(Message):
        """A reviewed form; `request` is complete but for its id."""

        def __init__(self, form: "AccountForm", request: Request) -> None:
            super().__init__()
            self.form, self.request = form, request

    class Closed(Message):
        """Escape in a form that is not being reviewed."""

    def __init__(self, terminal: Terminal, kind: FormKind, account: int, *, id: str) -> None:
        super().__init__(terminal.look, id=id)
        self.kind: FormKind = kind
        self.state: State = "edit"
        self._terminal = terminal
        self._choices: list[FieldName] = [name for name in FIELDS[kind] if name not in TYPED]
        self._options = {name: options(terminal, kind, name) for name in self._choices}
        self._chosen = {name: self._first(name, account) for name in self._choices}
        self._texts: dict[FieldName, str] = {name: "" for name in FIELDS[kind] if name in TYPED}
        self._place = 0
        self._ids: dict[Values, str] = {}
        self._note = self._passed_over(account)

    def _passed_over(self, account: int) -> str:
        """That the account which was chosen on the page is not among the choices."""
        name = self._choices[0]
        offered = [_account_of(value) for value, _ in self._options[name]]
        wanted = self.kind in ("repay", "draw", "extend", "close") and account >= 0
        if not wanted or account in offered or not offered:
            return ""
        words = self._terminal.account_name(account)
        return self._terminal.text("screen.forms.passed_over", account=words)

    def _first(self, name: FieldName, account: int) -> int:
        """The choice that is about the account the form was opened for."""
        for place, (value, _) in enumerate(self._options[name]):
            if _account_of(value) == account:
                return place
        return 0

    @property
    def _fields(self) -> list[FieldName]:
        """Those that the chosen product asks for."""
        product = self._value("product")[0] if "product" in self._chosen else _NOTHING
        gone = hidden(self._terminal, self.kind, product if isinstance(product, int) else _NOTHING)
        return [name for name in FIELDS[self.kind] if name not in gone]

    # The values

    def _value(self, name: FieldName) -> tuple[Choice, str]:
        """A field's value and its words; -1 when there is nothing to choose."""
        if name in TYPED:
            return 0, self._texts[name]
        offered = self._options[name]
        return offered[self._chosen[name]] if offered else (_NOTHING, self.look.glyphs.missing)

    def values(self) -> Values:
        """Raises ValueError while a figure is none."""
        figures: dict[str, int] = {}
        for name in self._fields:
            if name == "amount" or (name == "credit" and self._texts[name]):
                figures[name] = parse_amount(self._texts[name])
            elif name == "quantity":
                figures[name] = parse_quantity(self._texts[name])
        return self._filled(figures)

    def _filled(self, figures: dict[str, int]) -> Values:
        chosen = {name: self._value(name)[0] for name in self._choices}
        debt, right = chosen.pop("debt", None), chosen.pop("right", None)
        return Values(
            **{name: value for name, value in chosen.items() if isinstance(value, int)},
            debt=debt if isinstance(debt, Debt) else None,
            right=right if isinstance(right, Right) else None,
            **figures,
        )

    def _values_so_far(self) -> Values:
        try:
            return self.values()
        except ValueError:
            return self._filled({})

    # Keys

    def on_key(self, event: events.Key) -> None:
        act, character = _ACTS.get(event.key), event.character or ""
        if act is None and not character.isprintable():
            return
        event.stop()
        event.prevent_default()
        if act is not None:
            act(self)
        elif self.state == "review" and character in {"y", "Y"}:
            self.send()
        elif self.state == "edit":
            self._type(character)
        self.redraw()

    def _type(self, character: str) -> None:
        """A figure goes to the first field that takes one unless the cursor is on another."""
        typed = [place for place, name in enumerate(self._fields) if name in TYPED]
        if character.isdecimal() and typed and self._field not in TYPED:
            self._place = typed[0]
        if self._field not in TYPED:
            if character == " ":
                self.choose(1)
        elif character in "0123456789.,，" and len(self._texts[self._field]) < _LONGEST_AMOUNT:
            self._texts[self._field] += character

    @property
    def _field(self) -> FieldName:
        """The one under the cursor."""
        fields = self._fields
        return fields[min(self._place, len(fields) - 1)]

    def move(self, step: int) -> None:
        if self.state == "edit":
            self._place = (self._place + step) % len(self._fields)

    def choose(self, step: int) -> None:
        name = self._field
        if self.state == "edit" and name not in TYPED and self._options[name]:
            self._chosen[name] = (self._chosen[name] + step) % len(self._options[name])

    def erase(self) -> None:
        if self.state == "edit" and self._field in TYPED:
            self._texts[self._field] = self._texts[self._field][:-1]

    def review(self) -> None:
        if self.state != "edit":
            return
        self._note = self._problem()
        if not self._note:
            self.state = "review"

    def _problem(self) -> str:
        """Why the form cannot be sent, in words; empty when it can."""
        if any(not self._options[name] for name in self._choices):
            key = "screen.forms.no_rights" if self.kind == "rights" else "screen.forms.no_choice"
            return self._terminal.text(key)
        try:
            problem = impossible(self._terminal, self.kind, self.values())
        except ValueError:
            whole = "quantity" in self._fields
            key = "screen.forms.bad_quantity" if whole else "screen.forms.bad_amount"
            problem = self._terminal.text(key)
        typed = [place for place, name in enumerate(self._fields) if name in TYPED]
        if problem and typed:
            self._place = typed[0]
        return problem

    def send(self) -> None:
        """Leaves "review" first: a repeated key finds nothing to send."""
        self.state = "sent"
        values = self.values()
        request_id = self._ids.setdefault(values, new_id())
        self.post_message(self.Submitted(self, request_of(self.kind, values, request_id)))

    def back(self) -> None:
        if self.state == "review":
            self.state = "edit"
        else:
            self.post_message(self.Closed())

    def show_refusal(self, sentence: str) -> None:
        """The server said no, or nothing: the form can be mended and sent again."""
        self.state, self._note = "edit", clean(sentence)
        self.redraw()

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        text = self._terminal.text
        rows: list[list[Span]] = [[(text(f"screen.forms.{self.kind}"), self.look.strong)], []]
        rows += [self._field_row(place, name) for place, name in enumerate(self._fields)]
        rows.append([])
        for sentence in remarks(self._terminal, self.kind, self._values_so_far()):
            rows += [[(words, self.look.text)] for words in wrap(sentence, width)]
        below = self._below(width)
        room = max(0, height - len(below))
        rows = rows[:room] + [[] for _ in range(room - len(rows))]
        return [line(spans, width, self.look.text) for spans in [*rows, *below]]

    def _field_row(self, place: int, name: FieldName) -> list[Span]:
        look, palette = self.look, self.look.palette
        here = place == self._place and self.state == "edit"
        ink = style(palette.text, palette.cursor if here else "")
        words = self._value(name)[1]
        if name in TYPED:
            largest = "" if words or here or name != "credit" else self._largest
            shown = f" {words or largest}{'_' if here else ''} "
        else:
            shown = f" < {words} > " if here else f" {words} "
        label = fit(self._terminal.text(f"screen.forms.{name}"), _LABEL)
        return [(label, look.muted), (shown, ink)]

    @property
    def _largest(self) -> str:
        return self._terminal.text("screen.forms.largest")

    def _below(self, width: int) -> list[list[Span]]:
        """What is asked or answered, and the keys that count now."""
        look, palette = self.look, self.look.palette
        said, ink = self._note, style(palette.warning, "", True)
        if self.state == "review":
            said, ink = self._summary(), look.strong
        rows: list[list[Span]] = [[(words, ink)] for words in wrap(said, width)] if said else []
        hint = self._terminal.text(f"screen.forms.hint_{self.state}")
        return [*rows, [(hint, look.accent)]]

    def _summary(self) -> str:
        words = [self._value(name)[1] for name in self._choices]
        values = self.values()
        words += [money(figure) for figure in (values.amount, values.credit) if figure]
        words += [quantity(values.quantity)] if values.quantity else []
        return " > ".join(words)


_ACTS: dict[str, Callable[[AccountForm], None]] = {
    "tab": lambda form: form.move(1),
    "down": lambda form: form.move(1),
    "shift+tab": lambda form: form.move(-1),
    "up": lambda form: form.move(-1),
    "left": lambda form: form.choose(-1),
    "right": lambda form: form.choose(1),
    "backspace": lambda form: form.erase(),
    "enter": lambda form: form.review(),
    "escape": lambda form: form.back(),
}
