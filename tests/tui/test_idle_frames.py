"""A frame in which nothing came draws nothing: what stands still costs no CPU and no bytes."""

from collections import Counter

import pytest

from honghe_tui.widgets.drawing import Drawing
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, drawn, make_app, running, until
from tests.tui.test_snapshots import OFFICERS, SCREENS

FRAMES = 5


KEYS = SCREENS | OFFICERS


@pytest.mark.parametrize("name", KEYS)
async def test_an_idle_frame_draws_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    server.role = "risk_officer" if name in OFFICERS else server.role
    app = make_app(server, Hands(), direct=True)
    drawings: Counter[str] = Counter()
    redraw = Drawing.redraw

    def counted(widget: Drawing) -> None:
        drawings[type(widget).__name__] += 1
        redraw(widget)

    async with running(app) as pilot:
        for key in KEYS[name]:
            await pilot.press(key)
        await drawn(app, pilot)
        monkeypatch.setattr(Drawing, "redraw", counted)
        frames = app.pump.frames
        await until(lambda: app.pump.frames >= frames + FRAMES)
    assert drawings == {}
