"""Requests about what might come: what-if over an account, the plan of forced sales, wishes."""

from typing import Final

from server.engine import building, records
from server.engine.supposing import SupposedOrder
from server.gateway.commands import CommandDesk
from server.gateway.orders import CANCELLING, ORDER_TYPES, SIDES
from server.gateway.ports import Services
from server.gateway.risk_views import forecast
from server.gateway.session import Session
from server.protocol import words
from server.protocol.reasons import refusal
from server.protocol.risk import (
    AccountForecast,
    BasketOrder,
    GetPlan,
    GetTomorrow,
    LiquidationPlan,
    SetSellLast,
    Tomorrow,
    WhatIfAccount,
)
from server.protocol.session import Failed, Ok

MOST_ORDERS: Final = 50
LARGEST_FALL_PPM: Final = -990_000
LARGEST_RISE_PPM: Final = 10_000_000
LIMITED: Final[frozenset[words.OrderType]] = frozenset({"limit", "fixed_price"})


class ForesightDesk:
    """Answers from the engine and from risk; only a wish is a command."""

    def __init__(self, services: Services, desk: CommandDesk) -> None:
        self._services = services
        self._desk = desk

    async def what_if(self, session: Session, request: WhatIfAccount) -> AccountForecast | Failed:
        refused = self._own(session, request.id, request.account) or _bounds(request)
        if refused is not None:
            return refused
        engine = self._services.engine
        try:
            orders = [self._order(each) for each in request.orders]
            prices = {engine.instrument(each.symbol): each.price for each in request.prices}
        except KeyError as error:
            return refusal(request.id, "unknown_symbol", symbol=str(error.args[0])[:16])
        async with session.long_turn():
            found = self._services.risk.foresee(
                request.account, orders, request.deposit, request.move_ppm, prices
            )
            return forecast(request.id, engine, request.account, found)

    def _order(self, said: BasketOrder) -> SupposedOrder:
        return SupposedOrder(
            self._services.engine.instrument(said.symbol),
            SIDES[said.side],
            ORDER_TYPES[said.order_type],
            said.price if said.order_type in LIMITED else 0,
            said.quantity,
            financed=int(said.financed),
        )

    async def plan(self, session: Session, request: GetPlan) -> LiquidationPlan | Failed:
        refused = self._own(session, request.id, request.account)
        if refused is not None:
            return refused
        async with session.long_turn():
            return self._services.risk.plan(request.id, request.account)

    async def tomorrow(self, session: Session, request: GetTomorrow) -> Tomorrow | Failed:
        refused = self._own(session, request.id, request.account)
        if refused is not None:
            return refused
        try:
            async with session.long_turn():
                return self._services.risk.tomorrow(request.id, request.account)
        except LookupError:
            return refusal(request.id, "no_session_known")

    def sell_last(self, session: Session, request: SetSellLast) -> Ok | Failed | None:
        refused = self._own(session, request.id, request.account)
        if refused is not None:
            return refused
        try:
            instrument = self._services.engine.instrument(request.symbol)
        except KeyError:
            return refusal(request.id, "unknown_symbol", symbol=request.symbol[:16])
        command = building.sell_last(request.account, instrument, int(request.on))
        self._desk.enter(session, request.id, command.tobytes(), CANCELLING)
        return None

    def _own(self, session: Session, request_id: int, account: int) -> Failed | None:
        assert session.person is not None, "requests come after the login"
        if self._services.directory.owns(session.person.id, account):
            return None
        return refusal(request_id, "not_your_account", account=account)


def _bounds(request: WhatIfAccount) -> Failed | None:
    """What the kernel's figures are made for."""
    if len(request.orders) > MOST_ORDERS or len(request.prices) > MOST_ORDERS:
        return refusal(request.id, "out_of_range", MOST_ORDERS)
    if not LARGEST_FALL_PPM <= request.move_ppm <= LARGEST_RISE_PPM:
        return refusal(request.id, "out_of_range", LARGEST_FALL_PPM)
    if not 0 <= request.deposit <= records.MAX_MONEY:
        return refusal(request.id, "out_of_range", records.MAX_MONEY, "money")
    if any(not 0 < each.price <= records.MAX_PRICE for each in request.prices):
        return refusal(request.id, "out_of_range", records.MAX_PRICE, "price")
    for order in request.orders:
        if abs(order.quantity) > records.MAX_QUANTITY:
            return refusal(request.id, "out_of_range", records.MAX_QUANTITY, "quantity")
        if abs(order.price) > records.MAX_PRICE:
            return refusal(request.id, "out_of_range", records.MAX_PRICE, "price")
    return None
