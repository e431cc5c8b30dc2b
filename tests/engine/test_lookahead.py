"""What a batch looks ahead at is only hinted at: the same commands one by one give the same."""

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import AccountClass, Event, MarkPolicy, OrderType, Phase, Side
from server.engine.engine import Engine
from server.engine.terms import DayTerms
from tests.engine.world import MARKET, World, day_terms, money

AHEAD = 40  # commands, more than any step looks


def stamped(world: World, commands: list[NDArray[np.void]]) -> NDArray[np.void]:
    batch = building.concat(commands)
    numbers = np.arange(1, len(batch) + 1)
    batch["seq"], batch["time"] = world.seq + numbers, world.time + numbers
    return batch


def agrees(world: World, commands: list[NDArray[np.void]]) -> NDArray[np.void]:
    """Applies commands in one batch; asserts that they give the same singly."""
    batch = stamped(world, commands)
    single = Engine.restore(world.engine.snapshot())
    events = world.engine.apply(batch)
    singly = np.concatenate([single.apply(batch[i : i + 1]) for i in range(len(batch))])
    assert events.tobytes() == singly.tobytes()
    assert world.engine.state_hash() == single.state_hash()
    return events


def bid(account: int, instrument: int, price: int, quantity: int = 100) -> NDArray[np.void]:
    return building.order(account, instrument, Side.BUY, OrderType.LIMIT, price, quantity)


def next_day(terms: DayTerms) -> list[NDArray[np.void]]:
    """Two instruments' terms from the evening to continuous trading."""
    days = [building.instrument_day(i, terms) for i in range(2)]
    opening = [building.day_close(), building.day_open(20260106, MarkPolicy.SOURCE)]
    return [*opening, *days, building.ladders(), building.phase(building.ALL, Phase.CONTINUOUS)]


def test_a_day_that_widens_its_ladders_is_traded_on_in_the_same_batch() -> None:
    world = World(a="10.00", b="10.00")
    top = money("9000.00")
    wide = day_terms("10.00", limit_up=top, limit_down=100)
    orders = [bid(MARKET, i % 2, top - 100 * i) for i in range(AHEAD)]
    events = agrees(world, [*next_day(wide), *orders])
    assert (events["kind"] == Event.ORDER_ACCEPTED).sum() == AHEAD


def test_a_day_that_narrows_its_ladders_is_traded_on_in_the_same_batch() -> None:
    world = World(a="1000.00", b="1000.00")
    narrow = day_terms("10.00")
    orders = [bid(MARKET, 1, money("10.00")) for _ in range(AHEAD)]
    agrees(world, [*next_day(narrow), *orders])


def test_an_instrument_and_an_account_may_be_born_in_the_batch_that_trades_them() -> None:
    world = World(a="10.00")
    born = [
        building.instrument_add(1, "NEW.SSE"),
        building.account_open(7, AccountClass.CASH, 1),
        building.deposit(1, money(1_000_000)),
    ]
    orders = [bid(account, i, money("10.00")) for account in (0, 1, 2) for i in (0, 1, 2)]
    agrees(world, [*born, *orders * 4])


def test_nothing_that_a_command_says_is_taken_on_trust() -> None:
    world = World(a="10.00")
    huge = 2**31 - 1
    absurd = [
        bid(account, instrument, price, quantity)
        for account in (-huge, -1, 0, 1, huge)
        for instrument in (-huge, -1, 0, 1, huge)
        for price, quantity in ((-(2**62), 1), (0, 0), (2**62, 2**62), (money("10.00"), -5))
    ]
    absurd += [building.cancel(0, number) for number in (-(2**63), -1, 0, 5, 2**53, 2**63 - 1)]
    events = agrees(world, absurd)
    assert len(events) == len(absurd)


def test_cancels_and_makers_that_earlier_commands_of_the_batch_take_away() -> None:
    world = World(a="10.00")
    trader = world.person(1, 1_000_000)
    offers = [world.order(MARKET, Side.SELL, "a", 100, "10.00") for _ in range(AHEAD)]
    takes = [bid(trader, 0, money("10.00")) for _ in range(AHEAD // 2)]
    cancels = [building.cancel(MARKET, order or 0) for order in offers]
    agrees(world, [each for pair in zip(takes, cancels, strict=False) for each in pair])
    agrees(world, [*cancels, *takes, *cancels])


def test_records_keep_to_cache_lines() -> None:
    state = World(a="10.00").engine.state
    for table in (state.accounts, state.positions, state.orders, state.instruments):
        assert table.dtype.itemsize % 64 == 0
        assert table.ctypes.data % 64 == 0
    assert records.COMMAND.itemsize % 64 == 0
