"""The risk officer's desk: beside what it shows, what officers do, each act on record.

An act is a row first, with who, when and why; then commands, the evidence among them, in one
submission; then the row is marked. A crash in between leaves a row that is not marked, and `resume`
submits it again: every command of an act may be repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, get_args

from server.engine import building, building_risk, records
from server.engine.codes import DecidedBy, Event, StopScope
from server.engine.codes import DeskAction as Act
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.protocol.desk_acts import (
    DeskAction,
    DeskActionList,
    DeskHold,
    DeskPlatform,
    DeskPrice,
    DeskReduce,
    DeskRelease,
    DeskStop,
)
from server.protocol.words import DeskActionKind, PlatformWord, StopLevel
from server.risk.book import Book
from server.risk.desk_store import ActionRow, DeskStore
from server.risk.desk_views import LONGEST_LIST, DeskRefused, DeskViews
from server.risk.liquidation import ForcedSales
from server.risk.ports import Records
from server.risk.reading import person_of

Ask = Callable[[Callable[[], Any]], Awaitable[Any]]
Submit = Callable[[Records], Awaitable[Records]]

LONGEST_HOLD_US: Final = 5 * 86_400_000_000


class RiskDesk(DeskViews):
    """`ask` runs what blocks on SQL in another thread; `submit` makes commands durable."""

    def __init__(
        self,
        engine: Engine,
        book: Callable[[], Book],
        sales: ForcedSales,
        store: DeskStore,
        ask: Ask,
        submit: Submit,
        wall_clock: Callable[[], int],
    ) -> None:
        super().__init__(engine, book, sales, store.proposals())
        self._store = store
        self._ask = ask
        self._submit = submit
        self._wall_clock = wall_clock
        self._acting = asyncio.Lock()

    async def actions(self, request_id: int, limit: int) -> DeskActionList:
        rows = await self._ask(partial(self._store.actions, min(max(1, limit), LONGEST_LIST)))
        return DeskActionList(request_id, [self._action(row) for row in rows])

    def _action(self, row: ActionRow) -> DeskAction:
        symbol = self._engine.symbol(row.instrument) if row.instrument >= 0 else ""
        return DeskAction(
            *(row.action_id, ACT_WORDS[row.action], row.officer, row.why),
            *(row.market_time, row.wall_time, row.account, row.person, symbol),
            *(row.until, row.figure, row.proposal, _code(row.reason)),
        )

    async def hold(self, officer: int, asked: DeskHold) -> tuple[ActionRow, bool]:
        """Raises DeskRefused, as all acts do; True says that it had been done before."""
        now = self._engine.time
        self._check_account(asked.account)
        if not now < asked.until <= now + LONGEST_HOLD_US:
            raise DeskRefused("hold_needs_an_end")
        row = self._row(Act.HOLD, officer, asked.why, asked.request_id, asked.account)
        row.until = asked.until
        return await self._act(row)

    async def release(self, officer: int, asked: DeskRelease) -> tuple[ActionRow, bool]:
        """A proposal by the first officer, the release by another."""
        self._check_account(asked.account)
        row = self._row(Act.PROPOSE_RELEASE, officer, asked.why, asked.request_id, asked.account)
        async with self._acting:
            repeated = await self._repeated(row, (Act.PROPOSE_RELEASE, Act.RELEASE))
            if repeated is not None:
                return repeated, True
            if not self._sales.held_until(asked.account):
                raise DeskRefused("not_held")
            proposal = self._proposals.get(asked.account)
            if proposal is not None and proposal.officer == officer:
                raise DeskRefused("second_officer_needed")
            if proposal is not None:
                row.action, row.proposal = Act.RELEASE, proposal.action_id
            return await self._carry_out(row), False

    async def reduce(self, officer: int, asked: DeskReduce) -> tuple[ActionRow, bool]:
        self._check_account(asked.account)
        row = self._row(Act.REDUCE, officer, asked.why, asked.request_id, asked.account)
        return await self._act(row)

    async def stop(self, officer: int, asked: DeskStop) -> tuple[ActionRow, bool]:
        named = (asked.account >= 0) + (asked.person >= 0) + bool(asked.symbol)
        if named != 1:
            raise DeskRefused("one_subject")
        if asked.account >= 0:
            self._check_account(asked.account)
        act = Act.RESUME if asked.level == "none" else Act.STOP
        row = self._row(act, officer, asked.why, asked.request_id, asked.account)
        row.instrument = self._instrument(asked.symbol) if asked.symbol else -1
        row.person = asked.person if asked.person >= 0 else row.person
        row.until, row.figure = asked.until, get_args(StopLevel).index(asked.level)
        return await self._act(row)

    async def price(self, officer: int, asked: DeskPrice) -> tuple[ActionRow, bool]:
        if not 0 <= asked.price <= records.MAX_PRICE:
            raise DeskRefused("out_of_range", records.MAX_PRICE)
        act = Act.OVERRIDE_PRICE if asked.price else Act.FREE_PRICE
        row = self._row(act, officer, asked.why, asked.request_id)
        row.instrument, row.figure = self._instrument(asked.symbol), asked.price
        return await self._act(row)

    async def platform(self, officer: int, asked: DeskPlatform) -> tuple[ActionRow, bool]:
        row = self._row(Act.PLATFORM_STATE, officer, asked.why, asked.request_id)
        row.figure = get_args(PlatformWord).index(asked.state)
        return await self._act(row)

    def _instrument(self, symbol: str) -> int:
        try:
            return self._engine.instrument(symbol)
        except KeyError as error:
            raise DeskRefused("unknown_instrument") from error

    def _row(
        self, act: Act, officer: int, why: str, request_id: str, account: int = -1
    ) -> ActionRow:
        if not why.strip():
            raise DeskRefused("reason_needed")
        person = person_of(self._engine, account) if account >= 0 else -1
        return ActionRow(
            *(0, int(act), officer, request_id, why.strip(), account, person, -1),
            *(0, 0, 0, self._engine.time, self._wall_clock()),
        )

    async def _act(self, row: ActionRow) -> tuple[ActionRow, bool]:
        async with self._acting:
            repeated = await self._repeated(row, (Act(row.action),))
            if repeated is not None:
                return repeated, True
            return await self._carry_out(row), False

    async def _repeated(self, row: ActionRow, acts: tuple[Act, ...]) -> ActionRow | None:
        found: ActionRow | None = await self._ask(
            partial(self._store.find, row.officer, row.request_id)
        )
        if found is None:
            return None
        same = (found.account, found.instrument, found.until, found.figure, found.why) == (
            *(row.account, row.instrument, row.until, row.figure, row.why),
        )
        if not same or Act(found.action) not in acts:
            raise DeskRefused("request_id_reused")
        if found.reason:
            raise _refused(found)
        return found

    async def _carry_out(self, row: ActionRow) -> ActionRow:
        if row.action == Act.REDUCE:
            self._check_reducible(row.account)
        row = await self._ask(partial(self._store.add, row))
        await self._do(row)
        if row.reason:
            raise _refused(row)
        return row

    def _check_reducible(self, account: int) -> None:
        try:
            self._sales.check_reducible(account)
        except ValueError as error:
            raise DeskRefused("cannot_reduce") from error

    async def _do(self, row: ActionRow) -> None:
        """Submits an act's commands and marks its row, as refused where the engine refuses them.

        What it changes outside them comes first.
        """
        account = row.account
        if row.action == Act.HOLD:
            await self._ask(partial(self._store.hold, account, row.until))
            self._sales.hold(account, row.until)
            self._proposals.pop(account, None)
        elif row.action == Act.PROPOSE_RELEASE:
            self._proposals[account] = row
        evidence = building.desk_action(
            *(row.action_id, row.officer, row.action, account, row.instrument),
            *(row.person, row.until),
        )
        parts = [evidence]
        if row.action == Act.REDUCE:
            parts.append(self._sales.reduction(account))
        parts += _switches(row)
        _note_refusal(row, await self._submit(building.concat(parts)))
        if row.action == Act.RELEASE:
            await self._ask(partial(self._store.release, account))
            self._proposals.pop(account, None)
            self._sales.release(account)
        await self._ask(partial(self._store.mark, row.action_id, row.reason, row.bound))

    async def resume(self) -> None:
        """Completes what a stop has cut short."""
        for row in await self._ask(self._store.unfinished):
            try:
                if row.action == Act.REDUCE:
                    self._check_reducible(row.account)
                await self._do(row)
            except DeskRefused:  # overtaken: a forced sale is under way
                await self._ask(partial(self._store.mark, row.action_id))


def _note_refusal(row: ActionRow, events: Records) -> None:
    """Takes the reason over into the row."""
    refused = events[events["kind"] == Event.COMMAND_REJECTED].view(records.ORDER_EVENT)
    if len(refused):
        row.reason, row.bound = int(refused[0]["reason"]), int(refused[0]["figure"])


def _refused(row: ActionRow) -> DeskRefused:
    return DeskRefused(_code(row.reason), row.bound)


def _code(reason: int) -> str:
    """As `protocol.reasons` knows it; empty without one."""
    return Reason(reason).name.lower() if reason else ""


def _switches(row: ActionRow) -> list[Records]:
    """The engine's own commands of a stop, a price or the platform's state."""
    if row.action in (Act.STOP, Act.RESUME):
        scope, of = StopScope.PERSON, row.person
        if row.account >= 0:
            scope, of = StopScope.ACCOUNT, row.account
        elif row.instrument >= 0:
            scope, of = StopScope.INSTRUMENT, row.instrument
        return [building_risk.stop(scope, of, row.figure, row.until, officer=row.officer)]
    if row.action in (Act.OVERRIDE_PRICE, Act.FREE_PRICE):
        return [building_risk.price_override(row.instrument, row.figure, officer=row.officer)]
    if row.action == Act.PLATFORM_STATE:
        by = DecidedBy.OFFICER
        return [building_risk.platform_state(row.figure, by, officer=row.officer, note=row.why)]
    return []


ACT_WORDS: Final[dict[int, DeskActionKind]] = dict(
    zip(map(int, Act), get_args(DeskActionKind), strict=True)
)
