"""The mass day's shares: real days' bars, or made ones of a day as bad, and paths inside them."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from server.market.replay.bridge import Candle, bridge
from server.market.rules import Status
from server.market.universe import classify, parse_price
from server.protocol.words import Board, Exchange

Ints = NDArray[np.int64]

DAYS = (("daily_2007_2019_sse", "2015-08-24"), ("daily_2020_2025", "2025-04-07"))
TICK = 100


class Shape(NamedTuple):
    """A share's bar of a bad day. Prices in 1/10 000 yuan; suspended without a candle."""

    exchange: Exchange
    board: Board
    status: Status
    reference: int
    candle: Candle | None


def real_shapes(shared: Path) -> list[Shape]:
    """Every share of both days; empty where the data is not there."""
    shapes: list[Shape] = []
    for folder, day in DAYS:
        for path in sorted((shared / folder).glob("*.csv.gz")):
            shapes += [_shape(path.name, row) for row in _rows(path) if row["date"] == day]
    return shapes


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _shape(name: str, row: dict[str, str]) -> Shape:
    exchange = cast("Exchange", "SSE" if name.startswith("SH") else "SZSE")
    prices = [parse_price(row[column]) for column in ("open", "high", "low", "close")]
    return Shape(
        exchange,
        classify(name[2:8], exchange)[0],
        "st" if row["is_st"] == "1" else "normal",
        parse_price(row["preclose"]),
        Candle(*prices) if row["trade_status"] == "1" else None,
    )


def made_shapes(count: int, seed: int) -> list[Shape]:
    """Falls of up to the limit, a third of them locked there; the last is suspended."""
    random = np.random.default_rng(seed)
    shapes: list[Shape] = []
    for _ in range(count - 1):
        reference = int(random.integers(300, 6_000)) * TICK
        bottom = -(-reference * 9 // 10 // TICK) * TICK
        open_ = _between(random, bottom, reference)
        close = _between(random, bottom, (bottom + reference) // 2)
        close = bottom if random.random() < 1 / 3 else close
        low, high = min(open_, close, bottom + 5 * TICK), max(open_, close)
        shapes.append(Shape("SSE", "main", "normal", reference, Candle(open_, high, low, close)))
    return [*shapes, Shape("SSE", "main", "normal", 10 * 10_000, None)]


def _between(random: np.random.Generator, low: int, high: int) -> int:
    return int(random.integers(low // TICK, high // TICK + 1)) * TICK


class Paths(NamedTuple):
    """Instrument i has the bar `shapes[i % len(shapes)]`, and a path of its own inside it.

    `prices` is (frames, instruments), in 1/10 000 yuan; of a suspended share 0.
    """

    shapes: list[Shape]
    prices: Ints

    def shape(self, instrument: int) -> Shape:
        return self.shapes[instrument % len(self.shapes)]


def paths(shapes: list[Shape], instruments: int, frames: int, seed: int) -> Paths:
    random = np.random.default_rng(seed)
    prices = np.zeros((frames, instruments), np.int64)
    for i in range(instruments):
        candle = shapes[i % len(shapes)].candle
        if candle is not None:
            prices[:, i] = bridge(candle, TICK, frames, random)
    return Paths(shapes, prices)
