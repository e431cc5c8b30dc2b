"""The order ticket: fields by keyboard, what-if, and a confirmation that counts once."""

from collections.abc import Callable, Sequence
from typing import Literal

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, line
from honghe_tui.widgets.ticket_form import LACKING, Resolve, TicketForm, TicketOrder
from honghe_tui.widgets.ticket_lines import (
    Rows,
    figure_text,
    form_rows,
    market_rows,
    order_sentence,
    side_ink,
    what_if_rows,
)
from server.protocol.accounts import Account
from server.protocol.market import Quote
from server.protocol.session import Failed
from server.protocol.trading import Order, WhatIfResult
from server.protocol.words import Phase, Side

State = Literal["edit", "review", "sent", "done"]
_BESIDE = 76  # from this width on the what-if stands beside the fields
_FORM = 36
_TALL = 18


class OrderTicket(Drawing, can_focus=True):
    """Account, side, symbol, type, price, quantity; Enter reviews, `y` sends, exactly once.

    - `OrderTicket(look, resolve, *, id, classes)`: `resolve(text) -> Instrument | None` finds an
      instrument by code, symbol or pinyin initials.
    - `set_accounts(accounts: Sequence[Account])`: the choices.
    - `start(symbol: str = "", side: Side = "buy", account: int = -1, price: int = 0,
      quantity: int = 0)`: a fresh ticket in state "edit", focus on the first field to fill.
    - `set_quote(quote: Quote | None)`: for the price keys and the line under the fields; the
      first one fills an empty price. Call it whenever the instrument's quote changed.
    - `set_phase(phase: Phase | None)`: the market's, which decides the types on offer.
    - `show_what_if(result: WhatIfResult, revision: int)`: ignored unless `revision` is that of
      the newest `Changed`.
    - `show_order(order: Order)`, `show_failed(failed: Failed)`, `show_unknown(sentence: str)`
      (nobody knows whether it was carried out): the answer to a submitted order; the ticket
      says it and waits for Enter (new ticket, same account and symbol) or Escape.
    - `state: Literal["edit", "review", "sent", "done"]`; `draft: TicketOrder | None`.
    - messages: `Changed(draft: TicketOrder, revision: int)`: ask what-if (draft.quantity may be
      0: only `largest_quantity` matters then); `Submitted(order: TicketOrder)`: send it, posted
      exactly once a ticket; `Closed()`: Escape in "edit" or "done".
    - keys: tab/shift+tab/up/down fields; left/right or space choices; +/- tick and lot;
      digits; `/1` `/2` `/3` `/4` full, half, third, quarter of the largest quantity (digits alone
      do so on a field of choices); Enter review; y send; escape back.
    Works from 40x14 up; from 76 columns the what-if stands beside the fields.
    """

    class OfTicket(Message):
        """A message of a ticket."""

        def __init__(self, ticket: "OrderTicket") -> None:
            super().__init__()
            self.ticket = ticket

        @property
        def control(self) -> "OrderTicket":
            return self.ticket

    class Changed(OfTicket):
        """The order described changed: what would it do?"""

        def __init__(self, ticket: "OrderTicket", draft: TicketOrder, revision: int) -> None:
            super().__init__(ticket)
            self.draft, self.revision = draft, revision

    class Submitted(OfTicket):
        """Confirmed: send it."""

        def __init__(self, ticket: "OrderTicket", order: TicketOrder) -> None:
            super().__init__(ticket)
            self.order = order

    class Closed(OfTicket):
        """The person has finished with the ticket."""

    def __init__(
        self, look: Look, resolve: Resolve, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(look, id=id, classes=classes)
        self.state: State = "edit"
        self._form = TicketForm(resolve)
        self._what_if: WhatIfResult | None = None
        self._reviewed: TicketOrder | None = None
        self._answer: list[Span] = []
        self._answer_seen = True
        self._complaint = ""

    # What the screen tells

    @property
    def draft(self) -> TicketOrder | None:
        return self._form.draft()

    @property
    def account(self) -> int:
        """The one it stands on; -1 where there is none."""
        return self._form.account_number

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        before = self._form.changes
        self._form.set_accounts(accounts)
        self._after(before)

    def start(
        self,
        symbol: str = "",
        side: Side = "buy",
        account: int = -1,
        price: int = 0,
        quantity: int = 0,
    ) -> None:
        form = self._form
        before = form.changes
        self.state, self._reviewed, self._answer = "edit", None, []
        self._complaint, self._what_if = "", None
        form.set_symbol("")
        form.side, form.order_type = side, "limit"
        form.choose_account(account)
        form.set_symbol(symbol)
        form.set_price(price)
        form.set_quantity(quantity)
        form.focus = "symbol" if form.instrument is None else "quantity" if price else "price"
        form.changes += 1
        form.begin_field()
        self._after(before)

    def set_quote(self, quote: Quote | None) -> None:
        before = self._form.changes
        if self.state == "edit":
            self._form.set_quote(quote)
        self._after(before)

    def set_phase(self, phase: Phase | None) -> None:
        """May be told every frame: the same phase again draws nothing."""
        if self.state != "edit" or phase == self._form.phase:
            return
        before = self._form.changes
        self._form.set_phase(phase)
        self._after(before)

    def show_what_if(self, result: WhatIfResult, revision: int) -> None:
        if revision != self._form.changes or self.state not in ("edit", "review"):
            return
        self._what_if = result
        self._form.largest = result.largest_quantity
        self.redraw()

    def show_order(self, order: Order) -> None:
        look = self.look
        key = f"ticket.done_{order.status}"
        ink = style(look.palette.error, "", True) if order.status == "rejected" else look.strong
        filled = text.quantity(order.filled)
        sentence = look.t(key, filled=filled, number=order.order_id)
        if order.filled and order.status != "filled":
            sentence += look.t("ticket.done_part", filled=filled)
        self._finish(sentence, ink)

    def show_failed(self, failed: Failed) -> None:
        sentence = text.clean(self.look.catalogue.pick(failed.message_zh, failed.message_en))
        if failed.figure is not None and failed.unit:
            tick = self._form.instrument.tick if self._form.instrument else 100
            figure = figure_text(failed.figure, failed.unit, tick)
            if figure not in sentence:
                sentence += f" ({figure})"
        self._finish("x " + sentence, style(self.look.palette.error, "", True))

    def show_unknown(self, sentence: str) -> None:
        self._finish("? " + text.clean(sentence), style(self.look.palette.warning, "", True))

    def _finish(self, sentence: str, ink: Style) -> None:
        if self.state == "sent":
            self.state = "done"
            self._answer, self._answer_seen = [(sentence, ink)], False
            self.redraw()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Every key is handled here, in the order typed.

        A binding would run after the characters that follow it in one burst, as a slow line
        delivers them: "tab 1 0 0" would put 100 into the field before.
        """
        act, character = _ACTS.get(event.key), event.character
        if act is None and (character is None or not character.isprintable()):
            return
        event.stop()
        event.prevent_default()
        if act is not None:
            act(self)
            return
        assert character is not None
        if self.state == "review" and character in "yY":
            self._send()
        elif self.state == "edit":
            before = self._form.changes
            if character in "+=-":
                self._form.step(-1 if character == "-" else 1)
            else:
                self._form.type_character(character)
            self._complaint = ""
            self._after(before)

    def action_field(self, by: int) -> None:
        if self.state == "edit":
            self._form.move(by)
            self.redraw()

    def action_choose(self, by: int) -> None:
        if self.state == "edit":
            before = self._form.changes
            self._form.choose(by)
            self._after(before)

    def action_erase(self) -> None:
        if self.state == "edit":
            before = self._form.changes
            self._form.erase()
            self._after(before)

    def action_enter(self) -> None:
        """Review; after the answer a new ticket. Never sends.

        Of a held key or a burst nothing passes over an answer that has not been on the screen.
        """
        if self.state == "edit":
            order = self._form.order()
            problem = self._form.problem()
            self._complaint = self.look.t(f"ticket.{problem}") if problem else ""
            if order is not None:
                self.state, self._reviewed = "review", order
            elif problem:
                self._form.go_to(LACKING[problem])
            self.redraw()
        elif self.state == "done" and self._answer_seen:
            self.start(self._form.texts["symbol"], self._form.side, self._form.account_number)

    def action_back(self) -> None:
        if self.state == "review":
            self.state, self._reviewed = "edit", None
            self.redraw()
        elif self.state in ("edit", "done"):
            self.post_message(self.Closed(self))

    def _send(self) -> None:
        """Leaves "review" before anything is posted: a repeated key finds nothing to send."""
        order, self._reviewed = self._reviewed, None
        if order is None:
            return
        self.state = "sent"
        self.redraw()
        self.post_message(self.Submitted(self, order))

    def _after(self, changes: int) -> None:
        """Asks what-if when the order described has changed."""
        if self._form.changes != changes:
            self._what_if = None
            draft = self._form.draft()
            if draft is not None and self.state == "edit":
                self.post_message(self.Changed(self, draft, self._form.changes))
        self.redraw()

    # Drawing

    def render_line(self, y: int) -> Strip:
        self._answer_seen = True
        return super().render_line(y)

    def draw(self, width: int, height: int) -> list[Strip]:
        form, look = self._form, self.look
        beside = width >= _BESIDE
        tick = form.instrument.tick if form.instrument else 100
        left: Rows = [self._title()]
        left += form_rows(form, look, self.state != "edit", _FORM if beside else width)
        left += market_rows(form, look)[: 2 if beside or height >= _TALL else 1]
        below = self._below(width)
        room = width - (_FORM + 3 if beside else 0)
        right = what_if_rows(
            *(self._what_if, tick, look, room), whole=form.quantity > 0, family=form.family
        )
        if beside:
            rows = self._side_by_side(left, right, width)
        else:
            rows = [*left, *right][: max(0, height - len(below))]
        room = max(0, height - len(below))
        rows = rows[:room] + [[] for _ in range(room - len(rows))]
        return [line(spans, width, look.text) for spans in [*rows, *below]]

    def _title(self) -> list[Span]:
        ink = side_ink(self.look, self._form.side)
        return [
            (f" {self.look.t('ticket.title')} - {self.look.t(f'ticket.state_{self.state}')}", ink)
        ]

    def _side_by_side(self, left: Rows, right: Rows, width: int) -> Rows:
        look = self.look
        rows: Rows = []
        for i in range(max(len(left), len(right) + 1)):
            first = line(left[i] if i < len(left) else [], _FORM, look.text)
            spans: list[Span] = [(part.text, part.style or look.text) for part in first]
            spans.append((f" {look.glyphs.vertical} ", look.muted))
            rows.append(spans + (right[i - 1] if 0 < i <= len(right) else []))
        return rows

    def _below(self, width: int) -> Rows:
        """The last two lines: what is asked or answered, and the keys that count now."""
        look = self.look
        said: list[Span] = self._answer
        if self.state == "edit":
            said = [(" " + self._complaint, style(look.palette.warning, "", True))]
        elif self.state == "review" and self._reviewed and self._form.instrument:
            sentence = order_sentence(self._reviewed, self._form.instrument, look)
            said = [(" " + sentence, side_ink(look, self._reviewed.side))]
        elif self.state == "sent":
            said = [(" " + look.t("ticket.waiting"), look.accent)]
        folded = [[(part, ink)] for words, ink in said for part in text.wrap(words, width)[:3]]
        hint = "ticket.hint_fraction" if self._form.fraction_asked else f"ticket.hint_{self.state}"
        return [*folded, [(" " + look.t(hint), look.accent)]]


_ACTS: dict[str, Callable[[OrderTicket], None]] = {
    "tab": lambda ticket: ticket.action_field(1),
    "down": lambda ticket: ticket.action_field(1),
    "shift+tab": lambda ticket: ticket.action_field(-1),
    "up": lambda ticket: ticket.action_field(-1),
    "left": lambda ticket: ticket.action_choose(-1),
    "right": lambda ticket: ticket.action_choose(1),
    "backspace": lambda ticket: ticket.action_erase(),
    "enter": lambda ticket: ticket.action_enter(),
    "escape": lambda ticket: ticket.action_back(),
}
