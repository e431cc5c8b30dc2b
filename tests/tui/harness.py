"""An app on a fake server, with a clock that only moves when a test moves it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from honghe_tui.app import HongheApp
from honghe_tui.commands import Commands
from honghe_tui.config import ClientConfig
from honghe_tui.connection import Connection, Credentials
from honghe_tui.i18n import Catalogue, Language
from honghe_tui.mirror import Mirror
from honghe_tui.terminal import Terminal
from honghe_tui.themes import GLYPHS, PALETTES
from honghe_tui.widgets.look import Look
from tests.tui.fake_server import FakeServer

DEMO = Credentials("demo", "demo")
SMALL, MIDDLE, LARGE = (80, 24), (120, 40), (200, 60)


class Hands:
    """A clock that stands until it is moved, and a sleep that only lets others run."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    """Lets the loop run until `true` holds."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0)


def make_app(
    server: FakeServer,
    hands: Hands,
    language: Language = "zh",
    credentials: Credentials | None = DEMO,
    *,
    direct: bool = False,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> HongheApp:
    """The app as `build` makes it, but for its clock, its ids and, if `direct`, its socket."""
    config = ClientConfig(
        server="ws://127.0.0.1:1" if direct else server.url,
        username="demo",
        language=language,
        frames_per_second=60,
        bell=False,
    )
    look = Look(Catalogue(language), PALETTES[config.palette], GLYPHS[config.glyphs])
    mirror = Mirror()
    connection = Connection(
        config.server,
        mirror.apply,
        language=language,
        clock=hands.clock,
        sleep=sleep or hands.sleep,
        jitter=lambda: 0.5,
        **({"dial": server.dial} if direct else {}),
    )
    ids = count(1)
    commands = Commands(connection, lambda: f"id-{next(ids)}")
    return HongheApp(Terminal(config, look, mirror, connection, commands), credentials)


@asynccontextmanager
async def running(
    app: HongheApp, size: tuple[int, int] = MIDDLE, *, loaded: bool = True
) -> AsyncIterator[Pilot[int]]:
    """The app in a terminal of `size`, with everything loaded and drawn."""
    async with app.run_test(size=size, notifications=True) as pilot:
        if loaded:
            mirror = app.terminal.mirror
            await until(lambda: bool(mirror.products and mirror.notices and mirror.instruments))
        await drawn(app, pilot)
        yield pilot


async def drawn(app: HongheApp, pilot: Pilot[int]) -> None:
    """Waits until every request is answered and everything that came is on the screen."""
    await pilot.pause()
    await until(lambda: not any(w.is_running for w in app.workers if w.group == "default"))
    frames = app.pump.frames
    await until(lambda: app.pump.frames >= frames + 3)
    await pilot.pause()


def strips(app: HongheApp) -> list[Strip]:
    """The terminal's lines as they are composed."""
    return app.screen._compositor.render_strips()


def screen_text(app: HongheApp) -> str:
    """What the terminal shows, line by line."""
    width, height = app.size
    rows = ["".join(segment.text for segment in line) for line in strips(app)]
    assert len(rows) == height
    assert all(len(row) <= width for row in rows)
    return "\n".join(rows)


def burst(app: HongheApp, *keys: str) -> None:
    """Keys that arrive together, as a slow line delivers them: nothing runs between them."""
    characters = {"tab": "\t", "enter": "\r", "down": None}
    for key in keys:
        app.post_message(events.Key(key, characters.get(key, key)))
