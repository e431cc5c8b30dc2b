"""The risk officers' own tables: holds, and every act with who, when and why. Methods block."""

from typing import Any

import msgspec
from sqlalchemy import Engine, Row, Select, delete, func, insert, select, update

from server.engine.codes import DeskAction
from server.risk.schema import DESK_ACTIONS, DESK_METADATA, DESK_REFUSALS, HOLDS


class ActionRow(msgspec.Struct):
    """One act; `proposal` is the act that a release confirms."""

    action_id: int
    action: int  # codes.DeskAction
    officer: int
    request_id: str
    why: str
    account: int
    person: int
    instrument: int
    until: int
    figure: int
    proposal: int
    market_time: int
    wall_time: int
    reason: int = 0  # reasons.Reason, where the engine refused it; `bound` is that refusal's figure
    bound: int = 0


class DeskStore:
    """The tables, made when they are not there; never dropped."""

    def __init__(self, database: Engine) -> None:
        DESK_METADATA.create_all(database)
        self._database = database

    def holds(self) -> dict[int, int]:
        """Until when (market time) each held account is left alone."""
        return {row.account: row.until for row in self._rows(select(HOLDS))}

    def hold(self, account: int, until: int) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(HOLDS).where(HOLDS.c.account == account))
            connection.execute(insert(HOLDS), {"account": account, "until": until})

    def release(self, account: int) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(HOLDS).where(HOLDS.c.account == account))

    def add(self, row: ActionRow) -> ActionRow:
        """Writes an act, not yet carried out; returns it with its number."""
        values = {name: getattr(row, name) for name in _OWN} | {"done": False}
        with self._database.begin() as connection:
            last = connection.execute(select(func.max(DESK_ACTIONS.c.action_id))).scalar_one()
            values["action_id"] = (last or 0) + 1
            connection.execute(insert(DESK_ACTIONS), values)
        return msgspec.structs.replace(row, action_id=values["action_id"])

    def mark(self, action_id: int, reason: int = 0, figure: int = 0) -> None:
        """The act has been carried out; or, with a reason, the engine has refused it."""
        change = update(DESK_ACTIONS).where(DESK_ACTIONS.c.action_id == action_id)
        with self._database.begin() as connection:
            connection.execute(change.values(done=True))
            if reason:
                values = {"action_id": action_id, "reason": reason, "figure": figure}
                connection.execute(insert(DESK_REFUSALS), values)

    def find(self, officer: int, request_id: str) -> ActionRow | None:
        table = DESK_ACTIONS.c
        query = _select().where(table.officer == officer, table.request_id == request_id)
        rows = self._rows(query)
        return _action(rows[0]) if rows else None

    def actions(self, limit: int) -> list[ActionRow]:
        """Newest first."""
        query = _select().order_by(DESK_ACTIONS.c.action_id.desc()).limit(limit)
        return [_action(row) for row in self._rows(query)]

    def unfinished(self) -> list[ActionRow]:
        """Oldest first."""
        query = _select().where(~DESK_ACTIONS.c.done)
        return [_action(row) for row in self._rows(query.order_by(DESK_ACTIONS.c.action_id))]

    def proposals(self) -> dict[int, ActionRow]:
        """By account: the release proposed since its newest hold, and not confirmed."""
        kinds = (DeskAction.HOLD, DeskAction.PROPOSE_RELEASE, DeskAction.RELEASE)
        query = _select().where(DESK_ACTIONS.c.action.in_([int(k) for k in kinds]))
        newest = {
            row.account: _action(row)
            for row in self._rows(query.order_by(DESK_ACTIONS.c.action_id))
        }
        return {
            account: row
            for account, row in newest.items()
            if row.action == DeskAction.PROPOSE_RELEASE
        }

    def _rows(self, query: Any) -> list[Row[Any]]:
        with self._database.connect() as connection:
            return list(connection.execute(query).all())


_OWN = tuple(column.name for column in DESK_ACTIONS.c if column.name != "done")


def _select() -> Select[Any]:
    """Acts, each with its refusal if there is one."""
    joined = DESK_ACTIONS.outerjoin(
        DESK_REFUSALS, DESK_REFUSALS.c.action_id == DESK_ACTIONS.c.action_id
    )
    own = (DESK_ACTIONS.c[name] for name in _OWN)
    reason, bound = DESK_REFUSALS.c.reason, DESK_REFUSALS.c.figure
    more = (func.coalesce(reason, 0).label("reason"), func.coalesce(bound, 0).label("bound"))
    return select(*own, *more).select_from(joined)


def _action(row: Row[Any]) -> ActionRow:
    return ActionRow(*(getattr(row, name) for name in ActionRow.__struct_fields__))
