"""Deposit and repayment that cure: section 4.7's call, and the first fen that is enough."""

import pytest

from server.risk.cure import above_line, deposit_to_cure, repayment_to_cure

YUAN = 10_000
FEN = 100


def test_the_rule_books_call_is_cured_by_a_quarter_million_or_by_repaying_half_a_million() -> None:
    assets, debt = 1_250_000 * YUAN, 1_000_000 * YUAN
    assert deposit_to_cure(assets, debt, 1_500_000) == 250_000 * YUAN + FEN
    assert repayment_to_cure(assets, debt, 1_500_000) == 500_000 * YUAN + FEN


@pytest.mark.parametrize(
    ("assets", "debt", "line"),
    [
        (120_000, 100_000, 1_300_000),  # 1:2 at its liquidation line, back to restrict
        (354_000, 300_000, 1_220_000),  # 1:3 at its reduce line
        (461_000, 400_000, 1_180_000),  # 1:4 below its reduce line
        (300_001, 300_000, 1_220_000),
    ],
)
def test_the_figure_is_enough_and_one_fen_less_is_not(assets: int, debt: int, line: int) -> None:
    assets, debt = assets * YUAN, debt * YUAN
    deposit = deposit_to_cure(assets, debt, line)
    assert above_line(assets + deposit, debt, line)
    assert not above_line(assets + deposit - FEN, debt, line)
    repayment = repayment_to_cure(assets, debt, line)
    assert above_line(assets - repayment, debt - repayment, line)
    assert not above_line(assets - repayment + FEN, debt - repayment + FEN, line)


def test_above_the_line_nothing_is_needed() -> None:
    assert deposit_to_cure(131 * YUAN, 100 * YUAN, 1_300_000) == 0
    assert repayment_to_cure(131 * YUAN, 100 * YUAN, 1_300_000) == 0


def test_a_line_counts_as_reached_at_equality() -> None:
    assert deposit_to_cure(130 * YUAN, 100 * YUAN, 1_300_000) == FEN


def test_assets_below_the_debt_ask_for_the_whole_debt() -> None:
    assert repayment_to_cure(97_200 * YUAN, 100_000 * YUAN, 1_220_000) == 100_000 * YUAN
