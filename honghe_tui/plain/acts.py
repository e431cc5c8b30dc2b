"""What the commands that change something send, and what they print of it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from honghe_tui import text
from honghe_tui.client import draft
from honghe_tui.commands import new_id
from honghe_tui.plain import MOVES
from honghe_tui.plain.output import Table
from honghe_tui.plain.views import Asked, notice_table
from honghe_tui.screens.tables.orders import order_columns
from honghe_tui.widgets.columns import Column
from honghe_tui.widgets.ticket_form import TicketOrder
from server.protocol import accounts
from server.protocol.messages import Request
from server.protocol.trading import Order, WhatIfResult
from server.protocol.words import Side

Act = Callable[[Asked], Awaitable[Table[Any]]]


class UnknownOrder(LookupError):
    """No open order has that number."""


# Orders


async def trade(asked: Asked) -> Table[Any]:
    """`buy` and `sell`; with `--what-if` nothing is sent."""
    order = _draft(asked)
    if asked.options.what_if:
        return _what_if(asked, await asked.client.what_if(order))
    placed = await asked.client.place(order, asked.options.id)
    return _orders(asked, [placed])


def _draft(asked: Asked) -> TicketOrder:
    options, client = asked.options, asked.client
    return draft(
        cast(Side, options.command),
        client.account(options.account).account,
        client.instrument(options.symbol).symbol,
        options.quantity,
        options.price,
        options.type,
        financed=options.financed,
        loan=options.loan,
    )


def _what_if(asked: Asked, found: WhatIfResult) -> Table[Any]:
    cells, look = asked.cells, asked.terminal.look

    def money(name: str) -> Column[WhatIfResult]:
        return cells.column(name, 14, lambda w: cells.money(getattr(w, name)), right=True)

    refusal = look.catalogue.pick(found.message_zh, found.message_en) if found.code else ""
    columns: list[Column[WhatIfResult]] = [
        cells.column("filled", 9, lambda w: cells.quantity(w.filled_now), right=True),
        *(money(name) for name in ("amount", "fees", "frozen", "debt")),
        cells.column("ratio", 9, lambda w: cells.plain(text.percent(w.ratio_before_ppm))),
        cells.column("then", 9, lambda w: cells.plain(text.percent(w.ratio_after_ppm))),
        cells.column("severity", 9, lambda w: cells.plain(look.word("grade", w.grade_after))),
        cells.column("why", 20, lambda _: cells.plain(refusal)),
    ]
    return Table(columns, [found])


async def cancel(asked: Asked) -> Table[Any]:
    """One order by its number, or with `--all` every open one."""
    open_ones = asked.client.open_orders(asked.options.account)
    if asked.options.all:
        meant = open_ones
    else:
        meant = [each for each in open_ones if each.order_id == asked.options.order]
        if not meant:
            raise UnknownOrder(asked.options.order)
    for each in meant:
        await asked.client.cancel(each)
    return _orders(asked, [asked.client.mirror.orders[each.order_id] for each in meant])


def _orders(asked: Asked, orders: list[Order]) -> Table[Any]:
    return Table(order_columns(asked.terminal, dated=True), orders)


# Money and contracts


async def move(asked: Asked) -> Table[Any]:
    """Everything that moves money or changes a contract; the account as it is afterwards."""
    done = await asked.client.commands.send(_request(asked))
    cells = asked.cells
    columns: list[Column[accounts.Done]] = [
        cells.column("account", 12, lambda d: cells.plain(f"#{d.account}"))
    ]
    return Table(columns, [done])


def _request(asked: Asked) -> Request:
    options = asked.options
    key = options.id or new_id()
    account = asked.client.account(options.account).account
    match options.command:
        case "deposit":
            return accounts.Deposit(0, account, options.amount, key)
        case "withdraw":
            return accounts.Withdraw(0, account, options.amount, key)
        case "repay":
            return accounts.Repay(0, account, options.amount, key, loan=options.loan)
        case "draw":
            return accounts.Draw(0, account, options.amount, key)
        case "transfer":
            return accounts.Transfer(0, account, options.to, options.amount, key)
        case "extend":
            return accounts.Extend(0, account, key, options.loan)
        case "open":
            return accounts.OpenContract(0, account, options.product, options.amount, key)
        case _:
            return accounts.CloseContract(0, account, options.to, key)


async def acknowledge(asked: Asked) -> Table[Any]:
    """Prints the notice, acknowledged."""
    number = asked.options.notice
    await asked.client.commands.acknowledge(number)
    told = [each for each in asked.client.mirror.notices.values() if each.notice_id == number]
    return notice_table(asked, told)


ACTS: Final[dict[str, Act]] = {
    "buy": trade,
    "sell": trade,
    "cancel": cancel,
    **dict.fromkeys(MOVES, move),
    "ack": acknowledge,
}
