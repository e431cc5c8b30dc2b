"""The risk officer's requests; `requests` lets nobody else come here."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, get_args

from server.gateway.desk_feed import sliced_stress
from server.gateway.fanout import Fanout
from server.gateway.ports import Services
from server.gateway.refusals import UNACKNOWLEDGED, check_client_id, unacknowledged
from server.gateway.session import Session
from server.protocol import desk
from server.protocol.desk_acts import (
    DeskActionList,
    DeskActions,
    DeskDone,
    DeskHold,
    DeskPlatform,
    DeskPrice,
    DeskReduce,
    DeskRelease,
    DeskStop,
)
from server.protocol.messages import DeskRequest
from server.protocol.reasons import refusal
from server.protocol.risk import LiquidationPlan
from server.protocol.session import Failed, Ok
from server.risk.desk import ACT_WORDS
from server.risk.desk_figures import unsellable
from server.risk.desk_store import ActionRow
from server.risk.desk_views import LONGEST_LIST, DeskRefused
from server.risk.stock_exposure import stocks

OFFICERS_ONLY: Final = frozenset(get_args(DeskRequest))
ROLE: Final = "risk_officer"
MOST_WINDOWS: Final = 8
LARGEST_OFFSET: Final = 1 << 31
Doing = DeskHold | DeskRelease | DeskReduce | DeskStop | DeskPrice | DeskPlatform


class OfficerDesk:
    """Each answer that reads whole tables is one turn of the loop, one at a time a client."""

    def __init__(self, services: Services, fanout: Fanout) -> None:
        self._services = services
        self._fanout = fanout

    async def watch(self, session: Session, request: desk.DeskWatch) -> Ok | Failed:
        if len(request.windows) > MOST_WINDOWS:
            return refusal(request.id, "out_of_range", MOST_WINDOWS)
        for window in request.windows:
            if not 0 <= window.offset <= LARGEST_OFFSET:
                return refusal(request.id, "out_of_range", LARGEST_OFFSET)
        self._fanout.desk.watch(session, request.windows)
        return Ok(request.id)

    async def overview(self, session: Session, request: desk.DeskOverview) -> desk.Overview:
        async with session.long_turn():
            return self._services.risk.desk.overview(request.id)

    async def stress(self, session: Session, request: desk.DeskStress) -> desk.Stress:
        async with session.long_turn():
            return await sliced_stress(request.id, self._services.engine)

    async def accounts(self, session: Session, request: desk.DeskAccounts) -> desk.DeskAccountPage:
        async with session.long_turn():
            return self._services.risk.desk.accounts(request)

    async def calls(self, session: Session, request: desk.DeskCalls) -> desk.DeskCallList:
        async with session.long_turn():
            return self._services.risk.desk.calls(request.id)

    async def plans(self, session: Session, request: desk.DeskPlans) -> desk.DeskPlanList:
        async with session.long_turn():
            return self._services.risk.desk.plans(request.id)

    async def plan(self, session: Session, request: desk.DeskPlan) -> LiquidationPlan | Failed:
        try:
            return self._services.risk.desk.plan(request.id, request.account)
        except DeskRefused as refused:
            return refusal(request.id, refused.code)

    async def unsellable(
        self, session: Session, request: desk.DeskUnsellable
    ) -> desk.UnsellableList:
        async with session.long_turn():
            return unsellable(request.id, self._services.engine)

    async def stocks(self, session: Session, request: desk.DeskStocks) -> desk.StockList:
        async with session.long_turn():
            return stocks(request.id, self._services.engine)

    async def tomorrow(
        self, session: Session, request: desk.DeskTomorrow
    ) -> desk.TomorrowList | Failed:
        try:
            async with session.long_turn():
                found = self._services.risk.falling(request.id)
        except LookupError:
            return refusal(request.id, "no_session_known")
        return desk.TomorrowList(request.id, len(found), found[:LONGEST_LIST])

    async def actions(self, session: Session, request: DeskActions) -> DeskActionList:
        return await self._services.risk.desk.actions(request.id, request.limit)

    async def hold(self, session: Session, request: DeskHold) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.hold, session)

    async def release(self, session: Session, request: DeskRelease) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.release, session)

    async def reduce(self, session: Session, request: DeskReduce) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.reduce, session)

    async def stop(self, session: Session, request: DeskStop) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.stop, session)

    async def price(self, session: Session, request: DeskPrice) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.price, session)

    async def platform(self, session: Session, request: DeskPlatform) -> DeskDone | Failed:
        return await self._done(request, self._services.risk.desk.platform, session)

    async def _done(
        self,
        request: Doing,
        act: Callable[[int, Any], Awaitable[tuple[ActionRow, bool]]],
        session: Session,
    ) -> DeskDone | Failed:
        """Does it for the officer of the session, once for the request's id."""
        bad_id = check_client_id(request.id, "request_id", request.request_id)
        if bad_id is not None:
            return bad_id
        try:
            row, duplicate = await act(_officer(session), request)
        except DeskRefused as refused:
            return refusal(request.id, refused.code, refused.figure)
        except UNACKNOWLEDGED as error:
            return unacknowledged(request.id, error)
        return DeskDone(request.id, row.action_id, ACT_WORDS[row.action], duplicate)


def _officer(session: Session) -> int:
    assert session.person is not None, "requests come after the login"
    return session.person.id
