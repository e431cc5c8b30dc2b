"""Pushes what risk officers look at: each window's newest state, when it is another than it was."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import msgspec

from server.engine.engine import Engine
from server.gateway.encoded import Encoded
from server.gateway.ports import Services
from server.gateway.session import Session
from server.protocol import desk, desk_acts
from server.protocol.words import DeskView
from server.risk.desk_figures import unsellable
from server.risk.desk_views import LONGEST_LIST
from server.risk.stock_exposure import stocks
from server.risk.stress import stress

FRAME_S: Final = 0.5
REST: Final = 19  # times as long as a look took: it has a twentieth of a core at the most
QUIET_S: Final = 5.0  # looked at though no command was applied: what is no command's, as reading
NEWEST_ACTIONS: Final = 100

Ask = Callable[[desk.DeskWindow], Awaitable[Any]]


class DeskFeed:
    """A window that several officers have open is made once; nobody looking costs nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told: dict[Session, dict[desk.DeskWindow, bytes]] = {}  # b"": nothing yet
        self._opened = asyncio.Event()
        self._seq, self._looked = -1, 0.0
        self._asks: dict[DeskView, Ask] = {
            "accounts": self._accounts,
            "stress": self._stress,
            "tomorrow": self._tomorrow,
            "actions": self._actions,
        }

    def watch(self, session: Session, windows: Iterable[desk.DeskWindow]) -> None:
        """From now on these, in place of those before; a new one is told at once."""
        before = self._told.pop(session, {})
        told = {window: before.get(window, b"") for window in windows}
        if told:
            self._told[session] = told
            self._opened.set()

    def drop(self, session: Session) -> None:
        self._told.pop(session, None)

    @property
    def watched(self) -> set[desk.DeskWindow]:
        """What anybody has open."""
        return {window for told in self._told.values() for window in told}

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        rest, due = FRAME_S, 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._opened.wait(), rest if self._told else None)
            self._opened.clear()
            begun = loop.time()
            if begun < due:
                await self.look(new=True)
            elif self._may_differ(begun):
                await self.look()
                rest = max(FRAME_S, REST * (loop.time() - begun))
                due = loop.time() + rest

    def _may_differ(self, now: float) -> bool:
        seq = self._services.engine.seq
        if seq == self._seq and now < self._looked + QUIET_S and not self._untold():
            return False
        self._seq, self._looked = seq, now
        return True

    def _untold(self) -> set[desk.DeskWindow]:
        return {w for told in self._told.values() for w, what in told.items() if not what}

    async def look(self, *, new: bool = False) -> None:
        """Asks for every open window, or for the `new` ones; each is a turn of the loop."""
        for window in self._untold() if new else self.watched:
            found = await self._ask(window)
            message = Encoded({window: found})
            for session, told in self._told.items():
                if window in told:
                    self._tell(session, window, bytes(message.one(window, session.codec)))
            await asyncio.sleep(0)

    def _tell(self, session: Session, window: desk.DeskWindow, encoded: bytes) -> None:
        if encoded != self._told[session][window]:
            self._told[session][window] = encoded
            session.push_newest(("desk", window), msgspec.Raw(encoded))
            session.flush_soon()

    # What is in a window

    async def _ask(self, window: desk.DeskWindow) -> Any:
        if window.view in self._asks:
            return await self._asks[window.view](window)
        return self._read(window.view)

    def _read(self, view: DeskView) -> Any:
        risk_desk, engine = self._services.risk.desk, self._services.engine
        match view:
            case "calls":
                return risk_desk.calls(0)
            case "plans":
                return risk_desk.plans(0)
            case "unsellable":
                return unsellable(0, engine)
            case "stocks":
                return stocks(0, engine)
            case _:
                return risk_desk.overview(0)

    async def _accounts(self, window: desk.DeskWindow) -> desk.DeskAccountPage:
        asked = desk.DeskAccounts(0, window.sort, window.offset, window.limit, window.from_grade)
        return self._services.risk.desk.accounts(asked)

    async def _stress(self, _: desk.DeskWindow) -> desk.Stress:
        return await sliced_stress(0, self._services.engine)

    async def _tomorrow(self, _: desk.DeskWindow) -> desk.TomorrowList:
        """Nobody, where the calendar knows no next session."""
        try:
            found = self._services.risk.falling(0)
        except LookupError:
            found = []
        return desk.TomorrowList(0, len(found), found[:LONGEST_LIST])

    async def _actions(self, _: desk.DeskWindow) -> desk_acts.DeskActionList:
        return await self._services.risk.desk.actions(0, NEWEST_ACTIONS)


async def sliced_stress(request_id: int, engine: Engine) -> desk.Stress:
    """One slice a turn of the loop."""
    steps: list[desk.StressStep] = []
    for step in stress(engine):
        steps.append(step)
        await asyncio.sleep(0)
    return desk.Stress(request_id, steps)
