"""What the book makes of an exchange's day, and where it first parts from the exchange."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.cli.verify_day import TRADE, Ladder, Orders
from server.cli.verify_files import Malformed
from server.engine import bare_book
from server.engine.bare_run import BareRun, NumberRepeated
from server.engine.codes import Side
from server.scenarios.wording import Text


class Made(NamedTuple):
    """What came of a day's orders."""

    trades: NDArray[np.void]  # `verify_day.TRADE` records
    rows: NDArray[np.int64]  # the message that made each
    cancels: NDArray[np.void]  # the `bare_book.REPORT` of every cancel


class Difference(NamedTuple):
    """Where book and exchange part: a trade, or else a cancel."""

    row: int  # the message that leads there
    trade: int | None = None  # number of the trade, from 0
    cancel: NDArray[np.void] | None = None  # the one `bare_book.REPORT`


def make(orders: Orders, ladder: Ladder) -> Made:
    """Takes the orders through the engine's book. Raises Malformed for a number used twice."""
    book = BareRun(orders.messages, *ladder)
    try:
        book.run()
    except NumberRepeated as error:
        number = int(orders.messages[error.row]["number"])
        text = Text(f"委托号 {number} 已在簿中", f"order {number} is in the book already")
        raise Malformed(orders.path, int(orders.lines[error.row]), text) from error
    reports = book.reports
    traded = reports[reports["kind"] == bare_book.TRADED]
    cancels = np.isin(reports["kind"], (bare_book.CANCELLED, bare_book.CANCEL_REFUSED))
    return Made(_trades(traded, orders), traded["row"].astype(np.int64), reports[cancels])


def _trades(traded: NDArray[np.void], orders: Orders) -> NDArray[np.void]:
    bought = traded["side"] == Side.BUY
    trades = np.zeros(len(traded), TRADE)
    trades["phase"] = orders.phases[traded["row"]]
    trades["aggressor"] = traded["side"]
    trades["price"] = traded["price"]
    trades["qty"] = traded["quantity"]
    trades["buy_no"] = np.where(bought, traded["other"], traded["number"])
    trades["sell_no"] = np.where(bought, traded["number"], traded["other"])
    return trades


def first_difference(orders: Orders, made: Made, expected: NDArray[np.void]) -> Difference | None:
    """The earliest in the order of the messages; None when all is equal."""
    found = [_trade_difference(orders, made, expected), _cancel_difference(orders, made)]
    return min((each for each in found if each), key=lambda each: each.row, default=None)


def _trade_difference(orders: Orders, made: Made, expected: NDArray[np.void]) -> Difference | None:
    both = min(len(made.trades), len(expected))
    wrong = np.flatnonzero(made.trades[:both] != expected[:both])
    number = int(wrong[0]) if len(wrong) else both
    if number == max(len(made.trades), len(expected)):
        return None
    last = len(orders.messages)  # what the book never made is missed when all is done
    return Difference(int(made.rows[number]) if number < len(made.rows) else last, trade=number)


def _cancel_difference(orders: Orders, made: Made) -> Difference | None:
    """A cancel of another quantity than is left, or of an order that is not in the book."""
    left = orders.messages["quantity"][made.cancels["row"]]
    refused = made.cancels["kind"] == bare_book.CANCEL_REFUSED
    wrong = np.flatnonzero(refused | (made.cancels["quantity"] != left))
    if not len(wrong):
        return None
    cancel = made.cancels[wrong[:1]]
    return Difference(int(cancel[0]["row"]), cancel=cancel)
