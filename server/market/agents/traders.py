"""All agents of one day together: who is looked at in a step, and in which order they act."""

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import CALLS, Phase
from server.engine.layout import State
from server.market.agents.after_hours import after_hours_orders
from server.market.agents.book import DayBook
from server.market.agents.call import call_orders
from server.market.agents.makers import Makers, pull
from server.market.agents.settings import AgentsSettings
from server.market.agents.takers import Takers
from server.market.agents.temper import Temper
from server.market.columns import Floats, Ints, Mask
from server.market.hours import Hours

_ATTENTION = 0.22  # chance of an instrument to be looked at in a step of the quiet hours
_USUAL_STEPS = 4_800
_MORNING, _EVENING = 25.0, 15.0  # minutes over which the busy opening and close die away
_BUSIER = 1.2  # at the opening, as a multiple of the quiet hours, on top of them
_CLOSING = 0.6
_ORDERS_A_LOOK = 2.4  # usual orders that trade, when an instrument is looked at
_LEVEL_SIZE = 2.0  # of a usual order, that a maker puts on a level
_JUMP = 0.006  # of the price, away from the value: then makers pull their quotes
_MEMORY = 0.97  # of the trend, a step
_EAGER = 6.0
_MINUTE_US = 60_000_000


class Traders:
    """Made when the day has been opened in `state`."""

    def __init__(
        self, state: State, temper: Temper, settings: AgentsSettings, hours: Hours, rng: Generator
    ) -> None:
        self._rng = rng
        self._temper = temper
        self._hours = hours
        self._attention = _ATTENTION * settings.activity * _USUAL_STEPS / settings.steps_a_day
        self._book = DayBook.of(state, len(temper.sector))
        self._spacing = temper.spacing(self._book.reference, self._book.tick)
        looks = _ATTENTION * settings.activity * _USUAL_STEPS * self._mean_busyness()
        self._size = temper.day_volume / (looks * _ORDERS_A_LOOK)
        self._makers = Makers(self._book, self._spacing, self._size * _LEVEL_SIZE, rng)
        self._takers = Takers(self._book, self._spacing, self._size, rng)
        self._last = self._prices(state)
        self._trend = np.zeros(len(self._last))

    @property
    def open(self) -> Mask:
        """Instruments that may be traded today."""
        return self._book.open

    def call(self, state: State, value: Floats) -> Commands:
        """A frame of call orders, for the instruments that are in a call."""
        phase = state.instruments["phase"][: len(self._last)]
        here = np.isin(phase, CALLS)
        believed = self._believed(value)
        return call_orders(self._book, here, self._spacing, self._size, believed, self._rng)

    def after_hours(self, state: State, rng: Generator) -> Commands:
        """A frame after the close, for the instruments that trade at a fixed price."""
        return after_hours_orders(state, self._book, self._size, rng)

    def open_books(self, state: State, value: Floats, here: Mask) -> Commands:
        """Makers' first quotes as continuous trading begins."""
        who = np.flatnonzero(here & self._book.open)
        return self._makers.quote(state, who, self._believed(value)[who], who < 0)

    def step(self, state: State, time: int, value: Floats) -> Commands:
        """A frame of continuous trading."""
        last = self._prices(state)
        self._trend *= _MEMORY
        self._trend += np.log(last / self._last) / self._temper.deviation
        self._last = last
        who = self._looked_at(state, time)
        believed = self._believed(value)[who]
        jumped = np.abs(believed / last[who] - 1) > _JUMP
        return building.concat(
            [
                pull(who[jumped]),
                self._takers.informed(state, who, believed),
                self._takers.momentum(state, who, _EAGER * self._trend[who]),
                self._takers.noise(state, who),
                self._makers.quote(state, who, believed, jumped),
                self._takers.patient(state, who),
            ]
        )

    def _looked_at(self, state: State, time: int) -> Ints:
        phase = state.instruments["phase"][: len(self._last)]
        minute = self._hours.elapsed(time) / _MINUTE_US
        chance = self._attention * float(_busyness(np.array(minute)))
        seen = self._rng.random(len(self._last)) < chance
        return np.flatnonzero(seen & self._book.open & (phase == Phase.CONTINUOUS))

    def _believed(self, value: Floats) -> Floats:
        """The value as far as the day's limits let it show: one level beyond them at most."""
        book = self._book
        room = self._spacing * book.tick * 1.5
        return np.clip(value, book.limit_down - room, book.limit_up + room)

    def _prices(self, state: State) -> Floats:
        last = state.instruments["last"][: len(self._temper.sector)]
        return last.astype(np.float64)

    def _mean_busyness(self) -> float:
        return float(_busyness(np.arange(240.0)).mean())


def _busyness(minute: Floats) -> Floats:
    """Attention by minutes of trading, the quiet hours' being 1."""
    opening = _BUSIER * np.exp(-minute / _MORNING)
    return 1 + opening + _CLOSING * np.exp((minute - 240) / _EVENING)
