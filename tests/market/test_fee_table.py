"""Every row of the rate table of section 3.1, on its first and on its last day."""

import pytest

from server.market.rules import Rules
from server.market.rules.choices import Choices
from server.market.rules.fees import Commission
from server.market.universe import UniverseEntry, load_universe, replay_entry

RULES = Rules(Commission(all_in=False))
SHANGHAI = replay_entry("600000.SSE", {}, "")
SHENZHEN = replay_entry("000001.SZSE", {}, "")
BEIJING = replay_entry("920128.BSE", {}, "")
FUND = replay_entry("510300.SSE", {}, "")
PPB = 1_000_000_000
STAMP_DUTY = next(table for table in RULES.tables if table.name == "stamp_duty")
LATER = 20261120  # where the table names no end


@pytest.mark.parametrize(
    ("buyer", "seller", "first", "last"),
    [
        (0.005, 0.005, 19970512, 19980611),
        (0.004, 0.004, 19980612, 20011115),
        (0.002, 0.002, 20011116, 20050123),
        (0.001, 0.001, 20050124, 20070529),
        (0.003, 0.003, 20070530, 20080423),
        (0.001, 0.001, 20080424, 20080918),
        (0, 0.001, 20080919, 20230827),
        (0, 0.0005, 20230828, LATER),
    ],
)
def test_stamp_duty(buyer: float, seller: float, first: int, last: int) -> None:
    for date in (first, last):
        row = STAMP_DUTY.find(SHANGHAI.rule_key(date))
        found = row.buy_ppb, row.sell_ppb
        assert found == (round(buyer * PPB), round(seller * PPB))


@pytest.mark.parametrize(
    ("rate", "first", "last"),
    [(0.00002, 20150801, 20220428), (0.00001, 20220429, LATER)],
)
def test_transfer_fee(rate: float, first: int, last: int) -> None:
    for date in (first, last):
        for entry in (SHANGHAI, SHENZHEN):
            terms = RULES.fees(entry.rule_key(date))
            assert (terms.transfer_ppb, terms.transfer_per_share) == (round(rate * PPB), 0)


def test_transfer_fee_until_july_2015() -> None:
    """Shanghai 0.0003 yuan a share of par, Shenzhen 0.0000255 of the amount."""
    shanghai, shenzhen = (RULES.fees(e.rule_key(20150731)) for e in (SHANGHAI, SHENZHEN))
    assert (shanghai.transfer_ppb, shanghai.transfer_per_share) == (0, 3)
    assert (shenzhen.transfer_ppb, shenzhen.transfer_per_share) == (25_500, 0)


@pytest.mark.parametrize(
    ("symbol", "rate", "first", "last"),
    [
        (SHANGHAI, 0.0000696, 20120901, 20150731),
        (SHENZHEN, 0.0000696, 20120901, 20150731),
        (SHANGHAI, 0.0000487, 20150801, 20230827),
        (SHENZHEN, 0.0000487, 20150801, 20230827),
        (SHANGHAI, 0.0000341, 20230828, LATER),
        (SHENZHEN, 0.0000341, 20230828, LATER),
        (BEIJING, 0.0005, 20211115, 20221130),
        (BEIJING, 0.00025, 20221201, 20230827),
        (BEIJING, 0.000125, 20230828, LATER),
        (FUND, 0.00004, 20240102, LATER),
    ],
)
def test_handling_fee(symbol: UniverseEntry, rate: float, first: int, last: int) -> None:
    for date in (first, last):
        assert RULES.fees(symbol.rule_key(date)).handling_ppb == round(rate * PPB)


def test_the_handling_fee_of_funds_is_a_setting() -> None:
    earlier = Rules(Commission(all_in=False), Choices(fund_handling_fee="earlier"))
    fund = replay_entry("159915.SZSE", load_universe(), "")
    for entry, ppb in ((FUND, 45_000), (fund, 48_700)):
        assert earlier.fees(entry.rule_key(20240102)).handling_ppb == ppb
        assert RULES.fees(entry.rule_key(20240102)).handling_ppb == 40_000


@pytest.mark.parametrize("date", [20120901, 20150731, 20230828, LATER])
def test_regulatory_fee_and_commission(date: int) -> None:
    terms = RULES.fees(SHANGHAI.rule_key(date))
    assert (terms.regulatory_ppb, terms.commission_minimum) == (20_000, 50_000)
    with pytest.raises(ValueError, match="cap"):
        Rules(Commission(rate_ppb=3_000_001)).fees(SHANGHAI.rule_key(date))


@pytest.mark.parametrize("date", [20240102, LATER])
def test_funds_pay_neither_stamp_duty_nor_transfer_nor_regulatory_fee(date: int) -> None:
    terms = RULES.fees(FUND.rule_key(date))
    charged = (terms.stamp_sell_ppb, terms.transfer_ppb, terms.transfer_per_share)
    assert (*charged, terms.regulatory_ppb) == (0, 0, 0, 0)
