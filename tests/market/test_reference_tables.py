"""The tables of sections 1.2 to 1.6, 1.9 and 2.5 as the reference prints them, row by row.

A row is looked up on its first and on its last day; `LATER` where the table names no end.
"""

from typing import NamedTuple

import pytest

from server.engine.codes import LimitKind, OrderType
from server.market.day_rules import rule_terms
from server.market.rules import RuleKey, RuleMissing, Rules
from server.market.rules.choices import Choices
from server.market.rules.limits import LimitRow
from server.protocol.words import Board, Exchange

RULES = Rules()
LATER = 20261122
Places = tuple[tuple[Exchange, Board], ...]
MAIN_BOARDS: Places = (("SSE", "main"), ("SZSE", "main"))
CHINEXT: Places = (("SZSE", "chinext"),)
STAR: Places = (("SSE", "star"),)
BSE: Places = (("BSE", "bse"),)
SHARES: Places = (*MAIN_BOARDS, *CHINEXT, *STAR, *BSE)
FUNDS: Places = (("SSE", "fund"), ("SZSE", "fund"))


def keys(places: Places, *dates: int, **changes: object) -> list[RuleKey]:
    return [
        RuleKey(exchange, board, "stock" if board == "fund" else "share", date)._replace(**changes)
        for exchange, board in places
        for date in dates
    ]


# 1.2: tick, buys, sales, largest orders -----------------------------------------------------------


class Sizes(NamedTuple):
    tick: int  # 1/10 000 yuan
    smallest: int
    step: int
    largest_limit: int
    largest_market: int


@pytest.mark.parametrize(
    ("places", "first", "last", "sizes"),
    [
        (MAIN_BOARDS, 19970102, LATER, Sizes(100, 100, 100, 1_000_000, 1_000_000)),
        (STAR, 20190722, LATER, Sizes(100, 200, 1, 100_000, 50_000)),
        (CHINEXT, 20091030, 20200823, Sizes(100, 100, 100, 1_000_000, 1_000_000)),
        (CHINEXT, 20200824, LATER, Sizes(100, 100, 100, 300_000, 150_000)),
        (BSE, 20211115, LATER, Sizes(100, 100, 1, 1_000_000, 1_000_000)),
        (FUNDS, 20050223, LATER, Sizes(10, 100, 100, 1_000_000, 1_000_000)),
    ],
)
def test_order_quantities(places: Places, first: int, last: int, sizes: Sizes) -> None:
    for asked in keys(places, first, last):
        row = RULES.quantity(asked)
        largest = row.max_limit_quantity, row.max_market_quantity
        assert Sizes(row.tick, row.buy_minimum, row.buy_step, *largest) == sizes
        assert (row.sell_minimum, row.sell_step) == (row.buy_minimum, row.buy_step)
        assert row.lot == row.sell_step  # 1.3: an odd residue where shares trade by the hundred


# 1.4: price limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "status", "percent", "first", "last"),
    [
        (MAIN_BOARDS, "normal", 10, 19961216, LATER),
        (MAIN_BOARDS, "st", 5, 19980422, 20260705),
        (MAIN_BOARDS, "st", 10, 20260706, LATER),
        (MAIN_BOARDS, "unreformed", 5, 20070108, LATER),
        (MAIN_BOARDS, "unreformed_st", 5, 19980422, LATER),
        (MAIN_BOARDS, "delisting", 10, 19961216, LATER),
        (CHINEXT, "normal", 10, 20091030, 20200823),
        (CHINEXT, "st", 5, 20091030, 20200823),
        (CHINEXT, "delisting", 10, 20091030, 20200823),
        *((CHINEXT, each, 20, 20200824, LATER) for each in ("normal", "st", "delisting")),
        *((STAR, each, 20, 20190722, LATER) for each in ("normal", "st", "delisting")),
        *((BSE, each, 30, 20211115, LATER) for each in ("normal", "st", "delisting")),
        (FUNDS, "normal", 10, 20050223, LATER),
    ],
)
def test_price_limits(places: Places, status: str, percent: int, first: int, last: int) -> None:
    for asked in keys(places, first, last, status=status):
        row = RULES.limit(asked)
        ppm = percent * 10_000
        assert (row.kind_code, row.up_ppm, row.fall_ppm) == (LimitKind.LIMITED, ppm, ppm)


@pytest.mark.parametrize(
    ("kind", "percent", "date"),
    [
        *((kind, 10, LATER) for kind in ("cross_border", "gold", "bond", "money", "commodity")),
        ("stock_20", 10, 20200823),
        ("stock_20", 20, 20200824),
    ],
)
def test_price_limits_of_funds(kind: str, percent: int, date: int) -> None:
    for asked in keys(FUNDS, date, kind=kind):
        assert RULES.limit(asked).up_ppm == percent * 10_000


@pytest.mark.parametrize(
    ("places", "ipo", "sessions", "first", "last"),
    [
        (STAR, "unknown", 5, 20190722, LATER),
        (CHINEXT, "unknown", 5, 20200824, LATER),
        (MAIN_BOARDS, "registration", 5, 20230410, LATER),
        (BSE, "unknown", 1, 20211115, LATER),
    ],
)
def test_listings_without_limit(
    places: Places, ipo: str, sessions: int, first: int, last: int
) -> None:
    for day in range(1, 8):
        for asked in keys(places, first, last, listing_day=day, ipo=ipo):
            wanted = LimitKind.UNLIMITED if day <= sessions else LimitKind.LIMITED
            assert RULES.limit(asked).kind_code == wanted


@pytest.mark.parametrize(
    ("places", "first", "last", "ipo"),
    [
        (MAIN_BOARDS, 20140613, 20230409, "unknown"),
        (CHINEXT, 20140613, 20200823, "unknown"),
        (MAIN_BOARDS, 20230410, 20230630, "approval"),
    ],
)
def test_approved_listings_have_64_to_144_percent(
    places: Places, first: int, last: int, ipo: str
) -> None:
    """Of the issue price, which is the published previous close of the first session."""
    for asked in keys(places, first, last, listing_day=1, ipo=ipo):
        assert RULES.limit_prices(asked, 100_000) == (144_000, 64_000)
        assert RULES.limit_prices(asked._replace(listing_day=2), 144_000) == (158_400, 129_600)
        told = rule_terms(asked, 100_000, RULES)
        assert (told.call_low, told.call_high, told.close_ppm) == (0, 0, 0)


@pytest.mark.parametrize("place", SHARES)
def test_delisting_and_relisting_begin_without_limit(place: tuple[Exchange, Board]) -> None:
    relisted = {"star": 20190722, "bse": 20211115, "chinext": 20091030}.get(place[1], 19961216)
    delisting = {"star": 20190722, "bse": 20211115, "chinext": 20200824}.get(place[1], 20201231)
    for asked in (
        *keys((place,), relisted, LATER, status="relisted"),
        *keys((place,), delisting, LATER, status="delisting_first"),
    ):
        assert RULES.limit(asked).kind_code == LimitKind.UNLIMITED


def test_the_delisting_period_of_2014_began_within_ten_percent() -> None:
    """600087 on 2014-04-21: opened and stayed at 1.47, from 1.63."""
    (asked,) = keys(MAIN_BOARDS[:1], 20140421, status="delisting_first")
    assert RULES.limit_prices(asked, 16_300) == (17_900, 14_700)


@pytest.mark.parametrize(
    "asked",
    [
        *keys(MAIN_BOARDS, 19961215),
        *keys(CHINEXT, 20091029),
        *keys(STAR, 20190721),
        *keys(BSE, 20211114),
        *keys(MAIN_BOARDS, 19980421, status="st"),
        *keys(CHINEXT, LATER, status="unreformed"),
        *keys(FUNDS, LATER, status="st"),
    ],
)
def test_what_no_row_says_is_refused(asked: RuleKey) -> None:
    with pytest.raises(RuleMissing):
        RULES.limit(asked)


@pytest.mark.parametrize(
    "asked",
    [
        *keys(MAIN_BOARDS, 20140612, listing_day=1),
        *keys(CHINEXT, 20140612, listing_day=1),
        *keys(MAIN_BOARDS, LATER, listing_day=3),
    ],
)
def test_what_is_not_known_is_no_missing_limit(asked: RuleKey) -> None:
    """Three states: unknown is neither limited nor without limit."""
    found: LimitRow = RULES.limit(asked)
    assert found.kind_code == LimitKind.UNKNOWN


# 1.5: rounding by exchange ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "status", "date", "close", "up", "down"),
    [
        (MAIN_BOARDS[0], "normal", LATER, 100_500, 110_600, 90_500),
        (MAIN_BOARDS[1], "normal", LATER, 100_500, 110_600, 90_500),
        (MAIN_BOARDS[1], "st", 20260630, 17_000, 17_900, 16_200),
        (MAIN_BOARDS[1], "st", 20260706, 18_700, 20_600, 16_800),
        (BSE[0], "normal", 20260803, 18_200, 23_600, 12_800),
        (MAIN_BOARDS[0], "st", 20200102, 900, 1_000, 800),  # half up would leave it at 0.09
        (MAIN_BOARDS[0], "normal", LATER, 100, 200, 100),  # and never below a tick
        (BSE[0], "normal", LATER, 300, 400, 200),  # toward the close would leave it at 0.03
        (FUNDS[0], "normal", LATER, 10_050, 11_060, 9_050),
    ],
)
def test_limit_prices_by_exchange(
    place: tuple[Exchange, Board], status: str, date: int, close: int, up: int, down: int
) -> None:
    (asked,) = keys((place,), date, status=status)
    assert RULES.limit_prices(asked, close) == (up, down)


# 1.6: the price cage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "percent", "ticks", "held", "first", "last"),
    [
        (STAR, 2, 0, False, 20190722, 20230409),
        (STAR, 2, 0, False, 20230410, LATER),
        (CHINEXT, 0, 0, False, 20091030, 20200823),
        (CHINEXT, 2, 0, True, 20200824, 20230409),
        (CHINEXT, 2, 10, False, 20230410, LATER),
        (MAIN_BOARDS, 0, 0, False, 19961216, 20230409),
        (MAIN_BOARDS, 2, 10, False, 20230410, LATER),
        (BSE, 5, 10, False, 20211115, LATER),
        (FUNDS, 0, 0, False, 20050223, LATER),
    ],
)
def test_price_cage(
    places: Places, percent: int, ticks: int, held: bool, first: int, last: int
) -> None:
    for asked in keys(places, first, last):
        told = rule_terms(asked, 100_000, RULES)
        assert (told.cage_ppm, told.cage_ticks, bool(told.cage_hold)) == (
            percent * 10_000,
            ticks,
            held,
        )


def test_the_floor_of_star_is_a_setting() -> None:
    asked = keys(STAR, 20230409, 20230410)
    rules = Rules(choices=Choices(star_cage_floor="ten_ticks"))
    assert [rule_terms(each, 100_000, rules).cage_ticks for each in asked] == [0, 10]


@pytest.mark.parametrize(
    ("places", "low", "high", "later_ppm"),
    [(CHINEXT, 0, 900_000, 100_000), (STAR, 50_000, 900_000, 0), (BSE, 0, 0, 0)],
)
def test_calls_without_price_limit(places: Places, low: int, high: int, later_ppm: int) -> None:
    for asked in keys(places, 20211115, LATER, listing_day=1):
        told = rule_terms(asked, 100_000, RULES)
        assert (told.call_low, told.call_high, told.close_ppm) == (low, high, later_ppm)


# 1.9: sold on the day of purchase -----------------------------------------------------------------


@pytest.mark.parametrize("places", [SHARES, FUNDS])
def test_shares_and_stock_funds_are_sold_from_the_next_session(places: Places) -> None:
    assert not any(RULES.same_day_sale(asked) for asked in keys(places, 20211115, LATER))


@pytest.mark.parametrize(
    ("exchange", "kind", "first"),
    [
        *(
            (exchange, kind, 20211115)
            for exchange in ("SSE", "SZSE")
            for kind in ("bond", "money", "gold", "cross_border", "commodity")
        ),
        ("SSE", "commodity", 20200120),
    ],
)
def test_funds_sold_on_the_same_day(exchange: Exchange, kind: str, first: int) -> None:
    for asked in keys(((exchange, "fund"),), first, LATER, kind=kind):
        assert RULES.same_day_sale(asked)


def test_commodity_funds_of_shanghai_before_2020_01_20() -> None:
    (asked,) = keys(FUNDS[:1], 20200119, kind="commodity")
    assert not RULES.same_day_sale(asked)


# 2.5: order types ---------------------------------------------------------------------------------

BEST_FIVE = (OrderType.LIMIT, OrderType.BEST_FIVE_IOC)
SHANGHAI = (*BEST_FIVE, OrderType.BEST_FIVE_LIMIT)
BESTS = (OrderType.OPPOSITE_BEST, OrderType.OWN_BEST)
WHOLE = (*SHANGHAI, *BESTS)
SHENZHEN = (*BEST_FIVE, *BESTS, OrderType.IOC, OrderType.FILL_OR_KILL)


@pytest.mark.parametrize(
    ("places", "types", "protected", "date"),
    [
        (MAIN_BOARDS[:1], SHANGHAI, False, 20150820),
        (MAIN_BOARDS[:1], SHANGHAI, False, LATER),
        (FUNDS[:1], SHANGHAI, False, LATER),
        (STAR, WHOLE, True, LATER),
        (MAIN_BOARDS[1:], SHENZHEN, False, 20150820),
        (MAIN_BOARDS[1:], SHENZHEN, False, LATER),
        (CHINEXT, SHENZHEN, False, LATER),
        (FUNDS[1:], SHENZHEN, False, LATER),
        (BSE, WHOLE, True, LATER),
    ],
)
def test_order_types(
    places: Places, types: tuple[OrderType, ...], protected: bool, date: int
) -> None:
    for asked in keys(places, date):
        told = rule_terms(asked, 100_000, RULES)
        assert {each for each in OrderType if told.order_types & 1 << each} == set(types)
        assert bool(told.protection) == protected
