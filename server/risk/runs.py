"""Forced sales under way: what is known of one, and what it has done so far.

A run is a projection: the same batches give the same run. It is due when its line is crossed (or
its call's deadline has passed), and opens with the CANCEL_ALL of forced origin that the service
sends first; what it did is counted from there.
"""

from typing import Any, Literal

import msgspec

from server.engine.codes import CashMove, Origin, Side

Kind = Literal["liquidation", "reduction", "settlement"]
ORIGIN: dict[Kind, Origin] = {
    "liquidation": Origin.FORCED_LIQUIDATE,
    "reduction": Origin.FORCED_REDUCE,
}
KIND_OF_ORIGIN: dict[int, Kind] = {int(origin): kind for kind, origin in ORIGIN.items()}
FEES = (
    *("commission", "stamp_duty", "transfer_fee"),
    *("handling_fee", "regulatory_fee", "dividend_tax"),
)


class Trigger(msgspec.Struct, frozen=True):
    """What called for the run: the event that crossed a line, or the passed deadline."""

    seq: int
    time: int
    ratio_ppm: int
    line_ppm: int


class Figures(msgspec.Struct, frozen=True):
    """A contract at the end of one journal batch."""

    seq: int
    time: int
    cash: int
    value: int  # of the holdings
    debt: int
    shortfall: int = 0


class Fill(msgspec.Struct, frozen=True):
    """One fill of the account; `fees` in the order of FEES, those of an older run without tax."""

    trade_no: int
    symbol: str
    side: int
    price: int
    quantity: int
    fees: tuple[int, ...]

    def fee(self, item: int) -> int:
        return self.fees[item] if item < len(self.fees) else 0

    @property
    def amount(self) -> int:
        """Signed as the account's cash sees it, without fees."""
        gross = self.price * self.quantity
        return gross if self.side == Side.SELL else -gross


class Run(msgspec.Struct):
    """`opening` is None while the run is only due."""

    account: int
    person: int
    kind: Kind
    trigger: Trigger
    opening: Figures | None = None
    steps: int = 0  # forced orders sent
    fills: list[Fill] = []
    moves: dict[int, int] = {}  # by CashMove, signed as the account sees it
    interest: int = 0  # accrued
    debts: int = 1  # that bear interest each by itself: the loans of a licensed account
    overdue: int = 0  # at the opening: what makes it more than a reduction to the line
    informed: list[tuple[int, int]] = []  # (instrument, Obstacle) the client was told of today

    def moved(self, move: CashMove) -> int:
        return self.moves.get(int(move), 0)

    @property
    def repaid(self) -> int:
        return -self.moved(CashMove.REPAY_PRINCIPAL) - self.moved(CashMove.REPAY_INTEREST)


def take_fill(run: Run, event: Any, symbol: str) -> None:
    """Books a FILL event (`records.FILL_EVENT`)."""
    run.fills.append(
        Fill(
            trade_no=int(event["trade_no"]),
            symbol=symbol,
            side=int(event["side"]),
            price=int(event["price"]),
            quantity=int(event["quantity"]),
            fees=tuple(int(event[name]) for name in FEES),
        )
    )


def take_cash(run: Run, event: Any) -> None:
    """Books a CASH_MOVED event (`records.CASH_EVENT`)."""
    move = int(event["move"])
    run.moves[move] = run.moves.get(move, 0) + int(event["amount"])


def order_tag(run: Run, step: int, rank: int, weight_ppm: int) -> bytes:
    """The client order id of a forced order: which run, step, rank and weight put it there."""
    return f"{run.kind[0].upper()}{run.trigger.seq}-{step}-{rank}-{weight_ppm}".encode()


def read_tag(tag: bytes) -> tuple[int, int, int]:
    """(step, rank, weight in ppm) of a forced order's client order id."""
    _, step, rank, weight = tag.decode().split("-")
    return int(step), int(rank), int(weight)
