"""A recorded stream of traders' commands: half new orders, a third cancels, the rest aggressive."""

import numpy as np
from numpy.typing import NDArray

from bench.population import PRICE, TICK, Commands, Population
from server.engine import building, records
from server.engine.codes import Command, Event, OrderType, Origin, Side

ADDS_PPM, CANCELS_PPM = 500_000, 350_000
DEPTH = 20  # ticks away from the middle that resting orders spread over
_CHUNK = 1_024


class Flow:
    """Commands in the order they were played; `events` is how many they made."""

    def __init__(self, population: Population, count: int, seed: int = 7) -> None:
        self._population = population
        self._random = np.random.default_rng(seed)
        self._open: NDArray[np.int64] = np.zeros((0, 2), np.int64)  # (account, order id)
        chunks: list[Commands] = []
        self.events = 0
        for _ in range(count // _CHUNK):
            commands = self._chunk()
            events = population.apply(commands)
            self.events += len(events)
            self._remember(events.view(records.ORDER_EVENT))
            chunks.append(commands)
        self.commands = np.concatenate(chunks)

    def _chunk(self) -> Commands:
        commands = self._orders()
        wanted = self._random.random(_CHUNK) < CANCELS_PPM / 1_000_000
        rows = np.flatnonzero(wanted)[: len(self._open)]
        picked = self._random.permutation(len(self._open))[: len(rows)]
        cancels = np.zeros(len(rows), records.CANCEL)
        cancels["kind"], cancels["origin"] = Command.CANCEL, Origin.CLIENT
        cancels["instrument"] = -1
        cancels["account"], cancels["order_id"] = self._open[picked].T
        commands[rows] = cancels.view(records.COMMAND)
        self._open = np.delete(self._open, picked, axis=0)
        return commands

    def _orders(self) -> Commands:
        """Bids below the middle and offers above it, or through it when they are aggressive."""
        random, population = self._random, self._population
        side = random.integers(0, 2, _CHUNK)
        direction = np.where(side == Side.BUY, -1, 1)
        resting = random.random(_CHUNK) < ADDS_PPM / (1_000_000 - CANCELS_PPM)
        away = random.integers(1, DEPTH, _CHUNK)
        ticks = np.where(resting, away, -3) * direction
        account = random.integers(1, population.accounts, _CHUNK)
        turn = random.integers(0, min(3, population.instruments), _CHUNK)
        return building.orders(
            account,
            (account * 7 + turn * 13) % population.instruments,
            side,
            OrderType.LIMIT,
            PRICE + ticks * TICK,
            random.integers(1, 6, _CHUNK) * 100,
            Origin.CLIENT,
        )

    def _remember(self, events: NDArray[np.void]) -> None:
        accepted = events[events["kind"] == Event.ORDER_ACCEPTED]
        new = np.stack([accepted["account"], accepted["order_id"]], axis=1)
        self._open = np.concatenate([self._open, new])[-50_000:]
