"""A made stream of messages for the bare book, for where the public one is not there."""

from random import Random

import numpy as np

from server.cli.verify_messages import Workload
from server.engine import bare_book

MIDDLE = 34_000
SPREAD = 60.0  # mean distance of a price from the middle, in ticks
LARGEST = 100
IOC = 0.075  # of the new orders
MODIFIES = 0.18  # of the messages that are not new
NUMBERS = 1_000_000


def made_stream(messages: int, resting: int, seed: int = 23) -> Workload:
    """About `resting` orders in the book once it has filled; half of the messages are new then."""
    random = Random(seed)
    numbers = iter(random.sample(range(max(NUMBERS, 2 * messages)), messages))
    live: list[int] = []
    rows = [_message(random, live, next(numbers), resting) for _ in range(messages)]
    return Workload(np.array(rows, bare_book.MESSAGE), np.arange(messages, dtype=np.int64), None)


def _message(
    random: Random, live: list[int], number: int, resting: int
) -> tuple[int, int, int, int, int, int]:
    side = random.randint(0, 1)
    away = int(random.expovariate(1 / SPREAD)) - 2  # some cross
    price = MIDDLE - away if side == 0 else MIDDLE + 1 + away
    quantity = random.randint(1, LARGEST)
    if len(live) < resting or random.random() < 0.5:
        ioc = int(random.random() < IOC)
        if not ioc:
            live.append(number)
        return number, price, quantity, bare_book.NEW, side, ioc
    place = random.randrange(len(live))
    chosen = live[place]
    if random.random() < MODIFIES:
        # Whatever side it is on: some of these cross, as some of the real ones do.
        return chosen, price, quantity, bare_book.MODIFY, 0, 0
    live[place] = live[-1]
    live.pop()
    return chosen, price, 0, bare_book.CANCEL, 0, 0
