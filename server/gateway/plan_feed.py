"""Pushes the plan of forced sales to whom it concerns, when it is another than it was."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np

from server.engine.codes import AccountClass, Grade
from server.engine.engine import Engine
from server.gateway.ports import Risk
from server.protocol.risk import LiquidationPlan

PASS_TICKS: Final = 10  # of some 100 ms each, from one look at an account to the next
AT_ONCE: Final = 5  # plans made in one tick: a plan takes up to a millisecond


class PlanFeed:
    """Looks at watched accounts at or below their remind line, some at a time."""

    def __init__(self, engine: Engine, risk: Risk) -> None:
        self._engine = engine
        self._risk = risk
        self._told: dict[int, LiquidationPlan] = {}  # the newest, of accounts that have one
        self._queue: deque[int] = deque()
        self._ticks = 0

    def tick(self, watched: Iterable[int]) -> list[LiquidationPlan]:
        """Plans that have changed; one without steps says that there is none any more."""
        self._ticks += 1
        if self._ticks >= PASS_TICKS and not self._queue:
            self._ticks = 0
            self._queue.extend(self._concerned(watched))
        changed: list[LiquidationPlan] = []
        for _ in range(min(AT_ONCE, len(self._queue))):
            plan = self._risk.plan(0, self._queue.popleft())
            if plan != self._told.get(plan.account):
                changed.append(plan)
                self._remember(plan)
        return changed

    def told(self, accounts: Iterable[int]) -> list[LiquidationPlan]:
        """The plans that stand, for somebody who has just come."""
        return [self._told[each] for each in accounts if each in self._told]

    def forget(self, account: int) -> None:
        """Nobody watches it any more."""
        self._told.pop(account, None)

    def _remember(self, plan: LiquidationPlan) -> None:
        if plan.steps is None:
            self._told.pop(plan.account, None)
        else:
            self._told[plan.account] = plan

    def _concerned(self, watched: Iterable[int]) -> list[int]:
        """Contracts below a line, and those that were when they were last looked at."""
        accounts = np.fromiter(watched, np.int64)
        rows = self._engine.state.accounts[accounts]
        below = (rows["klass"] == AccountClass.CONTRACT) & (rows["grade"] >= Grade.REMIND)
        had = np.isin(accounts, list(self._told))
        return accounts[below | had].tolist()
