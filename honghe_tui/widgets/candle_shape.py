"""How one bar looks in a column of cells: hollow when risen, filled when fallen."""

from typing import Literal, NamedTuple

from honghe_tui.widgets.scale import Scale
from server.protocol.market import Bar

Half = Literal["", "wick", "body"]

_FILLED = {
    ("body", "body"): "█", ("body", "wick"): "▀", ("body", ""): "▀",
    ("wick", "body"): "▄", ("", "body"): "▄",
}  # fmt: skip
_HOLLOW = {
    ("body", "body"): "║", ("body", "wick"): "╨", ("body", ""): "╨",
    ("wick", "body"): "╥", ("", "body"): "╥",
}  # fmt: skip
_WICK = {("wick", "wick"): "│", ("wick", ""): "╵", ("", "wick"): "╷", ("", ""): " "}
_FLAT = {("wick", "wick"): "┼", ("wick", ""): "┴", ("", "wick"): "┬", ("", ""): "─"}
_ASCII_BODY = {1: "o", -1: "#"}


class Shape(NamedTuple):
    """The figures that a candle's look depends on."""

    open: int
    high: int
    low: int
    close: int


def shape_of(bar: Bar) -> Shape:
    return Shape(bar.open, bar.high, bar.low, bar.close)


def candle_column(shape: Shape, scale: Scale, ascii_only: bool) -> list[str]:
    """The characters from top to bottom; `scale` counts half cells, two a character."""
    direction = (shape.close > shape.open) - (shape.close < shape.open)
    top, bottom = scale.row(shape.high), scale.row(shape.low)
    body = sorted((scale.row(shape.open), scale.row(shape.close)))
    halves: list[Half] = [
        _half(i, top, bottom, body[0], body[1], direction) for i in range(scale.steps)
    ]
    column = [
        _character(halves[i], halves[i + 1], direction, ascii_only)
        for i in range(0, scale.steps - 1, 2)
    ]
    if direction == 0:
        row = body[0] // 2
        upper, lower = halves[2 * row], halves[2 * row + 1]
        column[row] = "+" if ascii_only else _FLAT[_wick(upper), _wick(lower)]
    return column


def _half(i: int, top: int, bottom: int, first: int, last: int, direction: int) -> Half:
    if direction and first <= i <= last:
        return "body"
    return "wick" if top <= i <= bottom and top != bottom else ""


def _wick(half: Half) -> Half:
    return "wick" if half else ""


def _character(upper: Half, lower: Half, direction: int, ascii_only: bool) -> str:
    if "body" not in (upper, lower):
        found = _WICK[upper, lower]
        return "|" if ascii_only and found != " " else found
    if ascii_only:
        return _ASCII_BODY[direction]
    return (_HOLLOW if direction > 0 else _FILLED)[upper, lower]
