"""Fixed-leverage products: versioned terms, refused when their lines cannot hold (section 5)."""

from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import msgspec

from server.engine import building
from server.engine.building import Commands
from server.engine.records import MAX_MONEY
from server.engine.terms import ProductTerms
from server.protocol import accounts as wire

PPM = 1_000_000
# The most a class may lose in one day (section 1.4), in the order of HoldingClass.
DAILY_LIMIT_PPM = (100_000, 200_000, 300_000, 300_000)
CLASS_NAMES = ("main boards", "20 % boards", "BSE", "risk warning")


class ProductRefused(ValueError):
    """A product whose terms contradict themselves or do not survive one limit-down."""


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
        _check(product)
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
    """PRODUCT of every version: old contracts keep theirs."""
    return building.concat(
        [building.product(product.product, terms_of(product)) for product in products]
    )


def terms_of(product: Product) -> ProductTerms:
    return ProductTerms(*(getattr(product, name) for name in ProductTerms._fields))


def to_wire(product: Product) -> wire.Product:
    return msgspec.convert(product, wire.Product, from_attributes=True)


def smallest_line_ppm(gap_ppm: int, exit_cost_ppm: int) -> int:
    """The lowest liquidation line that survives a fall of `gap_ppm`: 1 / ((1 - L)(1 - c)), up."""
    left = (PPM - gap_ppm) * (PPM - exit_cost_ppm)
    return -(-(PPM**3) // left)


def _check(product: Product) -> None:
    _check_lines(product)
    _check_bounds(product)
    for column, cap_ppm in enumerate(product.class_cap_ppm):
        if cap_ppm:
            _check_gap(product, column, cap_ppm)


def _check_lines(product: Product) -> None:
    initial = (product.leverage + 1) * PPM // product.leverage
    lines = (initial, *product.lines, PPM)
    if any(upper <= lower for upper, lower in pairwise(lines)):
        steps = " > ".join(_percent(line) for line in lines)
        raise ProductRefused(f"{product.key}: start, lines and 100 % must fall: {steps}")


def _check_bounds(product: Product) -> None:
    caps = (*product.class_cap_ppm, product.single_cap_ppm)
    if not all(0 <= cap <= PPM for cap in caps) or not 0 <= product.exit_cost_ppm < PPM:
        raise ProductRefused(f"{product.key}: a cap or the exit cost is outside 0 to 100 %")
    if product.leverage < 1 or product.annual_rate_ppm < 0 or product.day_count not in {360, 365}:
        raise ProductRefused(f"{product.key}: leverage, annual rate or day count is odd")
    most = MAX_MONEY // product.leverage
    if not 0 < product.deposit_minimum <= product.deposit_maximum <= most:
        raise ProductRefused(f"{product.key}: deposits must be 0 < minimum <= maximum <= {most}")


def _check_gap(product: Product, column: int, cap_ppm: int) -> None:
    """One limit-down of the class at its cap, the rest in main boards (section 5.2).

    Mixtures of several capped classes are refused order by order, by the engine.
    """
    weighted = cap_ppm * DAILY_LIMIT_PPM[column] + (PPM - cap_ppm) * DAILY_LIMIT_PPM[0]
    gap_ppm = -(-weighted // PPM)
    needed = smallest_line_ppm(gap_ppm, product.exit_cost_ppm)
    if product.liquidate_ppm >= needed:
        return
    left = product.liquidate_ppm * (PPM - gap_ppm) * (PPM - product.exit_cost_ppm) // PPM**2
    raise ProductRefused(
        f"{product.key}: liquidation at {_percent(product.liquidate_ppm)} does not survive one"
        f" limit-down with {_percent(cap_ppm)} in {CLASS_NAMES[column]}:"
        f" {_percent(product.liquidate_ppm)} x (1 - {_percent(gap_ppm)})"
        f" x (1 - {_percent(product.exit_cost_ppm)}) = {_percent(left)} of the debt;"
        f" {_percent(needed + 99)} would"
    )


def _percent(ppm: int) -> str:
    return f"{ppm // 10_000}.{ppm % 10_000 // 100:02d}%"
