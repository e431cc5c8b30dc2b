"""Styled text to strips of an exact width."""

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from honghe_tui.text import ELLIPSIS, Align, cells, cut, fit, wrap

Span = tuple[str, Style]


def line(spans: Iterable[Span], width: int, style: Style, ellipsis: str = ELLIPSIS) -> Strip:
    """One strip of exactly `width` cells; `style` fills what the spans leave.

    Neighbours of one style become one segment: each costs an escape sequence in every frame.
    """
    segments: list[Segment] = []
    text, current, room = "", style, width
    for whole, piece_style in spans:
        length = cells(whole)
        piece = whole if length <= room else cut(whole, room, ellipsis)
        room -= min(room, length)
        if piece_style is current or piece_style == current:
            text += piece
            continue
        if text:
            segments.append(Segment(text, current))
        text, current = piece, piece_style
    return _ended(segments, text, current, room, width, style)


def _ended(
    segments: list[Segment], text: str, current: Style, room: int, width: int, style: Style
) -> Strip:
    if room and current == style:
        text, room = text + " " * room, 0
    if text:
        segments.append(Segment(text, current))
    if room:
        segments.append(Segment(" " * room, style))
    return Strip(segments, width)


def blank(width: int, style: Style) -> Strip:
    return Strip.blank(width, style)


def width_of(spans: Sequence[Span]) -> int:
    return sum(cells(text) for text, _ in spans)


def apart(left: Sequence[Span], right: Sequence[Span], width: int, style: Style) -> list[Span]:
    """`left` at the left edge and `right` at the right edge, at least one space between.

    The left part is the one that is cut when both do not fit.
    """
    room = width - width_of(right)
    if room < 2:
        return list(left)
    kept = _cut_spans(left, room - 1)
    gap = room - width_of(kept)
    return [*kept, (" " * gap, style), *right]


def _cut_spans(spans: Sequence[Span], width: int) -> list[Span]:
    kept: list[Span] = []
    room = width
    for text, style in spans:
        length = cells(text)
        if length > room:
            kept.append((cut(text, room), style))
            break
        kept.append((text, style))
        room -= length
    return kept


def whole(spans: Sequence[Span], width: int) -> list[Span]:
    """The first spans, as many as fit uncut."""
    kept: list[Span] = []
    for span in spans:
        width -= cells(span[0])
        if width < 0:
            break
        kept.append(span)
    return kept


def folded(spans: Sequence[Span], width: int, indent: int = 4) -> list[list[Span]]:
    """Lines of whole spans; one that is longer than a line is wrapped between words."""
    lines: list[list[Span]] = [[]]
    room = width
    for whole_text, style in spans:
        text = whole_text
        if cells(text) > room and lines[-1]:
            lines.append([(" " * indent, style)])
            room = width - indent
            text = text.lstrip()
        first, *rest = wrap(text, room) if cells(text) > room else [text]
        lines[-1].append((first, style))
        lines += [[(" " * indent + part, style)] for part in rest]
        room = width - width_of(lines[-1])
    return lines


def fitted(text: str, width: int, style: Style, align: Align = "left") -> Span:
    return fit(text, width, align), style
