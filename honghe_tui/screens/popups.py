"""What stands over the screen until it is answered: severe notices, and questions."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label

from honghe_tui.intents import Acknowledge
from honghe_tui.mirror import Dirty
from honghe_tui.pages import PAGES
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.notice_card import NoticeCard
from server.protocol.accounts import Notice

GRACE_S = 0.5
SEVERE = 2
_STEPS = frozenset(
    {
        *("liquidation_order", "liquidation_queued", "reduction_order", "reduction_queued"),
        "collection_order",
    }
)
"""Every order of a forced sale is announced; its start and its end are what must be read."""
_ENDS = frozenset({"liquidation_cured", "reduction_cured"})  # good news, so of no severity


def pops_up(notice: Notice) -> bool:
    """Whether a notice stands over the screen: lines crossed, calls, forced sales, shortfalls."""
    if notice.code in _STEPS:
        return False
    return notice.severity >= SEVERE or notice.code in _ENDS


def newest_of_accounts(notices: Iterable[Notice]) -> list[Notice]:
    """One notice an account, the newest, and the newest of all first."""
    ordered = sorted(notices, key=lambda notice: notice.notice_id)
    newest = {notice.account: notice for notice in ordered}
    return sorted(newest.values(), key=lambda notice: notice.notice_id, reverse=True)


class NoticePopup(ModalScreen[str]):
    """Severe notices, the newest of each account; the rest waits on its page.

    `a` acknowledges one, `A` all that are unread, Escape leaves them for later; a page's key leads
    to that page (the result), unless something that takes digits stands between. With `summary`
    the one notice is the worst of those that a login found.

    It takes no key but Escape for half a second after its notice changed: what somebody is typing
    just then, as pinyin in an order ticket, acknowledges nothing.
    """

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("A", "acknowledge_all", show=False),
        *(
            Binding(f"{n},f{n}", f"leave_for('{page}')", show=False)
            for n, page in enumerate(PAGES, 1)
        ),
    ]

    def __init__(
        self, terminal: Terminal, notices: Iterable[Notice], *, summary: bool = False
    ) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self._waiting = newest_of_accounts(notices)
        self._summary = summary
        self._card = NoticeCard(terminal.look, id="card")
        self._count = Label(id="popup-hint")
        self._opened_s = terminal.connection.clock()

    def compose(self) -> ComposeResult:
        yield Vertical(self._card, self._count, id="notice-popup", classes="box")

    def on_mount(self) -> None:
        self._show_first()

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        if not self._card.has_focus and now_s - self._opened_s >= GRACE_S:
            self._card.focus()
        if dirty.notices:
            self._show_count()

    def add(self, notices: Iterable[Notice]) -> None:
        """Newer ones: they stand before and instead of those of their account."""
        first = self._waiting[0]
        self._waiting = newest_of_accounts([*self._waiting, *notices])
        if self._waiting[0] != first:
            self._summary = False
            self._opened_s = self.terminal.connection.clock()
            self.set_focus(None)
        self._show_first()

    def _show_first(self) -> None:
        self._card.show(self._waiting[0])
        self._show_count()

    def _show_count(self) -> None:
        unread = len(self.terminal.mirror.unread)
        key = "screen.popup.summary" if self._summary else "screen.popup.waiting"
        words = self.terminal.text(key, count=len(self._waiting), unread=unread)
        self._count.update(Content(f"{words}\n{self.terminal.text('screen.popup.hint')}"))

    @on(NoticeCard.Acknowledged)
    def _read(self, message: NoticeCard.Acknowledged) -> None:
        message.stop()
        self.post_message(Acknowledge(message.notice_id))
        del self._waiting[0]
        if self._waiting:
            self._show_first()
        else:
            self.dismiss()

    def action_acknowledge_all(self) -> None:
        if self._card.has_focus:
            for notice in self.terminal.mirror.unread:
                self.post_message(Acknowledge(notice.notice_id))
            self.dismiss()

    def action_leave_for(self, page: str) -> None:
        below = self.app.screen_stack[-2]  # pyright: ignore[reportUnknownMemberType]
        if self._card.has_focus and not below.is_modal:
            self.dismiss(page)


class Question(ModalScreen[bool]):
    """A sentence answered by `y` or Escape; Enter answers nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "dismiss(True)", show=False),
        Binding("escape,n", "dismiss(False)", show=False),
    ]

    def __init__(self, sentence: str) -> None:
        super().__init__(classes="modal")
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Label(Content(self._sentence))
