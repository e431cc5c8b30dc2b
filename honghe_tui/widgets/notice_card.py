"""One notice in full, to be read and acknowledged."""

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.margin_lines import SIGNS
from honghe_tui.widgets.spans import Span, apart, line
from server.protocol.accounts import Notice
from server.protocol.words import Grade

SEVERITIES: tuple[Grade, ...] = ("normal", "remind", "restrict", "reduce", "liquidate")


def severity_grade(severity: int) -> Grade:
    """The grade whose sign and colour a severity is shown in."""
    return SEVERITIES[min(4, max(0, severity))]


class NoticeCard(Drawing, can_focus=True):
    """Severity in sign, word and colour; title, time, body folded to the width.

    - `NoticeCard(look, *, id, classes)`; `show(notice: Notice | None)`.
    - message `Acknowledged(notice_id: int)`: key `a`, once a notice. The card itself changes
      only when it is shown the acknowledged notice.
    - `not_sent(notice_id)`: the acknowledgement did not reach the server; `a` works again.
    - keys: a acknowledge, up/down scroll a body that does not fit.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", show=False),
        Binding("down,j", "scroll_body(1)", show=False),
        Binding("up,k", "scroll_body(-1)", show=False),
    ]

    class Acknowledged(Message):
        """The person has read it."""

        def __init__(self, card: "NoticeCard", notice_id: int) -> None:
            super().__init__()
            self.card, self.notice_id = card, notice_id

        @property
        def control(self) -> "NoticeCard":
            return self.card

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._notice: Notice | None = None
        self._said: set[int] = set()
        self._top = 0

    def show(self, notice: Notice | None) -> None:
        if notice is None or self._notice is None or notice.notice_id != self._notice.notice_id:
            self._top = 0
        self._notice = notice
        self.redraw()

    def action_acknowledge(self) -> None:
        notice = self._notice
        if notice is None or notice.acknowledged or notice.notice_id in self._said:
            return
        self._said.add(notice.notice_id)
        self.redraw()
        self.post_message(self.Acknowledged(self, notice.notice_id))

    def not_sent(self, notice_id: int) -> None:
        self._said.discard(notice_id)
        self.redraw()

    def action_scroll_body(self, by: int) -> None:
        body = self._body(self.content_size.width)
        most = max(0, len(body) - (self.content_size.height - 3))
        self._top = min(most, max(0, self._top + by))
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        notice, look = self._notice, self.look
        if notice is None:
            return [line([(look.t("notice.none"), look.muted)], width, look.text)]
        body = self._body(width)
        room = max(1, height - 3)
        rows: list[list[Span]] = [self._title(notice, width), self._when(notice)]
        rows += [[(each, look.text)] for each in body[self._top : self._top + room]]
        rows += [[] for _ in range(height - 1 - len(rows))]
        rows.append(self._foot(notice, len(body) > room, width))
        return [line(spans, width, look.text) for spans in rows]

    def _ink(self, notice: Notice) -> Style:
        return style(self.look.palette.grades[severity_grade(notice.severity)], "", True)

    def _title(self, notice: Notice, width: int) -> list[Span]:
        grade = severity_grade(notice.severity)
        word = self.look.word("grade", grade) if notice.severity else self.look.t("notice.info")
        title = text.clean(self.look.catalogue.pick(notice.title_zh, notice.title_en))
        ink = self._ink(notice)
        return [(f"[{SIGNS[grade]} {word}] ", ink), (title, ink)]

    def _when(self, notice: Notice) -> list[Span]:
        moment = f"{text.date(text.date_of(notice.time))} {text.clock(notice.time)}"
        return [(self.look.t("notice.when", time=moment, account=notice.account), self.look.muted)]

    def _body(self, width: int) -> list[str]:
        notice = self._notice
        if notice is None:
            return []
        body = self.look.catalogue.pick(notice.body_zh, notice.body_en)
        return text.wrap(text.clean(body, newlines=True), width)

    def _foot(self, notice: Notice, more: bool, width: int) -> list[Span]:
        look = self.look
        key = "notice.acknowledged" if notice.acknowledged else "notice.hint"
        if not notice.acknowledged and notice.notice_id in self._said:
            key = "notice.sent"
        left: list[Span] = [(look.t(key), look.muted if notice.acknowledged else look.accent)]
        right: list[Span] = [(look.t("notice.more"), look.muted)] if more else []
        return apart(left, right, width, look.text) if right else left
