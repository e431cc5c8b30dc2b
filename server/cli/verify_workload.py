"""`honghe verify workload`: a public stream of messages through the book, hashed and timed."""

import argparse
import hashlib
import statistics
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.cli.audit_text import Text
from server.cli.verify_files import HEADER_LINE, Malformed
from server.cli.verify_messages import Workload, book_for, read_workload, report_text
from server.engine import bare_book
from server.engine.bare_run import BareRun, NumberRepeated
from server.scenarios.wording import Text as BothTexts

_WORDS = {
    "zh": {
        "file": "文件",
        "messages": "消息",
        "messages_text": "{messages:,} 条，价格 {low} 到 {high}",
        "reports": "回报",
        "trades": "成交",
        "hash": "SHA-256",
        "speed": "速度",
        "speed_text": (
            "每 CPU 秒 {rate:,.0f} 条消息（{runs} 次的中位数，每条 {ns:.1f} ns；最快 {best:,.0f}）"
        ),
        "equal": "与给定的哈希一致",
        "different": "与给定的哈希不同：{expected}",
    },
    "en": {
        "file": "file",
        "messages": "messages",
        "messages_text": "{messages:,}, prices {low} to {high}",
        "reports": "reports",
        "trades": "trades",
        "hash": "SHA-256",
        "speed": "speed",
        "speed_text": (
            "{rate:,.0f} messages a second of CPU time "
            "(median of {runs} runs, {ns:.1f} ns each; best {best:,.0f})"
        ),
        "equal": "equal to the hash given",
        "different": "not the hash given: {expected}",
    },
}


def timed(book: BareRun, runs: int) -> list[int]:
    """CPU nanoseconds of each run from an empty book; reports are made, nothing parsed or hashed.

    Other processes of the machine lengthen the wall's time, not this one.
    """
    book.clear()
    book.run()  # the index has grown, the pages are there
    costs: list[int] = []
    for _ in range(runs):
        book.clear()
        start = time.thread_time_ns()
        book.run()
        costs.append(time.thread_time_ns() - start)
    return costs


def workload_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("file", metavar="FILE", type=Path, help="CSV, CSV.GZ")
    about = "只用前 N 条 / the first N messages alone"
    options.add_argument("--messages", metavar="N", type=_count, help=about)
    about = "计时次数，默认 21 / timed runs, 21 by default"
    options.add_argument("--repeat", metavar="N", type=_count, default=21, help=about)
    about = "应得的哈希；不同则退出码 1 / the hash it must have, else exit code 1"
    options.add_argument("--expect", metavar="SHA256", type=str.lower, help=about)
    about = "把回报写入文件 / write the reports to a file"
    options.add_argument("--reports", metavar="OUT", type=Path, help=about)
    return options


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def run_workload(options: argparse.Namespace) -> int:
    """0 when done, 1 when the hash is not `--expect`'s. Raises Malformed and OSError."""
    path: Path = options.file
    workload = read_workload(path, options.messages)
    book = book_for(workload)
    try:
        costs = timed(book, options.repeat)
    except NumberRepeated as error:
        raise _repeated(path, workload, error.row) from error
    lines = report_text(workload, book.reports)
    if options.reports:
        options.reports.write_text(lines, encoding="utf-8")
    digest = hashlib.sha256(lines.encode()).hexdigest()
    text = Text(_WORDS[options.lang])
    _print(text, path, workload, book.reports, digest)
    _print_speed(text, len(workload.messages), costs)
    if options.expect is None:
        return 0
    print(text("equal") if digest == options.expect else text("different", expected=options.expect))
    return 0 if digest == options.expect else 1


def _repeated(path: Path, workload: Workload, row: int) -> Malformed:
    number = int(workload.messages["number"][row : row + 1].view(np.uint64)[0])
    zh = f"新委托的编号 {number} 已在簿中"
    en = f"a new order has the number {number}, which is in the book"
    return Malformed(path, HEADER_LINE + row + 1, BothTexts(zh, en))


def _print(
    text: Text, path: Path, workload: Workload, reports: NDArray[np.void], digest: str
) -> None:
    low, high = workload.price_range
    count = len(workload.messages)
    print(text.fact("file", str(path)))
    print(text.fact("messages", text("messages_text", messages=count, low=low, high=high)))
    print(text.fact("reports", f"{len(reports):,}"))
    print(text.fact("trades", f"{int((reports['kind'] == bare_book.TRADED).sum()):,}"))
    print(text.fact("hash", digest))


def _print_speed(text: Text, count: int, costs: list[int]) -> None:
    if count == 0:
        return
    middle, best = statistics.median(costs), min(costs)
    figures = {"rate": count * 1e9 / middle, "best": count * 1e9 / best, "ns": middle / count}
    print(text.fact("speed", text("speed_text", runs=len(costs), **figures)))
