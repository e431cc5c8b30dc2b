"""Money and contracts: opened, closed, paid in, taken out, moved between a person's accounts."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import Event
from server.gateway.once import carry_out_once
from server.gateway.ports import Services
from server.gateway.refusals import check_client_id, event_refusal
from server.gateway.session import Session
from server.protocol.accounts import (
    CloseContract,
    Deposit,
    Done,
    OpenContract,
    Repay,
    Transfer,
    Withdraw,
)
from server.protocol.reasons import refusal
from server.protocol.session import Failed
from server.sequencing.idempotency import Outcome

MAX_PRODUCT: Final = 2**15 - 1  # an account's record holds 16 bits of it

MoneyRequest = OpenContract | CloseContract | Deposit | Withdraw | Repay | Transfer
Build = Callable[[int, int, bytes], NDArray[np.void]]


class MoneyDesk:
    """The requests that move money. Each is carried out once for its `request_id`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def open_contract(self, session: Session, request: OpenContract) -> Done | Failed:
        refused = self._check(session, request, [request.source], request.deposit)
        if refused is None and not 0 <= request.product <= MAX_PRODUCT:
            refused = refusal(request.id, "unknown_product")
        if refused is not None:
            return refused
        command = building.contract_open(
            request.source, request.product, request.deposit, request.request_id.encode("ascii")
        )
        return await self._carry_out(request, command)

    async def close_contract(self, session: Session, request: CloseContract) -> Done | Failed:
        refused = self._check(session, request, [request.account, request.destination], 0)
        if refused is not None:
            return refused
        command = building.contract_settle(
            request.account, request.destination, request.request_id.encode("ascii")
        )
        return await self._carry_out(request, command)

    async def deposit(self, session: Session, request: Deposit) -> Done | Failed:
        return await self._move(session, request, building.deposit)

    async def withdraw(self, session: Session, request: Withdraw) -> Done | Failed:
        return await self._move(session, request, building.withdraw)

    async def repay(self, session: Session, request: Repay) -> Done | Failed:
        return await self._move(session, request, building.repay)

    async def _move(
        self, session: Session, request: Deposit | Withdraw | Repay, build: Build
    ) -> Done | Failed:
        refused = self._check(session, request, [request.account], request.amount)
        if refused is not None:
            return refused
        command = build(request.account, request.amount, request.request_id.encode("ascii"))
        return await self._carry_out(request, command)

    async def transfer(self, session: Session, request: Transfer) -> Done | Failed:
        accounts = [request.account, request.destination]
        refused = self._check(session, request, accounts, request.amount)
        if refused is not None:
            return refused
        command = building.transfer(
            *(request.account, request.destination, request.amount),
            request.request_id.encode("ascii"),
        )
        return await self._carry_out(request, command)

    def _check(
        self, session: Session, request: MoneyRequest, accounts: list[int], amount: int
    ) -> Failed | None:
        """Whose the accounts are, and whether the figures fit a command."""
        assert session.person is not None, "requests come after the login"
        for account in accounts:
            if not self._services.directory.owns(session.person.id, account):
                return refusal(request.id, "not_your_account", account=account)
        if abs(amount) > records.MAX_MONEY:
            return refusal(request.id, "out_of_range", records.MAX_MONEY, "money")
        return check_client_id(request.id, "request_id", request.request_id)

    async def _carry_out(self, request: MoneyRequest, command: NDArray[np.void]) -> Done | Failed:
        done = await carry_out_once(
            self._services, request.id, command, "request_id_reused", "money"
        )
        if isinstance(done, Failed):
            return done
        if isinstance(done, Outcome):
            return Done(request.id, done.account, duplicate=True)
        for event in done.view(records.ORDER_EVENT):
            if event["kind"] == Event.COMMAND_REJECTED:
                return event_refusal(request.id, event, "money")
            if event["kind"] == Event.CONTRACT_OPENED:
                return Done(request.id, int(event["account"]))
        return Done(request.id, int(command["account"][0]))
