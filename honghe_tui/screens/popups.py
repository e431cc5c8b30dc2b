"""What stands over the screen until it is answered: severe notices, and questions."""

from collections import deque
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
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.notice_card import NoticeCard
from server.protocol.accounts import Notice

GRACE_S = 0.5


class NoticePopup(ModalScreen[None]):
    """Severe notices, one after another. `a` acknowledges one, Escape leaves all for later.

    It takes no key but Escape for half a second: what somebody is typing when it comes up, as
    pinyin in an order ticket, acknowledges nothing.
    """

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, terminal: Terminal, notices: Iterable[Notice]) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self._waiting = deque(notices)
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

    def add(self, notices: Iterable[Notice]) -> None:
        """More of them, behind those that wait."""
        known = {notice.notice_id for notice in self._waiting}
        self._waiting.extend(notice for notice in notices if notice.notice_id not in known)
        self._show_first()

    def _show_first(self) -> None:
        self._card.show(self._waiting[0])
        hint = self.terminal.text("screen.popup.hint", count=len(self._waiting))
        self._count.update(Content(hint))

    @on(NoticeCard.Acknowledged)
    def _read(self, message: NoticeCard.Acknowledged) -> None:
        message.stop()
        self.post_message(Acknowledge(message.notice_id))
        self._waiting.popleft()
        if self._waiting:
            self._show_first()
        else:
            self.dismiss()


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
