"""A market source played against an engine of its own, and files for replays."""

from collections.abc import Iterable, Sequence
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import AccountClass, Event, OrderType, Phase
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.engine.records import ORDER, ORDER_EVENT, TRADE_EVENT
from server.market.calendar import TradingCalendar
from server.market.dates import time_us
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from server.market.rules import Rules
from server.market.source import MarketFrame, MarketSource
from server.market.universe import load_universe

YUAN = 10_000
PERSON = 7
WEEK = [20240923, 20240924, 20240925, 20240926, 20240927, 20240930, 20241008, 20241009, 20241010]
RULES = Rules()
KNOWN = load_universe()
CALENDAR = TradingCalendar(WEEK, RULES, "a test")

Events = NDArray[np.void]
Row = Sequence[object]

DAILY = "date,open,high,low,close,preclose,volume,amount,turnover_pct,trade_status,is_st"


def at(date: int, clock: str) -> int:
    return time_us(date, clock_time.fromisoformat(clock))


def yuan(price: int) -> float:
    return price / YUAN


class Play:
    """`events` holds everything since the start or the last `forget`."""

    def __init__(self, source: MarketSource, engine: Engine | None = None) -> None:
        self.source = source
        self.engine = engine or Engine()
        self.frames: list[MarketFrame] = []
        self._events: list[Events] = []
        if self.engine.seq == 0:
            self.apply(source.bootstrap())
        self._going = source.frames(self.engine)

    @property
    def events(self) -> Events:
        return np.concatenate(self._events)

    def forget(self) -> None:
        self._events.clear()

    def apply(self, commands: NDArray[np.void], time: int | None = None) -> Events:
        stamped = commands.copy()
        first = self.engine.seq + 1
        stamped["seq"] = np.arange(first, first + len(stamped))
        stamped["time"] = self.engine.time if time is None else time
        events = self.engine.apply(stamped)
        self._events.append(events)
        return events

    def step(self) -> bool:
        """One frame; False when the source has ended."""
        frame = next(self._going, None)
        if frame is None:
            return False
        assert frame.time > (self.frames[-1].time if self.frames else 0)
        self.frames.append(frame)
        self.apply(frame.commands, frame.time)
        return True

    def until(self, time: int) -> None:
        """Up to and with the first frame at `time` or later."""
        while self.step() and self.frames[-1].time < time:
            pass

    def to_end(self) -> None:
        while self.step():
            pass

    def close_of(self, date: int) -> None:
        self.until(at(date, "15:00"))

    # What a trader does and sees ---------------------------------------------------------------

    def trader(self, cash_yuan: int = 100_000_000, person: int = PERSON) -> int:
        account = int(self.engine.state.header[0]["accounts"])
        self.apply(building.account_open(person, AccountClass.CASH, account))
        self.apply(building.deposit(account, cash_yuan * YUAN))
        return account

    def order(self, account: int, symbol: str, side: int, price: float, quantity: int) -> Events:
        """At `price`, or as near to it as the price cage lets pass (section 1.6)."""
        instrument = self.engine.instrument(symbol)
        ticks = round(price * YUAN)
        order = building.order(account, instrument, side, OrderType.LIMIT, ticks, quantity)
        events = self.apply(order)
        told = events.view(ORDER_EVENT)[0]
        if told["reason"] not in (Reason.PRICE_ABOVE_CAGE, Reason.PRICE_BELOW_CAGE):
            return events
        order.view(ORDER)["price"] = told["figure"]
        return self.apply(order)

    def row(self, symbol: str) -> Any:
        """The instrument's row of the engine's table."""
        return self.engine.state.instruments[self.engine.instrument(symbol)]

    def best(self, symbol: str) -> tuple[float, float]:
        """(bid, ask) in yuan, 0 for a side without orders."""
        row = self.row(symbol)
        prices = [
            row["limit_down"] + level * row["tick"] if level >= 0 else 0 for level in row["best"]
        ]
        return yuan(int(prices[0])), yuan(int(prices[1]))

    def size(self, symbol: str, side: int) -> int:
        """Quantity at the best price of a side."""
        row = self.row(symbol)
        level = int(row["best"][side])
        if level < 0:
            return 0
        place = int(row["level_base"]) + side * int(row["levels"]) + level
        return int(self.engine.state.levels[place]["quantity"])

    def of(self, kind: Event, dtype: np.dtype[np.void]) -> Events:
        events = self.events
        return events[events["kind"] == kind].view(dtype)

    def trades_of(self, account: int) -> list[tuple[float, int]]:
        trades = self.of(Event.TRADE, TRADE_EVENT)
        mine = trades[(trades["buy_account"] == account) | (trades["sell_account"] == account)]
        return [(yuan(int(t["price"])), int(t["quantity"])) for t in mine]

    def refusals(self) -> list[int]:
        """Reasons of everything that was refused."""
        kinds = [Event.ORDER_REJECTED, Event.COMMAND_REJECTED, Event.CANCEL_REJECTED]
        events = self.events
        return events[np.isin(events["kind"], kinds)].view(ORDER_EVENT)["reason"].tolist()

    @property
    def trading(self) -> bool:
        return bool((self.engine.state.instruments["phase"] == Phase.CONTINUOUS).any())


def write(path: Path, header: str, rows: Iterable[Row]) -> Path:
    lines = [header, *(",".join(str(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def write_daily(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    """Rows of (date, open, high, low, close, preclose, volume), traded unless volume is 0."""
    full = [(*row, 0, 0, int(row[-1] != 0), 0) for row in rows]
    return write(folder / f"{name}.csv", DAILY, full)


def replay(path: Path, first: int, last: int, **settings: Any) -> ReplaySource:
    settings.setdefault("steps_a_day", 24)
    return ReplaySource(ReplaySettings(path, first, last, **settings), KNOWN, CALENDAR, RULES)
