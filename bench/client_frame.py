"""What one frame of the quote list costs the client: CPU time and bytes to the terminal.

`python -m bench.client_frame [--frames 100] [--hz 20] [--runs 3]` runs the real table in a real
Textual app whose driver counts instead of writing. Quotes are made beforehand; a frame is
everything from one timer call to the next: taking the updates into the mirror, drawing, composing,
encoding. Not in it: decoding the wire. Three loads: `market` spreads the updates over 5,000
instruments of which the screen shows some, `demo` over 120, `in sight` puts every one of them on a
visible row (the worst case). Colours are 24 bit, which is the longest way to say them.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver

from bench.table import print_table
from honghe_tui.i18n import Catalogue
from honghe_tui.mirror import Mirror
from honghe_tui.themes import GLYPHS, PALETTES
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.quote_table import QuoteTable
from server.protocol.market import Instrument, Instruments, Quote

INSTRUMENTS = 5_000
SIZES = ((80, 24), (120, 50), (200, 60))
RATES = (500, 2_000)
WARM_UP = 20


class CountingDriver(HeadlessDriver):
    """Counts what would have gone to the terminal."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False  # else Textual would not even encode the frame

    def write(self, data: str) -> None:
        CountingDriver.written += len(data.encode())


@dataclass(slots=True)
class Costs:
    """Of every frame: CPU in ms, bytes, seconds from the frame before."""

    cpu_ms: list[float] = field(default_factory=list[float])
    written: list[int] = field(default_factory=list[int])
    wall_s: list[float] = field(default_factory=list[float])


def universe() -> list[Instrument]:
    names = ("贵州茅台", "*ST中芯国际", "宁德时代", "中国平安")
    return [
        Instrument(
            symbol=f"{600_000 + i}.SSE", code=str(600_000 + i), exchange="SSE",
            name=names[i % len(names)], pinyin="gzmt", board="main", sector="白酒",
            float_shares=1_000_000_000, tick=100, lot=100, limit_up=110_000, limit_down=90_000,
            previous_close=100_000, limited=True, suspended=False, same_day_sale=False,
            order_types=["limit", "best_five_ioc"],
        )
        for i in range(INSTRUMENTS)
    ]  # fmt: skip


def quotes(seed: int, reach: int) -> Iterator[Quote]:
    """Endless quotes of the first `reach` instruments: prices walk, volumes grow."""
    rng = random.Random(seed)
    last, volume = [100_000] * reach, [0] * reach
    while True:
        i = rng.randrange(reach)
        last[i] = min(110_000, max(90_000, last[i] + rng.choice((-100, 0, 0, 100))))
        volume[i] += 100 * rng.randrange(1, 50)
        yield Quote(
            symbol=f"{600_000 + i}.SSE", time=1, last=last[i], previous_close=100_000,
            open=100_000, high=101_000, low=99_000, volume=volume[i], turnover=volume[i] * last[i],
            bid=last[i] - 100, bid_quantity=1_000, ask=last[i], ask_quantity=2_000,
        )  # fmt: skip


class Load(App[Costs]):
    """The quote list under a steady load; returns its costs."""

    def __init__(self, batches: list[list[Quote]], hz: int) -> None:
        super().__init__(driver_class=CountingDriver)
        self.console = Console(color_system="truecolor", file=self.console.file)
        self.mirror = Mirror()
        self.costs = Costs()
        self._batches = iter(batches)
        self._hz = hz
        self._mark = (0.0, 0, 0.0)
        self.mirror.apply(Instruments(0, 20260105, universe()))

    def compose(self) -> ComposeResult:
        look = Look(Catalogue("zh"), PALETTES["red_up"], GLYPHS["unicode"])
        yield QuoteTable(look, self.mirror.instruments, self.mirror.quotes)

    def on_mount(self) -> None:
        self.query_one(QuoteTable).show(list(self.mirror.instruments))
        self.set_interval(1 / self._hz, self.frame)

    def frame(self) -> None:
        cpu, written, now = time.process_time(), CountingDriver.written, time.monotonic()
        self.costs.cpu_ms.append((cpu - self._mark[0]) * 1_000)
        self.costs.written.append(written - self._mark[1])
        self.costs.wall_s.append(now - self._mark[2])
        self._mark = (cpu, written, now)
        batch = next(self._batches, None)
        if batch is None:
            self.exit(self.costs)
            return
        for quote in batch:
            self.mirror.apply(quote)
        table = self.query_one(QuoteTable)
        table.tick(time.monotonic())
        table.update(self.mirror.take_dirty().quotes)


def measure(size: tuple[int, int], rate: int, reach: int, frames: int, hz: int) -> Costs:
    """`reach`: how many instruments, from the top of the list, the updates are spread over."""
    stream = quotes(7, reach)
    per_frame = rate // hz
    batches = [[next(stream) for _ in range(per_frame)] for _ in range(frames + WARM_UP)]
    app = Load(batches, hz)
    costs = asyncio.run(app.run_async(size=size))
    assert costs is not None
    return Costs(costs.cpu_ms[WARM_UP:], costs.written[WARM_UP:], costs.wall_s[WARM_UP:])


def figures(runs: list[Costs]) -> tuple[str, ...]:
    """CPU ms a frame, its p90, bytes a frame, frames a second, CPU %, kB a second; medians."""

    def middle(figure: Callable[[Costs], float]) -> float:
        return statistics.median(map(figure, runs))

    return (
        f"{middle(lambda run: statistics.median(run.cpu_ms)):.2f}",
        f"{middle(lambda run: sorted(run.cpu_ms)[len(run.cpu_ms) * 9 // 10]):.2f}",
        f"{middle(lambda run: statistics.median(run.written)):,.0f}",
        f"{middle(lambda run: len(run.wall_s) / sum(run.wall_s)):.1f}",
        f"{middle(lambda run: sum(run.cpu_ms) / sum(run.wall_s) / 10):.1f}",
        f"{middle(lambda run: sum(run.written) / sum(run.wall_s) / 1_000):,.1f}",
    )


def report(frames: int, hz: int, runs: int = 3) -> None:
    rows: list[tuple[str, ...]] = []
    for size in SIZES:
        for rate in RATES:
            for load, reach in (("market", INSTRUMENTS), ("demo", 120), ("in sight", size[1] - 1)):
                costs = [measure(size, rate, reach, frames, hz) for _ in range(runs)]
                rows.append((f"{size[0]}x{size[1]}", f"{rate:,}", load, *figures(costs)))
    print_table(
        f"client at {hz} Hz: quote list, medians of {runs} runs of {frames} frames",
        (
            *("size", "updates/s", "load", "CPU ms/frame", "p90", "bytes/frame"),
            *("frames/s", "CPU %", "kB/s"),
        ),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--hz", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    report(arguments.frames, arguments.hz, arguments.runs)


if __name__ == "__main__":
    main()
