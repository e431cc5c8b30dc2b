"""What the agents' market can be told."""

import re
from dataclasses import dataclass
from datetime import time as clock_time

_SHOCK = re.compile(
    r"(?P<symbol>\*|\d{6}\.(?:SSE|SZSE|BSE)):(?P<change>[+-]\d*\.?\d+)@(?P<at>\d\d:\d\d)"
)
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Shock:
    """A jump of what a share (or every one) is thought to be worth, on the market's first day."""

    symbol: str
    change: float  # -0.08 is a fall by 8 %
    at: clock_time


def parse_shock(text: str) -> Shock:
    """Reads "600519.SSE:-0.08@10:15" or "*:-0.03@10:15"; ValueError says what would pass."""
    match = _SHOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"「{text}」不是行情冲击,应如 600519.SSE:-0.08@10:15\n"
            f"{text!r} is no shock; 600519.SSE:-0.08@10:15 would be"
        )
    change = float(match["change"])
    if not -0.5 <= change <= 0.5:
        raise ValueError(
            f"「{text}」的幅度应在 -0.5 与 +0.5 之间\n"
            f"{text!r}: the change should be between -0.5 and +0.5"
        )
    return Shock(match["symbol"], change, clock_time.fromisoformat(match["at"]))


@dataclass(frozen=True, slots=True)
class AgentsSettings:
    """`start_date` YYYYMMDD is moved to the next session if it is none.

    `activity` and `volatility` scale what is usual: 1.0 is about 2.5 % a day for a main-board
    share. A step is the market time between two frames. `company_events`: companies are newly
    listed, suspended, marked with ST.
    """

    start_date: int
    seed: int = 1
    steps_a_day: int = 4_800
    activity: float = 1.0
    volatility: float = 1.0
    history_days: int = 250
    shocks: tuple[Shock, ...] = ()
    company_events: bool = False
