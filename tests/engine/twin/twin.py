"""A second engine: slow, plain, obvious, written from the rules. The kernel must agree with it.

What no rule decides is taken from the engine's own description: an order's id is its generation and
its place in the arena, the place freed last is taken first; a slab of holders loses one by putting
its last in the gap; orders expire by place; contracts are graded in the order they were touched.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from server.engine.codes import Command
from tests.engine.twin.desk import RiskDesk
from tests.engine.twin.house import Values
from tests.engine.twin.told import Told, as_values


class Twin(RiskDesk):
    """Applies the engine's own command records, one at a time."""

    def apply(self, command: NDArray[np.void]) -> list[Told]:
        """The events of a one-record COMMAND array."""
        self.said = []
        values = as_values(command)
        self.time = values["time"]
        kind = Command(values["kind"])
        self.time = values["time"]
        _COMMANDS[kind](self, values)
        if not self.in_frame:
            self._grade_touched()
        return self.said


_COMMANDS: dict[Command, Callable[[Twin, Values], None]] = {
    command: getattr(Twin, command.name.lower())
    for command in Command
    if command != Command.FINANCING_MARGIN  # also the name of a figure
} | {Command.FINANCING_MARGIN: Twin.financing_margin_of}
