"""The public workload's messages and reports: CSV to `bare_book` records, records to lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.cli.verify_files import MOST, Cells, Row, rows_of
from server.engine import bare_book
from server.engine.bare_run import BareRun

COLUMNS = ("type", "side", "ioc", "qty", "seq", "order_id", "price_ticks")
MOST_NUMBER = (1 << 64) - 1
WIDEST = 1 << 20  # price levels a ladder may span; beyond, a level is a price that occurs


class Workload(NamedTuple):
    """Messages as the book takes them, and the sequence number of each."""

    messages: NDArray[np.void]
    seq: NDArray[np.int64]
    prices: NDArray[np.int64] | None  # the price of each level where levels are not the prices

    @property
    def bounds(self) -> tuple[int, int]:
        """Lowest and highest price of the ladder, in the messages' own terms."""
        priced = self.messages["price"][self.messages["kind"] != bare_book.CANCEL]
        return (int(priced.min()), int(priced.max())) if len(priced) else (0, 0)

    @property
    def price_range(self) -> tuple[int, int]:
        low, high = self.bounds
        return (
            (low, high) if self.prices is None else (int(self.prices[low]), int(self.prices[high]))
        )


def read_workload(path: Path, most: int | None = None) -> Workload:
    """The first `most` messages of a file. Raises Malformed and OSError."""
    seq: list[int] = []

    def parsed() -> Iterator[tuple[int, int, int, int, int, int]]:
        cells = Cells(path)
        for row in rows_of(path, COLUMNS, most):
            number, message = _message(cells, row)
            seq.append(number)
            yield message

    messages = np.fromiter(parsed(), bare_book.MESSAGE)
    prices = _ranked(messages)
    return Workload(messages, np.array(seq, np.int64), prices)


def _message(cells: Cells, row: Row) -> tuple[int, tuple[int, int, int, int, int, int]]:
    """Sequence number, and the fields of a `bare_book.MESSAGE`."""
    kind_text, side_text, ioc_text, quantity_text, seq_text, number_text, price_text = row.cells
    kind = cells.one_of(row, "type", kind_text, ("0", "1", "2"))
    side = cells.one_of(row, "side", side_text, ("0", "1"))
    ioc = cells.one_of(row, "ioc", ioc_text, ("0", "1"))
    least = 0 if kind == bare_book.CANCEL else 1
    quantity = cells.whole(row, "qty", quantity_text, least, MOST)
    seq = cells.whole(row, "seq", seq_text, 0, MOST)
    number = cells.whole(row, "order_id", number_text, 0, MOST_NUMBER)
    price = cells.whole(row, "price_ticks", price_text, -MOST, MOST)
    signed = number - (1 << 64) if number > MOST else number
    return seq, (signed, price, quantity, kind, side, ioc if kind == bare_book.NEW else 0)


def _ranked(messages: NDArray[np.void]) -> NDArray[np.int64] | None:
    """Turns prices into ranks where they lie too far apart for a ladder; returns them by rank."""
    priced = messages["kind"] != bare_book.CANCEL
    prices = messages["price"][priced]
    if not len(prices) or int(prices.max()) - int(prices.min()) < WIDEST:
        return None
    levels, ranks = np.unique(prices, return_inverse=True)
    messages["price"][priced] = ranks
    return levels


def book_for(workload: Workload) -> BareRun:
    low, high = workload.bounds
    return BareRun(workload.messages, low, high, 1)


def report_text(workload: Workload, reports: NDArray[np.void]) -> str:
    """The reports as lines, sorted by (seq, kind), otherwise in the order in which they came."""
    seq = workload.seq[reports["row"]]
    order = np.lexsort((reports["kind"], seq))
    chosen = reports[order]
    price = chosen["price"] if workload.prices is None else workload.prices[_rank(workload, chosen)]
    columns = (
        chosen["kind"],
        seq[order],
        chosen["side"],
        price,
        chosen["quantity"],
        chosen["number"].astype(np.uint64),
        chosen["other"].astype(np.uint64),
    )
    return "\n".join(map(_line, *(column.tolist() for column in columns)))


def _rank(workload: Workload, reports: NDArray[np.void]) -> NDArray[np.int64]:
    """Levels of the reports that carry a price; refusals carry none."""
    assert workload.prices is not None
    return np.clip(reports["price"], 0, len(workload.prices) - 1)


def _line(
    kind: int, seq: int, side: int, price: int, quantity: int, number: int, other: int
) -> str:
    if kind in {bare_book.ACKNOWLEDGED, bare_book.MODIFIED}:
        return f"{kind},{seq},{side},{number},{price},{quantity}"
    if kind == bare_book.TRADED:
        return f"{kind},{seq},{price},{quantity},{number},{other}"
    if kind == bare_book.CANCELLED:
        return f"{kind},{seq},{side},{number},{price}"
    return f"{kind},{seq},{number}"
