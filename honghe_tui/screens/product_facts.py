"""Every line, rate and rule of one version of a product, in words."""

from collections.abc import Iterator

from honghe_tui import text
from honghe_tui.screens.remarks import (
    LIMIT_DOWN_PPM,
    PPM,
    fall_to_line_ppm,
    opening_ratio_ppm,
    product_lines,
)
from honghe_tui.screens.sheet import Fact
from honghe_tui.terminal import Terminal
from server.protocol.accounts import Product

_CLASSES = ("main", "wide", "bse", "risk")
_HUNDRED_THOUSAND = 100_000 * 10_000


def product_title(terminal: Terminal, product: Product) -> str:
    name = text.clean(terminal.look.catalogue.pick(product.name_zh, product.name_en))
    return terminal.text("screen.products.title", name=name, version=product.version)


def product_facts(terminal: Terminal, product: Product) -> list[Fact]:
    """What a contract on it is bound by; a cash account is bound by nothing."""
    t = terminal.text
    facts: list[Fact] = [
        (t("screen.products.family"), terminal.look.word("family", product.family))
    ]
    facts.append(("", t(f"screen.products.about_{product.family}")))
    if product.family == "cash":
        return facts
    parts = (_ratios, _lines, _rates, _term, _call, _holdings, _margins, _bounds)
    return [*facts, *(fact for part in parts for fact in part(terminal, product))]


def _ratios(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    if product.family in ("fixed", "flexible", "combination"):
        yield t("screen.products.leverage"), f"1:{product.leverage}"
    if product.financing_margin_ppm:
        ratio = text.percent(product.financing_margin_ppm)
        yield t("screen.products.financing"), t("screen.products.financing_at_least", ratio=ratio)
    yield t("screen.products.opening"), text.percent(opening_ratio_ppm(product))


def _lines(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t, start = terminal.text, opening_ratio_ppm(product)
    for grade, line in product_lines(product):
        fall = fall_to_line_ppm(line, start)
        words = t(
            f"screen.products.at_{grade}",
            line=text.percent(line),
            fall=text.percent(fall, 1),
            days=text.thousandths(fall * PPM // LIMIT_DOWN_PPM, 1),
        )
        yield t("screen.products.line", grade=terminal.look.word("grade", grade)), words
    own = product.withdraw_ppm or opening_ratio_ppm(product)
    yield t("screen.products.withdrawal"), text.percent(own)


def _rates(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    rate = product.annual_rate_ppm
    a_day = rate * _HUNDRED_THOUSAND // PPM // product.day_count
    yield t("screen.products.annual"), f"{text.percent(rate)} /{product.day_count}"
    daily = text.thousandths(product.daily_rate_ppb // 10, 6)
    yield (
        t("screen.products.daily"),
        t("screen.products.a_day", rate=f"{daily}%", money=text.money(a_day)),
    )
    yield t("screen.products.interest"), t("screen.products.interest_rule")
    if product.billing != "at_repayment":
        words = t(f"screen.products.billed_{product.billing}", days=product.billing_days)
        yield t("screen.products.billing"), words
        yield "", t(f"screen.products.unpaid_{product.unpaid}")
    if product.billing == "advance":
        yield "", t(f"screen.products.refund_{product.refund}")
    if product.overdue_ppm:
        late = text.percent(rate * product.overdue_ppm // PPM)
        times = text.thousandths(product.overdue_ppm, 1)
        yield t("screen.products.overdue"), t("screen.products.overdue_at", times=times, rate=late)
    if product.minimum_days:
        yield t("screen.products.minimum"), t("screen.products.days", days=product.minimum_days)
    if product.early_fee_ppm:
        yield t("screen.products.early"), text.percent(product.early_fee_ppm)
    yield t("screen.products.fees"), t("screen.products.fees_rule")


def _term(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    if not product.term_days:
        yield t("screen.products.term"), t("screen.products.no_term")
    else:
        key = "term_of_loan" if product.family == "licensed" else "days"
        yield t("screen.products.term"), t(f"screen.products.{key}", days=product.term_days)
        words = t("screen.products.extended", times=product.extensions, days=product.extension_days)
        yield t("screen.products.extension"), words
    if product.family == "licensed":
        words = t(f"screen.products.repaid_{product.repay_order}")
        yield t("screen.products.repay_order"), words
    key = "release_later" if product.release_sessions else "release_at_once"
    yield (
        t("screen.products.release"),
        t(f"screen.products.{key}", sessions=product.release_sessions),
    )


def _call(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    if not product.call_restore_ppm:
        return
    at = t("screen.products.close") if product.call_at == "close" else product.call_at
    key = "call_days" if product.call_days else "call_same_day"
    words = t(
        f"screen.products.{key}",
        line=text.percent(product.reduce_ppm),
        restore=text.percent(product.call_restore_ppm),
        days=product.call_days,
        at=at,
    )
    yield t("screen.products.call"), words
    yield t("screen.products.order"), t("screen.products.order_rule")
    yield t("screen.products.liability"), t("screen.products.liability_rule")


def _by_class(terminal: Terminal, ppm: list[int]) -> str:
    words = [terminal.text(f"screen.products.class_{name}") for name in _CLASSES]
    return "  ".join(
        f"{word} {text.percent(part, 0)}" for word, part in zip(words, ppm, strict=False)
    )


def _holdings(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    yield t("screen.products.holdings"), _by_class(terminal, product.class_cap_ppm)
    yield t("screen.products.single"), text.percent(product.single_cap_ppm, 0)
    cost = text.percent(product.exit_cost_ppm)
    yield t("screen.products.gap"), t("screen.products.gap_rule", cost=cost)


def _margins(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    if any(product.class_coefficient_ppm):
        shown = _by_class(terminal, product.class_coefficient_ppm)
        yield t("screen.products.coefficient"), shown
    if any(product.class_haircut_ppm):
        yield t("screen.products.haircut"), _by_class(terminal, product.class_haircut_ppm)


def _bounds(terminal: Terminal, product: Product) -> Iterator[Fact]:
    t = terminal.text
    least, most = text.money(product.deposit_minimum), text.money(product.deposit_maximum)
    yield t("screen.products.deposit"), f"{least} ~ {most}"
    if product.credit_maximum:
        yield t("screen.products.credit"), text.money(product.credit_maximum)
