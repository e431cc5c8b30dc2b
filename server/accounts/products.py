"""The products: versioned terms, refused when their lines cannot hold (sections 4.5 and 5)."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from server.accounts.product_checks import ProductRefused, check_product
from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Family
from server.engine.term_codes import Billing, Refund, RepayOrder, Unpaid
from server.engine.terms import MoreTerms, ProductTerms
from server.protocol import accounts as wire
from server.protocol.words import (
    BillingName,
    FamilyName,
    RefundName,
    RepayOrderName,
    UnpaidName,
)


class Product(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms of one version of a product; units as in products.toml."""

    product: int
    key: str
    version: int
    name_zh: str
    name_en: str
    leverage: int
    annual_rate_ppm: int
    day_count: int
    remind_ppm: int
    restrict_ppm: int
    reduce_ppm: int
    liquidate_ppm: int
    class_cap_ppm: tuple[int, int, int, int]
    single_cap_ppm: int
    exit_cost_ppm: int
    deposit_minimum: int
    deposit_maximum: int
    family: FamilyName = "fixed"
    credit_maximum: int = 0
    withdraw_ppm: int = 0
    financing_margin_ppm: int = 0
    class_coefficient_ppm: tuple[int, int, int, int] = (0, 0, 0, 0)
    class_haircut_ppm: tuple[int, int, int, int] = (0, 0, 0, 0)
    term_days: int = 0
    extension_days: int = 0
    extensions: int = 0
    minimum_days: int = 0
    early_fee_ppm: int = 0
    release_sessions: int = 0
    overdue_ppm: int = 0
    call_restore_ppm: int = 0
    call_days: int = 0
    call_at: str = ""
    billing: BillingName = "at_repayment"
    billing_days: int = 0
    unpaid: UnpaidName = "overdue"
    refund: RefundName = "by_day"
    repay_order: RepayOrderName = "oldest"

    @property
    def is_ruled(self) -> bool:
        """Whether it has more terms than a PRODUCT: the first fixed products have not."""
        more = self.release_sessions > 0 or self.term_days > 0 or self.billing_days > 0
        return self.family != "fixed" or more

    @property
    def daily_rate_ppb(self) -> int:
        return self.annual_rate_ppm * 1_000 // self.day_count

    @property
    def lines(self) -> tuple[int, int, int, int]:
        return (self.remind_ppm, self.restrict_ppm, self.reduce_ppm, self.liquidate_ppm)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    product: tuple[Product, ...]


def load_products(path: Path | None = None) -> tuple[Product, ...]:
    """Every version, by number; without `path`, the products that come with us.

    Raises ProductRefused with the arithmetic, and msgspec.ValidationError for a malformed file.
    """
    source = path if path is not None else files("server.accounts").joinpath("products.toml")
    products = msgspec.toml.decode(source.read_bytes(), type=_File).product
    for number, product in enumerate(products):
        if product.product != number:
            raise ProductRefused(f"{product.key}: number {product.product} should be {number}")
        check_product(product)
    versions = [(product.key, product.version) for product in products]
    if len(set(versions)) != len(versions):
        raise ProductRefused(f"a version is there twice: {sorted(versions)}")
    return products


def offered(products: Sequence[Product]) -> tuple[Product, ...]:
    """The newest version of each product, which new contracts are opened on."""
    newest: dict[str, Product] = {}
    for product in sorted(products, key=lambda product: product.version):
        newest[product.key] = product
    return tuple(sorted(newest.values(), key=lambda product: product.product))


def product_commands(products: Sequence[Product]) -> Commands:
    """PRODUCT and PRODUCT_TERMS of every version: old contracts keep theirs."""
    return building.concat([part for product in products for part in _commands_of(product)])


def _commands_of(product: Product) -> list[Commands]:
    first = building.product(product.product, terms_of(product))
    if not product.is_ruled:
        return [first]
    return [first, building.product_terms(product.product, more_terms_of(product))]


def terms_of(product: Product) -> ProductTerms:
    return ProductTerms(*(getattr(product, name) for name in ProductTerms._fields))


def more_terms_of(product: Product) -> MoreTerms:
    words = {
        "family": Family[product.family.upper()],
        "billing": Billing[product.billing.upper()],
        "unpaid": Unpaid[product.unpaid.upper()],
        "refund": Refund[product.refund.upper()] if product.billing == "advance" else Refund.NONE,
        "repay_order": RepayOrder[product.repay_order.upper()],
    }
    rest = {name: getattr(product, name) for name in MoreTerms._fields if name not in words}
    return MoreTerms(**words, **rest)


def to_wire(product: Product, new: Sequence[Product]) -> wire.Product:
    """`new`: the versions that are offered."""
    message = msgspec.convert(product, wire.Product, from_attributes=True)
    message.offered = product in new
    return message
