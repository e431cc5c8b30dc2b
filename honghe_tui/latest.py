"""Questions that supersede one another: one in flight, and only the newest waits."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Q = TypeVar("Q")


class LatestWins(Generic[Q]):
    """`await ask(q)` answers `q`, and then whatever was asked last meanwhile.

    What was asked in between is never sent: a server that answers slowly is asked seldom.
    """

    def __init__(self, answer: Callable[[Q], Awaitable[None]]) -> None:
        self._answer = answer
        self._waiting: Q | None = None
        self._busy = False

    async def ask(self, question: Q) -> None:
        """Returns at once when another question is in flight, whose asker goes on with this."""
        self._waiting = question
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting is not None:
                newest, self._waiting = self._waiting, None
                await self._answer(newest)
        finally:
            self._busy = False
