"""Why an order stands as it does, in a sentence."""

from honghe_tui.terminal import Terminal
from honghe_tui.text import price, quantity
from server.protocol.reasons import sentences
from server.protocol.trading import Order


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
        side=look.word("side", order.side),
        name=terminal.name_of(order.symbol),
        quantity=quantity(order.quantity),
        type=look.word("order_type", order.order_type),
        price=price(order.price, terminal.tick_of(order.symbol)),
    )
    return f"{words} · {reason_of(terminal, order)}" if order.code else words


def reason_of(terminal: Terminal, order: Order) -> str:
    """The sentence of the order's code, with the figure that would have passed."""
    try:
        zh, en = sentences(order.code, order.figure)
    except KeyError:  # a code of a newer server, or one whose sentence needs more than the figure
        return order.code
    return terminal.look.catalogue.pick(zh, en)
