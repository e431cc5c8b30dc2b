"""A hundred thousand accounts on the eve of a mass day: everybody fully invested.

Each person has an unleveraged account and one contract of every slot; a slot is a family's
products, which the persons take in turn.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.mass_paths import Paths
from server.accounts.products import Product, load_products, offered, product_commands
from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import (
    AccountClass,
    Event,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.market.dates import time_us
from server.market.hours import SESSION_START
from server.market.opening import DayInstrument, DayWarning, day_commands, listing_commands
from server.market.rules import Rules
from server.market.universe import UniverseEntry

Ints = NDArray[np.int64]
Watch = Callable[[Commands, Commands], None]  # of a batch and its events

YUAN = 10_000
PPM = 1_000_000
MAKER = 0
EVE, DAY = 20250403, 20250407
DEPOSIT = 1_000_000 * YUAN
OWN = 2_000_000 * YUAN  # what an unleveraged account buys for
HOLDINGS = 4
SHARE_PPM = 240_000  # of what there is to invest, in each of four shares
DRAWN_HOLDINGS = 8
DRAWN_PPM = 120_000  # of the deposit, in each of eight shares, as often as the line allows
LARGEST = 1_000_000  # shares an order
_CHUNK = 8_192
_OFFER = 1_000_000_000


class Crowd(NamedTuple):
    """Accounts are numbered: the maker, the persons' own, then slot by slot."""

    persons: int
    slots: Sequence[Sequence[Product]]

    @property
    def accounts(self) -> int:
        return self.persons * (1 + len(self.slots))

    def first(self, slot: int) -> int:
        return 1 + self.persons * (1 + slot)

    def product(self, slot: int, person: int) -> Product:
        return self.slots[slot][person % len(self.slots[slot])]


def families(products: Sequence[Product], slots: int) -> list[list[Product]]:
    """The offered products by family, repeated until there are `slots`."""
    by_family: dict[str, list[Product]] = {}
    for product in offered(products):
        if product.leverage == 0:  # the unleveraged account, which everybody has
            continue
        by_family.setdefault(_family(product), []).append(product)
    found = list(by_family.values())
    return [found[slot % len(found)] for slot in range(max(slots, len(found)))]


def _family(product: Product) -> str:
    return str(getattr(product, "family", "fixed"))


class Stage:
    """The engine and its clock; every batch is remembered for the replay, and shown to `watch`.

    `engine_s` is the processor time that the engine alone has taken.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.engine = Engine()
        self.batches: list[Commands] = []
        self.time = time_us(EVE, SESSION_START)
        self.engine_s = 0.0

    def apply(self, commands: Commands) -> Commands:
        """Stamps, remembers and applies one batch; its events."""
        self.time += 1
        commands["seq"] = np.arange(len(commands)) + self.engine.seq + 1
        commands["time"] = self.time
        self.batches.append(commands)
        start = time.process_time()
        events = self.engine.apply(commands)
        self.engine_s += time.process_time() - start
        self.watch(commands, events)
        return events

    def apply_all(self, parts: Sequence[Commands]) -> None:
        """In chunks; nothing may be refused."""
        for start in range(0, len(parts), _CHUNK):
            _accepted(self.apply(building.concat(parts[start : start + _CHUNK])))


def instruments_of(paths: Paths, *, eve: bool) -> list[DayInstrument]:
    """On the eve everything trades."""
    found: list[DayInstrument] = []
    for index in range(paths.prices.shape[1]):
        shape = paths.shape(index)
        code = f"{index:06d}"
        entry = UniverseEntry(
            code=code, exchange=shape.exchange, board=shape.board, kind="share", name=code
        )
        halted = shape.candle is None and not eve
        found.append(
            DayInstrument(index, entry, shape.reference, shape.status, halted, int(halted))
        )
    return found


def opening(paths: Paths, rules: Rules, date: int) -> Commands:
    """The day by the rules of its date, then continuous trading."""
    items = instruments_of(paths, eve=date == EVE)
    previous = 0 if date == EVE else EVE
    commands = day_commands(
        date, items, rules, MarkPolicy.SOURCE, previous_date=previous, report=_refuse
    )
    return building.concat([commands, building.phase(building.ALL, Phase.CONTINUOUS)])


def _refuse(warning: DayWarning) -> None:
    raise ValueError(f"{warning.symbol}: {warning.kind}")


def invested(paths: Paths, crowd: Crowd, rules: Rules, watch: Watch) -> Stage:
    """The engine after the eve's close."""
    stage = Stage(watch)
    entries = [item.entry for item in instruments_of(paths, eve=True)]
    stage.apply(building.concat([listing_commands(entries), product_commands(load_products())]))
    stage.apply(opening(paths, rules, EVE))
    _open_accounts(stage, crowd)
    _invest(stage, crowd, paths)
    stage.apply(building.concat([building.phase(building.ALL, Phase.CLOSED), building.day_close()]))
    return stage


def _open_accounts(stage: Stage, crowd: Crowd) -> None:
    persons = range(1, crowd.persons + 1)
    cash = len(crowd.slots) * DEPOSIT + OWN + YUAN
    stage.apply_all([building.account_open(0, AccountClass.MARKET, MAKER)])
    stage.apply_all([building.account_open(i, AccountClass.CASH, i) for i in persons])
    stage.apply_all([building.deposit(i, cash) for i in persons])
    for slot in range(len(crowd.slots)):
        first = crowd.first(slot)
        stage.apply_all(
            [
                building.contract_open(
                    i, crowd.product(slot, i - 1).product, DEPOSIT, account=first + i - 1
                )
                for i in persons
            ]
        )


def _invest(stage: Stage, crowd: Crowd, paths: Paths) -> None:
    """Everybody buys four shares of the maker at the reference price."""
    count = paths.prices.shape[1]
    reference = np.array([paths.shape(i).reference for i in range(count)], np.int64)
    everything: Ints = np.arange(count, dtype=np.int64)
    plain = [i for i in range(count) if _is_plain(paths, i)]
    for _ in range(2 + crowd.accounts * HOLDINGS * LARGEST // count // _OFFER):
        offers = _orders(MAKER, everything, Side.SELL, reference, _OFFER, Origin.MARKET)
        _accepted(stage.apply(offers))
    admissible = np.array(plain, np.int64)
    for purchase in _purchases(crowd):
        place = purchase.account * 7 + purchase.turn * 131
        anything = purchase.account <= crowd.persons
        share = np.where(anything, place % count, admissible[place % len(admissible)])
        price = reference[share]
        quantity = np.minimum(purchase.worth // price, LARGEST) // 100 * 100
        bought = np.flatnonzero(quantity > 0)
        for part in np.array_split(bought, max(1, len(bought) // _CHUNK)):
            orders = (purchase.account[part], share[part], Side.BUY, price[part], quantity[part])
            commands = _orders(*orders, Origin.CLIENT)
            if purchase.financed:
                commands.view(records.ORDER)["financed"] = 1
            _accepted(stage.apply(commands))


class Purchase(NamedTuple):
    """One share for each of these accounts, for so much money."""

    account: Ints
    worth: Ints
    turn: int
    financed: bool = False


def _purchases(crowd: Crowd) -> Iterator[Purchase]:
    """The unleveraged accounts' and, slot by slot, the contracts'.

    Where money is drawn as it is used the assets grow with each purchase, and the caps with them:
    those buy in rounds.
    """
    own = np.arange(1, crowd.persons + 1)
    for turn in range(HOLDINGS):
        yield Purchase(own, np.full(crowd.persons, OWN * SHARE_PPM // PPM), turn)
    for slot, products in enumerate(crowd.slots):
        account = crowd.first(slot) + own - 1
        leverage = np.array([crowd.product(slot, i).leverage for i in range(crowd.persons)])
        family = _family(products[0])
        if family == "fixed":
            worth = DEPOSIT * (1 + leverage) * SHARE_PPM // PPM
            yield from (Purchase(account, worth, turn) for turn in range(HOLDINGS))
            continue
        rounds = products[0].leverage + (family != "licensed")
        worth = np.full(crowd.persons, DEPOSIT * DRAWN_PPM // PPM)
        for turn in [*range(DRAWN_HOLDINGS)] * rounds:
            yield Purchase(account, worth, turn, financed=family == "licensed")


def _is_plain(paths: Paths, instrument: int) -> bool:
    """Whether every product lets it be held in full: main boards, no risk warning."""
    shape = paths.shape(instrument)
    return shape.board == "main" and shape.status == "normal"


def _orders(
    account: int | Ints, share: Ints, side: Side, price: Ints, quantity: int | Ints, origin: Origin
) -> Commands:
    return building.orders(account, share, side, OrderType.LIMIT, price, quantity, origin)


def _accepted(events: Commands) -> None:
    refused = np.isin(events["kind"], (Event.ORDER_REJECTED, Event.COMMAND_REJECTED))
    if refused.any():
        raise ValueError(f"refused: {events[refused].view(records.ORDER_EVENT)[0]}")
