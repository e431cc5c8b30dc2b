"""Random message streams for the bare book and its twin, and both sides' words for them."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from server.engine import bare_book
from server.engine.codes import NO_AGGRESSOR
from tests.engine.plain_book import BUY, Message, PlainBook, Report

KINDS = ("new", "cancel", "modify", "call", "uncross")


def stream(random: Random, count: int, *, calls: bool = False, width: int = 12) -> list[Message]:
    """Messages that a book can take: no number of a resting order twice, quantities above 0."""
    book = PlainBook()
    made: list[Message] = []
    seen: list[int] = []
    largest = random.choice([3, 100, 10**9])
    spread = random.choice([1, 7, 1 << 40])  # dense and sparse numbers
    bottom = random.choice([1, 500, 65_365])
    share = random.choice([0.3, 0.5, 0.7])
    for i in range(count):
        message = _one(
            random, book, seen, i * spread, (bottom, bottom + width), largest, share, calls
        )
        seen += [message[1]] if message[0] == "new" else []
        book.do(message)
        made.append(message)
    return made if not book.gathering else [*made, ("uncross",)]


def _one(random: Random, book: PlainBook, seen: list[int], number: int, prices: tuple[int, int],
         largest: int, share: float, calls: bool) -> Message:  # fmt: skip
    price, quantity = random.randint(*prices), random.randint(1, largest)
    if calls and random.random() < 0.04:
        return ("uncross",) if book.gathering else ("call",)
    if not seen or random.random() < share:
        over = [other for other in seen[-8:] if other not in book.resting]
        used = random.choice(over) if over and random.random() < 0.05 else number
        return ("new", used, random.randint(0, 1), price, quantity, random.random() < 0.15)
    known = random.choice(seen[-40:])
    if book.resting and random.random() < 0.7:
        known = random.choice(list(book.resting))
    if random.random() < 0.3:
        return ("modify", known, price, quantity)
    return ("cancel", known)


def records(messages: list[Message]) -> NDArray[np.void]:
    """`bare_book.MESSAGE` records of a stream."""
    out = np.zeros(len(messages), bare_book.MESSAGE)
    for record, (name, *figures) in zip(out, messages, strict=True):
        record["kind"] = KINDS.index(str(name))
        names = {
            "new": ("number", "side", "price", "quantity", "ioc"),
            "modify": ("number", "price", "quantity"),
            "cancel": ("number",),
        }.get(str(name), ())
        for field, figure in zip(names, figures, strict=True):
            record[field] = figure
    return out


def told(reports: NDArray[np.void]) -> list[Report]:
    """The kernel's reports in the twin's words."""
    return [_told(report) for report in reports]


def _told(report: np.void) -> Report:
    kind, side, price, quantity, number, other = (
        int(report[name]) for name in ("kind", "side", "price", "quantity", "number", "other")
    )
    if kind == bare_book.TRADED:
        pair = (other, number) if side == BUY else (number, other)
        return ("trade", None if side == NO_AGGRESSOR else side, price, quantity, *pair)
    if kind == bare_book.CANCEL_REFUSED:
        return ("cancel refused", number)
    if kind == bare_book.MODIFY_REFUSED:
        return ("modify refused", number)
    name = {
        bare_book.ACKNOWLEDGED: "ack",
        bare_book.CANCELLED: "cancelled",
        bare_book.MODIFIED: "modified",
    }[kind]
    return (name, number, side, price, quantity)


def twin_of(messages: list[Message]) -> PlainBook:
    book = PlainBook()
    for message in messages:
        book.do(message)
    return book
