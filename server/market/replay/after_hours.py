"""What a replayed market brings after hours: as much to buy as to sell, at the close (section 2.2).

Either the file knows what traded then, or a share of the day's volume is drawn. At one price time
alone decides, so a trader who is first in the queue may have all of it: no participation caps it.
A buy and a sale of the same size meet whoever waits, then each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.market.columns import Ints
from server.market.replay.tape import Tape

PPM = 1_000_000
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class AfterHours:
    """Rows in order of time: at `time`, `instrument` has had `before` shares of a side, and has
    `until` with those that come now.
    """

    time: Ints
    instrument: Ints
    before: Ints
    until: Ints

    @classmethod
    def of(
        cls, tape: Tape, spans: Sequence[tuple[int, int] | None], share_ppm: Ints
    ) -> "AfterHours":
        """`spans` is each instrument's time after hours, `share_ppm` its drawn share of the day."""
        start = np.array([span[0] if span else np.iinfo(np.int64).max for span in spans], np.int64)
        time = np.repeat(tape.times, np.diff(tape.first))
        late = time >= start[tape.instrument]
        printed = _by_instrument(tape, late, len(spans))
        drawn = np.where(printed > 0, 0, _by_instrument(tape, ~late, len(spans)) * share_ppm // PPM)
        rows = [_rows(time[late], tape.instrument[late], tape.volume[late])]
        for span in sorted({span for span in spans if span}):
            who = np.flatnonzero(np.array([each == span for each in spans]) & (drawn > 0))
            rows.append(_every_minute(span, who, drawn[who]))
        return cls._in_order(np.concatenate(rows))

    @classmethod
    def _in_order(cls, rows: Ints) -> "AfterHours":
        time, instrument, quantity = rows[np.lexsort((rows[:, 0], rows[:, 1]))].T
        running = np.cumsum(quantity)
        first = np.diff(instrument, prepend=-1) != 0
        earlier = np.maximum.accumulate(np.where(first, running - quantity, 0))
        until = running - earlier
        order = np.lexsort((instrument, time))
        columns = (time, instrument, until - quantity, until)
        return cls(*(column[order] for column in columns))

    @property
    def times(self) -> list[int]:
        return np.unique(self.time).tolist()

    def coming(self, time: int, unit: Ints) -> tuple[Ints, Ints]:
        """(instruments, quantities) that come to each side now, in whole units of each."""
        rows = slice(*np.searchsorted(self.time, [time, time + 1]).tolist())
        who = self.instrument[rows]
        each = unit[who]
        quantity = (self.until[rows] // each - self.before[rows] // each) * each
        return who[quantity > 0], quantity[quantity > 0]


def _by_instrument(tape: Tape, rows: NDArray[np.bool_], count: int) -> Ints:
    """The volume of some of the tape's rows."""
    found = np.zeros(count, np.int64)
    np.add.at(found, tape.instrument[rows], tape.volume[rows])
    return found


def _every_minute(span: tuple[int, int], who: Ints, quantity: Ints) -> Ints:
    """The quantities spread evenly over a span."""
    moments = np.arange(span[0] + _MINUTE_US, span[1], _MINUTE_US)
    done = quantity[None, :] * np.arange(len(moments) + 1)[:, None] // max(len(moments), 1)
    times = np.repeat(moments, len(who))
    return _rows(times, np.tile(who, len(moments)), np.diff(done, axis=0).ravel())


def _rows(time: Ints, instrument: Ints, quantity: Ints) -> Ints:
    return np.stack([time, instrument, quantity], axis=1)
