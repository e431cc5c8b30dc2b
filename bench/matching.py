"""What the engine's book alone does: messages a second, beside a plain Python book.

`python -m bench.matching [--runs 21]`. The public workload and the exchange's day are read from
`../shared/data` where they are there; a made stream is run in any case. A run takes all messages
through an empty book and makes every report; parsing and hashing are not in it, emptying the book
between runs neither. CPU time, median of the runs. The plain book is the tests' twin, in the same
process and on the same messages. A processor that sees 50,000 messages again and again learns
some of the turns they take; the longer made streams show what messages cost that it cannot learn.
The twin's auction is quadratic, which the day's ratio owes a good part of itself to.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.message_stream import made_stream
from bench.table import print_table
from server.cli.verify_day import ladder_of, read_orders
from server.cli.verify_messages import book_for, read_workload
from server.cli.verify_workload import timed
from server.engine import bare_book
from server.engine.bare_run import BareRun
from tests.engine.plain_book import PlainBook

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
HEAD = ("stream", "messages", "reports", "trades", "ns each", "messages/s", "best run", "plain/s",
        "ratio")  # fmt: skip


class Stream(NamedTuple):
    name: str
    messages: NDArray[np.void]
    book: BareRun


def streams(shared: Path, made: int) -> list[Stream]:
    """The public ones that are there, and made ones with a shallow and a deep book."""
    found: list[Stream] = []
    for path in sorted(shared.glob("matching/*.csv.gz")):
        workload = read_workload(path)
        found.append(
            Stream(path.name.removesuffix(".csv.gz"), workload.messages, book_for(workload))
        )
    for folder in sorted(shared.glob("l2/*/")):
        orders = read_orders(folder)
        book = BareRun(orders.messages, *ladder_of(folder, orders))
        found.append(Stream(f"day {folder.name}", orders.messages, book))
    for resting in (1_000, made // 4):
        workload = made_stream(made, resting)
        name = f"made, {resting:,} resting"
        found.append(Stream(name, workload.messages, book_for(workload)))
    return found


def plain_ns(messages: NDArray[np.void]) -> int:
    """CPU nanoseconds that the plain book takes for all messages, reports made."""
    book = PlainBook()
    calls = [_call_of(book, *message) for message in messages.tolist()]
    start = time.thread_time_ns()
    for call in calls:
        call()
    return time.thread_time_ns() - start


def _call_of(
    book: PlainBook, number: int, price: int, quantity: int, kind: int, side: int, ioc: int
) -> Callable[[], None]:
    match kind:
        case bare_book.NEW:
            return partial(book.new, number, side, price, quantity, bool(ioc))
        case bare_book.CANCEL:
            return partial(book.cancel, number)
        case bare_book.MODIFY:
            return partial(book.modify, number, price, quantity)
        case bare_book.CALL:
            return book.call
        case _:
            return book.uncross


def row_of(stream: Stream, runs: int) -> tuple[str, ...]:
    count = len(stream.messages)
    costs = timed(stream.book, runs)
    reports = stream.book.reports
    middle, best = statistics.median(costs), min(costs)
    plain = plain_ns(stream.messages)
    return (
        stream.name,
        f"{count:,}",
        f"{len(reports):,}",
        f"{int((reports['kind'] == bare_book.TRADED).sum()):,}",
        f"{middle / count:.1f}",
        f"{count * 1e9 / middle:,.0f}",
        f"{count * 1e9 / best:,.0f}",
        f"{count * 1e9 / plain:,.0f}",
        f"{plain / middle:.0f}x",
    )


def report(runs: int = 21, shared: Path = SHARED, made: int = 200_000) -> None:
    chosen = streams(shared, made)
    if not (shared / "matching").is_dir():
        print(f"\nmatching: no public workload in {shared.name}/; made streams alone")
    print_table(
        f"matching: the book alone, median of {runs} runs, beside a plain Python book",
        HEAD,
        [row_of(stream, runs) for stream in chosen],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=21)
    report(parser.parse_args().runs)


if __name__ == "__main__":
    main()
