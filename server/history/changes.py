"""What a batch of events did to the traders' orders, fills and cash: rows, ready to be kept."""

import msgspec

from server.protocol.trading import Fill, Order


class CashMove(msgspec.Struct, frozen=True):
    """One CASH_MOVED event; `move` is a `codes.CashMove`, `counter` an account or -1 - ledger."""

    seq: int
    index: int
    account: int
    amount: int
    balance: int
    counter: int
    move: int
    time: int
    date: int


class Changes(msgspec.Struct, frozen=True):
    """Of one batch; `orders` has each order that changed once, as it stood after the batch."""

    last_seq: int
    date: int
    orders: list[Order]
    fills: list[Fill]
    moves: list[CashMove]

    def __bool__(self) -> bool:
        return bool(self.orders or self.fills or self.moves)
