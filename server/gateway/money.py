"""Money and contracts: opened, closed, paid in, taken out, moved between a person's accounts."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine import building, building_actions, records
from server.engine.codes import AccountClass, AccountStatus
from server.engine.queries import rights_of
from server.gateway.commands import Asking, CommandDesk
from server.gateway.orders import MAX_LOAN
from server.gateway.ports import Services
from server.gateway.refusals import check_client_id
from server.gateway.session import Session
from server.protocol.accounts import (
    CloseContract,
    Deposit,
    Done,
    Draw,
    Extend,
    OpenContract,
    PayRights,
    Repay,
    Transfer,
    Withdraw,
)
from server.protocol.reasons import refusal
from server.protocol.session import Failed
from server.sequencing.outcomes import Outcome

MAX_ACTION: Final = 2**31 - 1
MOST_CASH_ACCOUNTS: Final = 8  # open ones of a person

MoneyRequest = (
    OpenContract | CloseContract | Deposit | Withdraw | Repay | Draw | Extend | Transfer | PayRights
)
Build = Callable[[int, int, bytes], NDArray[np.void]]


class MoneyDesk:
    """The requests that move money. Each is carried out once for its `request_id`."""

    def __init__(self, services: Services, desk: CommandDesk) -> None:
        self._services = services
        self._desk = desk

    def open_contract(self, session: Session, request: OpenContract) -> Done | Failed | None:
        refused = self._check(session, request, [request.source], request.deposit)
        if refused is None and abs(request.credit) > records.MAX_MONEY:
            refused = refusal(request.id, "out_of_range", records.MAX_MONEY, "money")
        offered = {each.product: each for each in self._services.products if each.offered}
        product = offered.get(request.product)
        if refused is None and product is None:
            refused = refusal(request.id, "unknown_product")
        if refused is not None:
            return refused
        if product is not None and product.family == "cash":
            return self._open_cash_account(session, request)
        command = building.contract_open(
            *(request.source, request.product, request.deposit),
            request.request_id.encode("ascii"),
            credit=request.credit,
        )
        return self._carry_out(session, request, command)

    def _open_cash_account(self, session: Session, request: OpenContract) -> Failed | None:
        """Without a deposit: money is transferred to it once it is there."""
        assert session.person is not None, "requests come after the login"
        state, person = self._services.engine.state, session.person.id
        own = state.accounts[self._services.directory.accounts_of(person)]
        cash = (own["klass"] == AccountClass.CASH) & (own["status"] == AccountStatus.OPEN)
        if request.deposit != 0:
            return refusal(request.id, "deposit_out_of_range", 0)
        if int(cash.sum()) >= MOST_CASH_ACCOUNTS:
            return refusal(request.id, "too_many_accounts", MOST_CASH_ACCOUNTS)
        command = building.account_open(
            person, AccountClass.CASH, request_id=request.request_id.encode("ascii")
        )
        return self._carry_out(session, request, command)

    def close_contract(self, session: Session, request: CloseContract) -> Done | Failed | None:
        refused = self._check(session, request, [request.account, request.destination], 0)
        if refused is not None:
            return refused
        command = building.contract_settle(
            request.account, request.destination, request.request_id.encode("ascii")
        )
        return self._carry_out(session, request, command)

    def deposit(self, session: Session, request: Deposit) -> Done | Failed | None:
        return self._move(session, request, building.deposit)

    def withdraw(self, session: Session, request: Withdraw) -> Done | Failed | None:
        return self._move(session, request, building.withdraw)

    def repay(self, session: Session, request: Repay) -> Done | Failed | None:
        if not 0 <= request.loan <= MAX_LOAN:
            return refusal(request.id, "unknown_loan")
        instrument = building.ALL
        if request.symbol:
            try:
                instrument = self._services.engine.instrument(request.symbol)
            except KeyError:
                return refusal(request.id, "unknown_symbol", symbol=request.symbol[:16])
        build = partial(building.repay, instrument=instrument, loan=request.loan)
        return self._move(session, request, build)

    def draw(self, session: Session, request: Draw) -> Done | Failed | None:
        return self._move(session, request, building.draw)

    def extend(self, session: Session, request: Extend) -> Done | Failed | None:
        refused = self._check(session, request, [request.account], 0)
        if refused is not None:
            return refused
        if not 0 <= request.loan <= MAX_LOAN:
            return refusal(request.id, "unknown_loan")
        command = building.extend(request.account, request.loan, request.request_id.encode("ascii"))
        return self._carry_out(session, request, command)

    def _move(
        self, session: Session, request: Deposit | Withdraw | Repay | Draw, build: Build
    ) -> Done | Failed | None:
        refused = self._check(session, request, [request.account], request.amount)
        if refused is not None:
            return refused
        command = build(request.account, request.amount, request.request_id.encode("ascii"))
        return self._carry_out(session, request, command)

    def transfer(self, session: Session, request: Transfer) -> Done | Failed | None:
        accounts = [request.account, request.destination]
        refused = self._check(session, request, accounts, request.amount)
        if refused is not None:
            return refused
        command = building.transfer(
            *(request.account, request.destination, request.amount),
            request.request_id.encode("ascii"),
        )
        return self._carry_out(session, request, command)

    def pay_rights(self, session: Session, request: PayRights) -> Done | Failed | None:
        refused = self._check(session, request, [request.account], 0)
        if refused is not None:
            return refused
        if abs(request.quantity) > records.MAX_QUANTITY:
            return refusal(request.id, "out_of_range", records.MAX_QUANTITY, "quantity")
        if not 0 <= request.action <= MAX_ACTION:
            return refusal(request.id, "rights_exceeded", 0)
        engine = self._services.engine
        try:
            instrument = engine.instrument(request.symbol)
        except KeyError:
            return refusal(request.id, "unknown_instrument")
        own = rights_of(engine, request.account, instrument)
        action = request.action or (own[0].action if len(own) == 1 else 0)
        command = building_actions.rights_pay(
            *(request.account, instrument, action, request.quantity),
            request.request_id.encode("ascii"),
        )
        return self._carry_out(session, request, command)

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

    def _carry_out(
        self, session: Session, request: MoneyRequest, command: NDArray[np.void]
    ) -> Failed | None:
        return self._desk.enter_once(session, request.id, command.tobytes(), MOVING)


def _done(request_id: int, outcome: Outcome) -> Done:
    return Done(request_id, outcome.account)


async def _done_before(request_id: int, outcome: Outcome) -> Done:
    return Done(request_id, outcome.account, duplicate=True)


MOVING: Final = Asking("money", _done, "request_id_reused", _done_before)
