"""Orders and cancels: checked at the door, numbered, and answered when they are durable.

A handler submits before it first waits: requests of a connection keep their order.
"""

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import Event, OrderType, Side
from server.engine.what_if import what_if
from server.gateway.once import carry_out_once
from server.gateway.ports import Services
from server.gateway.refusals import (
    UNACKNOWLEDGED,
    check_client_id,
    event_refusal,
    unacknowledged,
)
from server.gateway.session import Session
from server.gateway.what_if_views import what_if_result
from server.history.service import HistoryFailed
from server.protocol import words
from server.protocol.reasons import refusal
from server.protocol.session import Failed, Ok
from server.protocol.trading import (
    CancelAll,
    CancelOrder,
    Placed,
    PlaceOrder,
    WhatIf,
    WhatIfResult,
)
from server.sequencing.idempotency import Outcome

SIDES: Final[dict[words.Side, Side]] = dict(zip(get_args(words.Side), Side, strict=True))
ORDER_TYPES: Final[dict[words.OrderType, OrderType]] = dict(
    zip(get_args(words.OrderType), OrderType, strict=True)
)


class OrderDesk:
    """The requests about orders."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def place(self, session: Session, request: PlaceOrder) -> Placed | Failed:
        instrument = self._check(session, request)
        if isinstance(instrument, Failed):
            return instrument
        bad_id = check_client_id(request.id, "client_order_id", request.client_order_id)
        if bad_id is not None:
            return bad_id
        command = building.order(
            *(request.account, instrument, SIDES[request.side], ORDER_TYPES[request.order_type]),
            *(_price(request), request.quantity),
            client_order_id=request.client_order_id.encode("ascii"),
        )
        done = await carry_out_once(
            self._services, request.id, command, "client_order_id_reused", "quantity"
        )
        if isinstance(done, Failed):
            return done
        if isinstance(done, Outcome):
            return await self._placed(request.id, done.order_id, duplicate=True)
        event = done.view(records.ORDER_EVENT)[0]
        if event["kind"] == Event.ORDER_REJECTED:
            return event_refusal(request.id, event, "quantity")
        return await self._placed(request.id, int(event["order_id"]), duplicate=False)

    def _check(self, session: Session, request: PlaceOrder | WhatIf) -> Failed | int:
        """The instrument's index, or why the engine need not be asked."""
        services = self._services
        assert session.person is not None, "requests come after the login"
        if not services.directory.owns(session.person.id, request.account):
            return refusal(request.id, "not_your_account", account=request.account)
        if abs(request.quantity) > records.MAX_QUANTITY:
            return refusal(request.id, "out_of_range", records.MAX_QUANTITY, "quantity")
        if abs(request.price) > records.MAX_PRICE:
            return refusal(request.id, "out_of_range", records.MAX_PRICE, "price")
        try:
            return services.engine.instrument(request.symbol)
        except KeyError:
            return refusal(request.id, "unknown_symbol", symbol=request.symbol[:16])

    async def _placed(self, request_id: int, order_id: int, *, duplicate: bool) -> Placed | Failed:
        history = self._services.history
        order = history.recent_order(order_id)
        if order is None:  # long over: it is in the tables alone
            try:
                order = await history.order(order_id)
            except HistoryFailed:
                return refusal(request_id, "overloaded")
        assert order is not None, "an accepted order is in history"
        return Placed(request_id, order, duplicate)

    async def cancel(self, session: Session, request: CancelOrder) -> Ok | Failed:
        command = building.cancel(request.account, request.order_id)
        return await self._cancel(session, request, command)

    async def cancel_all(self, session: Session, request: CancelAll) -> Ok | Failed:
        return await self._cancel(session, request, building.cancel_all(request.account))

    async def _cancel(
        self, session: Session, request: CancelOrder | CancelAll, command: NDArray[np.void]
    ) -> Ok | Failed:
        assert session.person is not None, "requests come after the login"
        if not self._services.directory.owns(session.person.id, request.account):
            return refusal(request.id, "not_your_account", account=request.account)
        try:
            events = await self._services.sequencer.submit(command)
        except UNACKNOWLEDGED as error:
            return unacknowledged(request.id, error)
        for event in events.view(records.ORDER_EVENT)[:1]:
            if event["kind"] == Event.CANCEL_REJECTED:
                return event_refusal(request.id, event, "number")
        return Ok(request.id)

    async def what_if(self, session: Session, request: WhatIf) -> WhatIfResult | Failed:
        """What the order would do; its refusal is part of the answer."""
        instrument = self._check(session, request)
        if isinstance(instrument, Failed):
            return instrument
        found = what_if(
            *(self._services.engine, request.account, instrument),
            *(SIDES[request.side], ORDER_TYPES[request.order_type]),
            *(_price(request), request.quantity),
        )
        return what_if_result(request.id, found)


def _price(request: PlaceOrder | WhatIf) -> int:
    """A market order has no price, whatever was sent."""
    return request.price if request.order_type == "limit" else 0
