"""What every widget is drawn with: the texts, the colours, the characters."""

from dataclasses import dataclass
from functools import lru_cache

from rich.style import Style

from honghe_tui.i18n import Catalogue, Language
from honghe_tui.themes import Glyphs, Palette


@lru_cache(maxsize=1024)
def style(color: str, background: str = "", bold: bool = False) -> Style:
    """The one Style object for a foreground, a background (none: the widget's) and a weight."""
    return Style(color=color or None, bgcolor=background or None, bold=bold or None)


@dataclass(frozen=True, slots=True)
class Look:
    """Catalogue, palette and glyphs together; every widget's first argument.

    A widget given another Look (`widget.restyle(look)`) draws itself anew.
    """

    catalogue: Catalogue
    palette: Palette
    glyphs: Glyphs

    def t(self, key: str, **values: object) -> str:
        """The text `widget.<key>`."""
        return self.catalogue.t(f"widget.{key}", **values)

    def word(self, kind: str, value: str) -> str:
        """A word of the wire in the reader's language: `word("grade", "remind")`."""
        return self.catalogue.t(f"word.{kind}.{value}")

    @property
    def language(self) -> Language:
        return self.catalogue.language

    @property
    def ascii(self) -> bool:
        """Whether only ASCII may be drawn besides the texts themselves."""
        return self.glyphs.name == "ascii"

    def change(self, difference: int, bold: bool = False) -> Style:
        """The style of a rise, a fall or neither."""
        return style(self.palette.change(difference), "", bold)

    @property
    def text(self) -> Style:
        return style(self.palette.text)

    @property
    def muted(self) -> Style:
        return style(self.palette.muted)

    @property
    def accent(self) -> Style:
        return style(self.palette.accent)

    @property
    def strong(self) -> Style:
        return style(self.palette.text, "", True)
