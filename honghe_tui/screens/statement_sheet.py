"""A settlement statement as a sheet: its lines, its fills, and what proves it."""

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.spans import Span, apart, fitted, line
from server.protocol.accounts import Statement

_AMOUNT = 18
_WHEEL = 3  # lines a notch


class StatementSheet(Drawing):
    """Title, lines and proof; a longer one scrolls under its title (`turn`, or the wheel)."""

    def __init__(self, terminal: Terminal, *, id: str | None = None) -> None:
        super().__init__(terminal.look, id=id)
        self._terminal = terminal
        self._statement: Statement | None = None
        self._top = 0

    def show(self, statement: Statement | None) -> None:
        if statement != self._statement:
            self._top = 0
        self._statement = statement
        self.redraw()

    def turn(self, pages: int) -> None:
        """Scrolls by pages, one line kept in sight."""
        self._scroll(pages * max(1, self.content_size.height - 2))

    def on_mouse_scroll_down(self) -> None:
        self._scroll(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-_WHEEL)

    def _scroll(self, lines: int) -> None:
        self._top += lines
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        statement, plain = self._statement, self.look.text
        if statement is None:
            return []
        rows = [*self._lines(statement, width), *self._proof(statement, width)]
        room = max(1, height - 1)
        self._top = min(max(0, self._top), max(0, len(rows) - room))
        last = min(self._top + room, len(rows))
        place = f"{self._top + 1}-{last}/{len(rows)} " if len(rows) > room else ""
        head = apart(self._head(statement), [(place, self.look.accent)], width, plain)
        return [line(spans, width, plain) for spans in [head, *rows[self._top : last]]]

    def _head(self, statement: Statement) -> list[Span]:
        title = text.clean(self.look.catalogue.pick(statement.title_zh, statement.title_en))
        account = self._terminal.account_name(statement.account)
        moment = f"{text.date(statement.date)} {text.clock(statement.time)}"
        return [(f" {title}", self.look.strong), (f"  {account}  {moment}", self.look.muted)]

    def _lines(self, statement: Statement, width: int) -> list[list[Span]]:
        """Labels as wide as the longest, as far as the screen goes."""
        pick, look = self.look.catalogue.pick, self.look
        labels = [
            f"   {text.clean(pick(each.label_zh, each.label_en))}" for each in statement.lines
        ]
        longest = max((text.cells(label) for label in labels), default=0)
        room = min(longest, max(1, width - _AMOUNT - 1))
        return [
            [
                fitted(label, room, look.muted),
                fitted(text.money(each.amount), _AMOUNT, look.text, "right"),
            ]
            for label, each in zip(labels, statement.lines, strict=True)
        ]

    def _proof(self, statement: Statement, width: int) -> list[list[Span]]:
        fills = ", ".join(str(number) for number in statement.fills) or self.look.glyphs.missing
        words = self._terminal.text(
            "screen.statements.proof",
            first=statement.first_seq,
            last=statement.last_seq,
            digest=text.clean(statement.digest),
        )
        trades = self._terminal.text("screen.statements.fills", fills=fills)
        folded = [part for each in (trades, words) for part in text.wrap(each, width - 2)]
        return [[], *([(f" {part}", self.look.muted)] for part in folded)]
