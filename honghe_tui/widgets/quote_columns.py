"""The columns of the quote list: what each shows and sorts by."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from honghe_tui import text
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.look import Look
from server.protocol.market import Instrument, Quote

BOARD_LOT = 100  # volumes are told in lots of 100 shares on every board


class QuoteRow(NamedTuple):
    """An instrument with its newest quote; none before the first one came."""

    instrument: Instrument
    quote: Quote | None


Show = Callable[[Instrument, Quote], Cell]
SortKey = Callable[[QuoteRow], int | str]

WIDTHS: dict[str, int] = {
    "code": 6, "name": 10, "last": 9, "change": 8, "change_percent": 8, "volume": 8,
    "turnover": 8, "bid": 8, "ask": 8, "high": 8, "low": 8, "open": 8, "prev": 8,
    "amplitude": 7, "sector": 10,
}  # fmt: skip
_RANKS: list[str] = [
    "code", "name", "last", "change_percent", "volume", "change", "turnover", "bid", "ask",
    "high", "low", "open", "prev", "amplitude", "sector",
]  # fmt: skip
COLUMNS = tuple(WIDTHS)
SORT_CYCLE = ("change_percent", "turnover", "volume", "amplitude", "code")
_LEFT = {"code", "name", "sector"}
_ALWAYS = 4  # so many of them stay in the narrowest list


@lru_cache(maxsize=16_384)
def label(name: str) -> str:
    """A cleaned name; names are few and drawn for ever."""
    return text.clean(name)


def quote_columns(look: Look, names: tuple[str, ...] = COLUMNS) -> list[Column[QuoteRow]]:
    """The named columns in their order; raises KeyError for an unknown name."""
    shows = _shows(look)
    return [_column(look, name, shows) for name in names]


def _column(look: Look, name: str, shows: dict[str, Show]) -> Column[QuoteRow]:
    rank = max(0, _RANKS.index(name) - _ALWAYS + 1)
    align = "left" if name in _LEFT else "right"
    title = look.t(f"quote.{name}")
    return Column(name, title, WIDTHS[name], _cell(look, name, shows), align, rank)


def _cell(look: Look, name: str, shows: dict[str, Show]) -> Callable[[QuoteRow], Cell]:
    static = _static(look).get(name)
    if static is not None:
        return lambda row: static(row.instrument)
    show, unknown = shows[name], Cell(text.MISSING, look.muted)
    return lambda row: unknown if row.quote is None else show(row.instrument, row.quote)


def _static(look: Look) -> dict[str, Callable[[Instrument], Cell]]:
    plain, muted = look.text, look.muted
    return {
        "code": lambda instrument: Cell(instrument.code, plain),
        "name": lambda instrument: Cell(label(instrument.name), plain),
        "prev": lambda instrument: Cell(
            text.price(instrument.previous_close, instrument.tick), plain
        ),
        "sector": lambda instrument: Cell(label(instrument.sector), muted),
    }


def _shows(look: Look) -> dict[str, Show]:
    language, plain = look.language, look.text
    shows: dict[str, Show] = {
        "volume": lambda _, quote: Cell(text.lots(quote.volume, BOARD_LOT, language), plain),
        "turnover": lambda _, quote: Cell(text.short_money(quote.turnover, language), plain),
        "bid": lambda i, quote: Cell(text.price(quote.bid, i.tick), plain),
        "ask": lambda i, quote: Cell(text.price(quote.ask, i.tick), plain),
        "high": lambda i, quote: Cell(text.price(quote.high, i.tick), plain),
        "low": lambda i, quote: Cell(text.price(quote.low, i.tick), plain),
        "open": lambda i, quote: Cell(text.price(quote.open, i.tick), plain),
        "amplitude": lambda _, quote: Cell(text.percent(amplitude_ppm(quote)), plain),
    }
    return shows | _moving(look)


def _moving(look: Look) -> dict[str, Show]:
    """The cells in the colour of the day's change."""
    styles = {1: look.change(1), 0: look.change(0), -1: look.change(-1)}

    def direction(quote: Quote) -> int:
        return (quote.last > quote.previous_close) - (quote.last < quote.previous_close)

    def last(instrument: Instrument, quote: Quote) -> Cell:
        mark = limit_mark(look, instrument, quote.last)
        return Cell(mark + text.price(quote.last, instrument.tick), styles[direction(quote)])

    def change(instrument: Instrument, quote: Quote) -> Cell:
        difference = text.price_change(quote.last - quote.previous_close, instrument.tick)
        return Cell(difference, styles[direction(quote)])

    halted = Cell(look.t("quote.suspended"), look.muted)

    def change_percent(_: Instrument, quote: Quote) -> Cell:
        if quote.suspended:
            return halted
        shown = text.percent(change_ppm(quote), signed=True)
        return Cell(shown, styles[direction(quote)])

    return {"last": last, "change": change, "change_percent": change_percent}


def limit_mark(look: Look, instrument: Instrument, price: int) -> str:
    """The sign before a price at its limit, empty otherwise."""
    if not instrument.limited or price == 0:
        return ""
    if price >= instrument.limit_up:
        return look.glyphs.up
    if price <= instrument.limit_down:
        return look.glyphs.down
    return ""


def change_ppm(quote: Quote) -> int:
    return text.change_ppm(quote.last, quote.previous_close) if quote.last else 0


def amplitude_ppm(quote: Quote) -> int:
    """(high - low) / previous close; 0 before the first trade."""
    return text.part_ppm(quote.high - quote.low, quote.previous_close)


_QUOTE_KEYS: dict[str, Callable[[Quote], int]] = {
    "last": lambda quote: quote.last,
    "change": lambda quote: quote.last - quote.previous_close,
    "change_percent": change_ppm,
    "volume": lambda quote: quote.volume,
    "turnover": lambda quote: quote.turnover,
    "bid": lambda quote: quote.bid,
    "ask": lambda quote: quote.ask,
    "high": lambda quote: quote.high,
    "low": lambda quote: quote.low,
    "open": lambda quote: quote.open,
    "amplitude": amplitude_ppm,
}
MOVING = frozenset(_QUOTE_KEYS)
"""The columns by which an order is old as soon as prices move."""
_INSTRUMENT_KEYS: dict[str, Callable[[Instrument], int | str]] = {
    "code": lambda instrument: instrument.code,
    "name": lambda instrument: instrument.name,
    "prev": lambda instrument: instrument.previous_close,
    "sector": lambda instrument: instrument.sector,
}


def sort_key(column: str) -> Callable[[QuoteRow], int | str | None]:
    """What a row sorts by; None without a quote: such rows stand last in both directions."""
    static = _INSTRUMENT_KEYS.get(column)
    if static is not None:
        return lambda row: static(row.instrument)
    moving = _QUOTE_KEYS[column]
    return lambda row: None if row.quote is None else moving(row.quote)
