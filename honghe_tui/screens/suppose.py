"""What if: a basket, a deposit and a move of prices over one account; nothing is sent."""

import re
from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input, Label

from honghe_tui import text
from honghe_tui.intents import AskForecast
from honghe_tui.screens.plan_sheet import steps_rows
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.spans import Span, folded, line
from honghe_tui.widgets.ticket_form import parse_price
from honghe_tui.widgets.ticket_lines import PLAIN_RESTS
from server.protocol.risk import AccountForecast, BasketOrder, OrderForecast, WhatIfAccount
from server.protocol.words import Side

_ORDER = re.compile(r"([bs])\s*(\S+)\s+(\d+)(?:\s+([\d.]+))?")
_MOVE = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,4})?")
_SIDES: dict[str, Side] = {"b": "buy", "s": "sell"}
_FIELDS = ("orders", "deposit", "move")
_FIGURES = ("assets", "debt", "withdrawable")


class SupposeScreen(ModalScreen[None]):
    """Enter in any field asks; Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, terminal: Terminal, account: int) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self.account = account
        self._boxes = {name: Input(id=name) for name in _FIELDS}
        self.sheet = ForecastSheet(terminal, id="forecast")

    def compose(self) -> ComposeResult:
        words = self.terminal.text
        title = words("screen.suppose.title", account=self.terminal.account_name(self.account))
        with Vertical(classes="box", id="suppose-box"):
            yield Label(Content(title), classes="box-title")
            for name, box in self._boxes.items():
                yield Label(Content(words(f"screen.suppose.{name}")), classes="field-name")
                yield box
            yield self.sheet
            yield Label(Content(words("screen.suppose.hint")), classes="hint")

    def on_mount(self) -> None:
        self._boxes["orders"].focus()

    @on(Input.Submitted)
    def _ask(self, submitted: Input.Submitted) -> None:
        try:
            self.post_message(AskForecast(self._question()))
        except ValueError as error:
            bad = self.terminal.text("screen.suppose.bad", said=text.clean(str(error)))
            self.sheet.say(bad)

    def _question(self) -> WhatIfAccount:
        """Raises ValueError with what cannot be read."""
        said = {name: box.value.strip() for name, box in self._boxes.items()}
        orders = [
            self._order(each) for each in re.split(r"[;；,，]", said["orders"]) if each.strip()
        ]
        deposit = parse_price(said["deposit"] or "0")
        if deposit is None:
            raise ValueError(said["deposit"])
        move = said["move"].removesuffix("%") or "0"
        if not _MOVE.fullmatch(move):
            raise ValueError(said["move"])
        return WhatIfAccount(0, self.account, orders, deposit, int(Decimal(move) * 10_000))

    def _order(self, said: str) -> BasketOrder:
        found = _ORDER.fullmatch(said.strip().lower())
        share = self.terminal.find(found[2]) if found else None
        price = parse_price(found[4]) if found and found[4] else 0
        if found is None or share is None or price is None:
            raise ValueError(said.strip())
        kind = "limit" if price else "best_five_ioc"
        return BasketOrder(share.symbol, _SIDES[found[1]], kind, int(found[3]), price)


class ForecastSheet(Drawing):
    """`show(result, question)`, or one sentence."""

    def __init__(self, terminal: Terminal, *, id: str | None = None) -> None:
        super().__init__(terminal.look, id=id)
        self._terminal = terminal
        self._rows: list[list[Span]] = []

    def say(self, sentence: str) -> None:
        self._rows = [[(sentence, self.look.strong)]]
        self.redraw()

    def show(self, found: AccountForecast, asked: WhatIfAccount) -> None:
        self._rows = forecast_rows(self._terminal, found, asked)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        plain = self.look.text
        return [
            line([(" ", plain), *part], width, plain)
            for row in self._rows
            for part in folded(row, width - 1)
        ]


def forecast_rows(
    terminal: Terminal, found: AccountForecast, asked: WhatIfAccount
) -> list[list[Span]]:
    """Before and after, what came of each order, and what would be sold then."""
    look, words = terminal.look, terminal.text
    before, after = found.before, found.after
    ratio = f"{_ratio(before.ratio_ppm)} > {_ratio(after.ratio_ppm)}"
    grades = f"{look.word('grade', before.grade)} > {look.word('grade', after.grade)}"
    ink = look.text if after.grade == before.grade else look.strong
    rows: list[list[Span]] = [[(words("screen.suppose.ratio", ratio=ratio, grade=grades), ink)]]
    for name in _FIGURES:
        was, then = text.money(getattr(before, name)), text.money(getattr(after, name))
        rows.append([(f"{words(f'screen.suppose.{name}')} {was} > {then}", look.text)])
    for distance in after.lines:
        grade = look.word("grade", distance.grade)
        line_at = text.percent(distance.line_ppm, 1)
        fall = text.money(distance.fall)
        rows.append(
            [(words("screen.suppose.line", grade=grade, line=line_at, fall=fall), look.muted)]
        )
    if found.deposit_code:
        rows.append([(words("screen.suppose.no_deposit", code=found.deposit_code), look.strong)])
    rows += [_order_row(terminal, *each) for each in zip(asked.orders, found.orders, strict=True)]
    if found.plan is not None:
        kind = look.word("plan_kind", found.plan_kind)
        rows.append([(words("screen.suppose.plan", kind=kind), look.strong)])
        if found.plan_waits:
            rows.append([(words("screen.suppose.plan_waits"), look.strong)])
        rows += steps_rows(terminal, found.plan)
    return rows


def _ratio(ppm: int) -> str:
    return text.percent(ppm) if ppm else text.MISSING


def _order_row(terminal: Terminal, order: BasketOrder, came: OrderForecast) -> list[Span]:
    look = terminal.look
    head = f"{look.word('side', order.side)} {terminal.name_of(order.symbol)} {order.quantity:,}  "
    if came.code:
        why = look.catalogue.pick(came.message_zh, came.message_en)
        return [(head, look.text), (text.clean(why), look.strong)]
    amount, fees = text.money(came.amount), text.money(came.fees)
    words = terminal.text("screen.suppose.order", amount=amount, fees=fees)
    if came.rest in PLAIN_RESTS:
        return [(head + words, look.text)]
    price = text.price(came.rest_price, terminal.tick_of(order.symbol))
    rest = terminal.text(f"rest.{came.rest}", price=price if came.rest_price else text.MISSING)
    return [(f"{head}{words}  ", look.text), (rest, look.strong)]
