"""The texts of notices and statements, in Chinese and English, from `catalogue.toml`."""

from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from server.engine.codes import OrderType
from server.risk.codes import NoticeCode
from server.risk.plan import Obstacle
from server.risk.runs import Fill
from server.risk.times import shanghai

Language = Literal["zh", "en"]


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The figures a notice's text may name; each notice fills those its text does."""

    account: int
    # Amounts and prices, in 1/10 000 yuan.
    assets: int = 0
    debt: int = 0
    deposit: int = 0
    repay: int = 0
    loan: int = 0
    interest: int = 0
    amount: int = 0
    shortfall: int = 0
    price: int = 0
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
    symbol: str = ""
    quantity: int = 0
    step: int = 0
    rank: int = 0
    statement: int = 0
    obstacle: Obstacle | None = None
    order_type: OrderType | None = None


MONEY = ("assets", "debt", "deposit", "repay", "loan", "interest", "amount", "shortfall")
RATIOS = ("ratio", "line", "remind", "restrict", "reduce", "liquidate", "limit", "weight")


class _Pair(msgspec.Struct, frozen=True):
    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


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
    return f"{Decimal((money + 50) // 100).scaleb(-2):,.2f}"


def price_text(price: int) -> str:
    """A price in yuan: two decimals, three where a fund's tick needs them."""
    return f"{Decimal(price).scaleb(-4):,.{2 if price % 100 == 0 else 3}f}"


def ratio_text(ppm: int) -> str:
    """Percent, rounded down, so that a ratio at a line never reads as above it."""
    return f"{ppm // 10_000}.{ppm // 100 % 100:02}%"


class Catalogue:
    """Words facts; a text that names a figure the facts lack raises KeyError."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts

    def notice(self, code: NoticeCode, facts: Facts) -> Wording:
        text = self._texts.notices[code.name.lower()]
        zh, en = self._words(facts, "zh"), self._words(facts, "en")
        return Wording(
            severity=text.severity,
            title_zh=text.title_zh.format_map(zh),
            title_en=text.title_en.format_map(en),
            body_zh=text.body_zh.format_map(zh),
            body_en=text.body_en.format_map(en),
        )

    def _words(self, facts: Facts, language: Language) -> dict[str, str]:
        """The facts as words; what a notice did not fill has none."""
        words = {"account": str(facts.account), "symbol": facts.symbol}
        words["price"] = price_text(facts.price)
        words |= {name: money_text(getattr(facts, name)) for name in MONEY}
        words |= {name: ratio_text(getattr(facts, name)) for name in RATIOS}
        words |= {"quantity": f"{facts.quantity:,}", "statement": str(facts.statement)}
        words |= {"step": str(facts.step), "rank": str(facts.rank)}
        if facts.deadline:
            words["deadline"] = f"{shanghai(facts.deadline):%Y-%m-%d %H:%M}"
        if facts.obstacle is not None:
            words["why"] = self._texts.obstacles[facts.obstacle.name.lower()].of(language)
        if facts.order_type is not None:
            pair = self._texts.order_types[facts.order_type.name.lower()]
            words["type"] = pair.of(language).format_map(words)
        return words

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
