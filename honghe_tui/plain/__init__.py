"""The screens' plain twins: commands that ask, print and end."""

from typing import Final

READS: Final = (
    *("quotes", "depth", "bars", "positions", "orders", "fills"),
    *("margin", "notices", "statements", "products", "plan", "tomorrow"),
)
MOVES: Final = ("deposit", "withdraw", "transfer", "repay", "draw", "extend", "open", "close")
COMMANDS: Final = (*READS, "buy", "sell", "cancel", *MOVES, "ack")
