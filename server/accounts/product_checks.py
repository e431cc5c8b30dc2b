"""Terms that contradict themselves, lines that do not survive a gap: the arithmetic of 5.2."""

from itertools import pairwise
from typing import TYPE_CHECKING

from server.engine.records import MAX_MONEY

if TYPE_CHECKING:
    from server.accounts.products import Product

PPM = 1_000_000
LONGEST_BILLING = 366
# The most a class may lose in one day (section 1.4), in the order of HoldingClass.
DAILY_LIMIT_PPM = (100_000, 200_000, 300_000, 300_000)
CLASS_NAMES = ("main boards", "20 % boards", "BSE", "risk warning")


class ProductRefused(ValueError):
    """A product whose terms contradict themselves or do not survive one limit-down."""


def check_product(product: "Product") -> None:
    """Raises ProductRefused."""
    if product.family == "cash":
        _check_cash(product)
        return
    _check_lines(product)
    _check_bounds(product)
    _check_terms(product)
    for column, cap_ppm in enumerate(product.class_cap_ppm):
        if cap_ppm:
            _check_gap(product, column, cap_ppm)


def _check_cash(product: "Product") -> None:
    if product.leverage or any(product.lines) or product.annual_rate_ppm:
        raise ProductRefused(f"{product.key}: a cash account has neither loan nor lines")


def opening_ratio_ppm(product: "Product") -> int:
    """The lowest ratio that borrowing as much as there is leaves, everything invested."""
    if product.family == "combination":
        return PPM * PPM // (PPM - smallest_coefficient_ppm(product))
    return (product.leverage + 1) * PPM // product.leverage


def smallest_coefficient_ppm(product: "Product") -> int:
    """Of the classes that may be held."""
    held = zip(product.class_coefficient_ppm, product.class_cap_ppm, strict=True)
    return min((coefficient for coefficient, cap in held if cap), default=0)


def _check_coefficients(product: "Product") -> None:
    smallest = smallest_coefficient_ppm(product)
    if not 0 < smallest < PPM or max(product.class_coefficient_ppm) > PPM:
        raise ProductRefused(f"{product.key}: coefficients must lie above 0 and within 100 %")


def _check_terms(product: "Product") -> None:
    extended = (product.extension_days, product.extensions)
    counts = (product.term_days, *extended, product.minimum_days, product.release_sessions)
    if min(*counts, product.early_fee_ppm, product.withdraw_ppm, product.call_days) < 0:
        raise ProductRefused(f"{product.key}: a term, a fee or a line is negative")
    if product.extensions and not (product.extension_days and product.term_days):
        raise ProductRefused(f"{product.key}: an extension without a term or without days")
    if product.is_ruled and 0 < product.overdue_ppm < PPM:
        raise ProductRefused(f"{product.key}: overdue debt at less than the rate")
    if product.call_restore_ppm not in {0, product.restrict_ppm, product.remind_ppm}:
        raise ProductRefused(f"{product.key}: a call is ended at the restrict or the remind line")
    _check_billing(product)
    if product.family != "fixed" and product.credit_maximum <= 0:
        raise ProductRefused(f"{product.key}: a credit line must have a maximum")


def _check_billing(product: "Product") -> None:
    """Only a whole loan can be charged ahead; loans for one share pay with their repayment."""
    billed = product.billing != "at_repayment"
    if billed != (0 < product.billing_days <= LONGEST_BILLING):
        raise ProductRefused(f"{product.key}: bills need a period of 1 to {LONGEST_BILLING} days")
    if (product.billing == "advance" and product.family != "fixed") or (
        billed and product.family == "licensed"
    ):
        raise ProductRefused(f"{product.key}: its interest cannot be billed {product.billing}")


def smallest_line_ppm(gap_ppm: int, exit_cost_ppm: int) -> int:
    """The lowest liquidation line that survives a fall of `gap_ppm`: 1 / ((1 - L)(1 - c)), up."""
    left = (PPM - gap_ppm) * (PPM - exit_cost_ppm)
    return -(-(PPM**3) // left)


def _check_lines(product: "Product") -> None:
    if product.family == "combination":
        _check_coefficients(product)
    if product.leverage < 1:
        raise ProductRefused(f"{product.key}: leverage, annual rate or day count is odd")
    initial = opening_ratio_ppm(product)
    lines = (initial, *product.lines, PPM)
    if product.family == "licensed":  # its margin ratio may be the attention line itself
        lines = lines[1:]
    if any(upper <= lower for upper, lower in pairwise(lines)):
        steps = " > ".join(_percent(line) for line in lines)
        raise ProductRefused(f"{product.key}: start, lines and 100 % must fall: {steps}")


def _check_bounds(product: "Product") -> None:
    caps = (*product.class_cap_ppm, product.single_cap_ppm)
    if not all(0 <= cap <= PPM for cap in caps) or not 0 <= product.exit_cost_ppm < PPM:
        raise ProductRefused(f"{product.key}: a cap or the exit cost is outside 0 to 100 %")
    if product.annual_rate_ppm < 0 or product.day_count not in {360, 365}:
        raise ProductRefused(f"{product.key}: leverage, annual rate or day count is odd")
    most = MAX_MONEY // product.leverage
    if not 0 < product.deposit_minimum <= product.deposit_maximum <= most:
        raise ProductRefused(f"{product.key}: deposits must be 0 < minimum <= maximum <= {most}")


def _check_gap(product: "Product", column: int, cap_ppm: int) -> None:
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
