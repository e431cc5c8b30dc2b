"""The pictures in docs/pictures: the real client, on a real server, drawn as SVG.

`python -m bench.pictures [DIRECTORY]` starts a server of the agents' market with a fixed seed,
opens the terminal on it without a terminal, and goes where a trader would. What is seen depends
on the moment as well as on the seed, so no two runs draw the very same figures.
"""

import argparse
import asyncio
import html
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from honghe_tui.app import HongheApp, build
from honghe_tui.config import ClientConfig
from honghe_tui.connection import Credentials
from server.cli.child import ServerProcess
from server.ready import Ready

DIRECTORY = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SIZE = (116, 34)
SEED, SPEED = 7, 30
AFTER = (9, 48)  # the market's hour and minute from which there is something to see
SHOCK = "*:-0.035@09:40"  # a fall, so that the gauges have moved
PATIENCE_S = 120
SHARE = "600036"
CELL = 12.2  # what Rich's SVG takes a cell to be
_RUN = re.compile(
    r'(?P<begin><text [^>]*?)x="(?P<x>[\d.]+)" (?P<y>y="[\d.]+") textLength="[\d.]+"'
    r"(?P<end>[^>]*>)(?P<content>[^<]*)</text>"
)
_WORD = re.compile(r"[^\x00-\u024f\u2500-\u28ff]+|[\x00-\x9f\u00a1-\u024f\u2500-\u28ff]+")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.pictures", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=DIRECTORY)
    directory: Path = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="honghe-pictures-") as data:
        arguments = [
            *("--ephemeral", f"--data={data}/server", f"--seed={SEED}", f"--speed={SPEED}"),
            *("--port=0", "--set=server.demo=true", f'--set=market.shocks=["{SHOCK}"]'),
        ]
        with ServerProcess(arguments, Path(data) / "log") as server:
            asyncio.run(_draw(server.wait_ready(print), directory))


async def _draw(ready: Ready, directory: Path) -> None:
    credentials = Credentials(ready.username, ready.password)
    app = build(ClientConfig(server=ready.url, username=ready.username), credentials)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: _is_late_enough(app))
        await _dismiss_notices(app, pilot)
        await pilot.press("r")
        await _keep(app, pilot, directory / "quotes.svg")
        await pilot.press("slash", *SHARE, "enter", "enter")
        await _until(pilot, lambda: app.page is not None and app.page.page == "detail")
        await pilot.press("b", "tab", *"100")
        await _keep(app, pilot, directory / "ticket.svg")
        await pilot.press("escape", "5")
        await _dismiss_notices(app, pilot)
        await _keep(app, pilot, directory / "margin.svg")


async def _keep(app: HongheApp, pilot: Pilot[int], path: Path) -> None:
    """Waits a little for what the server still has to say about the screen."""
    await pilot.pause(1.5)
    _write(path, app.export_screenshot(title="红河 Honghe", simplify=True))


def _write(path: Path, drawing: str) -> None:
    path.write_text(_RUN.sub(_in_words, drawing), encoding="utf-8")
    print(f"{path}  {path.stat().st_size / 1024:.0f} KiB")


def _in_words(run: re.Match[str]) -> str:
    """One text element a word: a Chinese font is narrower than two cells, and would shift a row."""
    start, end, content = float(run["x"]), run["end"], html.unescape(run["content"])
    elements: list[str] = []
    for word in _WORD.finditer(content):
        x = start + cell_len(content[: word.start()]) * CELL
        wide = cell_len(word[0]) * CELL
        text = html.escape(word[0], quote=False)
        elements.append(f'{run["begin"]}x="{x:.4g}" {run["y"]} textLength="{wide:.4g}"{end}{text}')
    return "</text>".join([*elements, ""])


async def _dismiss_notices(app: HongheApp, pilot: Pilot[int]) -> None:
    while app.screen is not app.page:
        await pilot.press("escape")
        await pilot.pause(0.2)


async def _until(pilot: Pilot[int], reached: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 10):
        if reached():
            return
        await pilot.pause(0.1)
    raise TimeoutError(f"not there after {PATIENCE_S} s")


def _is_late_enough(app: HongheApp) -> bool:
    clock = app.terminal.mirror.clock
    if clock is None:
        return False
    minutes = clock.market_time // 60_000_000 + 8 * 60  # Shanghai
    return minutes % (24 * 60) >= AFTER[0] * 60 + AFTER[1]


if __name__ == "__main__":
    main()
