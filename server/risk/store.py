"""Reading and writing the tables of risk. Every method blocks on SQL."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Row, bindparam, delete, insert, select, update

from server.engine.codes import NoticeStage
from server.protocol.accounts import Notice, Statement
from server.risk.book import Outcome
from server.risk.codes import NoticeCode
from server.risk.desk_store import DeskStore
from server.risk.notices import Issued
from server.risk.schema import (
    METADATA,
    NOTICES,
    OUTBOX,
    PROJECTION,
    STATEMENTS,
)

_ROW: Final = "risk"
_COLUMN_OF_STAGE: Final = {
    NoticeStage.SENT: "sent",
    NoticeStage.DELIVERED: "delivered",
    NoticeStage.ACKNOWLEDGED: "acknowledged",
}


class RiskStore:
    """The tables, made when they are not there."""

    def __init__(self, database: Engine) -> None:
        METADATA.create_all(database)
        self._database = database
        self.desk = DeskStore(database)

    # Writing --------------------------------------------------------------------------------------

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Writes what consecutive batches made, and how far that goes, in one transaction."""
        with self._database.begin() as connection:
            last = 0
            for outcome in outcomes:
                _write_notices(connection, outcome.issued)
                _write_statements(connection, outcome)
                _write_stages(connection, outcome)
                last = outcome.last_seq
            if last:
                connection.execute(delete(PROJECTION))
                connection.execute(insert(PROJECTION), {"name": _ROW, "projected_seq": last})

    def clear(self) -> None:
        """Drops the projections; the risk desk's holds stay."""
        METADATA.drop_all(self._database)
        METADATA.create_all(self._database)

    def projected_seq(self) -> int:
        with self._database.connect() as connection:
            found = connection.execute(select(PROJECTION.c.projected_seq)).scalar_one_or_none()
        return found or 0

    # Reading --------------------------------------------------------------------------------------

    def notices_of(self, person: int, limit: int) -> list[Notice]:
        """Newest first; the unacknowledged are in, however old, unless they alone exceed it."""
        query = (
            select(NOTICES)
            .where(NOTICES.c.person == person)
            .order_by(NOTICES.c.acknowledged, NOTICES.c.notice_id.desc())
            .limit(limit)
        )
        rows = sorted(self._rows(query), key=lambda row: row.notice_id, reverse=True)
        return [_notice(row) for row in rows]

    def notice(self, person: int, notice_id: int) -> Notice | None:
        query = select(NOTICES).where(NOTICES.c.notice_id == notice_id, NOTICES.c.person == person)
        rows = self._rows(query)
        return _notice(rows[0]) if rows else None

    def unsent(self) -> list[Issued]:
        """Notices of which the journal does not say that they were sent, oldest first."""
        query = select(NOTICES).where(~NOTICES.c.sent).order_by(NOTICES.c.notice_id)
        return [Issued(row.person, NoticeCode(row.code), _notice(row)) for row in self._rows(query)]

    def statements_of(self, person: int, account: int) -> list[Statement]:
        """Newest first; `account` -1 is all of the person's."""
        query = select(STATEMENTS.c.body).where(STATEMENTS.c.person == person)
        if account >= 0:
            query = query.where(STATEMENTS.c.account == account)
        rows = self._rows(query.order_by(STATEMENTS.c.statement_id.desc()))
        return [msgspec.json.decode(row.body, type=Statement) for row in rows]

    def _rows(self, query: Any) -> list[Row[Any]]:
        with self._database.connect() as connection:
            return list(connection.execute(query).all())


def _write_notices(connection: Connection, issued: list[Issued]) -> None:
    if not issued:
        return
    connection.execute(insert(NOTICES), [_row(each) for each in issued])
    waiting = [
        {
            "notice_id": each.notice.notice_id,
            "person": each.person,
            "severity": each.notice.severity,
            "wall_time": each.notice.wall_time,
            "taken": False,
        }
        for each in issued
    ]
    connection.execute(insert(OUTBOX), waiting)


def _write_statements(connection: Connection, outcome: Outcome) -> None:
    rows = [
        {
            "statement_id": statement.statement_id,
            "person": person,
            "account": statement.account,
            "last_seq": statement.last_seq,
            "body": msgspec.json.encode(statement).decode(),
        }
        for person, statement in outcome.statements
    ]
    if rows:
        connection.execute(insert(STATEMENTS), rows)


def _write_stages(connection: Connection, outcome: Outcome) -> None:
    for stage, column in _COLUMN_OF_STAGE.items():
        numbers = [{"of": number} for number, seen in outcome.stages if seen == stage]
        if numbers:
            marked = update(NOTICES).where(NOTICES.c.notice_id == bindparam("of"))
            connection.execute(marked.values({column: True}), numbers)


def _row(issued: Issued) -> dict[str, Any]:
    row = msgspec.structs.asdict(issued.notice)
    row |= {"person": issued.person, "code": int(issued.code), "sent": False, "delivered": False}
    return row


def _notice(row: Row[Any]) -> Notice:
    names = [field for field in Notice.__struct_fields__ if field != "code"]
    code = NoticeCode(row.code).name.lower()
    return Notice(code=code, **{name: getattr(row, name) for name in names})
