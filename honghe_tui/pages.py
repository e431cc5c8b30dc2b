"""The pages of the terminal in the order of their number keys, imported when first opened."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from honghe_tui.screens.base import TradeScreen
    from honghe_tui.terminal import Terminal

PAGES = ("quotes", "detail", "orders", "positions", "margin", "notices", "statements", "help")

OFFICER_PAGES = (*PAGES, "risk")
"""Of those whom the server knows as risk officers."""


def page_screen(page: str, terminal: "Terminal") -> "TradeScreen":
    """The screen of a page: `quotes` is `QuotesScreen` of the module `screens.quotes`."""
    module = import_module(f"honghe_tui.screens.{page}")
    kind = cast("type[TradeScreen]", getattr(module, f"{page.capitalize()}Screen"))
    return kind(terminal)
