"""Every code has a sentence in both languages that says what would pass."""

import re
import string

import pytest

from server.engine.reasons import Reason
from server.gateway.session import LONGEST_CLOSE_REASON, close_reason
from server.protocol.closing import CloseCode
from server.protocol.reasons import (
    ENGINE_SENTENCES,
    SENTENCES,
    refusal,
    sentences,
    yuan,
)
from server.protocol.request_reasons import GATEWAY_SENTENCES

# The figures that `reasons.Reason` says an event carries, by the unit they are in.
FIGURES = {
    "price": {
        *("PRICE_OFF_TICK", "PRICE_ABOVE_LIMIT", "PRICE_BELOW_LIMIT", "SELF_TRADE"),
        *("PROTECTION_PRICE_MISSING", "PRICE_ABOVE_CAGE", "PRICE_BELOW_CAGE"),
        *("PRICE_ABOVE_CALL_RANGE", "PRICE_BELOW_CALL_RANGE"),
        *("PRICE_BELOW_CLOSE", "PRICE_ABOVE_CLOSE"),
    },
    "quantity": {
        "RIGHTS_EXCEEDED",
        *("QUANTITY_NOT_POSITIVE", "QUANTITY_OFF_LOT", "QUANTITY_BELOW_MINIMUM"),
        *("QUANTITY_ABOVE_MAXIMUM", "ODD_LOT_SPLIT", "NOT_SELLABLE", "INSUFFICIENT_CASH"),
        *("CONCENTRATION", "HOLDING_NOT_ADMITTED", "GAP_NOT_SURVIVED"),
        *("CONCENTRATION_TIER", "BOARD_CONCENTRATION", "FINANCING_FULL"),
        *("STOCK_CAP", "PERSON_STOCK_CAP"),
        *("CREDIT_INSUFFICIENT", "MARGIN_INSUFFICIENT"),
    },
    "money": {
        *("GRADE_RESTRICTED", "WITHDRAWABLE_EXCEEDED", "DEBT_BLOCKS_WITHDRAWAL"),
        *("DEPOSIT_OUT_OF_RANGE", "CLIENT_LENDING_CAP", "LENDING_CAP"),
        *("CONTRACT_OVERDUE", "CREDIT_LINE_EXCEEDED"),
    },
    "number": {"OUT_OF_RANGE"},
}


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_reason_of_the_engine_has_its_sentence() -> None:
    assert set(ENGINE_SENTENCES) == {reason.name.lower() for reason in Reason}


@pytest.mark.parametrize("reason", Reason)
def test_a_figure_is_shown_in_its_unit(reason: Reason) -> None:
    unit = next((unit for unit, names in FIGURES.items() if reason.name in names), "")
    sentence = ENGINE_SENTENCES[reason.name.lower()]
    assert sentence.unit == unit
    for template in (sentence.zh, sentence.en):
        assert ("{figure}" in template) == bool(unit)


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same(code: str) -> None:
    sentence = SENTENCES[code]
    assert re.search(r"[\u4e00-\u9fff]", sentence.zh)
    assert not re.search(r"[\u4e00-\u9fff]", sentence.en)
    assert names_in(sentence.zh) == names_in(sentence.en)
    assert not sentence.zh.endswith("。")
    assert not sentence.en.endswith(".")


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_has_a_sentence_that_fits_a_close_frame(code: CloseCode) -> None:
    assert code.name.lower() in GATEWAY_SENTENCES
    assert close_reason(code) == SENTENCES[code.name.lower()].en
    assert len(close_reason(code).encode()) <= LONGEST_CLOSE_REASON


def test_a_refusal_has_the_figure_in_words_and_as_a_number() -> None:
    failed = refusal(7, "price_above_limit", 123_450)
    assert (failed.id, failed.code, failed.figure, failed.unit) == (
        *(7, "price_above_limit", 123_450, "price"),
    )
    assert failed.message_zh == "价格高于涨停价，最高 12.345 元"
    assert failed.message_en.endswith("the highest that passes is 12.345 yuan")


def test_a_bound_takes_the_unit_of_what_it_bounds() -> None:
    failed = refusal(1, "out_of_range", 10_000_000_000_000, "money")
    assert (failed.unit, failed.figure) == ("money", 10_000_000_000_000)
    assert "1,000,000,000.00 yuan" in failed.message_en


def test_a_code_without_a_figure_hides_the_engines_zero() -> None:
    assert refusal(1, "suspended", 0).figure is None
    assert refusal(1, "not_sellable", 0).figure == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00"),
        (1, "0.0001"),
        (105_000, "10.50"),
        (105_010, "10.501"),
        (-25_000, "-2.50"),
        (12_345_678_900, "1,234,567.89"),
    ],
)
def test_yuan_are_written_to_the_fen_or_finer(amount: int, text: str) -> None:
    assert yuan(amount) == text


def test_an_unknown_code_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        sentences("nonsense")
