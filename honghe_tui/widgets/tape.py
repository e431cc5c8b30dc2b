"""The newest trades of one instrument."""

from collections import deque
from collections.abc import Iterable, Sequence

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.prints import Print
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.spans import Span, line


class Tape(Drawing):
    """Newest trade at the top: time, price, lots, side. Works from 24 columns up.

    - `Tape(look, *, keep=200, id, classes)`
    - `show(prints: Sequence[Print], previous_close: int, tick: int, lot: int)`: another
      instrument; oldest first. `lot`: shares a shown lot has (100).
    - `push(prints: Iterable[Print])`: newer ones, oldest first.
    """

    def __init__(
        self, look: Look, *, keep: int = 200, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(look, id=id, classes=classes)
        self._prints: deque[Print] = deque(maxlen=keep)
        self._previous_close, self._tick, self._lot = 0, 100, 100

    def show(
        self, prints: Sequence[Print], previous_close: int, tick: int = 100, lot: int = 100
    ) -> None:
        self._previous_close, self._tick, self._lot = previous_close, tick, lot
        self._prints.clear()
        self._prints.extend(prints)
        self.redraw()

    def push(self, prints: Iterable[Print]) -> None:
        before = len(self._prints), self._prints[-1] if self._prints else None
        self._prints.extend(prints)
        if before != (len(self._prints), self._prints[-1] if self._prints else None):
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        if not self._prints:
            sentence = text.fit(self.look.t("tape.empty"), width, "center")
            return [line([(sentence, self.look.muted)], width, self.look.text)]
        newest = [self._prints[-1 - i] for i in range(min(height, len(self._prints)))]
        return [self._line(trade, width) for trade in newest]

    def _line(self, trade: Print, width: int) -> Strip:
        look = self.look
        quantity = text.lots(trade.quantity, self._lot, look.language)
        spans: list[Span] = [
            (text.clock(trade.time, seconds=width >= 28), look.muted),
            (
                text.fit(text.price(trade.price, self._tick), 9, "right"),
                look.change(trade.price - self._previous_close),
            ),
            (text.fit(quantity, 7, "right"), look.text),
        ]
        if trade.aggressor:
            direction = 1 if trade.aggressor == "buy" else -1
            spans.append((" " + look.t(f"tape.{trade.aggressor}"), look.change(direction)))
        return line(spans, width, look.text)
