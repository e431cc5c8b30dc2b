"""What a replayed market offers to traders: quotes around the source's price, and how much.

A bar's participation is one budget, half of it on each side: what traders buy and sell of the
market in a bar never passes that share of its volume, and what is taken is not put back before the
next bar. Rule 2.6 of the rules: nothing is offered on the side that a limit locks.
"""

from dataclasses import dataclass

import numpy as np

from server.engine import building
from server.engine.building import ALL, Commands
from server.engine.codes import LimitKind, OrderType, Origin, Phase, Side
from server.engine.layout import State
from server.market.columns import Ints, Mask
from server.market.market_orders import cancel_alls, limit_orders
from server.market.replay.accounts import ACCOUNTS, ASK, BID, CALL_ASK, CALL_BID
from server.market.replay.after_hours import AfterHours
from server.market.replay.tape import Depth

PPM = 1_000_000
# The old quotes of both sides go before the new of either come: they may cross.
_SIDES = ((Side.BUY, BID), (Side.SELL, ASK))


@dataclass(slots=True)
class Prices:
    """The source's present state by instrument; `price` 0 until the day's first."""

    price: Ints
    falling: Mask  # the last change was down
    bar: Ints
    volume: Ints  # the bar's, whole

    @classmethod
    def none(cls, instruments: int) -> "Prices":
        zeros = np.zeros(instruments, np.int64)
        return cls(zeros.copy(), zeros > 0, zeros - 1, zeros.copy())


class Holdings:
    """The market accounts' positions as the engine holds them, by account and instrument."""

    def __init__(self, instruments: int) -> None:
        self._rows = np.zeros((ACCOUNTS, instruments), np.int64)  # row 0 is no position
        self._seen = 1

    def read(self, state: State, field: str) -> Ints:
        """(account, instrument) values of a field of `layout.POSITION`, 0 where none is."""
        count = int(state.header[0]["positions"])
        if count > self._seen:
            new = state.positions[self._seen : count]
            ours = np.flatnonzero((new["account"] >= 0) & (new["account"] < ACCOUNTS))
            self._rows[new["account"][ours], new["instrument"][ours]] = ours + self._seen
            self._seen = count
        return np.where(self._rows > 0, state.positions[field][self._rows], 0)


class Quoter:
    """One day's quoting; made when the day has been opened in `state`."""

    def __init__(
        self, state: State, instruments: int, participation_ppm: int, depth_ppm: int
    ) -> None:
        table = state.instruments[:instruments]
        self.open = (table["suspended"] == 0) & (table["limit_kind"] != LimitKind.UNKNOWN)
        self._up, self._down = table["limit_up"].copy(), table["limit_down"].copy()
        self._tick = table["tick"].astype(np.int64)
        self._lot = table["buy_step"].astype(np.int64)
        self._least = table["buy_minimum"].astype(np.int64)
        self._unit = np.maximum(self._least, self._lot)  # of an order that anyone could send
        self._participation_ppm = participation_ppm
        self._depth_ppm = depth_ppm
        self._holdings = Holdings(instruments)
        self._quoted = np.zeros((2, instruments), np.int64)  # price of the quote by side
        self._bar = np.full(instruments, -1, np.int64)
        self._base = np.zeros((2, instruments), np.int64)  # taken before the present bar

    def call_orders(self, prices: Prices, here: Mask) -> Commands:
        """Orders on both sides at the open, so that the auction finds it.

        Traders' orders of the call meet them there; a locked open has one side only.
        """
        size = self._whole(self._half(prices))
        return self._called(prices, here, np.stack([size, size]))

    def closing_orders(self, state: State, prices: Prices, here: Mask) -> Commands:
        """The same at the close, of what is left of the last bar's budget."""
        self._enter_bars(state, prices)
        return self._called(prices, here, self._whole(self._left(state, prices)))

    def _called(self, prices: Prices, here: Mask, size: Ints) -> Commands:
        ready = here & self.open & (prices.price > 0)
        buys = np.flatnonzero(ready & (prices.price > self._down) & (size[0] > 0))
        sells = np.flatnonzero(ready & (prices.price < self._up) & (size[1] > 0))
        return building.concat(
            [
                limit_orders(CALL_BID, buys, Side.BUY, prices.price[buys], size[0, buys]),
                limit_orders(CALL_ASK, sells, Side.SELL, prices.price[sells], size[1, sells]),
            ]
        )

    def fixed_orders(self, state: State, after_hours: AfterHours, time: int) -> Commands:
        """What comes now to both sides at the close; a close at a limit has one side only."""
        who, quantity = after_hours.coming(time, self._unit)
        parts: list[Commands] = []
        if len(who) == 0:
            return building.concat(parts)
        table = state.instruments[: len(self.open)]
        close = table["close"].astype(np.int64)
        ready = self.open & (table["phase"] == Phase.AFTER_HOURS) & (close % self._tick == 0)
        ready &= (close >= self._down) & (close <= self._up)
        own = state.rules["fixed_maximum"][who]
        most = np.where(own > 0, own, table["max_limit_quantity"][who])
        quantity = np.minimum(quantity, most // self._unit[who] * self._unit[who])
        for account, side, limit in (
            (CALL_BID, Side.BUY, self._down),
            (CALL_ASK, Side.SELL, self._up),
        ):
            use = ready[who] & (close[who] != limit[who])
            here, size = who[use], quantity[use]
            fixed = OrderType.FIXED_PRICE
            parts.append(building.orders(account, here, side, fixed, close[here], size))
        return building.concat(parts)

    def resume(self, state: State, prices: Prices) -> None:
        """Takes up a day where it was left, `prices` being those of its last frame.

        In a bar that is not the day's first, what still rests in the book is what is left of it.
        """
        spent = np.maximum(self._half(prices) - self._resting(state), 0)
        self._base = np.where(prices.bar == 0, 0, self._taken(state) - spent)
        self._bar = prices.bar.copy()

    def quotes(self, state: State, prices: Prices, here: Mask) -> Commands:
        """CANCEL_ALL and ORDER of every quote that is not what it should be."""
        resting = self._resting(state)
        wanted_price, side_open = self._around(prices)
        self._enter_bars(state, prices)
        left = self._left(state, prices)
        size = np.where(side_open & (prices.price > 0), self._whole(left), 0)
        size = np.where(here & self.open, size, resting)
        moved = (wanted_price != self._quoted) & ((size > 0) | (resting > 0))
        stale = here & self.open & (moved | (size != resting))
        self._quoted = np.where(stale, wanted_price, self._quoted)
        cancels: list[Commands] = []
        orders: list[Commands] = []
        for side, account in _SIDES:
            gone = np.flatnonzero(stale[side] & (resting[side] > 0))
            new = np.flatnonzero(stale[side] & (size[side] > 0))
            cancels.append(cancel_alls(account, gone))
            orders.append(
                limit_orders(account, new, side, wanted_price[side, new], size[side, new])
            )
        return building.concat([*cancels, *orders])

    def withdraw(self, here: Mask) -> Commands:
        """Takes back every quote of the instruments in `here`: the closing call has its own."""
        who = np.flatnonzero(here & self.open)
        self._quoted[:, who] = 0
        return building.concat([cancel_alls(account, who) for account in (BID, ASK)])

    def ladders(self, instruments: Ints, depth: Depth) -> Commands:
        """Replaces the quotes of `instruments` by a source's own levels, in its own sizes."""
        cancels: list[Commands] = []
        orders: list[Commands] = []
        for side, account in _SIDES:
            price, quantity = depth.price[:, side], depth.quantity[:, side]
            rows = np.repeat(np.arange(len(instruments)), price.shape[1])
            who, price = instruments[rows], price.ravel()
            lot = self._lot[who]
            size = quantity.ravel() * self._depth_ppm // PPM // lot * lot
            legal = (price >= self._down[who]) & (price <= self._up[who])
            use = np.flatnonzero((size > 0) & legal & self.open[who])
            cancels.append(cancel_alls(account, instruments))
            orders.append(limit_orders(account, who[use], side, price[use], size[use]))
        return building.concat([*cancels, *orders])

    def _half(self, prices: Prices) -> Ints:
        return prices.volume * self._participation_ppm // PPM // 2

    def _left(self, state: State, prices: Prices) -> Ints:
        """Of the present bar's budget, by side."""
        return np.maximum(self._half(prices) - (self._taken(state) - self._base), 0)

    def _whole(self, size: Ints) -> Ints:
        """Down to a quantity that a trader could send too, 0 below the smallest."""
        whole = size // self._lot * self._lot
        return np.where(whole >= self._least, whole, 0)

    def _around(self, prices: Prices) -> tuple[Ints, Mask]:
        """(price, whether there is one) of the quotes by side, one tick apart.

        After a fall the source's price is the bid, after a rise the ask; at a limit it is the only
        quote there is.
        """
        price = np.clip(prices.price, self._down, self._up)
        as_bid = (prices.falling & (price > self._down)) | (price >= self._up)
        bid = np.where(as_bid, price, price - self._tick)
        ask = np.where(as_bid, price + self._tick, price)
        return np.stack([bid, ask]), np.stack([price > self._down, price < self._up])

    def _resting(self, state: State) -> Ints:
        bids = self._holdings.read(state, "open_buy")[BID]
        asks = self._holdings.read(state, "frozen")[ASK]
        return np.stack([bids, asks])

    def _taken(self, state: State) -> Ints:
        """What traders sold to and bought of the market today, by side, the auction included."""
        held = self._holdings.read(state, "quantity")
        change = held - self._holdings.read(state, "opening_quantity")
        net = change[CALL_BID] + change[CALL_ASK]
        sold_to = change[BID] + np.maximum(net, 0)
        bought_of = -change[ASK] + np.maximum(-net, 0)
        return np.stack([sold_to, bought_of])

    def _enter_bars(self, state: State, prices: Prices) -> None:
        """Starts the budget of new bars: a day's first with nothing taken since its opening."""
        fresh = prices.bar != self._bar
        if fresh.any():
            base = np.where(prices.bar == 0, 0, self._taken(state))
            self._base = np.where(fresh, base, self._base)
            self._bar = prices.bar.copy()


def call_end() -> Commands:
    """Takes back what is left of the call's orders."""
    return building.concat(
        [building.cancel_all(account, ALL, Origin.MARKET) for account in (CALL_BID, CALL_ASK)]
    )
