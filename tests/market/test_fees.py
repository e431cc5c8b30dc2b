import pytest

from server.engine.terms import FeeTerms
from server.market.rules import Commission, RuleKey, RuleMissing, Rules

FEN = 100
NET = Commission(rate_ppb=150_000, all_in=False)


def key(date: int, **changes: object) -> RuleKey:
    return RuleKey("SSE", "main", "share", date)._replace(**changes)


def fen(amount: int, ppb: int) -> int:
    """Half up to the fen, as section 3.2 has it."""
    unit = 1_000_000_000 * FEN
    return (2 * amount * ppb + unit) // (2 * unit) * FEN


def test_worked_example_of_a_sale() -> None:
    """Section 3.3: 19,900 shares at 20.00 on 2026-11-20, net commission of 0.015 %."""
    terms = Rules(NET).fees(key(20261120))
    amount = 19_900 * 200_000
    items = [
        max(fen(amount, terms.commission_ppb), terms.commission_minimum),
        fen(amount, terms.stamp_sell_ppb),
        fen(amount, terms.transfer_ppb) + 19_900 * terms.transfer_per_share,
        fen(amount, terms.handling_ppb),
        fen(amount, terms.regulatory_ppb),
    ]
    assert items == [597_000, 1_990_000, 39_800, 135_700, 79_600]
    assert sum(items) == 2_842_100


def test_the_same_sale_before_the_cut_of_august_2023() -> None:
    terms = Rules(NET).fees(key(20230825))
    amount = 19_900 * 200_000
    assert fen(amount, terms.stamp_sell_ppb) == 3_980_000
    assert fen(amount, terms.handling_ppb) == 193_800


@pytest.mark.parametrize(
    ("date", "buy_ppb", "sell_ppb"),
    [
        (20050123, 2_000_000, 2_000_000),
        (20050124, 1_000_000, 1_000_000),
        (20070530, 3_000_000, 3_000_000),
        (20080424, 1_000_000, 1_000_000),
        (20080918, 1_000_000, 1_000_000),
        (20080919, 0, 1_000_000),
        (20230827, 0, 1_000_000),
        (20230828, 0, 500_000),
    ],
)
def test_stamp_duty_by_date(date: int, buy_ppb: int, sell_ppb: int) -> None:
    terms = Rules().fees(key(date))
    assert (terms.stamp_buy_ppb, terms.stamp_sell_ppb) == (buy_ppb, sell_ppb)


@pytest.mark.parametrize(
    ("asked", "ppb", "per_share"),
    [
        (key(20150731), 0, 3),  # 0.0003 yuan a share of par value
        (key(20150731, exchange="SZSE"), 25_500, 0),
        (key(20150801), 20_000, 0),
        (key(20220428), 20_000, 0),
        (key(20220429), 10_000, 0),
        (key(20220429, board="fund", kind="stock"), 0, 0),
    ],
)
def test_transfer_fee_by_date(asked: RuleKey, ppb: int, per_share: int) -> None:
    terms = Rules().fees(asked)
    assert (terms.transfer_ppb, terms.transfer_per_share) == (ppb, per_share)


@pytest.mark.parametrize(
    ("asked", "ppb"),
    [
        (key(20150731), 69_600),
        (key(20150801), 48_700),
        (key(20230828), 34_100),
        (key(20221130, exchange="BSE", board="bse"), 500_000),
        (key(20230827, exchange="BSE", board="bse"), 250_000),
        (key(20230828, exchange="BSE", board="bse"), 125_000),
        (key(20230828, board="fund", kind="gold"), 40_000),
    ],
)
def test_handling_fee_by_date(asked: RuleKey, ppb: int) -> None:
    assert Rules(NET).fees(asked).handling_ppb == ppb


def test_funds_pay_no_tax() -> None:
    terms = Rules(NET).fees(key(20261120, board="fund", kind="money"))
    assert terms == FeeTerms(0, 150_000, 50_000, 0, 0, 0, 0, 40_000, 0)


def test_default_commission_is_all_in_with_the_minimum_of_five_yuan() -> None:
    terms = Rules().fees(key(20261120))
    assert (terms.all_in, terms.commission_ppb, terms.commission_minimum) == (1, 250_000, 50_000)


def test_minimum_may_be_waived() -> None:
    terms = Rules(Commission(minimum=0)).fees(key(20261120))
    assert terms.commission_minimum == 0


def test_commission_above_the_cap_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3000001 ppb is above the cap 3000000"):
        Rules(Commission(rate_ppb=3_000_001)).fees(key(20261120))


def test_unknown_handling_fee_matters_only_when_it_is_charged() -> None:
    assert Rules().fees(key(20080102)).handling_ppb == 0
    with pytest.raises(RuleMissing, match=r"handling_fee.*20080102"):
        Rules(NET).fees(key(20080102))


def test_dates_without_a_stamp_duty_rule_are_refused() -> None:
    with pytest.raises(RuleMissing, match=r"commission.*19970509"):
        Rules().fees(key(19970509))


def test_every_instrument_of_a_schedule_pays_the_same() -> None:
    rules = Rules()
    found: dict[int, set[FeeTerms]] = {}
    for exchange, board, kind in (
        ("SSE", "main", "share"),
        ("SSE", "star", "share"),
        ("SZSE", "main", "share"),
        ("SZSE", "chinext", "share"),
        ("BSE", "bse", "share"),
        ("SSE", "fund", "gold"),
        ("SSE", "fund", "stock"),
        ("SZSE", "fund", "bond"),
    ):
        asked = key(20261120, exchange=exchange, board=board, kind=kind)
        found.setdefault(rules.fee_schedule(asked), set()).add(rules.fees(asked))
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert all(len(terms) == 1 for terms in found.values())


# Turnaround (section 1.9) and valuation (5.6) -----------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "exchange", "date", "same_day"),
    [
        ("share", "SSE", 20261120, False),
        ("stock", "SSE", 20261120, False),
        ("stock_20", "SZSE", 20261120, False),
        ("gold", "SSE", 20261120, True),
        ("bond", "SSE", 20261120, True),
        ("money", "SSE", 20261120, True),
        ("cross_border", "SZSE", 20261120, True),
        ("commodity", "SSE", 20200119, False),
        ("commodity", "SSE", 20200120, True),
    ],
)
def test_same_day_sale(kind: str, exchange: str, date: int, same_day: bool) -> None:
    board = "main" if kind == "share" else "fund"
    asked = key(date, kind=kind, exchange=exchange, board=board)
    assert Rules().same_day_sale(asked) is same_day


@pytest.mark.parametrize(
    ("sessions", "valuation_ppm"),
    [(0, 1_000_000), (1, 900_000), (4, 900_000), (5, 800_000), (10, 700_000), (500, 500_000)],
)
def test_suspended_share_counts_for_less(sessions: int, valuation_ppm: int) -> None:
    assert Rules().valuation_ppm(key(20261120), sessions) == valuation_ppm


def test_steps_of_the_haircut_are_the_boards_limit() -> None:
    assert Rules().valuation_ppm(key(20261120, board="star"), 5) == 700_000


def test_session_groups() -> None:
    rules = Rules()
    groups = [
        rules.session_group(key(20261120)),
        rules.session_group(key(20261120, board="star")),
        rules.session_group(key(20261120, board="fund", kind="stock")),
        rules.session_group(key(20261120, exchange="SZSE")),
        rules.session_group(key(20261120, exchange="SZSE", board="chinext")),
        rules.session_group(key(20261120, exchange="BSE", board="bse")),
    ]
    assert groups == [0, 4, 1, 2, 5, 3]
