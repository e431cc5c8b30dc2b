"""What the app does about each intent: one handler an intent, and one way to tell the outcome."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from textual import on
from textual.app import App

from honghe_tui import intents, text
from honghe_tui.commands import ALL_DAYS
from honghe_tui.desk_act import DeskAct
from honghe_tui.export import export
from honghe_tui.latest import LatestWins
from honghe_tui.link_state import Refused, Unanswered
from honghe_tui.notes import Note, Severity
from honghe_tui.screens.account_form import AccountForm
from honghe_tui.screens.contract import ContractScreen
from honghe_tui.screens.desk_form import DeskForm
from honghe_tui.screens.form import FormScreen
from honghe_tui.screens.plan_screen import PlanScreen
from honghe_tui.screens.popups import Question
from honghe_tui.screens.products import ProductsScreen
from honghe_tui.screens.suppose import SupposeScreen
from honghe_tui.screens.ticket import TicketScreen
from honghe_tui.terminal import Terminal
from honghe_tui.text import clean, price, quantity
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.order_ticket import OrderTicket
from server.protocol.risk import WhatIfAccount
from server.protocol.trading import Placed

T = TypeVar("T")


class IntentHandlers(App[int]):
    """The half of the app that acts; the other half draws."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self.terminal = terminal
        self._what_if = LatestWins(self._ask_what_if)

    # Telling

    def tell(self, sentence: str, severity: Severity = "information") -> None:
        """A note in the last line, for some seconds."""
        self.terminal.notes.add(Note(clean(sentence), severity))
        if severity == "error" and self.terminal.config.bell:
            self.bell()

    def export(self, table: LineTable[Any], name: str) -> None:
        """Writes the rows of a list, all of them and not only those in sight."""
        clock = self.terminal.mirror.clock
        moment = f"{clock.date}-{text.clock(clock.market_time).replace(':', '')}" if clock else "0"
        directory = Path(self.terminal.config.export_dir).expanduser()
        try:
            path = export(table.records, directory, f"honghe-{name}-{moment}")
        except OSError as error:
            why = error.strerror or ""
            self.tell(self.terminal.text("app.told.not_exported", path=directory, why=why), "error")
            return
        words = {"rows": text.quantity(len(table.records)), "path": path}
        self.tell(self.terminal.text("app.told.exported", **words))

    def sentence_of(self, error: Refused | Unanswered) -> str:
        """Why a request failed, in the reader's language."""
        if isinstance(error, Unanswered):
            return self.terminal.text(error.key)
        failed = error.failed
        return clean(self.terminal.look.catalogue.pick(failed.message_zh, failed.message_en))

    async def attempt(self, work: Awaitable[T]) -> T | None:
        """The result; what went wrong is told and gives None."""
        try:
            return await work
        except Refused as refused:
            self.tell(self.sentence_of(refused), "error")
        except Unanswered as unanswered:
            self.tell(self.sentence_of(unanswered), "warning")
        return None

    # Orders

    @on(intents.OpenTicket)
    def open_ticket(self, message: intents.OpenTicket) -> None:
        if not isinstance(self.screen, TicketScreen):
            self.push_screen(TicketScreen(self.terminal, message))

    @on(OrderTicket.Changed)
    def ask_what_if(self, message: OrderTicket.Changed) -> None:
        self.run_worker(self._what_if.ask(message))

    async def _ask_what_if(self, message: OrderTicket.Changed) -> None:
        """A what-if that nobody answers leaves the ticket as it is: the banner says why."""
        try:
            result = await self.terminal.commands.what_if(message.draft)
        except Unanswered:
            return
        except Refused as refused:
            self.tell(self.sentence_of(refused), "warning")
            return
        if message.ticket.is_attached:
            message.ticket.show_what_if(result, message.revision)

    @on(OrderTicket.Submitted)
    def send_order(self, message: OrderTicket.Submitted) -> None:
        self.terminal.account = message.order.account
        self.run_worker(self._send_order(message))

    async def _send_order(self, message: OrderTicket.Submitted) -> None:
        try:
            placed = await self.terminal.commands.place(message.order)
        except Refused as refused:
            self._show_failed(message.ticket, refused)
        except Unanswered as unanswered:
            self._show_unknown(message.ticket, self.sentence_of(unanswered))
        else:
            self._show_placed(message.ticket, placed)

    def _show_placed(self, ticket: OrderTicket, placed: Placed) -> None:
        if ticket.is_attached:
            ticket.show_order(placed.order)
        else:
            self.tell(self._order_words("app.told.placed", placed))

    def _show_failed(self, ticket: OrderTicket, refused: Refused) -> None:
        if ticket.is_attached:
            ticket.show_failed(refused.failed)
        else:
            self.tell(self.sentence_of(refused), "error")

    def _show_unknown(self, ticket: OrderTicket, sentence: str) -> None:
        if ticket.is_attached:
            ticket.show_unknown(sentence)
        else:
            self.tell(sentence, "warning")

    def _order_words(self, key: str, placed: Placed) -> str:
        order, terminal = placed.order, self.terminal
        return terminal.text(
            key,
            side=terminal.look.word("side", order.side),
            name=terminal.name_of(order.symbol),
            quantity=quantity(order.quantity),
            status=terminal.look.word("order_status", order.status),
        )

    @on(intents.Cancel)
    def cancel(self, message: intents.Cancel) -> None:
        self.run_worker(self._cancel(message))

    async def _cancel(self, message: intents.Cancel) -> None:
        if await self.attempt(self.terminal.commands.cancel(message.account, message.order_id)):
            self.tell(self.terminal.text("app.told.cancelled", order_id=message.order_id))

    @on(intents.CancelAll)
    def cancel_all(self, message: intents.CancelAll) -> None:
        self.run_worker(self._cancel_all(message.account), group="question")

    async def _cancel_all(self, account: int) -> None:
        name = self.terminal.account_name(account)
        sentence = self.terminal.text("app.ask.cancel_all", account=name)
        if await self.push_screen_wait(Question(sentence)) and await self.attempt(
            self.terminal.commands.cancel_all(account)
        ):
            self.tell(self.terminal.text("app.told.cancelled_all", account=name))

    # Notices and history

    @on(intents.Acknowledge)
    def acknowledge(self, message: intents.Acknowledge) -> None:
        self.run_worker(self._acknowledge(message.notice_id))

    async def _acknowledge(self, notice_id: int) -> None:
        if await self.attempt(self.terminal.commands.acknowledge(notice_id)) is None:
            return
        notice = self.terminal.mirror.notices.get(notice_id)
        if notice is not None:
            self.terminal.mirror.apply(msgspec.structs.replace(notice, acknowledged=True))

    @on(intents.LoadHistory)
    def load_history(self, message: intents.LoadHistory) -> None:
        commands, mirror = self.terminal.commands, self.terminal.mirror
        orders = min((order.seq for order in mirror.orders.values()), default=0)
        fills = min((fill.seq for fill in mirror.fills.values()), default=0)
        if not message.earlier:
            orders = fills = 0
        self.run_worker(self.attempt(commands.orders(ALL_DAYS, before_seq=orders)))
        self.run_worker(self.attempt(commands.fills(ALL_DAYS, before_seq=fills)))

    @on(intents.LoadStatements)
    def load_statements(self) -> None:
        if self.terminal.connection.state.kind == "live":
            self.run_worker(self.attempt(self.terminal.commands.statements()))

    # Plans

    @on(intents.AskPlan)
    def ask_plan(self, message: intents.AskPlan) -> None:
        self.run_worker(self._show_plan(message.account))

    async def _show_plan(self, account: int) -> None:
        plan = await self.attempt(self.terminal.commands.plan(account))
        if plan is not None:
            ahead = await self.attempt(self.terminal.commands.tomorrow(account))
            self.push_screen(PlanScreen(self.terminal, plan, ahead))

    @on(intents.OpenSuppose)
    def open_suppose(self, message: intents.OpenSuppose) -> None:
        self.push_screen(SupposeScreen(self.terminal, message.account))

    @on(intents.AskForecast)
    def ask_forecast(self, message: intents.AskForecast) -> None:
        self.run_worker(self._forecast(message.question))

    async def _forecast(self, question: WhatIfAccount) -> None:
        found = await self.attempt(self.terminal.commands.forecast(question))
        screen = self.screen
        if found is not None and isinstance(screen, SupposeScreen):
            screen.sheet.show(found, question)

    @on(intents.SellLast)
    def sell_last(self, message: intents.SellLast) -> None:
        self.run_worker(self._sell_last(message))

    async def _sell_last(self, message: intents.SellLast) -> None:
        """Turns the wish over."""
        commands, account = self.terminal.commands, message.account
        plan = await self.attempt(commands.plan(account))
        if plan is None:
            return
        on = message.symbol not in plan.sell_last
        if await self.attempt(commands.sell_last(account, message.symbol, on=on)):
            key = "app.told.sell_last" if on else "app.told.sell_as_usual"
            self.tell(self.terminal.text(key, name=self.terminal.name_of(message.symbol)))

    # The risk desk

    @on(intents.AskDeskPlan)
    def ask_desk_plan(self, message: intents.AskDeskPlan) -> None:
        self.run_worker(self.attempt(self.terminal.commands.desk_plan(message.account)))

    @on(intents.OpenDeskForm)
    def open_desk_form(self, message: intents.OpenDeskForm) -> None:
        self.run_worker(self._act(message), group="question")

    async def _act(self, message: intents.OpenDeskForm) -> None:
        """Asked for its reason, asked again, sent once."""
        form = DeskForm(self.terminal, message.act, message.of)
        act = await self.push_screen_wait(form)
        if act is None:
            return
        key = f"screen.risk.confirm_{act.act}"
        sentence = self.terminal.text(key, of=str(act.of), why=clean(act.why), what=self._what(act))
        if not await self.push_screen_wait(Question(sentence)):
            return
        done = await self.attempt(self.terminal.commands.act(act))
        if done is not None:
            words = self.terminal.look.word("desk_action", done.action)
            self.tell(self.terminal.text("screen.risk.done", action=words, number=done.action_id))

    def _what(self, act: DeskAct) -> str:
        """What an act would set, in words."""
        look = self.terminal.look
        if act.act == "stop":
            return look.word("stop_level", act.level)
        if act.act == "platform":
            return look.word("platform_state", act.state)
        if act.act == "price":
            return price(act.price, self.terminal.tick_of(act.of.symbol))
        return ""

    # Accounts

    @on(intents.OpenForm)
    def open_form(self, message: intents.OpenForm) -> None:
        self.push_screen(FormScreen(self.terminal, message.kind, message.account))

    @on(intents.ShowContract)
    def show_contract(self, message: intents.ShowContract) -> None:
        self.push_screen(ContractScreen(self.terminal, message.account))

    @on(intents.ShowProducts)
    def show_products(self, message: intents.ShowProducts) -> None:
        self.push_screen(ProductsScreen(self.terminal, message.product))

    @on(AccountForm.Submitted)
    def send_form(self, message: AccountForm.Submitted) -> None:
        self.run_worker(self._send_form(message))

    async def _send_form(self, message: AccountForm.Submitted) -> None:
        """A success closes the form and is told; a refusal goes back into it."""
        form = message.form
        try:
            await self.terminal.commands.send(message.request)
        except (Refused, Unanswered) as error:
            if form.is_attached:
                form.show_refusal(self.sentence_of(error))
            else:
                self.tell(self.sentence_of(error), "error")
            return
        if isinstance(self.screen, FormScreen) and self.screen.form is form:
            self.screen.dismiss()
        self.tell(self.terminal.text(f"app.told.{form.kind}"))
