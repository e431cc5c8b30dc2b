"""What a scenario file may say, and what it hears when it is wrong (docs/scenarios.md)."""

import re
import tomllib
from pathlib import Path

import pytest

from server.cli import scenario as command
from server.scenarios import page
from server.scenarios.account_figures import (
    ACCOUNT_FIGURES,
    HOLDING_FIGURES,
    INSTRUMENT_FIGURES,
    LEDGER_FIGURES,
)
from server.scenarios.event_kinds import BY_WORD
from server.scenarios.reading import parse
from server.scenarios.runner import Failed, Passed, run_scenario
from server.scenarios.wording import ScenarioError

DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"
HEAD = """
rule = "2.4"
title = "试"
title_en = "try"
[given]
date = 2026-11-20
instruments."600000.SSE" = "10.00"
accounts.li = { cash = "10000.00" }
"""


def run(steps: str, head: str = HEAD):
    return run_scenario(parse(tomllib.loads(head + steps)))


def error(steps: str, head: str = HEAD) -> ScenarioError:
    with pytest.raises(ScenarioError) as raised:
        run(steps, head)
    return raised.value


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ('[[step]]\nbuy = { account = "li", quantitty = 100 }',
         "step 1 buy: no key “quantitty”; did you mean “quantity”?"),
        ('[[step]]\nbye = { account = "li" }', "step 1: no key “bye”; did you mean “buy”?"),
        ('[[step]]\nbuy = { account = "li", quantity = 100, price = 10.05 }',
         'step 1 buy.price: must be text in quotes, like "10.05", not a decimal fraction'),
        ('[[step]]\nbuy = { account = "li" }', "step 1 buy: quantity is missing"),
        ('[[step]]\nbuy = { account = "lee", quantity = 100 }',
         "step 1: no account “lee”; did you mean “li”?"),
        ('[[step]]\ncancel = "x"', "step 1: no order “x”; known: none"),
        ('[[step]]\nclose = true\nphase = "lunch"', "step 1: one thing a step: phase, close"),
        ("[[step]]", "step 1 is empty"),
        ('[[step]]\nphase = "lunsh"', "step 1: no phase “lunsh”; did you mean “lunch”?"),
        ('[[step]]\nclose = true\nthen.li = { chas = "1" }',
         "step 1: no figure “chas”; did you mean “cash”?"),
        ('[[step]]\nclose = true\nthen.li = { cash = 1 }',
         'step 1: li cash: 1 is no amount; write yuan as text, like "10.05"'),
        ('[[step]]\nclose = true\nthen.li = { ratio = "1.3" }',
         "step 1: li ratio: '1.3' is no percentage; write it like \"133.33%\""),
        ('[[step]]\nclose = true\nevents = [{ fil = "b" }]',
         "step 1: no event “fil”; did you mean “fill”?"),
        ('[[step]]\nclose = true\nevents = [{ fill = "b", prize = "1.00" }]',
         "step 1: no figure of fill “prize”; did you mean “price”?"),
        ('[[step]]\nclose = true\nrefused = "phase_close"',
         "step 1: refused refused: no reason “phase_close”; did you mean “phase_closed”?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_would_be_right(steps: str, says: str) -> None:
    assert str(error(steps)) == says


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('instruments."600000.SSE" = "10.00"\naccounts.li = { contract = "1:9", deposit = "1" }',
         "no contract “1:9”; did you mean"),
        ('instruments."999999.SSE" = "10.00"', "the code does not say what it is"),
        ('instruments."600000.SSE" = { reference = "10.00", status = "sst" }',
         "given.instruments.600000.SSE.status: no value “sst”; did you mean “st”?"),
        (('instruments."600000.SSE" = "10.00"\naccounts.li = { contract = "1:4", '
          'deposit = "10000.00", holds = { "600000" = 5_000 } }'),
         "given li 600000: refused: concentration"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_refused(given: str, says: str) -> None:
    head = f'rule = "x"\ntitle = "x"\ntitle_en = "x"\n[given]\ndate = 2026-11-20\n{given}\n'
    assert says in str(error("[[step]]\nclose = true", head))


def test_the_first_difference_is_told_in_both_languages(tmp_path: Path, capsys) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        HEAD
        + '[[step]]\nbuy = { account = "li", quantity = 100, price = "10.00", name = "b" }\n'
        + 'then.li = { cash = "10000.00", frozen = "1000.00" }\n',
        encoding="utf-8",
    )
    assert command.run([str(wrong)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✗ wrong [2.4] 试", "  第 1 步 · li frozen", "    应为  1,000.00", "    实为  1,005.01",
    ]  # fmt: skip
    assert command.run([str(wrong), "--lang", "en"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✗ wrong [2.4] try", "  step 1 · li frozen",
        "    expected  1,000.00", "    got  1,005.01",
    ]  # fmt: skip


def test_exit_codes(tmp_path: Path, capsys) -> None:
    good = tmp_path / "good.toml"
    good.write_text(HEAD + "[[step]]\nclose = true\n", encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text("rule = ", encoding="utf-8")
    assert command.run([str(good)]) == 0
    assert command.run([str(good), str(bad), "--lang=en"]) == 1
    assert "1 of 2 passed" in capsys.readouterr().out
    assert command.run([str(tmp_path / "none.toml")]) == 2


@pytest.mark.parametrize(
    ("expected", "place", "got"),
    [
        ("", "event 1", "rejected quantity_off_lot, account li, symbol 600000.SSE, figure 100"),
        ('refused = { reason = "quantity_off_lot", figure = 200 }', "event 1",
         "rejected quantity_off_lot, figure 100"),
        ('events = [{ accepted = "b" }]', "event 1",
         "rejected quantity_off_lot, account li, symbol 600000.SSE, figure 100"),
    ],
)  # fmt: skip
def test_a_refusal_that_was_not_expected_fails(expected: str, place: str, got: str) -> None:
    outcome = run(
        '[[step]]\nbuy = { account = "li", quantity = 150, price = "10.00", name = "b" }\n'
        + expected
    )
    assert isinstance(outcome, Failed)
    assert (outcome.difference.place.en, outcome.difference.got.en) == (place, got)


@pytest.mark.parametrize(
    ("line", "place", "got"),
    [
        ('events = [{ accepted = "b" }, { fill = "b" }]', "event 2", "nothing"),
        ("events = []", "event 1",
         ("accepted b, account li, symbol 600000.SSE, side buy, type limit, by client, "
          "price 9.90, quantity 200, remaining 200")),
        ('book."600000" = { bids = { "9.91" = 200 } }', "600000 bids", "9.90 x 200"),
        ('book."600000" = { asks = { "9.91" = 200 } }', "600000 bids", "9.90 x 200"),
        ('instruments."600000" = { limit_up = "11.01" }', "600000 limit_up", "11.00"),
        ('ledgers = { commission = "5.00" }', "ledger commission", "0.00"),
        ('then.li = { holds = { "600000" = 200 } }', "li 600000 quantity", "0"),
        ('then.li = { ratio = "150.00%" }', "li ratio", "none"),
        ('then.li = { grade = "remind" }', "li grade", "normal"),
    ],
)  # fmt: skip
def test_each_kind_of_expectation_can_fail(line: str, place: str, got: str) -> None:
    outcome = run(
        '[[step]]\nbuy = { account = "li", quantity = 200, price = "9.90", name = "b" }\n' + line
    )
    assert isinstance(outcome, Failed)
    assert (outcome.difference.place.en, outcome.difference.got.en) == (place, got)


def test_silent_events_count_once_a_page_names_one_of_them() -> None:
    deposit = '[[step]]\ndeposit = { account = "li", amount = "1.00" }\n'
    assert isinstance(run(deposit + "events = []"), Passed)
    outcome = run(deposit + 'events = [{ cash = "li", amount = "2.00" }]')
    assert isinstance(outcome, Failed)
    assert outcome.difference.got.en == "cash li, amount 1.00"


def test_the_manual_names_every_word_a_page_may_use() -> None:
    text = re.sub(r"```.*?```", "", DOCS.read_text("utf-8"), flags=re.DOTALL)
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", text))))
    words = {*page.VERBS, *page.EXPECTED, *page.PHASES, *BY_WORD, *LEDGER_FIGURES}
    words |= {name for kind in BY_WORD.values() for name in kind.figures}
    words |= {*ACCOUNT_FIGURES, *HOLDING_FIGURES, *INSTRUMENT_FIGURES}
    tables = (page.Given, page.Instrument, page.Terms, page.Account, page.Commission, page.Order)
    words |= {name for table in tables for name in table.__struct_fields__}
    assert words - told == set()


def test_the_example_of_the_manual_passes() -> None:
    pages = re.findall(r"```toml\n(rule = .*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert pages
    for text in pages:
        outcome = run_scenario(parse(tomllib.loads(text)))
        assert isinstance(outcome, Passed), outcome
