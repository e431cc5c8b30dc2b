"""A row's short escape sequences paint the same cells as Textual's long ones."""

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from honghe_tui.widgets.look import style
from honghe_tui.widgets.row_strip import RowStrip

CONSOLE = Console(color_system="truecolor", force_terminal=True)
PLAIN = style("#d8dee6", "#0e1318")
UP = style("#f6465d", "#0e1318")
STRONG = style("#d8dee6", "#0e1318", bold=True)
FLASH = style("#f6465d", "#5a1e28")
TEXTS = [" 600519", " 贵州茅台  ", "  1680.00", "   +1.20%", " 12.3万"]
SIZES = [7, 11, 9, 9, 7]
STYLES = [
    [PLAIN, PLAIN, UP, UP, PLAIN],
    [PLAIN, PLAIN, FLASH, UP, PLAIN],
    [STRONG, PLAIN, STRONG, UP, FLASH],
    [UP, FLASH, STRONG, STRONG, STRONG],
]


def row(styles: list) -> RowStrip:
    segments = [Segment(text, ink) for text, ink in zip(TEXTS, styles, strict=True)]
    return RowStrip(segments, SIZES)


def painted(strip: Strip) -> list[tuple[str, str, str, bool]]:
    """What a terminal shows, cell by cell: character, colours, weight."""
    screen = pyte.Screen(60, 1)
    pyte.Stream(screen).feed(strip.render(CONSOLE))
    return [(c.data, c.fg, c.bg, c.bold) for c in (screen.buffer[0][x] for x in range(60))]


@pytest.mark.parametrize("styles", STYLES)
def test_a_row_paints_what_a_strip_of_the_same_segments_paints(styles: list) -> None:
    short, long = row(styles), Strip(list(row(styles)))
    assert painted(short) == painted(long)
    assert len(short.render(CONSOLE)) < len(long.render(CONSOLE))


@pytest.mark.parametrize("end", range(sum(SIZES) + 1))
def test_a_row_is_cut_where_a_strip_would_be(end: int) -> None:
    short, long = row(STYLES[2]).crop(0, end), Strip(list(row(STYLES[2]))).crop(0, end)
    assert (short.text, short.cell_length) == (long.text, long.cell_length)
    assert painted(short) == painted(long)


def test_a_cut_at_a_column_is_a_row_again() -> None:
    assert isinstance(row(STYLES[0]).crop(0, 18), RowStrip)
    assert not isinstance(row(STYLES[0]).crop(0, 17), RowStrip)


def test_dividing_gives_the_row_itself_or_its_parts() -> None:
    whole = row(STYLES[0])
    assert whole.divide([sum(SIZES)]) == [whole]
    assert [part.text for part in whole.divide([7, sum(SIZES)])] == [TEXTS[0], "".join(TEXTS[1:])]
