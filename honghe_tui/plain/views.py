"""What the reading commands ask for, and the columns they show it in."""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from honghe_tui import text
from honghe_tui.client import Client
from honghe_tui.commands import ALL_DAYS
from honghe_tui.plain.output import Table
from honghe_tui.screens.tables import notices as notice_tables
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.screens.tables.orders import fill_columns, order_columns
from honghe_tui.screens.tables.positions import position_columns
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.quote_columns import QuoteRow, quote_columns
from server.protocol.accounts import Account, GetProducts, Notice, Product
from server.protocol.market import Bar, Level
from server.protocol.risk import PlanOrder, Tomorrow
from server.protocol.words import OPEN


@dataclass(frozen=True, slots=True)
class Asked:
    """One command line against one session."""

    client: Client
    terminal: Terminal
    options: argparse.Namespace

    @property
    def cells(self) -> Cells:
        return Cells(self.terminal)

    def is_meant(self, account: int) -> bool:
        """Whether `--account` leaves it in."""
        return self.options.account in (None, account)


View = Callable[[Asked], Awaitable[Table[Any]]]


async def quotes(asked: Asked) -> Table[Any]:
    client, known = asked.client, asked.client.mirror.instruments
    wanted = [client.instrument(each).symbol for each in asked.options.symbols] or list(known)
    shown = await client.quotes(wanted)
    rows = [QuoteRow(known[each.symbol], each) for each in shown]
    return Table(quote_columns(asked.terminal.look), rows, shown)


async def depth(asked: Asked) -> Table[Any]:
    symbol, cells = asked.client.instrument(asked.options.symbol).symbol, asked.cells
    book = await asked.client.depth(symbol)
    rows = [("sell", each) for each in reversed(book.asks)] + [("buy", each) for each in book.bids]
    columns: list[Column[tuple[str, Level]]] = [
        cells.column("side", 4, lambda row: cells.plain(asked.terminal.look.word("side", row[0]))),
        cells.column("price", 9, lambda row: cells.price(symbol, row[1].price), right=True),
        cells.column("quantity", 9, lambda row: cells.quantity(row[1].quantity), right=True),
    ]
    return Table(columns, rows, [book])


async def bars(asked: Asked) -> Table[Any]:
    symbol, cells = asked.client.instrument(asked.options.symbol).symbol, asked.cells
    found = await asked.client.bars(symbol, asked.options.interval)

    def priced(name: str) -> Column[Bar]:
        return cells.column(name, 9, lambda b: cells.price(symbol, getattr(b, name)), right=True)

    columns: list[Column[Bar]] = [
        cells.column("date", 10, lambda b: cells.date(text.date_of(b.time))),
        cells.column("time", 8, lambda b: cells.time(b.time)),
        *(priced(name) for name in ("open", "high", "low", "close")),
        cells.column("volume", 12, lambda b: cells.quantity(b.volume), right=True),
        cells.column("amount", 16, lambda b: cells.money(b.turnover), right=True),
    ]
    return Table(columns, found)


async def positions(asked: Asked) -> Table[Any]:
    held = [each for each in asked.client.mirror.positions.values() if asked.is_meant(each.account)]
    held.sort(key=lambda each: (each.account, each.symbol))
    return Table(position_columns(asked.terminal), held)


async def orders(asked: Asked) -> Table[Any]:
    found = (await asked.client.commands.orders(day_of(asked.options.date))).items
    rows = [each for each in found if asked.is_meant(each.account)]
    if asked.options.open:
        rows = [each for each in rows if each.status in OPEN]
    return Table(order_columns(asked.terminal, dated=True), rows)


async def fills(asked: Asked) -> Table[Any]:
    found = (await asked.client.commands.fills(day_of(asked.options.date))).items
    rows = [each for each in found if asked.is_meant(each.account)]
    return Table(fill_columns(asked.terminal, dated=False), rows)


def day_of(date: str) -> int:
    """`today`, `all` or YYYY-MM-DD as the wire counts days."""
    words = {"today": 0, "all": ALL_DAYS}
    return words[date] if date in words else int(date.replace("-", ""))


async def margin(asked: Asked) -> Table[Any]:
    mirror, cells = asked.client.mirror, asked.cells
    rows = [each for each in mirror.accounts.values() if asked.is_meant(each.account)]

    def money(name: str) -> Column[Account]:
        return cells.column(name, 14, lambda a: cells.money(getattr(a, name)), right=True)

    def ratio(name: str) -> Column[Account]:
        return cells.column(
            name.removesuffix("_ppm"), 9, lambda a: _ratio(cells, getattr(a, name)), right=True
        )

    word = asked.terminal.look.word
    columns: list[Column[Account]] = [
        cells.column("account", 12, lambda a: cells.plain(text.clean(a.name))),
        cells.column("state", 9, lambda a: cells.plain(word("account_status", a.status))),
        cells.column("severity", 9, lambda a: cells.plain(word("grade", a.grade))),
        ratio("ratio_ppm"),
        *(ratio(f"{grade}_ppm") for grade in notice_tables.GRADES[1:]),
        *(money(name) for name in ("assets", "debt", "cash", "withdrawable", "interest_a_day")),
        *(money(name) for name in ("profit", "cure_deposit")),
        cells.column("deadline", 19, lambda a: _moment(cells, a.cure_deadline)),
    ]
    return Table(columns, sorted(rows, key=lambda each: each.account))


def _ratio(cells: Cells, ppm: int) -> Cell:
    return cells.plain(text.percent(ppm)) if ppm else cells.missing()


def _moment(cells: Cells, time: int) -> Cell:
    if not time:
        return cells.missing()
    return cells.plain(f"{text.date(text.date_of(time))} {text.clock(time)}")


async def notices(asked: Asked) -> Table[Any]:
    found = asked.client.mirror.notices.values()
    rows = [each for each in found if asked.is_meant(each.account)]
    rows.sort(key=lambda each: each.notice_id)
    if asked.options.unread:
        rows = [each for each in rows if not each.acknowledged]
    return notice_table(asked, rows)


def notice_table(asked: Asked, rows: list[Notice]) -> Table[Notice]:
    """With the numbers that `ack` takes."""
    cells = asked.cells
    number: Column[Notice] = cells.column(
        "order_id", 8, lambda n: cells.plain(str(n.notice_id)), right=True
    )
    return Table([number, *notice_tables.notice_columns(asked.terminal)], rows)


async def statements(asked: Asked) -> Table[Any]:
    found = (await asked.client.commands.statements()).items
    rows = [each for each in found if asked.is_meant(each.account)]
    return Table(notice_tables.statement_columns(asked.terminal), rows)


async def products(asked: Asked) -> Table[Any]:
    await asked.client.connection.request(GetProducts(0))
    cells, look = asked.cells, asked.terminal.look

    def share(name: str) -> Column[Product]:
        title = name.removesuffix("_ppm")
        return cells.column(title, 9, lambda p: _ratio(cells, getattr(p, name)), right=True)

    columns: list[Column[Product]] = [
        cells.column("product", 4, lambda p: cells.plain(str(p.product)), right=True),
        cells.column("name", 20, lambda p: cells.plain(look.catalogue.pick(p.name_zh, p.name_en))),
        cells.column("family", 12, lambda p: cells.plain(look.word("family", p.family))),
        cells.column("leverage", 5, lambda p: cells.plain(f"1:{p.leverage}"), right=True),
        share("annual_rate_ppm"),
        *(share(f"{grade}_ppm") for grade in notice_tables.GRADES[1:]),
        cells.column("deposit", 14, lambda p: cells.money(p.deposit_minimum), right=True),
    ]
    offered = [each for each in asked.client.mirror.products.values() if each.offered]
    return Table(columns, offered)


async def plan(asked: Asked) -> Table[Any]:
    account = asked.client.account(asked.options.account).account
    found, cells = await asked.client.commands.plan(account), asked.cells
    word = asked.terminal.look.word
    columns: list[Column[PlanOrder]] = [
        cells.column("order_id", 4, lambda o: cells.plain(str(o.rank)), right=True),
        cells.column("code", 10, lambda o: cells.plain(o.symbol)),
        cells.column("name", 12, lambda o: cells.name(o.symbol)),
        cells.column("quantity", 9, lambda o: cells.quantity(o.quantity), right=True),
        cells.column("price", 9, lambda o: cells.price(o.symbol, o.price or o.floor), right=True),
        cells.column("marks", 20, lambda o: cells.plain(word("wish", o.wish))),
    ]
    return Table(columns, found.steps.orders if found.steps is not None else [], [found])


async def tomorrow(asked: Asked) -> Table[Any]:
    account = asked.client.account(asked.options.account).account
    found = await asked.client.commands.tomorrow(account)
    cells, word = asked.cells, asked.terminal.look.word
    columns: list[Column[Tomorrow]] = [
        cells.column("date", 10, lambda t: cells.date(t.session)),
        cells.column("interest", 12, lambda t: cells.money(t.interest), right=True),
        cells.column("debt", 16, lambda t: cells.money(t.debt), right=True),
        cells.column("ratio", 9, lambda t: _ratio(cells, t.ratio_ppm), right=True),
        cells.column("severity", 9, lambda t: cells.plain(word("grade", t.grade))),
        cells.column("then", 9, lambda t: cells.plain(word("grade", t.grade_then))),
    ]
    return Table(columns, [found])


VIEWS: Final[dict[str, View]] = {
    "quotes": quotes,
    "depth": depth,
    "bars": bars,
    "positions": positions,
    "orders": orders,
    "fills": fills,
    "margin": margin,
    "notices": notices,
    "statements": statements,
    "products": products,
    "plan": plan,
    "tomorrow": tomorrow,
}
