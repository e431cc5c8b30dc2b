"""The products, one at a time, with every line and rate."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from honghe_tui.screens.product_facts import product_facts, product_title
from honghe_tui.screens.sheet import SheetScreen
from honghe_tui.terminal import Terminal
from server.protocol.accounts import Product


class ProductsScreen(SheetScreen):
    """Those on offer, left and right; it begins with `product` when that is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "product(-1)", show=False),
        Binding("right,tab,v", "product(1)", show=False),
    ]

    def __init__(self, terminal: Terminal, product: int = -1) -> None:
        super().__init__(terminal)
        known = terminal.mirror.products
        self.products: list[Product] = [
            item for item in known.values() if item.offered or item.product == product
        ]
        numbers = [item.product for item in self.products]
        self.place = numbers.index(product) if product in numbers else 0

    def fill(self, *, anew: bool = False) -> None:
        t = self.terminal.text
        if not self.products:
            self.sheet.show(t("screen.products.empty"), [], t("screen.sheet.hint"))
            return
        product = self.products[self.place]
        title = f"{product_title(self.terminal, product)}  {self.place + 1}/{len(self.products)}"
        facts = product_facts(self.terminal, product)
        self.sheet.show(title, facts, t("screen.products.hint"), anew=anew)

    def action_product(self, step: int) -> None:
        if self.products:
            self.place = (self.place + step) % len(self.products)
            self.fill(anew=True)
