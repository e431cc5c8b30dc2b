"""`honghe verify l2`: a day's orders through the book must make the exchange's own trades."""

import argparse
from operator import mul
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.cli.audit_text import Text
from server.cli.verify_compare import Difference, Made, first_difference, make
from server.cli.verify_day import (
    AGGRESSORS,
    TRADE_PHASES,
    Ladder,
    Orders,
    Trades,
    ladder_of,
    read_orders,
    read_trades,
)
from server.cli.verify_files import HEADER_LINE
from server.engine import bare_book
from server.market.universe import parse_price
from server.protocol.reasons import yuan

_WORDS = {
    "zh": {
        "folder": "文件夹",
        "orders": "委托",
        "orders_text": "{orders:,} 笔，撤单 {cancels:,} 笔",
        "prices": "价格",
        "prices_text": "{bottom} 到 {top}，最小变动 {tick}",
        "open_auction": "开盘集合竞价",
        "continuous": "连续竞价",
        "close_auction": "收盘集合竞价",
        "trades_text": "{trades:,} 笔成交，{shares:,} 股，{amount} 元",
        "equal": "逐笔一致：价格、数量、双方委托号、次序",
        "trade": "不一致：第 {number:,} 笔成交（{file} 第 {line} 行）",
        "cancel": "不一致：撤单（{file} 第 {line} 行）",
        "expected": "应为",
        "got": "实为",
        "cause": "起于",
        "none": "没有更多成交",
        "line": "{file} 第 {line} 行",
        "cancel_text": "委托 {number}，剩余 {quantity}",
        "not_there": "委托 {number} 不在簿中",
    },
    "en": {
        "folder": "folder",
        "orders": "orders",
        "orders_text": "{orders:,}, and {cancels:,} cancels",
        "prices": "prices",
        "prices_text": "{bottom} to {top}, tick {tick}",
        "open_auction": "opening auction",
        "continuous": "continuous",
        "close_auction": "closing auction",
        "trades_text": "{trades:,} trades, {shares:,} shares, {amount} yuan",
        "equal": "equal trade by trade: price, quantity, both order numbers, sequence",
        "trade": "different: trade {number:,} ({file} line {line})",
        "cancel": "different: a cancel ({file} line {line})",
        "expected": "expected",
        "got": "got",
        "cause": "made by",
        "none": "no more trades",
        "line": "{file} line {line}",
        "cancel_text": "order {number}, {quantity} left",
        "not_there": "order {number} is not in the book",
    },
}


def l2_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    about = "含 engine_orders.csv.gz 与 engine_trades.csv.gz / which holds both files"
    options.add_argument("folder", metavar="DIR", type=Path, help=about)
    about = "前收盘价，深、北交所开盘集合竞价需要 / previous close, for SZSE and BSE opening calls"
    options.add_argument(
        "--previous-close", metavar="YUAN", type=parse_price, default=0, help=about
    )
    return options


def run_l2(options: argparse.Namespace) -> int:
    """0 when the trades are the exchange's, 1 when not. Raises Malformed and OSError."""
    folder: Path = options.folder
    text = Text(_WORDS[options.lang])
    orders, trades = read_orders(folder, options.previous_close), read_trades(folder)
    ladder = ladder_of(folder, orders)
    made = make(orders, ladder)
    _print_counts(text, folder, orders, ladder)
    _print_trades(text, made.trades)
    difference = first_difference(orders, made, trades.trades)
    if difference is None:
        print(text("equal"))
        return 0
    if difference.trade is None:
        _print_cancel(text, orders, difference)
    else:
        _print_trade(text, orders, made, trades, difference.trade)
    return 1


def _print_counts(text: Text, folder: Path, orders: Orders, ladder: Ladder) -> None:
    kinds = orders.messages["kind"]
    new, cancels = int((kinds == bare_book.NEW).sum()), int((kinds == bare_book.CANCEL).sum())
    shown = {name: yuan(price) for name, price in ladder._asdict().items()}
    print(text.fact("folder", str(folder)))
    print(text.fact("orders", text("orders_text", orders=new, cancels=cancels)))
    print(text.fact("prices", text("prices_text", **shown)))


def _print_trades(text: Text, trades: NDArray[np.void]) -> None:
    for phase, name in enumerate(TRADE_PHASES):
        chosen = trades[trades["phase"] == phase]
        amount = yuan(sum(map(mul, chosen["price"].tolist(), chosen["qty"].tolist())))
        shares = int(chosen["qty"].sum())
        shown = text("trades_text", trades=len(chosen), shares=shares, amount=amount)
        print(text.fact(name, shown))


def _print_trade(text: Text, orders: Orders, made: Made, trades: Trades, number: int) -> None:
    """Both rows, and the order at which the book made its own."""
    line = HEADER_LINE + 1 + number
    print(text("trade", number=number + 1, file=trades.path.name, line=line))
    for name, rows in (("expected", trades.trades), ("got", made.trades)):
        print(text.fact(name, _trade_text(rows[number]) if number < len(rows) else text("none")))
    if number < len(made.rows):
        line = int(orders.lines[made.rows[number]])
        print(text.fact("cause", text("line", file=orders.path.name, line=line)))


def _print_cancel(text: Text, orders: Orders, difference: Difference) -> None:
    assert difference.cancel is not None
    asked, got = orders.messages[difference.row], difference.cancel[0]
    number = int(asked["number"])
    line = int(orders.lines[difference.row])
    print(text("cancel", file=orders.path.name, line=line))
    quantity = int(asked["quantity"])
    print(text.fact("expected", text("cancel_text", number=number, quantity=quantity)))
    if got["kind"] == bare_book.CANCEL_REFUSED:
        print(text.fact("got", text("not_there", number=number)))
    else:
        quantity = int(got["quantity"])
        print(text.fact("got", text("cancel_text", number=number, quantity=quantity)))


def _trade_text(trade: np.void) -> str:
    """A trade as its file has it, without its own seq and time."""
    phase, aggressor, price, *rest = (int(figure) for figure in trade.tolist())
    words = [TRADE_PHASES[phase], AGGRESSORS[aggressor], yuan(price), *map(str, rest)]
    return ",".join(words)
