from pathlib import Path

import msgspec
import pytest

from server.accounts import products as module
from server.accounts.product_checks import ProductRefused, check_product, smallest_line_ppm
from server.accounts.products import (
    Product,
    load_products,
    more_terms_of,
    offered,
    product_commands,
    terms_of,
    to_wire,
)
from server.engine import records
from server.engine.codes import Command

PRODUCTS = load_products()
FIXED = [product for product in PRODUCTS if product.family == "fixed"]
TEXT = Path(module.__file__).with_name("products.toml").read_text("utf-8")


def changed(tmp_path: Path, old: str, new: str, count: int = 1) -> Path:
    assert old in TEXT
    path = tmp_path / "products.toml"
    path.write_text(TEXT.replace(old, new, count), "utf-8")
    return path


def test_lines_of_section_5_3() -> None:
    assert {product.leverage: product.lines for product in FIXED} == {
        1: (1_600_000, 1_500_000, 1_400_000, 1_300_000),
        2: (1_400_000, 1_300_000, 1_250_000, 1_200_000),
        3: (1_270_000, 1_220_000, 1_180_000, 1_140_000),
        4: (1_210_000, 1_180_000, 1_155_000, 1_130_000),
    }


def test_admissible_holdings_of_section_5_3() -> None:
    assert {product.leverage: product.class_cap_ppm for product in FIXED} == {
        1: (1_000_000, 1_000_000, 500_000, 200_000),
        2: (1_000_000, 500_000, 100_000, 0),
        3: (1_000_000, 150_000, 0, 0),
        4: (1_000_000, 0, 0, 0),
    }
    single = {product.leverage: product.single_cap_ppm for product in FIXED}
    assert single == {1: 1_000_000, 2: 1_000_000, 3: 500_000, 4: 330_000}


def test_interest_of_100_000_yuan_is_30_yuan_a_day() -> None:
    for product in FIXED:
        assert 100_000 * product.annual_rate_ppm / product.day_count / 1_000_000 == 30


@pytest.mark.parametrize(
    ("gap_ppm", "line_ppm"),
    [(100_000, 1_117_819), (200_000, 1_257_546), (300_000, 1_437_195)],
)
def test_smallest_line(gap_ppm: int, line_ppm: int) -> None:
    """Section 5.2: 111.8 %, 125.8 % and 143.7 %."""
    assert smallest_line_ppm(gap_ppm, 6_000) == line_ppm


def test_the_common_line_at_four_times_is_refused_with_its_arithmetic(tmp_path: Path) -> None:
    path = changed(tmp_path, "liquidate_ppm = 1_130_000", "liquidate_ppm = 1_075_000")
    with pytest.raises(ProductRefused) as raised:
        load_products(path)
    assert "107.50% x (1 - 10.00%) x (1 - 0.60%) = 96.16% of the debt" in str(raised.value)
    assert "111.79% would" in str(raised.value)


def test_the_line_must_just_survive(tmp_path: Path) -> None:
    old = "liquidate_ppm = 1_130_000"
    load_products(changed(tmp_path, old, "liquidate_ppm = 1_117_819"))
    with pytest.raises(ProductRefused, match="main boards"):
        load_products(changed(tmp_path, old, "liquidate_ppm = 1_117_818"))


def test_a_wider_class_needs_a_higher_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "[1_000_000, 150_000, 0, 0]", "[1_000_000, 500_000, 0, 0]")
    with pytest.raises(ProductRefused, match=r"50.00% in 20 % boards: 114.00% x \(1 - 15.00%\)"):
        load_products(path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("remind_ppm = 1_400_000", "remind_ppm = 1_500_000", "start, lines and 100 % must fall"),
        ("restrict_ppm = 1_300_000", "restrict_ppm = 1_250_000", "must fall"),
        ("product = 1\n", "product = 0\n", "number 0 should be 1"),
        ('key = "fixed-1-3"', 'key = "fixed-1-2"', "a version is there twice"),
        ("single_cap_ppm = 330_000", "single_cap_ppm = 1_000_001", "outside 0 to 100 %"),
        ("day_count = 360", "day_count = 0", "day count is odd"),
        ("deposit_minimum = 100_000_000", "deposit_minimum = 0", "deposits must be"),
        ("deposit_maximum = 20_000_000_000", "deposit_maximum = 9_000_000_000_000", "deposits"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ProductRefused, match=complaint):
        load_products(changed(tmp_path, old, new))


def test_misspelt_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(msgspec.ValidationError, match="levrage"):
        load_products(changed(tmp_path, "leverage = 2", "leverage = 2\nlevrage = 2"))


def test_newest_version_is_offered_and_old_terms_stay(tmp_path: Path) -> None:
    rows = TEXT.split("[[product]]")
    old = "[[product]]".join(rows[:4])
    newer = rows[1].replace("product = 0", "product = 3").replace("version = 1", "version = 2")
    path = tmp_path / "products.toml"
    path.write_text(old + "\n[[product]]" + newer.replace("108_000", "90_000"), "utf-8")
    products = load_products(path)
    assert [(product.product, product.version) for product in offered(products)] == [
        (1, 1),
        (2, 1),
        (3, 2),
    ]
    commands = product_commands(products).view(records.PRODUCT)
    assert commands["annual_rate_ppm"].tolist() == [108_000, 108_000, 108_000, 90_000]


def test_commands_carry_every_term() -> None:
    commands = product_commands(PRODUCTS)
    firsts = commands[commands["kind"] == Command.PRODUCT].view(records.PRODUCT)
    for row, product in zip(firsts, PRODUCTS, strict=True):
        assert row["product"] == product.product
        for name, value in terms_of(product)._asdict().items():
            assert np_equal(row[name], value), name
    more = commands[commands["kind"] == Command.PRODUCT_TERMS].view(records.PRODUCT_TERMS)
    ruled = [product for product in PRODUCTS if product.is_ruled]
    for row, product in zip(more, ruled, strict=True):
        assert row["product"] == product.product
        for name, value in more_terms_of(product)._asdict().items():
            assert np_equal(row[name], value), name


def test_five_families_are_offered() -> None:
    families = {product.family for product in offered(PRODUCTS)}
    assert families == {"fixed", "combination", "flexible", "licensed", "cash"}


def np_equal(field: object, value: object) -> bool:
    return tuple(field) == value if isinstance(value, tuple) else field == value


def test_wire_form() -> None:
    wire = to_wire(PRODUCTS[1], offered(PRODUCTS))
    assert not wire.offered, "version 2 is"
    assert (wire.product, wire.leverage, wire.name_zh) == (1, 3, "固定杠杆 1:3")
    assert wire.class_cap_ppm == [1_000_000, 150_000, 0, 0]
    assert wire.deposit_minimum == 100_000_000


def newest(family: str) -> Product:
    return next(product for product in reversed(PRODUCTS) if product.family == family)


@pytest.mark.parametrize(
    ("family", "arithmetic"),
    [
        ("fixed", "111.00% x (1 - 10.00%) x (1 - 0.60%) = 99.30% of the debt; 111.79% would"),
        ("combination", "111.00% x (1 - 10.00%) x (1 - 0.60%) = 99.30% of the debt; 111.79%"),
        ("flexible", "111.00% x (1 - 10.00%) x (1 - 0.60%) = 99.30% of the debt; 111.79%"),
        ("licensed", "111.00% x (1 - 10.00%) x (1 - 0.60%) = 99.30% of the debt; 111.79%"),
    ],
)
def test_every_family_is_refused_with_a_line_that_does_not_survive(
    family: str, arithmetic: str
) -> None:
    product = newest(family)
    check_product(product)
    with pytest.raises(ProductRefused) as raised:
        check_product(msgspec.structs.replace(product, liquidate_ppm=1_110_000))
    assert arithmetic in str(raised.value)


def test_a_cash_account_has_no_line_to_survive() -> None:
    with pytest.raises(ProductRefused, match="neither loan nor lines"):
        check_product(msgspec.structs.replace(newest("cash"), liquidate_ppm=1_300_000))


@pytest.mark.parametrize(
    ("family", "billing", "days"),
    [
        ("fixed", "arrears", 0),
        ("fixed", "at_repayment", 30),
        ("flexible", "advance", 30),
        ("licensed", "arrears", 30),
    ],
)
def test_bills_that_cannot_be_are_refused(family: str, billing: str, days: int) -> None:
    product = msgspec.structs.replace(newest(family), billing=billing, billing_days=days)
    with pytest.raises(ProductRefused, match=r"period of 1 to 366 days|cannot be billed"):
        check_product(product)
