"""What one, two and three limit-downs of every holding would do, in slices."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine.engine import Engine
from server.protocol.desk import StressStep
from server.risk.desk_figures import PPM, Contracts, Ints, grades, sum_by

MOST_FALLS: Final = 3


def stress(engine: Engine) -> Iterator[StressStep]:
    """From no fall at all to `MOST_FALLS`, every holding by its board's limit each time.

    Each step is a slice of its own, of some milliseconds with 100,000 accounts. The first one takes
    a copy of all that the others need, so that commands may be applied in between.
    """
    contracts, holdings = Contracts(engine), _Holdings(engine)
    bounds = _bounds(engine, contracts)
    assets = contracts.assets
    for falls in range(MOST_FALLS + 1):
        if falls:
            assets = assets - holdings.fall()[contracts.account]
        grade = np.zeros(len(assets), np.int64)
        for line, bound in enumerate(bounds):
            grade[assets <= bound] = line + 1
        loss = int(np.maximum(contracts.debt - assets, 0).sum())
        yield StressStep(falls, grades(grade, contracts.debt), loss)


def _bounds(engine: Engine, contracts: Contracts) -> list[Ints]:
    """By line, the assets at or below which a contract has reached it; never without debt."""
    lines: NDArray[np.int64] = engine.state.terms["line_ppm"][contracts.product].astype(np.int64)
    whole, rest = np.divmod(contracts.debt, PPM)
    owing, never = contracts.debt > 0, np.iinfo(np.int64).min
    return [np.where(owing, whole * line + rest * line // PPM, never) for line in lines.T]


class _Holdings:
    """A copy of who holds how much of what, and of the prices."""

    def __init__(self, engine: Engine) -> None:
        header, days = engine.state.header[0], engine.state.instruments
        rows = engine.state.positions[: int(header["positions"])]
        held = np.flatnonzero(rows["quantity"] > 0)
        self._account, self._instrument = rows["account"][held], rows["instrument"][held]
        self._quantity: Ints = rows["quantity"][held]
        self._accounts = int(header["accounts"])
        self._price: Ints = days["mark"].copy()
        self._limit_ppm = days["limit_ppm"].astype(np.int64)

    def fall(self) -> Ints:
        """What each account loses in one more limit-down.

        Shares that are due and not there yet (bonus, rights) are worth something, and do not fall.
        """
        drop = self._price * self._limit_ppm // PPM
        self._price = self._price - drop
        lost = self._quantity * drop[self._instrument]
        return sum_by(self._account, lost, self._accounts)
