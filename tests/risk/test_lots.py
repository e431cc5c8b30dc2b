"""Valid selling quantities: 1.2 and 1.3, and step 5 of the liquidation order in 4.5."""

import pytest

from server.risk.lots import LotRule, largest_sale, smallest_sale, split

MAIN = LotRule(step=100, minimum=100)
STAR = LotRule(step=1, minimum=200)
BSE = LotRule(step=1, minimum=100)


def test_299_shares_sell_as_99_100_199_200_or_299() -> None:
    valid = {largest_sale(MAIN, limit, 299) for limit in range(1, 300)} - {0}
    assert valid == {99, 100, 199, 200, 299}


@pytest.mark.parametrize(
    ("rule", "need", "limit", "balance", "quantity"),
    [
        (MAIN, 1, 1_000, 1_000, 100),
        (MAIN, 101, 1_000, 1_000, 200),
        (MAIN, 240, 350, 350, 250),  # two lots and the residue, one lot stays
        (MAIN, 260, 350, 350, 350),  # 300 would leave an odd lot of 50
        (MAIN, 5_000, 1_000, 1_000, 1_000),  # more than there is
        (MAIN, 50, 250, 350, 50),  # 100 shares bought today; the residue alone is valid
        (STAR, 10, 1_000, 1_000, 200),
        (STAR, 777, 1_000, 1_000, 777),
        (STAR, 850, 1_000, 1_000, 1_000),  # 150 would stay, below the minimum
        (STAR, 10, 150, 150, 150),  # a balance below 200 in one order
        (STAR, 10, 100, 301, 0),  # 201 bought today: 100 is neither 200 nor the balance
        (BSE, 10, 1_000, 1_000, 100),
    ],
)
def test_the_smallest_sale_that_covers(
    rule: LotRule, need: int, limit: int, balance: int, quantity: int
) -> None:
    assert smallest_sale(rule, need, limit, balance) == quantity


def test_a_large_sale_is_split_at_the_largest_order() -> None:
    assert list(split(MAIN, 2_500_050, 2_500_050, 1_000_000)) == [1_000_000, 1_000_000, 500_050]
    assert list(split(STAR, 50_000, 50_000, 50_000)) == [50_000]


def test_a_tail_that_no_order_may_carry_waits() -> None:
    # 100 of the 100,100 shares stay with 100 bought today: below STAR's 200 and not the balance.
    assert list(split(STAR, 100_100, 100_200, 100_000)) == [100_000]
