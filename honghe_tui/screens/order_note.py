"""Why an order stands as it does, in a sentence."""

from honghe_tui.terminal import Terminal
from honghe_tui.text import money, price, quantity
from server.protocol.reasons import sentences
from server.protocol.trading import Fill, Order

ITEMS = (
    *("commission", "stamp_duty", "transfer_fee"),
    *("handling_fee", "regulatory_fee", "dividend_tax"),
)


def order_note(terminal: Terminal, order: Order, narrow: bool = False) -> str:
    """The order in words, with the reason it was refused or cancelled for.

    `narrow`: what the columns of a small screen leave out, so that the reason has room.
    """
    look = terminal.look
    words = terminal.text(
        "screen.orders.note_narrow" if narrow else "screen.orders.note",
        account=terminal.account_name(order.account),
        origin=look.word("origin", order.origin),
        order_id=order.order_id,
        side=side_words(terminal, order),
        name=terminal.name_of(order.symbol),
        quantity=quantity(order.quantity),
        type=look.word("order_type", order.order_type),
        price=price(order.price, terminal.tick_of(order.symbol)),
    )
    return f"{words} · {reason_of(terminal, order)}" if order.code else words


def side_words(terminal: Terminal, order: Order) -> str:
    """Bought or sold; of a licensed account's order how it is paid, or what it repays."""
    if not order.financed:
        return terminal.look.word("side", order.side)
    return terminal.look.t(f"ticket.{order.side}_financed")


def fill_note(terminal: Terminal, fill: Fill, narrow: bool = False) -> str:
    """A fill's confirmation: every fee and tax by itself, and what the cash account sees.

    `narrow`: the fees alone, which fill a small screen.
    """
    items = [
        f"{terminal.text(f'screen.column.{name}')} {money(getattr(fill, name))}"
        for name in ITEMS
        if getattr(fill, name) or name != "dividend_tax"
    ]
    if narrow:
        return " ".join(items)
    amount, fees = fill.price * fill.quantity, sum(getattr(fill, name) for name in ITEMS)
    net = -amount - fees if fill.side == "buy" else amount - fees
    total = terminal.text("screen.orders.fill_net", net=money(net, signed=True))
    return f"#{fill.trade_no}  {'  '.join(items)}  {total}"


def reason_of(terminal: Terminal, order: Order) -> str:
    """The sentence of the order's code, with the figure that would have passed."""
    try:
        zh, en = sentences(order.code, order.figure)
    except KeyError:  # a code of a newer server, or one whose sentence needs more than the figure
        return order.code
    return terminal.look.catalogue.pick(zh, en)
