"""The moments of an agents' day: phases, call orders, steps, shocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from server.engine.codes import Phase
from server.market.agents.after_hours import STEPS as AFTER_STEPS
from server.market.agents.call import CLOSING_STEPS, STEPS
from server.market.agents.settings import Shock
from server.market.dates import time_us
from server.market.hours import Hours, Turn


@dataclass(frozen=True, slots=True)
class Timetable:
    """`times` are all moments in order; a shock falls on the first step not before its time."""

    times: Sequence[int]
    hours: Hours
    turns: Mapping[int, list[Turn]]
    shocks: Mapping[int, list[Shock]]

    @classmethod
    def of(
        cls,
        date: int,
        hours: Hours,
        turns: Mapping[int, list[Turn]],
        steps: int,
        shocks: Sequence[Shock],
    ) -> "Timetable":
        call = np.linspace(min(turns), hours.auction, STEPS + 2)[1:-1].astype(np.int64)
        continuous = hours.at(np.arange(1, steps + 1) * hours.length // steps)
        calls = [
            time
            for time, entered in turns.items()
            for turn in entered
            if turn.phase is Phase.CLOSING_CALL
        ]
        closing = [np.linspace(start, hours.close, CLOSING_STEPS + 2)[1:-1] for start in calls]
        after = _after_hours(turns)
        times = sorted(
            {
                *call.tolist(),
                *continuous.tolist(),
                *turns,
                *(int(time) for each in closing for time in each),
                *after,
            }
        )
        placed: dict[int, list[Shock]] = {}
        for shock in shocks:
            at = time_us(date, shock.at)
            placed.setdefault(next((t for t in times if t >= at), times[-1]), []).append(shock)
        return cls(times, hours, turns, placed)


def _after_hours(turns: Mapping[int, list[Turn]]) -> list[int]:
    """The moments of the orders after hours, where there are such hours."""
    starts = [
        time
        for time, entered in turns.items()
        if any(turn.phase is Phase.AFTER_HOURS for turn in entered)
    ]
    ends = max(turns)
    steps = [np.linspace(start, ends, AFTER_STEPS + 2)[1:-1] for start in starts]
    return [int(time) for each in steps for time in each]
