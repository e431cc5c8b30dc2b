"""The order ticket's fields and what keys do to them, without a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from server.protocol.accounts import Account, Loan
from server.protocol.market import Instrument, Quote
from server.protocol.words import FamilyName, OrderType, Phase, Side

FieldName = Literal[
    "account", "side", "financed", "symbol", "order_type", "price", "quantity", "loan"
]
Resolve = Callable[[str], Instrument | None]

FIELDS: tuple[FieldName, ...] = (
    *("account", "side", "financed"),
    *("symbol", "order_type", "price", "quantity", "loan"),
)
CHOICES: frozenset[FieldName] = frozenset({"account", "side", "financed", "order_type", "loan"})
PRICED: frozenset[OrderType] = frozenset({"limit", "fixed_price"})
AFTER_HOURS: frozenset[Phase] = frozenset({"after_hours_entry", "after_hours"})
CALLS: frozenset[Phase] = frozenset(
    {"opening_call", "opening_call_no_cancel", "closing_call", "halted"}
)
_LONGEST = {"symbol": 12, "price": 10, "quantity": 9}
_ALLOWED = {"price": "0123456789.", "quantity": "0123456789"}
_DECIMALS = 4
LACKING: dict[str, FieldName] = {
    "no_account": "account",
    "no_instrument": "symbol",
    "no_price": "price",
    "no_protection": "price",
    "off_tick": "price",
    "no_quantity": "quantity",
}
"""The field that each problem is mended in."""


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """What a ticket asks for. `price` is 0 for a market order without a protection price."""

    account: int
    symbol: str
    side: Side
    order_type: OrderType
    price: int
    quantity: int
    financed: bool = False  # of a licensed account: a buy on margin, a sale that repays
    loan: int = 0  # number of the loan that such a sale repays first; 0: none is named


def parse_price(figure: str) -> int | None:
    """A typed price in 1/10 000 yuan; None for what is no price with at most four decimals."""
    whole, _, fraction = figure.partition(".")
    digits = whole + fraction
    if not digits.isascii() or not digits.isdigit() or len(fraction) > _DECIMALS:
        return None
    return int(whole or "0") * 10**_DECIMALS + int(fraction.ljust(_DECIMALS, "0") or "0")


def price_text(price: int, tick: int) -> str:
    """A price as it is typed: "1680.00"; empty for none."""
    if price <= 0:
        return ""
    decimals = 2 if tick % 100 == 0 else 3 if tick % 10 == 0 else 4
    whole, fraction = divmod(price, 10**_DECIMALS)
    return f"{whole}.{fraction:04d}"[: decimals - _DECIMALS or None]


class TicketForm:
    """The ticket's fields. `changes` grows whenever the order they describe may have changed."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self.accounts: list[Account] = []
        self.account = 0  # index in accounts
        self.side: Side = "buy"
        self.order_type: OrderType = "limit"
        self.on_margin = False  # what licensed accounts were last asked for
        self._loan = 0  # number of the one last chosen
        self.texts: dict[FieldName, str] = {"symbol": "", "price": "", "quantity": ""}
        self.instrument: Instrument | None = None
        self.quote: Quote | None = None
        self.largest = 0
        self.phase: Phase | None = None
        self.focus: FieldName = "symbol"
        self.changes = 0
        self.fraction_asked = False  # after "/"
        self._fresh = True  # the first digit typed into a field replaces what stood there
        self._own_price = False  # the person has touched the price

    # The order

    @property
    def account_number(self) -> int:
        return self.accounts[self.account].account if self.accounts else -1

    @property
    def family(self) -> FamilyName:
        """Of the chosen account."""
        return self.accounts[self.account].family if self.accounts else "cash"

    @property
    def financed(self) -> bool:
        return self.on_margin and self.family == "licensed"

    @property
    def fields(self) -> list[FieldName]:
        """Those of the chosen account: only a licensed one can be asked for margin."""
        gone: set[FieldName] = set()
        if self.family != "licensed":
            gone.add("financed")
        if not self.loans:
            gone.add("loan")
        return [name for name in FIELDS if name not in gone]

    @property
    def loans(self) -> list[Loan]:
        """Those that a sale to repay may name."""
        repays = self.financed and self.side == "sell"
        return self.accounts[self.account].loans if repays else []

    @property
    def loan(self) -> Loan | None:
        """The one that is named, as long as it is owed."""
        return next((each for each in self.loans if each.number == self._loan), None)

    @property
    def price(self) -> int | None:
        """0 for a market order without protection price, None while the text is no price."""
        return parse_price(self.texts["price"]) if self.is_priced else 0

    @property
    def is_priced(self) -> bool:
        """Whether the order carries a price: a limit, or a market order's protection."""
        return self.order_type in PRICED or self.is_protected

    @property
    def is_protected(self) -> bool:
        market = self.order_type not in PRICED
        return market and self.instrument is not None and self.instrument.protection

    @property
    def order_types(self) -> list[OrderType]:
        """What the instrument takes now."""
        if self.instrument is None:
            return ["limit"]
        offered = self.instrument.order_types
        fixed: list[OrderType] = ["fixed_price"] if "fixed_price" in offered else []
        phase = self.quote.phase if self.quote is not None else self.phase
        if phase in AFTER_HOURS and fixed:
            return fixed
        if phase in CALLS:
            return ["limit", *fixed]
        return offered

    @property
    def quantity(self) -> int:
        return int(self.texts["quantity"] or "0")

    def draft(self) -> TicketOrder | None:
        """What is described so far; the quantity may be 0. None until it can be asked about."""
        price = self.price
        priced = not self.is_priced or bool(price)
        if self.instrument is None or self.account_number < 0 or price is None or not priced:
            return None
        return TicketOrder(
            self.account_number,
            self.instrument.symbol,
            self.side,
            self.order_type,
            price,
            self.quantity,
            self.financed,
            self.loan.number if self.loan is not None else 0,
        )

    def problem(self) -> str:
        """Key of what keeps the order from being reviewed; empty when nothing does."""
        if self.account_number < 0:
            return "no_account"
        if self.instrument is None:
            return "no_instrument"
        price = self.price
        if self.is_priced and not price:
            return "no_price" if self.order_type == "limit" else "no_protection"
        if price and price % self.instrument.tick:
            return "off_tick"
        return "" if self.quantity > 0 else "no_quantity"

    def order(self) -> TicketOrder | None:
        return None if self.problem() else self.draft()

    # Filling in

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """Keeps the chosen account if it is still there."""
        chosen = self.account_number
        self.accounts = list(accounts)
        numbers = [account.account for account in self.accounts]
        self.account = numbers.index(chosen) if chosen in numbers else 0
        if self.account_number != chosen:
            self._changed()

    def choose_account(self, account: int) -> None:
        numbers = [each.account for each in self.accounts]
        if account in numbers:
            self.account = numbers.index(account)

    def set_symbol(self, symbol: str) -> None:
        """Another instrument: price and quantity of the one before go."""
        self.texts["symbol"] = symbol
        instrument = self._resolve(symbol) if symbol else None
        if instrument is not self.instrument:
            self.instrument, self.quote = instrument, None
            self.texts["price"] = self.texts["quantity"] = ""
            self._own_price = False
            self.largest = 0
            self._keep_type()

    def set_phase(self, phase: Phase | None) -> None:
        """A call takes limit orders alone."""
        if phase != self.phase:
            self.phase = phase
            self._keep_type()

    def _keep_type(self) -> None:
        """What is not taken any more becomes a limit order."""
        if self.order_type not in self.order_types:
            self.order_type = self.order_types[0]
            self._take_price()
            self._changed()

    def set_quote(self, quote: Quote | None) -> bool:
        """Fills an untouched price with the opposite best; True when that changed the order."""
        if quote is None or self.instrument is None or quote.symbol != self.instrument.symbol:
            return False
        self.quote = quote
        self._keep_type()
        if self._own_price or self.texts["price"]:
            return False
        self._take_price()
        self._changed()
        return True

    def _take_price(self) -> None:
        """The opposite best as the price, as long as nobody has touched it.

        A market order is protected at the day's limit.
        """
        quote, instrument = self.quote, self.instrument
        if instrument is None or self._own_price:
            return
        if self.order_type not in PRICED and instrument.limited:
            widest = instrument.limit_up if self.side == "buy" else instrument.limit_down
            self.texts["price"] = price_text(widest, instrument.tick)
        elif quote is not None:
            opposite = quote.ask if self.side == "buy" else quote.bid
            self.texts["price"] = price_text(opposite or quote.last, instrument.tick)

    def set_price(self, price: int) -> None:
        if price > 0 and self.instrument is not None:
            self.texts["price"] = price_text(price, self.instrument.tick)
            self._own_price = True

    def set_quantity(self, quantity: int) -> None:
        self.texts["quantity"] = str(quantity) if quantity > 0 else ""

    # Keys

    def move(self, by: int) -> None:
        """To the next field that counts: a market order has no price."""
        fields: list[FieldName] = [n for n in self.fields if n != "price" or self.is_priced]
        here: FieldName = self.focus if self.focus in fields else "side"
        self.focus = fields[(fields.index(here) + by) % len(fields)]
        self.begin_field()

    def go_to(self, field: FieldName) -> None:
        """To a field that lacks something; what is half typed in the one in focus stays."""
        if field != self.focus:
            self.focus = field
            self.begin_field()

    def begin_field(self) -> None:
        """What is typed next replaces what stands in the field."""
        self._fresh, self.fraction_asked = True, False

    def type_character(self, character: str) -> None:
        """A printable character typed on the field in focus."""
        if self.fraction_asked or (self.focus in CHOICES and character in "1234"):
            self.fraction_asked = False
            if character in "1234":
                self.take_fraction(int(character))
        elif character == "/":
            self.fraction_asked = True
        elif character == " " and self.focus in CHOICES:
            self.choose(1)
        elif self.focus not in CHOICES:
            self._type_text(character)

    def _type_text(self, character: str) -> None:
        field = self.focus
        if field == "symbol":
            if not character.isascii() or not (character.isalnum() or character == "."):
                return
        elif character not in _ALLOWED[field]:
            return
        before = "" if self._fresh else self.texts[field]
        self._fresh = False
        if len(before) < _LONGEST[field]:
            self._put_text(field, before + character)

    def erase(self) -> None:
        """Backspace."""
        if self.focus not in CHOICES:
            self._fresh = False
            self._put_text(self.focus, self.texts[self.focus][:-1])

    def _put_text(self, field: FieldName, value: str) -> None:
        if field == "symbol":
            self.set_symbol(value)
        else:
            self.texts[field] = value
            self._own_price |= field == "price"
        self._changed()

    def choose(self, by: int) -> None:
        """Left and right on a field of choices."""
        if self.focus == "account" and self.accounts:
            self.account = (self.account + by) % len(self.accounts)
        elif self.focus == "side":
            self.side = "sell" if self.side == "buy" else "buy"
            self._take_price()
        elif self.focus == "financed":
            self.on_margin = not self.on_margin
        elif self.focus == "loan":
            numbers = [0, *(each.number for each in self.loans)]
            here = self.loan.number if self.loan is not None else 0
            self._loan = numbers[(numbers.index(here) + by) % len(numbers)]
        elif self.focus == "order_type":
            types = self.order_types
            self.order_type = types[(types.index(self.order_type) + by) % len(types)]
            self._take_price()
        else:
            return
        self.largest = 0
        self._changed()

    def step(self, by: int) -> None:
        """+ and -: a tick on the price, a lot everywhere else."""
        instrument = self.instrument
        if instrument is None:
            return
        if self.focus == "price":
            price = self.price or (self.quote.last if self.quote else instrument.previous_close)
            self.set_price(max(instrument.tick, price + by * instrument.tick))
        else:
            self.set_quantity(max(0, self.quantity + by * instrument.lot))
        self._fresh = True
        self._changed()

    def take_fraction(self, part: int) -> None:
        """The largest quantity, or half, a third, a quarter of it in whole lots."""
        if self.instrument is None or self.largest <= 0:
            return
        lot = max(1, self.instrument.lot)
        quantity = self.largest if part == 1 else self.largest // part // lot * lot
        self.set_quantity(quantity)
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
