"""The line that is always in sight: connection, data age, market, notices."""

from dataclasses import dataclass
from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.link_state import Cause, LinkKind
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.margin_lines import SIGNS
from honghe_tui.widgets.spans import Span, line, width_of
from server.protocol.words import Grade, MarketKind, Phase, PlatformWord

STALE_MS = 10_000  # at its own speed the simulated market speaks every three seconds
_SIGNS: dict[LinkKind, str] = {
    "idle": "-",
    "connecting": "~",
    "live": "*",
    "stale": "?",
    "waiting": "!",
    "rejected": "x",
    "closed": "x",
}
_GRADES: tuple[Grade, ...] = ("normal", "remind", "restrict", "reduce", "liquidate")


@dataclass(frozen=True, slots=True)
class Status:
    """What the status bar shows; equal values draw nothing."""

    link: LinkKind = "idle"
    cause: Cause = ""
    retry_s: int = 0  # until the next attempt, while waiting
    refusal: str = ""  # why the login was refused, in the reader's language
    data_age_ms: int = -1  # since the newest market data; -1: none yet
    market: MarketKind | None = None
    interpolated: bool = False
    market_label: str = ""  # the server's own words, in the reader's language
    market_time: int = 0
    phase: Phase | None = None
    speed: float = 1.0
    unread: int = 0
    worst_severity: int = 0  # of the unread notices, 0..4
    person: str = ""
    platform: PlatformWord = "normal"  # what the broker takes


class Part(NamedTuple):
    """One thing the bar says. The highest `rank` goes first when it is narrow."""

    rank: int
    spans: list[Span]
    joined: bool = False  # a space, not a line, divides it from the part before

    @property
    def width(self) -> int:
        return width_of(self.spans) + (1 if self.joined else 3)


class StatusBar(Drawing):
    """One line; the less important parts go first when it is narrow (80 columns hold most).

    - `StatusBar(look, *, id, classes)`; height 1.
    - `show(status: Status)`: call every frame; only a visible change draws.
    """

    DEFAULT_CSS = "StatusBar { height: 1; }"

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._status = Status()

    def show(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        plain = self._style(self.look.palette.text)
        parts = [part for part in self._parts(self._status) if part.spans]
        while len(parts) > 1 and sum(part.width for part in parts) + 1 > width:
            parts.remove(max(parts, key=lambda part: part.rank))
        divider = (f" {self.look.glyphs.vertical} ", self._style(self.look.palette.muted))
        spans: list[Span] = [(" ", plain)]
        for i, part in enumerate(parts):
            if i:
                spans.append((" ", plain) if part.joined else divider)
            spans += part.spans
        return [line(spans, width, plain)]

    def _style(self, color: str, bold: bool = False) -> Style:
        return style(color, self.look.palette.header, bold)

    def _parts(self, status: Status) -> list[Part]:
        return [
            Part(0, self._link(status)),
            Part(1, self._age(status), joined=True),
            Part(1, self._platform(status)),
            Part(3, self._market(status)),
            Part(4, self._interpolated(status), joined=True),
            Part(7, self._speed(status), joined=True),
            Part(5, self._time(status)),
            Part(6, self._phase(status), joined=True),
            Part(2, self._notices(status)),
            Part(8, self._person(status)),
        ]

    def _link(self, status: Status) -> list[Span]:
        palette = self.look.palette
        good = status.link == "live"
        color = palette.accent if good else palette.warning
        if status.link in ("rejected", "closed"):
            color = palette.error
        sign = self.look.glyphs.dot if good else _SIGNS[status.link]
        spans = [(f"{sign} {self.look.t(f'status.{status.link}')}", self._style(color, True))]
        reason = text.clean(status.refusal)
        if not reason and status.cause:
            reason = self.look.t(f"status.cause_{status.cause}")
        if reason:
            spans.append((" " + reason, self._style(color)))
        if status.link == "waiting" and status.retry_s > 0:
            retry = self.look.t("status.retry", seconds=status.retry_s)
            spans.append((" " + retry, self._style(palette.text)))
        return spans

    def _age(self, status: Status) -> list[Span]:
        palette = self.look.palette
        if status.data_age_ms < 0:
            return [(self.look.t("status.no_data"), self._style(palette.muted))]
        seconds = status.data_age_ms // 1_000
        age = self.look.t("status.age", age="<1s" if seconds < 1 else f"{seconds}s")
        if status.data_age_ms < STALE_MS:
            return [(age, self._style(palette.text))]
        return [(f"{age} {self.look.t('status.old')}", self._style(palette.warning, True))]

    def _market(self, status: Status) -> list[Span]:
        if status.market is None:
            return []
        return [(self._label(status), self._style(self.look.palette.warning, True))]

    def _platform(self, status: Status) -> list[Span]:
        """Only where it is not everything."""
        if status.platform == "normal":
            return []
        ink = self._style(self.look.palette.error, True)
        return [(self.look.word("platform_state", status.platform), ink)]

    def _label(self, status: Status) -> str:
        return text.clean(status.market_label) or self.look.t(f"status.{status.market}")

    def _interpolated(self, status: Status) -> list[Span]:
        word = self.look.t("chart.interpolated")
        return [(word, self._style(self.look.palette.warning))] if status.interpolated else []

    def _speed(self, status: Status) -> list[Span]:
        speed = f"x{status.speed:g}"
        return [(speed, self._style(self.look.palette.text))] if status.speed != 1 else []

    def _time(self, status: Status) -> list[Span]:
        """Market time; with its date unless the market's label has that."""
        if not status.market_time:
            return []
        day = text.date(text.date_of(status.market_time))
        shown = text.clock(status.market_time)
        if day not in self._label(status):
            shown = f"{day} {shown}"
        return [(shown, self._style(self.look.palette.text))]

    def _phase(self, status: Status) -> list[Span]:
        if status.phase is None:
            return []
        return [(self.look.word("phase", status.phase), self._style(self.look.palette.accent))]

    def _notices(self, status: Status) -> list[Span]:
        if not status.unread:
            return []
        grade = _GRADES[min(4, max(0, status.worst_severity))]
        words = self.look.t("status.unread", count=status.unread)
        ink = self._style(self.look.palette.grades[grade], True)
        return [(f"{SIGNS[grade]} {words}", ink)]

    def _person(self, status: Status) -> list[Span]:
        person = text.clean(status.person)
        return [(person, self._style(self.look.palette.muted))] if person else []
