"""What the journal of a stopped server says was asked, what came of it, and where it led."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import Command, Event
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.journal.recovery import apply_batch
from server.journal.sqlite import SqliteJournal

Asked = tuple[int, str]  # account, the id its sender gave it


@dataclass
class Replayed:
    """`orders` and `deposits` count commands; `results` has an order's number, 0: refused."""

    engine: Engine = field(default_factory=Engine)
    orders: Counter[Asked] = field(default_factory=Counter)
    deposits: Counter[Asked] = field(default_factory=Counter)
    results: dict[Asked, int] = field(default_factory=dict)
    amounts: dict[Asked, int] = field(default_factory=dict)

    def follow(self, applied: Applied) -> None:
        first_events = _first_events(applied.events)
        for command in applied.commands[applied.commands["kind"] == Command.ORDER]:
            order = command.view(records.ORDER)
            asked = int(order["account"]), bytes(order["client_order_id"]).decode()
            if asked[1]:
                self.orders[asked] += 1
                event = first_events[int(order["seq"])]
                refused = event["kind"] == Event.ORDER_REJECTED
                self.results[asked] = 0 if refused else int(event["order_id"])
        for command in applied.commands[applied.commands["kind"] == Command.DEPOSIT]:
            cash = command.view(records.CASH)
            asked = int(cash["account"]), bytes(cash["request_id"]).decode()
            self.deposits[asked] += 1
            self.amounts[asked] = int(cash["amount"])


def _first_events(events: NDArray[np.void]) -> dict[int, np.void]:
    """Of each command, by its sequence number."""
    seqs, places = np.unique(events["seq"], return_index=True)
    seen = events.view(records.ORDER_EVENT)
    return {int(seq): seen[place] for seq, place in zip(seqs, places, strict=True)}


def replay(path: Path) -> Replayed:
    """Every record verified on the way."""
    found = Replayed()
    journal = SqliteJournal.open(path, read_only=True)
    try:
        for batch in journal.batches():
            found.follow(apply_batch(found.engine, batch))
    finally:
        journal.close()
    return found
