"""The texts: every notice has one, money and ratios read as the trade writes them."""

import pytest

from server.engine.codes import HoldingClass, OrderType
from server.risk.catalogue import Facts, load_catalogue, money_text, price_text, ratio_text
from server.risk.codes import NoticeCode
from server.risk.plan import Obstacle
from server.risk.runs import FEES
from server.risk.statements import MOVES


@pytest.mark.parametrize("code", NoticeCode)
@pytest.mark.parametrize("obstacle", Obstacle)
@pytest.mark.parametrize("order_type", OrderType)
def test_every_notice_has_a_text_in_both_languages(
    code: NoticeCode, obstacle: Obstacle, order_type: OrderType
) -> None:
    facts = Facts(
        account=7,
        deadline=1,
        obstacle=obstacle,
        order_type=order_type,
        holding_class=HoldingClass.MAIN,
    )
    wording = load_catalogue().notice(code, facts)
    assert "7" in wording.body_zh
    assert wording.title_en.isascii()
    assert wording.body_en.isascii()


def test_every_line_of_a_statement_has_a_label() -> None:
    for key in (*MOVES.values(), *(f"total_{name}" for name in FEES), "interest_rounding"):
        zh, en = load_catalogue().line(key)
        assert zh
        assert en.isascii()


@pytest.mark.parametrize(
    ("money", "text"),
    [(12_345_678_900, "1,234,567.89"), (50, "0.01"), (49, "0.00"), (-250_000, "-25.00")],
)
def test_money_reads_in_yuan_and_fen(money: int, text: str) -> None:
    assert money_text(money) == text


def test_a_funds_price_keeps_its_third_decimal() -> None:
    assert price_text(38_520) == "3.852"
    assert price_text(83_000) == "8.30"


def test_a_ratio_at_a_line_never_reads_as_above_it() -> None:
    assert ratio_text(1_139_999) == "113.99%"
    assert ratio_text(1_140_000) == "114.00%"
