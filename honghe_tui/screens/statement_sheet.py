"""A settlement statement as a sheet: its lines, its fills, and what proves it."""

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.spans import Span, fitted, line
from server.protocol.accounts import Statement

_LABEL, _AMOUNT = 30, 18


class StatementSheet(Drawing):
    def __init__(self, terminal: Terminal, *, id: str | None = None) -> None:
        super().__init__(terminal.look, id=id)
        self._terminal = terminal
        self._statement: Statement | None = None

    def show(self, statement: Statement | None) -> None:
        self._statement = statement
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        statement, plain = self._statement, self.look.text
        if statement is None:
            return []
        rows = [self._head(statement), *self._lines(statement), *self._proof(statement)]
        return [line(spans, width, plain) for spans in rows]

    def _head(self, statement: Statement) -> list[Span]:
        title = text.clean(self.look.catalogue.pick(statement.title_zh, statement.title_en))
        account = self._terminal.account_name(statement.account)
        moment = f"{text.date(statement.date)} {text.clock(statement.time)}"
        return [(f" {title}", self.look.strong), (f"  {account}  {moment}", self.look.muted)]

    def _lines(self, statement: Statement) -> list[list[Span]]:
        pick = self.look.catalogue.pick
        return [
            [
                fitted(
                    f"   {text.clean(pick(item.label_zh, item.label_en))}", _LABEL, self.look.muted
                ),
                fitted(text.money(item.amount), _AMOUNT, self.look.text, "right"),
            ]
            for item in statement.lines
        ]

    def _proof(self, statement: Statement) -> list[list[Span]]:
        fills = ", ".join(str(number) for number in statement.fills) or self.look.glyphs.missing
        words = self._terminal.text(
            "screen.statements.proof",
            first=statement.first_seq,
            last=statement.last_seq,
            digest=text.clean(statement.digest),
        )
        trades = self._terminal.text("screen.statements.fills", fills=fills)
        return [[], [(f" {trades}", self.look.muted)], [(f" {words}", self.look.muted)]]
