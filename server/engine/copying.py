"""A copy of some people's accounts and of the books an order touches, for the kernel to run on.

The copy keeps every index of the original: its tables are as long, but only the rows named here are
filled, so a copy costs the same whatever the number of accounts. What others have in a book stands
in it as one order a level of a participant of the market. The rest of the tables is zero, and
nothing that runs on a copy may ask for it: orders, cash and prices of the copied accounts only.
"""

import mmap
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.building import Commands
from server.engine.calls import indicative
from server.engine.codes import AccountClass, AccountStatus, OrderType, Origin, Phase, Side
from server.engine.credit import NO_LOAN
from server.engine.engine import Engine
from server.engine.layout import State
from server.engine.queries import (
    accounts_of,
    book_side,
    home_slot,
    loans_of,
    orders_of,
    person_key,
    positions_of,
)

NONE = -1
# Copied by the rows that matter; every other table is small, and copied whole.
BY_ROWS = {
    *("accounts", "contracts", "positions", "slots", "orders", "instruments"),
    *("levels", "words", "summaries", "holders", "touched"),
    *("lots", "claims", "exposures", "tape", "loans", "rules"),
}
# Nothing that is supposed changes them, so they are the original's own.
SHARED = {"terms", "concentration"}
Rows: TypeAlias = "list[int] | slice | NDArray[np.intp]"
WHOLE = [name for name in State._fields if name not in BY_ROWS | SHARED]
# Rows beyond the original's length: what a copy may add.
SPARE = {
    **dict.fromkeys(("accounts", "contracts", "touched"), 2),
    "positions": 256,
    "orders": 4096,
    "holders": 8192,
    "loans": 4096,
}
NEW_POSITIONS = 128
_PROBES = np.arange(64)  # slots copied from a key's home on: far more than any search passes
DEEPEST = 2_000  # levels of one side
OWN_SIDE = 10
STRANGER_PERSON = 2**31 - 2
_PAGE = mmap.PAGESIZE
_FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def _untouched(like: State) -> State:
    """Zeroed tables as long as those of `like`; a page of them costs nothing until it is used."""
    own = [name for name in State._fields if name not in SHARED]
    rows = {name: len(getattr(like, name)) + SPARE.get(name, 0) for name in own}
    sizes = [-(-rows[name] * getattr(like, name).dtype.itemsize // _PAGE) * _PAGE for name in own]
    memory = mmap.mmap(-1, sum(sizes), flags=_FLAGS)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    tables: dict[str, NDArray[np.void]] = {}
    start = 0
    for name, size in zip(own, sizes, strict=True):
        tables[name] = np.frombuffer(memory, getattr(like, name).dtype, rows[name], start)
        start += size
    return like._replace(**tables)


def _key(account: int, instrument: int) -> int:
    """As `positions.position_key`."""
    return account << 32 | instrument


def _copy(real: NDArray[np.void], copy: NDArray[np.void], rows: Rows) -> None:
    """Rows as they lie in memory: as records NumPy would copy them field by field."""
    row = np.dtype((np.void, real.dtype.itemsize))
    copy.view(row)[rows] = real.view(row)[rows]


class AccountCopy:
    """`engine` runs on the copy; `apply` gives commands their place and time.

    All accounts of the persons of `account` and of those `beside` it are copied. `orders` says what
    is going to be ordered, (instrument, side, quantity): those books are copied as deep as the
    orders can reach.
    """

    def __init__(
        self,
        engine: Engine,
        account: int,
        orders: Iterable[tuple[int, int, int]] = (),
        beside: Iterable[int] = (),
    ) -> None:
        self._real = engine.state
        self._source = engine
        state = _untouched(engine.state)
        for name in WHOLE:
            _copy(getattr(engine.state, name), getattr(state, name), slice(None))
        self.state = state
        owners = engine.state.accounts["person"][[account, *beside]].tolist()
        self._people: list[int] = list(dict.fromkeys(owners))
        self.accounts = [i for person in self._people for i in accounts_of(engine, person)]
        self._stranger = int(engine.state.header[0]["accounts"])
        self.positions = [i for each in self.accounts for i in positions_of(engine, each)]
        depths = _depths(orders)
        self._copy_rows(depths)
        self.engine = Engine(state)
        self._lay_books(depths)

    def apply(self, *parts: Commands, time: int = 0) -> NDArray[np.void]:
        """The events of the parts, one after another; `time` 0 is the original's."""
        commands = building.concat(parts)
        first = self.engine.seq + 1
        commands["seq"] = np.arange(first, first + len(commands))
        commands["time"] = time or self._source.time
        return self.engine.apply(commands)

    def meet(self, instrument: int, side: int, price: int, quantity: int) -> NDArray[np.void]:
        """Has somebody take the other side of what rests there, at its price."""
        return self.apply(
            building.cancel_all(self._stranger, instrument, Origin.MARKET),
            self._order(instrument, 1 - side, price, quantity),
        )

    def call_price(self, instrument: int, side: int) -> int:
        """That of a call auction of the whole book now; without one the best price that an order of
        `side` would meet, 0 without any.
        """
        price = int(indicative(self._source.workspace, instrument)[0])
        best = book_side(self._source, instrument, 1 - side, 1)
        return price or (best[0][0] if best else 0)

    def end_orders(self) -> None:
        """As the close of a day leaves the copy: no book, nothing held for an order."""
        state = self.state
        state.instruments["live"][self._instruments] = 0
        state.instruments["best"][self._instruments] = NONE
        state.accounts["frozen"][self.accounts] = 0
        state.contracts["open_credit"][self.accounts] = 0
        state.positions["first_order"][self.positions] = NONE
        for held_for_orders in ("frozen", "open_buy", "open_orders"):
            state.positions[held_for_orders][self.positions] = 0
        state.header[0]["orders"] = state.header[0]["live_orders"] = 0
        state.header[0]["open_credit"] = 0

    # Rows -----------------------------------------------------------------------------------------

    def _copy_rows(self, depths: dict[int, tuple[int, int]]) -> None:
        real, state = self._real, self.state
        for table in ("accounts", "contracts"):
            _copy(getattr(real, table), getattr(state, table), self.accounts)
        _copy(real.positions, state.positions, [0, *self.positions])
        for table, first in (("lots", "first_lot"), ("claims", "first_claim")):
            rows = _chained(getattr(real, table), real.positions[first][self.positions].tolist())
            _copy(getattr(real, table), getattr(state, table), rows)
        own = [i for each in self.accounts for i in orders_of(self._source, each)]
        _copy(real.orders, state.orders, own)
        lent = [i for each in self.accounts for i in loans_of(self._source, each)]
        _copy(real.loans, state.loans, lent)
        held = real.positions["instrument"][self.positions].tolist()
        instruments = self._instruments = sorted({*held, *depths})
        for table in ("instruments", "exposures", "rules"):
            _copy(getattr(real, table), getattr(state, table), instruments)
        for name in ("holding", "waiting", "fixed", "first_waiting", "last_waiting"):
            state.instruments[name][instruments] = 0
        for name in ("tape_first", "tape_last"):  # an order needs no trades of the last minute
            state.instruments[name][instruments] = NONE
        self._begin_header()
        self._copy_slots(held, depths)
        self._make_stranger()
        self._copy_holders(instruments)

    def _begin_header(self) -> None:
        """New orders, positions and holders come where no copied row is."""
        header, real = self.state.header[0], self._real.header[0]
        header["free_order"] = NONE
        header["free_loan"] = NO_LOAN
        header["touched"] = header["live_orders"] = header["in_frame"] = 0
        header["tape"], header["free_tape"] = 0, NONE
        header["waiting"] = header["first_waiting"] = header["last_waiting"] = header["held"] = 0
        header["holders"] = real["holders"]
        limits = self.state.limits[0]
        limits["jump_ppm"] = limits["price_bounds"] = 0  # any price may be supposed
        start = 1
        for index in sorted(self.positions):
            if index - start >= NEW_POSITIONS:
                break
            start = index + 1
        header["positions"] = start

    def _copy_slots(self, held: list[int], depths: dict[int, tuple[int, int]]) -> None:
        """Everything a search for one of the copied keys can come upon."""
        owners = self._real.positions["account"][self.positions].tolist()
        keys = {_key(*pair) for pair in zip(owners, held, strict=True)}
        keys |= {_key(account, each) for account in (*self.accounts, self._stranger)
                 for each in depths}  # fmt: skip
        keys |= {person_key(person) for person in (*self._people, STRANGER_PERSON)}
        mask = len(self._real.slots) - 1
        homes = np.array([home_slot(key, mask) for key in keys], np.intp)
        _copy(self._real.slots, self.state.slots, (homes[:, None] + _PROBES).ravel() & mask)

    def _make_stranger(self) -> None:
        """Who has what others have in the books: a participant of the market."""
        row = self.state.accounts[self._stranger]
        row["klass"], row["status"] = AccountClass.MARKET, AccountStatus.OPEN
        row["person"], row["first_position"], row["product"] = STRANGER_PERSON, NONE, NONE
        self.state.contracts[self._stranger]["next_account"] = NONE
        self.state.header[0]["accounts"] = self._stranger + 1

    def _copy_holders(self, instruments: list[int]) -> None:
        """The slab of an instrument holds the copied positions alone."""
        state = self.state
        base = int(state.header[0]["holders"])
        held: dict[int, list[int]] = {}
        for index in self.positions:
            row = state.positions[index]
            if row["quantity"] > 0:
                held.setdefault(int(row["instrument"]), []).append(index)
        for instrument in instruments:
            mine = held.get(instrument, [])
            row = state.instruments[instrument]
            row["holder_base"], row["holders"] = base, len(mine)
            row["holder_capacity"] = len(mine) + 2
            for place, index in enumerate(mine):
                position = state.positions[index]
                position["holder"] = place
                state.holders[base + place] = (position["account"], index, position["quantity"])
            base += len(mine) + 2
        state.header[0]["holders"] = base

    # Books ----------------------------------------------------------------------------------------

    def _lay_books(self, depths: dict[int, tuple[int, int]]) -> None:
        """All that others have first, then the levels in which the person stands as well."""
        own = [
            (instrument, self._own_orders(instrument), *wanted)
            for instrument, wanted in depths.items()
        ]
        others = [self._empty_book(*each) for each in own]
        parts = [part for pair in others for part in pair if len(part)]
        if parts:
            self.apply(*parts)
        for instrument, slots, _, _ in own:
            for side, level in sorted(self._levels_of(slots)):
                self._lay_queue(instrument, side, level, slots)

    def _own_orders(self, instrument: int) -> set[int]:
        return {
            slot
            for account in self.accounts
            for slot in orders_of(self._source, account, instrument)
        }

    def _levels_of(self, slots: set[int]) -> set[tuple[int, int]]:
        orders = self._real.orders
        return {(int(orders[i]["side"]), int(orders[i]["level"])) for i in slots}

    def _empty_book(
        self, instrument: int, own: set[int], buys: int, sells: int
    ) -> tuple[Commands, Commands]:
        """Clears the copied book; what others have in it, where the person does not stand."""
        row = self.state.instruments[instrument]
        base, count = int(row["level_base"]), int(row["levels"])
        self.state.levels[base : base + 2 * count] = (NONE, NONE, 0)
        row["best"], row["live"] = NONE, 0
        ours = self._levels_of(own)
        return (
            self._others(instrument, Side.BUY, sells, ours),
            self._others(instrument, Side.SELL, buys, ours),
        )

    def _others(
        self, instrument: int, side: int, wanted: int, ours: set[tuple[int, int]]
    ) -> Commands:
        """One order a level, from the best one down, until `wanted` shares are there."""
        row = self._real.instruments[instrument]
        count, bottom, tick = (int(row[name]) for name in ("levels", "limit_down", "tick"))
        base = int(row["level_base"]) + side * count
        quantities = self._real.levels["quantity"][base : base + count].copy()
        quantities[[level for of, level in ours if of == side]] = 0
        levels = np.flatnonzero(quantities > 0)
        if side == Side.BUY:
            levels = levels[::-1]
        there = np.cumsum(quantities[levels])
        enough = int(np.searchsorted(there, wanted)) + OWN_SIDE
        levels = levels[: min(enough, DEEPEST)]
        return building.orders(
            *(self._stranger, instrument, side, self._type_in_book(instrument)),
            *(bottom + levels * tick, quantities[levels]),
        )

    def _lay_queue(self, instrument: int, side: int, level: int, own: set[int]) -> None:
        """A level that the person's own orders stand in, in its order of arrival."""
        row = self._real.instruments[instrument]
        place = int(row["level_base"]) + side * int(row["levels"]) + level
        slot, before = int(self._real.levels[place]["head"]), 0
        price = int(row["limit_down"]) + level * int(row["tick"])
        while slot != NONE:
            order = self._real.orders[slot]
            if slot in own:
                if before:
                    self.apply(self._order(instrument, side, price, before))
                before = 0
                self._queue(instrument, slot, order)
            else:
                before += int(order["remaining"])
            slot = int(order["next"])
        if before:
            self.apply(self._order(instrument, side, price, before))

    def _order(self, instrument: int, side: int, price: int, quantity: int) -> Commands:
        of = self._type_in_book(instrument)
        return building.order(self._stranger, instrument, side, of, price, quantity, Origin.MARKET)

    def _type_in_book(self, instrument: int) -> OrderType:
        """What the exchange takes into the book now."""
        after_hours = self.state.instruments[instrument]["phase"] == Phase.AFTER_HOURS
        return OrderType.FIXED_PRICE if after_hours else OrderType.LIMIT

    def _queue(self, instrument: int, slot: int, real: np.void) -> None:
        """Puts one of the person's own orders last in its level, as `book.insert` does."""
        state = self.state
        order, row = state.orders[slot], state.instruments[instrument]
        side, level = int(real["side"]), int(real["level"])
        queue = state.levels[int(row["level_base"]) + side * int(row["levels"]) + level]
        tail = int(queue["tail"])
        order["next"], order["previous"] = NONE, tail
        if tail == NONE:
            queue["head"] = slot
            self._set_bits(row, side, level)
        else:
            state.orders[tail]["next"] = slot
        queue["tail"] = slot
        queue["quantity"] += real["remaining"]
        row["live"][side] += 1
        state.header[0]["live_orders"] += 1

    def _set_bits(self, row: np.void, side: int, level: int) -> None:
        word = level >> 6
        words = self.state.words["bits"]
        place = int(row["word_base"]) + side * int(row["words"]) + word
        words[place] |= np.uint64(1 << (level & 63))
        summaries = self.state.summaries["bits"]
        place = int(row["summary_base"]) + side * int(row["summaries"]) + (word >> 6)
        summaries[place] |= np.uint64(1 << (word & 63))
        best = int(row["best"][side])
        if best == NONE or (level > best if side == Side.BUY else level < best):
            row["best"][side] = level


def _chained(table: NDArray[np.void], starts: Iterable[int]) -> list[int]:
    """Rows of the chains that begin at `starts`; row 0 ends one."""
    found: list[int] = []
    for start in starts:
        row = start
        while row:
            found.append(row)
            row = int(table[row]["next"])
    return found


def _depths(orders: Iterable[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """By instrument: shares to be bought, shares to be sold."""
    found: dict[int, tuple[int, int]] = {}
    for instrument, side, quantity in orders:
        buys, sells = found.get(instrument, (0, 0))
        wanted = max(0, quantity)
        found[instrument] = (buys + wanted, sells) if side == Side.BUY else (buys, sells + wanted)
    return found
