"""A folder of an exchange's order-by-order day: its orders as messages, its trades as they must be.

The shape is `engine_orders.csv(.gz)` and `engine_trades.csv(.gz)`, described in docs/verify.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.cli.verify_files import HEADER_LINE, MOST, Cells, Malformed, Row, rows_of
from server.engine import bare_book
from server.engine.bare_run import MOST_LEVELS
from server.engine.codes import AuctionRule
from server.engine.records import MAX_PRICE
from server.market.rules import RuleAmbiguous, RuleKey, RuleMissing, Rules
from server.market.universe import UniverseError, classify, parse_price
from server.protocol.words import Exchange
from server.scenarios.wording import Text

ORDER_COLUMNS = ("phase", "action", "order_no", "side", "price", "qty")
TRADE_COLUMNS = ("phase", "aggressor", "price", "qty", "buy_no", "sell_no")
PHASES = ("open_call", "continuous", "close_call")
TRADE_PHASES = ("open_auction", "continuous", "close_auction")
CALLS = (0, 2)  # of PHASES
SIDES = ("B", "S")
AGGRESSORS = ("B", "S", "N")
ACTIONS = ("NEW", "CANCEL")
MOST_QUANTITY = 10**12  # a million orders of it still add up in an int64
_FOLDER = re.compile(r"(SH|SZ|BJ)(\d{6})_(\d{8})", re.ASCII)
_EXCHANGES: dict[str, Exchange] = {"SH": "SSE", "SZ": "SZSE", "BJ": "BSE"}

# What `parsed` yields: the fields of a `bare_book.MESSAGE`.
Fields = tuple[int, int, int, int, int, int]

TRADE = np.dtype([(name, "i8") for name in TRADE_COLUMNS])


class Orders(NamedTuple):
    """A day's orders as messages, with what calls and auctions need between them."""

    path: Path
    messages: NDArray[np.void]
    lines: NDArray[np.int64]  # of the file; of a call's beginning or end the line before it
    phases: NDArray[np.int64]  # index in PHASES


class Trades(NamedTuple):
    path: Path
    trades: NDArray[np.void]  # TRADE records, words as indices


def read_orders(folder: Path, previous_close: int = 0) -> Orders:
    """Calls are auctioned by the rule of the exchange that the folder is named after, else SSE's.

    `previous_close`, in 1/10 000 yuan, decides among prices of an opening call where every tick
    competes. Raises Malformed, without one too, and OSError.
    """
    path = _file_of(folder, "engine_orders.csv")
    rule = _auction_rule(folder.resolve().name)
    lines: list[int] = []
    phases: list[int] = []

    def between(mark: int, ended: int) -> Fields:
        """A call's beginning, or its auction: of the opening's with the previous close."""
        if mark != bare_book.UNCROSS:
            return 0, 0, 0, mark, 0, 0
        opening = ended == 0
        if opening and rule == AuctionRule.EVERY_TICK and not previous_close:
            zh = "该交易所的开盘集合竞价需要 --previous-close"
            en = "an opening call of this exchange needs --previous-close"
            raise Malformed(path, HEADER_LINE, Text(zh, en))
        return 0, previous_close if opening else 0, 0, mark, int(rule), 0

    def parsed() -> Iterator[Fields]:
        cells, phase = Cells(path), -1
        for row in rows_of(path, ORDER_COLUMNS):
            now = cells.one_of(row, "phase", row.cells[0], PHASES)
            if now < phase:
                zh, en = (
                    f"{PHASES[now]} 在 {PHASES[phase]} 之后",
                    f"{PHASES[now]} after {PHASES[phase]}",
                )
                raise cells.wrong(row, zh, en)
            for mark in _marks(phase, now):
                lines.append(row.line - 1)
                phases.append(phase if mark == bare_book.UNCROSS else now)
                yield between(mark, phase)
            lines.append(row.line)
            phases.append(now)
            phase = now
            yield _order(cells, row)
        for mark in _marks(phase, -1):
            lines.append(lines[-1])
            phases.append(phase)
            yield between(mark, phase)

    messages = np.fromiter(parsed(), bare_book.MESSAGE)
    return Orders(path, messages, np.array(lines, np.int64), np.array(phases, np.int64))


def _marks(before: int, now: int) -> list[int]:
    """What stands between two orders of these phases: a call ends with its auction."""
    if before == now:
        return []
    ended = [bare_book.UNCROSS] if before in CALLS else []
    return ended + ([bare_book.CALL] if now in CALLS else [])


def _order(cells: Cells, row: Row) -> Fields:
    _, action_text, number_text, side_text, price_text, quantity_text = row.cells
    action = cells.one_of(row, "action", action_text, ACTIONS)
    number = cells.whole(row, "order_no", number_text, 0, MOST)
    side = cells.one_of(row, "side", side_text, SIDES)
    quantity = cells.whole(row, "qty", quantity_text, 1, MOST_QUANTITY)
    price = 0
    if action == bare_book.NEW:
        price = _price(cells, row, price_text)
    return number, price, quantity, action, side, 0


def _price(cells: Cells, row: Row, text: str) -> int:
    price = cells.parsed(row, "price", text, parse_price)
    if price > MAX_PRICE:
        zh, en = f"price {text} 过高", f"price {text} is too high"
        raise cells.wrong(row, zh, en)
    return price


def read_trades(folder: Path) -> Trades:
    """Raises Malformed and OSError."""
    path = _file_of(folder, "engine_trades.csv")
    cells = Cells(path)

    def parsed() -> Iterator[Fields]:
        for row in rows_of(path, TRADE_COLUMNS):
            phase, aggressor, price, quantity, buy, sell = row.cells
            yield (
                cells.one_of(row, "phase", phase, TRADE_PHASES),
                cells.one_of(row, "aggressor", aggressor, AGGRESSORS),
                _price(cells, row, price),
                cells.whole(row, "qty", quantity, 1, MOST_QUANTITY),
                cells.whole(row, "buy_no", buy, 0, MOST),
                cells.whole(row, "sell_no", sell, 0, MOST),
            )

    return Trades(path, np.fromiter(parsed(), TRADE))


def _file_of(folder: Path, name: str) -> Path:
    """The file, compressed or not; the compressed name where neither is there."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} 不是文件夹 / is no folder")
    plain = folder / name
    return plain if plain.is_file() else folder / f"{name}.gz"


class Ladder(NamedTuple):
    """The prices a day's book must hold, in 1/10 000 yuan."""

    bottom: int
    top: int
    tick: int


def ladder_of(folder: Path, orders: Orders) -> Ladder:
    """From the lowest to the highest price of the orders. Raises Malformed.

    The tick is the rule book's for the share the folder is named after, or the finest one the
    prices show where they are finer or the name says nothing.
    """
    of_orders = (orders.messages["kind"] == bare_book.NEW) & (orders.messages["price"] > 0)
    prices = orders.messages["price"][of_orders]
    if not len(prices):
        return Ladder(1, 1, 1)
    fits = [step for step in (100, 10, 1) if not (prices % step).any()]
    ruled = _rule_tick(folder.resolve().name)
    tick = ruled if ruled in fits else fits[0]
    bottom, top = int(prices.min()), int(prices.max())
    if (top - bottom) // tick >= MOST_LEVELS:
        zh = f"价格跨度超过 {MOST_LEVELS} 档"
        en = f"the prices span more than {MOST_LEVELS} ticks"
        raise Malformed(orders.path, HEADER_LINE, Text(zh, en))
    return Ladder(bottom, top, tick)


def _key(name: str) -> RuleKey | None:
    """Of the share and day that a folder is named after; None where the name says nothing."""
    found = _FOLDER.fullmatch(name)
    if not found:
        return None
    exchange = _EXCHANGES[found[1]]
    try:
        board, kind = classify(found[2], exchange)
    except UniverseError:
        return None
    return RuleKey(exchange, board, kind, int(found[3]))


def _auction_rule(name: str) -> AuctionRule:
    key = _key(name)
    return AuctionRule.ORDER_PRICES if key is None else Rules().auction_rule(key)


def _rule_tick(name: str) -> int:
    """0 where the rules do not say."""
    key = _key(name)
    if key is None:
        return 0
    try:
        return Rules().quantity(key).tick
    except (RuleMissing, RuleAmbiguous):
        return 0
