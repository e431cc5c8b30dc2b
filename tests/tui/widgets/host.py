"""Puts one widget on a screen of a given size and reads what it draws."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from honghe_tui.i18n import Catalogue, Language
from honghe_tui.themes import GLYPHS, PALETTES, GlyphsName, PaletteName
from honghe_tui.widgets.look import Look


def make_look(
    language: Language = "zh", glyphs: GlyphsName = "unicode", palette: PaletteName = "red_up"
) -> Look:
    return Look(Catalogue(language), PALETTES[palette], GLYPHS[glyphs])


class Host(App[None]):
    """Nothing but widgets, and a record of the messages of the classes asked for."""

    def __init__(self, widgets: Sequence[Widget], *heard: type[Message]) -> None:
        super().__init__()
        self._widgets = widgets
        self._heard = heard
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        yield from self._widgets

    async def _on_message(self, message: Message) -> None:
        if isinstance(message, self._heard):
            self.messages.append(message)
        await super()._on_message(message)


@asynccontextmanager
async def hosted(
    *widgets: Widget, size: tuple[int, int] = (80, 24), heard: Sequence[type[Message]] = ()
) -> AsyncGenerator[Pilot[None]]:
    """A pilot of an app that shows the widgets; `pilot.app.messages` has what was `heard`."""
    app = Host(widgets, *heard)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def lines(widget: Widget) -> list[str]:
    """The widget's lines, each proved to be exactly as wide as the widget."""
    width, height = widget.content_size
    drawn: list[str] = []
    for y in range(height):
        strip = widget.render_line(y)
        assert strip.cell_length == width == cell_len(strip.text), (y, width, strip.text)
        drawn.append(strip.text)
    return drawn


def said(pilot: Pilot[None]) -> list[Any]:
    """The messages heard so far."""
    app = pilot.app
    assert isinstance(app, Host)
    return app.messages
