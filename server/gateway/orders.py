"""Orders and cancels: checked at the door, entered, and answered when they are durable.

A handler that returns nothing has entered a command, whose ticket brings the answer.
"""

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import OrderType, Side
from server.engine.what_if import what_if
from server.gateway.commands import Asking, CommandDesk
from server.gateway.ports import Services
from server.gateway.refusals import check_client_id
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
from server.sequencing.outcomes import Outcome

SIDES: Final[dict[words.Side, Side]] = dict(zip(get_args(words.Side), Side, strict=True))
ORDER_TYPES: Final[dict[words.OrderType, OrderType]] = dict(
    zip(get_args(words.OrderType), OrderType, strict=True)
)
MAX_LOAN: Final = 2**62
CANCELLING: Final = Asking("number", lambda request_id, _: Ok(request_id))


class OrderDesk:
    """The requests about orders."""

    def __init__(self, services: Services, desk: CommandDesk) -> None:
        self._services = services
        self._desk = desk
        self._placing = Asking(
            "quantity", self._placed, "client_order_id_reused", self._placed_before
        )

    def place(self, session: Session, request: PlaceOrder) -> Placed | Failed | None:
        instrument = self._check(session, request)
        if isinstance(instrument, Failed):
            return instrument
        if not 0 <= request.loan <= MAX_LOAN:
            return refusal(request.id, "unknown_loan")
        bad_id = check_client_id(request.id, "client_order_id", request.client_order_id)
        if bad_id is not None:
            return bad_id
        record = building.order_record(
            request.account,
            instrument,
            SIDES[request.side],
            ORDER_TYPES[request.order_type],
            request.price,
            request.quantity,
            request.client_order_id.encode("ascii"),
            financed=int(request.financed),
            loan=request.loan,
        )
        return self._desk.enter_once(session, request.id, record, self._placing)

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

    def _placed(self, request_id: int, outcome: Outcome) -> Placed:
        order = self._services.history.recent_order(outcome.order_id)
        assert order is not None, "an order of this turn is in memory"
        return Placed(request_id, order)

    async def _placed_before(self, request_id: int, outcome: Outcome) -> Placed | Failed:
        history = self._services.history
        order = history.recent_order(outcome.order_id)
        if order is None:  # long over: it is in the tables alone
            try:
                order = await history.order(outcome.order_id)
            except HistoryFailed:
                return refusal(request_id, "overloaded")
        assert order is not None, "an accepted order is in history"
        return Placed(request_id, order, duplicate=True)

    def cancel(self, session: Session, request: CancelOrder) -> Ok | Failed | None:
        return self._cancel(session, request, building.cancel(request.account, request.order_id))

    def cancel_all(self, session: Session, request: CancelAll) -> Ok | Failed | None:
        return self._cancel(session, request, building.cancel_all(request.account))

    def _cancel(
        self, session: Session, request: CancelOrder | CancelAll, command: NDArray[np.void]
    ) -> Failed | None:
        assert session.person is not None, "requests come after the login"
        if not self._services.directory.owns(session.person.id, request.account):
            return refusal(request.id, "not_your_account", account=request.account)
        self._desk.enter(session, request.id, command.tobytes(), CANCELLING)
        return None

    async def what_if(self, session: Session, request: WhatIf) -> WhatIfResult | Failed:
        """What the order would do; its refusal is part of the answer."""
        instrument = self._check(session, request)
        if isinstance(instrument, Failed):
            return instrument
        found = what_if(
            *(self._services.engine, request.account, instrument),
            *(SIDES[request.side], ORDER_TYPES[request.order_type]),
            *(request.price, request.quantity, int(request.financed)),
        )
        return what_if_result(request.id, found)
