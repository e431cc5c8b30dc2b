"""What holds for every widget: exact widths, both languages, ASCII, hostile text, calm."""

import pytest

from honghe_tui.i18n import Language
from honghe_tui.themes import GlyphsName
from tests.tui.widgets.host import hosted, lines, make_look
from tests.tui.widgets.samples import HOSTILE, samples

NAMES = sorted(samples(make_look()))
SIZES = [(40, 10), (80, 24), (120, 50)]
LOOKS: list[tuple[Language, GlyphsName]] = [("zh", "unicode"), ("en", "ascii")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("language", "glyphs"), LOOKS)
async def test_every_line_is_exactly_as_wide_as_the_widget(
    name: str, size: tuple[int, int], language: Language, glyphs: GlyphsName
) -> None:
    sample = samples(make_look(language, glyphs))[name]
    async with hosted(sample.widget, size=size):
        sample.fill()
        drawn = lines(sample.widget)
        assert any(line.strip() for line in drawn)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES[:2])
async def test_the_ascii_glyphs_in_english_draw_ascii_alone(
    name: str, size: tuple[int, int]
) -> None:
    sample = samples(make_look("en", "ascii"), name="Ping An")[name]
    async with hosted(sample.widget, size=size):
        sample.fill()
        assert "".join(lines(sample.widget)).isascii()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 100])
async def test_hostile_names_are_drawn_as_harmless_text(name: str, width: int) -> None:
    sample = samples(make_look("zh"), name=HOSTILE)[name]
    async with hosted(sample.widget, size=(width, 24)) as pilot:
        sample.fill()
        await pilot.pause()
        drawn = "".join(lines(sample.widget))
        assert not set(drawn) & set("\x1b\x07\u202e\u200b\n")
        assert "AAAA" not in drawn


@pytest.mark.parametrize("name", [name for name in NAMES if name != "table_view"])
async def test_another_language_and_palette_take_effect_at_once(name: str) -> None:
    sample = samples(make_look("zh"))[name]
    async with hosted(sample.widget) as pilot:
        sample.fill()
        before = lines(sample.widget)
        sample.widget.restyle(make_look("en", "ascii", "colour_blind"))
        await pilot.pause()
        after = lines(sample.widget)
        assert after != before


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("quote_table", "table_view")]
)
async def test_the_same_data_again_repaints_nothing(name: str) -> None:
    sample = samples(make_look())[name]
    async with hosted(sample.widget):
        sample.fill()
        painted = sample.widget.painted
        sample.widget.redraw()
        assert sample.widget.painted == painted
