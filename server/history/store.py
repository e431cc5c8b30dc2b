"""Reading and writing the tables of history. Every method blocks on SQL."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Row, Select, Table, delete, insert, inspect, select

from server.history.changes import CashMove, Changes
from server.history.schema import CASH_MOVES, FILLS, METADATA, ORDERS, PROJECTION
from server.protocol.trading import Fill, Order

Each = TypeVar("Each")

_ROW: Final = "history"
# One statement takes many rows, and lets the loop's thread run meanwhile: a row at a time, the two
# threads would pass the interpreter to and fro for each.
ROWS_A_STATEMENT: Final = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of these accounts: of `date` (-1: all), before `before_seq` (0: from the newest)."""

    accounts: Sequence[int]
    date: int = -1
    before_seq: int = 0
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far the tables go: the last journal sequence projected, and the market date then."""

    seq: int
    date: int


@dataclass(frozen=True, slots=True)
class Missed:
    """What a person has not seen. Events up to `lost_seq` were too many to be given; 0: none."""

    orders: list[Order]
    fills: list[Fill]
    lost_seq: int


class HistoryStore:
    """The tables, made when they are not there, or were made by a version with other columns."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        if _has_other_columns(database):
            METADATA.drop_all(database)
        METADATA.create_all(database)

    def watermark(self) -> Watermark:
        query = select(PROJECTION.c.projected_seq, PROJECTION.c.date)
        with self._database.connect() as connection:
            row = connection.execute(query).one_or_none()
        return Watermark(0, 0) if row is None else Watermark(*row)

    def write(self, batches: Iterable[Changes]) -> None:
        """Writes consecutive batches and the watermark in one transaction."""
        orders: dict[int, Order] = {}
        fills: list[Fill] = []
        moves: list[CashMove] = []
        last: Changes | None = None
        for last in batches:
            orders.update((order.order_id, order) for order in last.orders)
            fills += last.fills
            moves += last.moves
        if last is None:
            return
        with self._database.begin() as connection:
            _delete_orders(connection, list(orders))
            _insert(connection, ORDERS, list(orders.values()))
            _insert(connection, FILLS, fills)
            _insert(connection, CASH_MOVES, moves)
            connection.execute(delete(PROJECTION))
            mark = {"name": _ROW, "projected_seq": last.last_seq, "date": last.date}
            connection.execute(insert(PROJECTION), mark)

    def clear(self) -> None:
        """Drops everything, watermark included."""
        METADATA.drop_all(self._database)
        METADATA.create_all(self._database)

    def orders(self, page: Page) -> list[Order]:
        """Newest change first; longer than the limit if the last sequence has more."""
        rows = self._rows(_page_of(ORDERS, page))
        return [Order(*row) for row in self._whole(ORDERS, page, rows)]

    def fills(self, page: Page) -> list[Fill]:
        """Newest first; longer than the limit if the last sequence has more."""
        rows = self._rows(_page_of(FILLS, page))
        return [Fill(*row) for row in self._whole(FILLS, page, rows)]

    def after(self, accounts: Sequence[int], seq: int, bound: int) -> Missed:
        """What changed after `seq`, oldest first, but of each kind at most the newest `bound`."""
        orders = self._rows(_after(ORDERS, accounts, seq, bound + 1))
        fills = self._rows(_after(FILLS, accounts, seq, bound + 1))
        lost = max([rows[bound].seq for rows in (orders, fills) if len(rows) > bound], default=0)
        return Missed(
            [Order(*row) for row in reversed(orders) if row.seq > lost],
            [Fill(*row) for row in reversed(fills) if row.seq > lost],
            lost,
        )

    def _whole(self, table: Table, page: Page, rows: list[Row[Any]]) -> list[Row[Any]]:
        """A page must not end inside one sequence number, else `before_seq` would skip rows."""
        if len(rows) < page.limit or not rows:
            return rows
        last = rows[-1].seq
        ties = select(table).where(table.c.account.in_(page.accounts), table.c.seq == last)
        before = [row for row in rows if row.seq != last]
        return [*before, *self._rows(_newest_first(table, ties))]

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self._database.connect() as connection:
            return list(connection.execute(query))

    def order(self, order_id: int) -> Order | None:
        rows = self._rows(select(ORDERS).where(ORDERS.c.order_id == order_id))
        return Order(*rows[0]) if rows else None


def _insert(connection: Connection, table: Table, rows: Sequence[msgspec.Struct]) -> None:
    """Rows whose fields are the table's columns, in their order."""
    place = f"({_places(connection, len(table.columns))})"
    for some in _portions(rows):
        places = ", ".join([place] * len(some))
        statement = f"INSERT INTO {table.name} VALUES {places}"  # noqa: S608  no value in it
        values = tuple(chain.from_iterable(map(msgspec.structs.astuple, some)))
        connection.exec_driver_sql(statement, values)


def _delete_orders(connection: Connection, order_ids: Sequence[int]) -> None:
    for some in _portions(order_ids):
        places = _places(connection, len(some))
        statement = f"DELETE FROM {ORDERS.name} WHERE order_id IN ({places})"  # noqa: S608
        connection.exec_driver_sql(statement, tuple(some))


def _portions(rows: Sequence[Each]) -> Iterator[Sequence[Each]]:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        yield rows[start : start + ROWS_A_STATEMENT]


def _places(connection: Connection, number: int) -> str:
    """Placeholders as this database's driver writes them."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    return ", ".join([mark] * number)


def _newest_first(table: Table, query: Select[Any]) -> Select[Any]:
    return query.order_by(table.c.seq.desc(), *(key.desc() for key in table.primary_key))


def _page_of(table: Table, page: Page) -> Select[Any]:
    query = select(table).where(table.c.account.in_(page.accounts))
    if page.date >= 0:
        query = query.where(table.c.date == page.date)
    if page.before_seq > 0:
        query = query.where(table.c.seq < page.before_seq)
    return _newest_first(table, query).limit(page.limit)


def _after(table: Table, accounts: Sequence[int], seq: int, limit: int) -> Select[Any]:
    query = select(table).where(table.c.account.in_(accounts), table.c.seq > seq)
    return _newest_first(table, query).limit(limit)


def _has_other_columns(database: Engine) -> bool:
    """Whether a table that is there lacks a column, or has one too many: it is built anew."""
    known = inspect(database)
    return any(
        {column["name"] for column in known.get_columns(table.name)} != set(table.columns.keys())
        for table in METADATA.sorted_tables
        if known.has_table(table.name)
    )
