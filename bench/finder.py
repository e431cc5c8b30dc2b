"""What a key costs in the search over a whole market: `python -m bench.finder`.

5,400 made instruments with codes, names and initials as the exchanges give them; every beginning of
some thousand searches is looked for once. The bound is 5 ms a key.
"""

import random
import time
from collections.abc import Iterator

from bench.table import print_table
from honghe_tui.search import Finder
from server.protocol.market import Instrument

COUNT = 5_400
_CODES = ("600", "601", "603", "000", "002", "300", "688", "920")
_SIGNS = "中国平安银行科技股份电子医药新能源汽车华海江山东方红利城建工商业信息通达集团智"
_LETTERS = "abcdefghjklmnpqrstwxyz"
_SECTORS = ("银行", "电子", "医药", "白酒", "半导体", "汽车", "电力", "软件")


def market(seed: int = 1) -> list[Instrument]:
    """Instruments that differ in what a search looks at, and in nothing else."""
    rng = random.Random(seed)
    found: list[Instrument] = []
    for number in range(COUNT):
        code = f"{_CODES[number % len(_CODES)]}{number // len(_CODES):03d}"
        name = "".join(rng.choices(_SIGNS, k=4))
        initials = "".join(rng.choices(_LETTERS, k=4))
        words = (f"{code}.SSE", code, "SSE", name, initials, "main", rng.choice(_SECTORS))
        found.append(Instrument(*words, 0, 100, 100, 0, 0, 0, True, False, False, []))  # pyright: ignore[reportArgumentType]
    return found


def typed(instruments: list[Instrument], seed: int = 2) -> Iterator[str]:
    """Every text that stands in the box while somebody types codes, initials and names."""
    rng = random.Random(seed)
    for item in rng.sample(instruments, 400):
        for word in (item.code, item.pinyin, item.name, item.sector):
            yield from (word[:end] for end in range(1, len(word) + 1))


def report() -> None:
    instruments = market()
    start = time.process_time_ns()
    finder = Finder(instruments)
    built = time.process_time_ns() - start
    costs: list[int] = []
    for text in typed(instruments):
        start = time.process_time_ns()
        finder.search(text)
        costs.append(time.process_time_ns() - start)
    costs.sort()
    picked = (costs[len(costs) // 2], costs[len(costs) * 99 // 100], costs[-1], built)
    print_table(
        f"search over {COUNT:,} instruments, CPU microseconds a key ({len(costs):,} keys)",
        ["median", "p99", "most", "making the index"],
        [[f"{each / 1_000:,.0f}" for each in picked]],
    )


if __name__ == "__main__":
    report()
