"""The lines around every screen: navigation, banner, keys; and the status they draw from."""

from collections.abc import Sequence
from math import ceil

from textual import events
from textual.geometry import Size
from textual.strip import Strip

from honghe_tui.intents import ShowPage
from honghe_tui.link_state import LinkState
from honghe_tui.notes import Note
from honghe_tui.pages import PAGES
from honghe_tui.terminal import Terminal
from honghe_tui.text import cells, clean, wrap
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, line
from honghe_tui.widgets.status_bar import Status
from server.protocol.session import Clock
from server.protocol.words import Phase

_TRADING: tuple[Phase, ...] = (
    "opening_call",
    "opening_call_no_cancel",
    "continuous",
    *("closing_call", "halted"),
)


def status_of(terminal: Terminal) -> Status:
    """What the status bar says now."""
    connection, mirror, pick = terminal.connection, terminal.mirror, terminal.look.catalogue.pick
    clock, welcome, state = mirror.clock, mirror.welcome, connection.state
    quote = mirror.quotes.get(terminal.selected)
    failed = state.failed
    return Status(
        link=state.kind,
        cause=state.cause,
        retry_s=seconds_to_retry(terminal),
        refusal=clean(pick(failed.message_zh, failed.message_en)) if failed else "",
        data_age_ms=data_age_ms(clock, connection.age_s) if clock else -1,
        market=welcome.market if welcome else None,
        interpolated=quote is not None and quote.interpolated,
        market_label=clean(pick(welcome.market_label_zh, welcome.market_label_en))
        if welcome
        else "",
        market_time=clock.market_time if clock else 0,
        phase=phase_of(terminal),
        speed=clock.speed if clock else 1.0,
        unread=len(mirror.unread),
        worst_severity=max((notice.severity for notice in mirror.unread), default=0),
        person=clean(welcome.display_name) if welcome else "",
        platform=clock.platform if clock else "normal",
    )


def phase_of(terminal: Terminal) -> Phase | None:
    """Of the instrument looked at; of the market as long as nothing is known of it."""
    clock, quote = terminal.mirror.clock, terminal.mirror.quotes.get(terminal.selected)
    if clock is None:
        return None
    return quote.phase if quote is not None else clock.phase


def data_age_ms(clock: Clock, silent_s: float) -> int:
    """How old the market data are; while the market rests, only how long the server is silent."""
    feed = clock.feed_age_ms if clock.phase in _TRADING else 0
    return feed + int(silent_s * 1000)


def seconds_to_retry(terminal: Terminal) -> int:
    """Whole seconds until the connection is tried again; 0 when it is not waiting."""
    left = terminal.connection.state.retry_at - terminal.connection.clock()
    return max(0, ceil(left))


def banner_of(terminal: Terminal) -> str:
    """The sentence about what is not well with the server; empty while all is."""
    state = terminal.connection.state
    clock = terminal.mirror.clock
    sentence = _link_sentence(terminal, state)
    if not sentence and clock is not None and clock.engine_stopped:
        return terminal.text("app.banner.engine_stopped")
    unanswered = terminal.connection.pending.unanswered_orders
    if sentence and unanswered:
        return sentence + terminal.text("app.banner.unanswered", count=unanswered)
    return sentence


def _link_sentence(terminal: Terminal, state: LinkState) -> str:
    match state.kind:
        case "waiting":
            seconds = seconds_to_retry(terminal)
            cause = terminal.text(f"app.cause.{state.cause or 'lost'}")
            return terminal.text(
                "app.banner.waiting", cause=cause, attempt=state.attempt, seconds=seconds
            )
        case "connecting":
            return terminal.text("app.banner.connecting", server=terminal.connection.url)
        case "stale":
            age = int(terminal.connection.age_s)
            return terminal.text("app.banner.stale", seconds=age)
        case "rejected":
            return terminal.text("app.banner.rejected")
        case "live" | "idle" | "closed":
            return ""


class NavBar(Drawing):
    """The screens with their numbers; the one in sight stands out. A click goes there."""

    def __init__(self, look: Look, page: str, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._page = page
        self._pages: tuple[str, ...] = PAGES
        self._ends: list[int] = []

    def show(self, pages: tuple[str, ...]) -> None:
        """The pages there are for this person."""
        if pages != self._pages:
            self._pages = pages
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        spans: list[Span] = []
        ground = self.look.palette.header
        x = 0
        self._ends.clear()
        titles = [
            f" {number}{self.look.catalogue.t(f'screen.{page}.title')}"
            for number, page in enumerate(self._pages, start=1)
        ]
        gap = " " if sum(cells(title) + 1 for title in titles) <= width else ""
        for page, title in zip(self._pages, titles, strict=True):
            text = title + gap
            front = style(self.look.palette.muted, ground)
            if page == self._page:
                front = style(self.look.palette.text, self.look.palette.cursor, bold=True)
            spans.append((text, front))
            x += cells(text)
            self._ends.append(x)
        return [line(spans, width, style("", ground))]

    def on_click(self, event: events.Click) -> None:
        for page, end in zip(self._pages, self._ends, strict=False):
            if event.x < end:
                self.post_message(ShowPage(page))
                return


class Banner(Drawing):
    """One line that is only there when something is wrong."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._text = ""
        self.display = False

    @property
    def shown(self) -> str:
        return self._text

    def show(self, text: str) -> None:
        """Empty hides it. A change of the words draws one line; hiding lays the screen out."""
        if text == self._text:
            return
        self._text = text
        self.display = bool(text)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        front = style(self.look.palette.surface, self.look.palette.warning, bold=True)
        return [line([(f" {self._text}", front)], width, front)]


_ARROWS = str.maketrans({"↑": "Up", "↓": "Down", "←": "Left", "→": "Right"})


def key_name(key: str, look: Look) -> str:
    """A key's name; arrows are spelled where only ASCII may be drawn."""
    return key.translate(_ARROWS) if look.ascii else key


class KeyHints(Drawing):
    """The keys of a screen, pairs of a key and what it does; a note stands over them.

    As many lines as they need: none is cut.
    """

    def __init__(self, look: Look, hints: Sequence[tuple[str, str]], *, id: str) -> None:
        super().__init__(look, id=id)
        self._hints = [(key_name(key, look), meaning) for key, meaning in hints]
        self._note: Note | None = None

    def show(self, note: Note | None) -> None:
        """The note instead of the keys; None: the keys."""
        if note != self._note:
            self._note = note
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        palette = self.look.palette
        if self._note is not None:
            colours = {"information": palette.accent, "warning": palette.warning}
            ink = style(palette.surface, colours.get(self._note.severity, palette.error), bold=True)
            parts = wrap(self._note.sentence, width - 2) if height > 1 else [self._note.sentence]
            parts += [""] * (height - len(parts))
            return [line([(f" {part}", ink)], width, ink) for part in parts]
        ground = style("", palette.panel)
        return [line(spans, width, ground) for spans in self._lines(width)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def _lines(self, width: int) -> list[list[Span]]:
        key_style = style(self.look.palette.accent, self.look.palette.panel)
        text_style = style(self.look.palette.muted, self.look.palette.panel)
        lines: list[list[Span]] = [[]]
        room = width
        for key, meaning in self._hints:
            taken = cells(f" {key} {meaning}")
            if taken > room and lines[-1]:
                lines.append([])
                room = width
            lines[-1] += [(f" {key}", key_style), (f" {meaning} ", text_style)]
            room -= taken + 1
        return lines
