"""Temporary halts in the twin (section 1.7), in plain fractions."""

from collections.abc import Iterator
from fractions import Fraction

from server.engine.codes import Event, Phase
from tests.engine.twin.model import PPM, Instrument
from tests.engine.twin.trading import Trading

TEN_MINUTES_US = 600_000_000


def _reached(instrument: Instrument) -> Iterator[tuple[int, int]]:
    """(bit, threshold) of every threshold that the day's prices have reached."""
    rise = Fraction(instrument.high, instrument.open) - 1
    fall = 1 - Fraction(instrument.low, instrument.open)
    for i, ppm in enumerate(instrument.rules.halt_ppm):
        if ppm > 0 and rise * PPM >= ppm:
            yield 1 << 2 * i, ppm
        if ppm > 0 and fall * PPM >= ppm:
            yield 2 << 2 * i, ppm


class Halting(Trading):
    def _watch(self, instrument: Instrument) -> None:
        if instrument.phase != Phase.CONTINUOUS or instrument.open == 0:
            return
        new = [(bit, ppm) for bit, ppm in _reached(instrument) if not instrument.halts & bit]
        if new:
            instrument.halts |= sum(bit for bit, _ in new)
            instrument.phase = Phase.HALTED
            instrument.halt_until = self.time + TEN_MINUTES_US
            self._tell_halt(instrument, new[-1][1])

    def _tell_halt(self, instrument: Instrument, ppm: int) -> None:
        self.say(
            Event.TRADING_HALTED,
            -1,
            self._index(instrument),
            price=instrument.last,
            base=instrument.open,
            until=instrument.halt_until,
            halt_ppm=ppm,
        )

    def _end_halt(self, instrument: Instrument, phase: Phase, price: int, quantity: int) -> None:
        instrument.phase, instrument.halt_until = phase, 0
        index = self._index(instrument)
        self.say(Event.TRADING_RESUMED, -1, index, price=price, quantity=quantity)

    def _index(self, instrument: Instrument) -> int:
        return next(i for i, other in enumerate(self.instruments) if other is instrument)

    def _turn(self, instrument: Instrument, phase: Phase) -> None:
        """The market's next phase; lunch is no part of the ten minutes."""
        if instrument.halt_until == 0:
            instrument.phase = phase
        elif phase == Phase.LUNCH:
            if instrument.halt_until > 0:
                instrument.halt_until = -max(1, instrument.halt_until - self.time)
            instrument.phase = phase
        elif phase == Phase.CONTINUOUS:
            instrument.phase = Phase.HALTED
            if instrument.halt_until < 0:
                instrument.halt_until = self.time - instrument.halt_until
                self._tell_halt(instrument, 0)
        elif phase == Phase.CLOSING_CALL:
            self._end_halt(instrument, phase, 0, 0)
        else:
            instrument.phase = Phase.CLOSED
