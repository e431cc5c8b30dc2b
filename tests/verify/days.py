"""Days that never were: orders made at random, trades made of them by the plain twin."""

import csv
import gzip
import io
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.engine.plain_book import BUY, PlainBook

ORDER_HEAD = ["seq", "time", "phase", "action", "order_no", "side", "price", "qty", "limit_known"]
TRADE_HEAD = ["seq", "time", "phase", "aggressor", "price", "qty", "buy_no", "sell_no"]
CALLS = {"open_call": "open_auction", "close_call": "close_auction"}
Row = list[str]


class Day(NamedTuple):
    orders: list[Row]
    trades: list[Row]
    made_by: list[int]  # the row of `orders` after which each trade stands


class Market(NamedTuple):
    """Prices in ticks around `middle`; `decimals` says how large a tick is."""

    middle: int
    decimals: int = 2
    spread: int = 12
    first_number: int = 1

    def text(self, price: int) -> str:
        return f"{price // 10**self.decimals}.{price % 10**self.decimals:0{self.decimals}d}"


def made_day(random: Random, market: Market, each: int = 150) -> Day:
    """`each` orders and cancels in each of the three phases."""
    book, day, taken = PlainBook(), Day([], [], []), 0
    for phase in ("open_call", "continuous", "close_call"):
        if phase in CALLS:
            book.call()
        for _ in range(each):
            _one(random, market, book, phase, day)
            taken = _take(book, taken, market, phase, day)
        if phase in CALLS:
            book.uncross()
            taken = _take(book, taken, market, CALLS[phase], day)
    return day


def _one(random: Random, market: Market, book: PlainBook, phase: str, day: Day) -> None:
    n = len(day.orders)
    head = [str(n), "09:30:00.000", phase]
    if book.resting and random.random() < 0.3:
        order = book.resting[random.choice(list(book.resting))]
        shown = [str(order.number), "SB"[order.side == BUY], market.text(order.price)]
        day.orders.append([*head, "CANCEL", *shown, str(order.left), ""])
        book.cancel(order.number)
        return
    number = market.first_number + 3 * n
    side, quantity = random.randint(0, 1), 100 * random.randint(1, 30)
    price = market.middle + random.randint(-market.spread, market.spread)
    shown = [str(number), "BS"[side], market.text(price), str(quantity), "1"]
    day.orders.append([*head, "NEW", *shown])
    book.new(number, side, price, quantity)


def _take(book: PlainBook, taken: int, market: Market, phase: str, day: Day) -> int:
    for report in book.told[taken:]:
        if report[0] == "trade":
            _, side, price, quantity, buy, sell = report
            assert isinstance(price, int)
            word = "N" if side is None else "BS"[side == 1]
            shown = [market.text(price), str(quantity), str(buy), str(sell)]
            day.trades.append([str(len(day.trades)), "09:30:00.000", phase, word, *shown])
            day.made_by.append(len(day.orders) - 1)
    return len(book.told)


def write_rows(path: Path, head: Row, rows: list[Row]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def write_day(folder: Path, day: Day, packed: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    end = ".gz" if packed else ""
    write_rows(folder / f"engine_orders.csv{end}", ORDER_HEAD, day.orders)
    write_rows(folder / f"engine_trades.csv{end}", TRADE_HEAD, day.trades)
    return folder
