"""The engine under a scenario: one command at a time, each followed by the invariants."""

import numpy as np

from server.engine import records
from server.engine.building import Commands
from server.engine.engine import Engine
from server.scenarios.invariants import check_invariants

SECOND_US = 1_000_000


class Stage:
    """An engine and its clock, which goes on by a second a command."""

    def __init__(self, start: int) -> None:
        """`start` is a market time, µs since the epoch."""
        self.engine = Engine()
        self._time = start

    def apply(self, commands: Commands) -> Commands:
        """The events of all commands; raises InvariantBroken."""
        events = [self._apply_one(commands[i : i + 1]) for i in range(len(commands))]
        return np.concatenate(events) if events else np.zeros(0, records.EVENT)

    def go_to(self, time: int) -> None:
        """The clock never goes back."""
        self._time = max(self._time, time)

    def _apply_one(self, command: Commands) -> Commands:
        self._time += SECOND_US
        command["seq"] = self.engine.seq + 1
        command["time"] = self._time
        events = self.engine.apply(command)
        check_invariants(self.engine)
        return events
