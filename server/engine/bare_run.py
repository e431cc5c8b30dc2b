"""The bare book as Python sees it: a list of messages, run as often as one likes."""

import numpy as np
from numpy.typing import NDArray

from server.engine import bare_book, layout
from server.engine.access import CURSOR, Placed, Workspace
from server.engine.book import NONE

FIRST_CELLS = 1_024
MOST_LEVELS = 1 << 22  # of one side


class NumberRepeated(ValueError):
    """Message `row` is a new order with the number of one that is in the book."""

    def __init__(self, row: int) -> None:
        super().__init__(f"message {row}: an order of this number is in the book")
        self.row = row


class BareRun:
    """A book of one instrument and the messages that go through it.

    `messages` are `bare_book.MESSAGE` records. Prices of new and modified orders lie from `bottom`
    to `top` in steps of `tick`, at most MOST_LEVELS of them; quantities are at least 1, and all of
    them together less than 2**63.
    """

    def __init__(self, messages: NDArray[np.void], bottom: int, top: int, tick: int) -> None:
        levels = (top - bottom) // tick + 1
        if levels > MOST_LEVELS:
            raise ValueError(f"{levels} price levels; at most {MOST_LEVELS}")
        self._messages = messages
        inserted = np.isin(messages["kind"], (bare_book.NEW, bare_book.MODIFY))
        new = int((messages["kind"] == bare_book.NEW).sum())
        self._reports = np.zeros(_most_reports(messages, int(inserted.sum())), bare_book.REPORT)
        self._cursor = np.zeros(1, CURSOR)
        words = (levels + 63) // 64
        tables = {
            "header": np.zeros(1, layout.HEADER),
            "slots": _free_cells(FIRST_CELLS),
            "orders": np.zeros(new, layout.ORDER),
            "instruments": np.zeros(1, layout.INSTRUMENT),
            "levels": np.zeros(2 * levels, layout.LEVEL),
            "words": np.zeros(2 * words, layout.WORD),
            "summaries": np.zeros(2 * ((words + 63) // 64), layout.WORD),
        }
        tables["header"][0]["instruments"] = 1
        instrument = tables["instruments"][0]
        instrument["limit_down"], instrument["limit_up"] = bottom, top
        instrument["tick"] = tick
        nothing = np.zeros(0, layout.WORD)
        self._state = {name: tables.get(name, nothing) for name in layout.State._fields}
        self._place()
        self.clear()

    def clear(self) -> None:
        """Empties the book; tables that have grown stay as they are."""
        bare_book.clear(self._placed.s)

    def run(self) -> None:
        """Takes all messages through a cleared book. Raises NumberRepeated."""
        done, stop = 0, len(self._messages)
        while True:
            done, why = bare_book.run(self._placed.s, done, stop)
            if why == bare_book.DONE:
                return
            if why == bare_book.REPEATED:
                raise NumberRepeated(done)
            self._grow_index()

    @property
    def reports(self) -> NDArray[np.void]:
        """The `bare_book.REPORT` records of the last run, in the order in which they were made."""
        return self._reports[: int(self._cursor[0]["count"])]

    def _grow_index(self) -> None:
        self._state["slots"] = _free_cells(2 * len(self._state["slots"]))
        self._place()
        bare_book.index_anew(self._placed.s)

    def _place(self) -> None:
        space = Workspace(
            **self._state, cursor=self._cursor, events=self._reports, commands=self._messages
        )
        self._placed = Placed(space)


def _most_reports(messages: NDArray[np.void], inserted: int) -> int:
    """One answer a message, one for the rest of each IOC, and a trade for each order it ends."""
    return len(messages) + int((messages["ioc"] != 0).sum()) + inserted


def _free_cells(count: int) -> NDArray[np.void]:
    cells = np.zeros(count, layout.SLOT)
    cells["position"] = NONE
    return cells
