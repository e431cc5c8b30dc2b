"""The order ticket over the screen; its what-if follows the market while it is open."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from honghe_tui.intents import OpenTicket
from honghe_tui.mirror import Dirty
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.order_ticket import OrderTicket

ASK_AGAIN_S = 1.0


class TicketScreen(ModalScreen[None]):
    """The ticket's messages bubble to the app, which asks and sends."""

    def __init__(self, terminal: Terminal, wanted: OpenTicket) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self.ticket = OrderTicket(terminal.look, terminal.find, id="ticket")
        self._wanted = wanted
        self._question: OrderTicket.Changed | None = None
        self._asked_s = 0.0

    def compose(self) -> ComposeResult:
        yield Vertical(self.ticket, id="ticket-box", classes="box")

    def on_mount(self) -> None:
        accounts = sorted(self.terminal.mirror.accounts.items())
        self.ticket.set_accounts([account for _, account in accounts])
        wanted = self._wanted
        account = wanted.account if wanted.account >= 0 else self.terminal.trading_account()
        self._tell_phase()
        self.ticket.start(wanted.symbol, wanted.side, account, wanted.price, wanted.quantity)
        self.ticket.set_quote(self.terminal.mirror.quotes.get(wanted.symbol))
        self.ticket.focus()

    def _tell_phase(self) -> None:
        clock = self.terminal.mirror.clock
        self.ticket.set_phase(clock.phase if clock else None)

    @on(OrderTicket.Changed)
    def _note_question(self, message: OrderTicket.Changed) -> None:
        if self._question is None or self._question.draft.symbol != message.draft.symbol:
            self.ticket.set_quote(self.terminal.mirror.quotes.get(message.draft.symbol))
        self._question = message
        self._asked_s = self.terminal.connection.clock()

    @on(OrderTicket.Closed)
    def _close(self) -> None:
        self.terminal.account = self.ticket.account
        self.dismiss()

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        self._tell_phase()
        question = self._question
        if question is None:
            return
        draft = question.draft
        if draft.symbol in dirty.quotes:
            self.ticket.set_quote(self.terminal.mirror.quotes.get(draft.symbol))
        if dirty.accounts:
            accounts = sorted(self.terminal.mirror.accounts.items())
            self.ticket.set_accounts([account for _, account in accounts])
        moved = draft.symbol in dirty.quotes or draft.account in dirty.accounts
        if moved and now_s - self._asked_s >= ASK_AGAIN_S:
            self.post_message(OrderTicket.Changed(self.ticket, draft, question.revision))
