"""The texts of notices and statements, in Chinese and English, from `catalogue.toml`."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from string import Formatter
from typing import Any, NamedTuple

import msgspec

from server.engine.codes import HoldingClass, OrderType
from server.risk.codes import NoticeCode
from server.risk.plan import Obstacle
from server.risk.runs import Fill
from server.risk.times import shanghai


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The figures a notice's text may name; each notice fills those its text does."""

    account: int
    # Amounts and prices, in 1/10 000 yuan.
    assets: int = 0
    debt: int = 0
    deposit: int = 0
    repay: int = 0
    loan: int = 0
    credit: int = 0
    interest: int = 0
    amount: int = 0
    shortfall: int = 0
    price: int = 0
    tax: int = 0
    payable: int = 0
    worth: int = 0
    # Ratios, in ppm.
    ratio: int = 0
    line: int = 0
    remind: int = 0
    restrict: int = 0
    reduce: int = 0
    liquidate: int = 0
    limit: int = 0
    weight: int = 0
    # The rest.
    deadline: int = 0  # market time
    day: int = 0  # YYYYMMDD
    record_day: int = 0
    symbol: str = ""
    quantity: int = 0
    step: int = 0
    count: int = 0
    rank: int = 0
    statement: int = 0
    obstacle: Obstacle | None = None
    order_type: OrderType | None = None
    holding_class: HoldingClass | None = None


SPOKEN = ("why", "type", "class")
MONEY = (
    *("assets", "debt", "deposit", "repay", "loan", "credit", "interest", "amount"),
    *("shortfall", "tax", "payable", "worth"),
)
DAYS = ("day", "record_day")
RATIOS = ("ratio", "line", "remind", "restrict", "reduce", "liquidate", "limit", "weight")


class _Pair(msgspec.Struct, frozen=True):
    zh: str
    en: str


class _NoticeText(msgspec.Struct, frozen=True):
    severity: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str


class _Texts(msgspec.Struct, frozen=True):
    """The file as it is written."""

    mark_zh: str
    mark_en: str
    notices: dict[str, _NoticeText]
    obstacles: dict[str, _Pair]
    order_types: dict[str, _Pair]
    holding_classes: dict[str, _Pair]
    statements: dict[str, _Pair]
    lines: dict[str, _Pair]


class Wording(msgspec.Struct, frozen=True):
    """One notice, worded."""

    severity: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str


def money_text(money: int) -> str:
    """Yuan and fen, half up, with thousands separated."""
    fen = (money + 50) // 100
    if fen < 0:
        return f"-{-fen // 100:,}.{-fen % 100:02}"
    return f"{fen // 100:,}.{fen % 100:02}"


def price_text(price: int) -> str:
    """A price in yuan: two decimals, three where a fund's tick needs them."""
    return f"{Decimal(price).scaleb(-4):,.{2 if price % 100 == 0 else 3}f}"


def ratio_text(ppm: int) -> str:
    """Percent, rounded down, so that a ratio at a line never reads as above it."""
    return f"{ppm // 10_000}.{ppm // 100 % 100:02}%"


def _day_text(day: int) -> str:
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"


@lru_cache(maxsize=64)  # a crash's calls share their deadline
def _time_text(time: int) -> str:
    return f"{shanghai(time):%Y-%m-%d %H:%M}"


def _count_text(count: int) -> str:
    return f"{count:,}"


# How a fact reads, where it reads alike in both languages; any other is its own text.
_READS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(MONEY, money_text),
    **dict.fromkeys(RATIOS, ratio_text),
    **dict.fromkeys(DAYS, _day_text),
    **dict.fromkeys(("quantity", "count"), _count_text),
    "price": price_text,
    "deadline": _time_text,
}


class _Template(NamedTuple):
    """A notice's text and the facts it names, so that nothing else is put into words."""

    text: _NoticeText
    plain: tuple[tuple[str, Callable[[Any], str]], ...]
    spoken: tuple[str, ...]


def _template(text: _NoticeText) -> _Template:
    parts = (text.title_zh, text.title_en, text.body_zh, text.body_en)
    found = {name for part in parts for _, name, _, _ in Formatter().parse(part) if name}
    plain = tuple((name, _READS.get(name, str)) for name in sorted(found - {*SPOKEN}))
    return _Template(text, plain, tuple(sorted(found & {*SPOKEN})))


class Catalogue:
    """Words facts; a text that names a figure there is none of raises KeyError."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._notices = {code: _template(texts.notices[code.name.lower()]) for code in NoticeCode}

    def notice(self, code: NoticeCode, facts: Facts) -> Wording:
        template = self._notices[code]
        text = template.text
        zh = {name: reads(getattr(facts, name)) for name, reads in template.plain}
        en = zh
        if template.spoken:
            en = dict(zh)
            for name in template.spoken:
                zh[name], en[name] = self._spoken(name, facts)
        return Wording(
            severity=text.severity,
            title_zh=text.title_zh.format_map(zh),
            title_en=text.title_en.format_map(en),
            body_zh=text.body_zh.format_map(zh),
            body_en=text.body_en.format_map(en),
        )

    def _spoken(self, name: str, facts: Facts) -> tuple[str, str]:
        """What reads differently in the two languages."""
        if name == "why":
            assert facts.obstacle is not None
            pair = self._texts.obstacles[facts.obstacle.name.lower()]
            return pair.zh, pair.en
        if name == "class":
            assert facts.holding_class is not None
            pair = self._texts.holding_classes[facts.holding_class.name.lower()]
            return pair.zh, pair.en
        assert facts.order_type is not None
        pair = self._texts.order_types[facts.order_type.name.lower()]
        price = price_text(facts.price)
        return pair.zh.format(price=price), pair.en.format(price=price)

    def line(self, key: str, fill: Fill | None = None) -> tuple[str, str]:
        """Labels of a statement's line; a fill's line names the fill."""
        pair = self._texts.lines[key]
        if fill is None:
            return pair.zh, pair.en
        words = {
            "symbol": fill.symbol,
            "quantity": f"{fill.quantity:,}",
            "price": price_text(fill.price),
        }
        return pair.zh.format_map(words), pair.en.format_map(words)

    def statement_title(self, kind: str) -> tuple[str, str]:
        """Titles of a statement; each carries the mark that nothing here is an offer."""
        title = self._texts.statements[kind]
        return f"{title.zh}（{self._texts.mark_zh}）", f"{title.en} ({self._texts.mark_en})"


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that comes with the package."""
    text = resources.files("server.risk").joinpath("catalogue.toml").read_text("utf-8")
    return Catalogue(msgspec.toml.decode(text, type=_Texts))
