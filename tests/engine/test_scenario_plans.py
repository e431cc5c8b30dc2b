"""A page's plan can be wrong, and a forced sale that is not the one planned is told."""

from dataclasses import replace

import pytest

from server.risk import foresight
from server.risk.plan import Plan, plan_reduction
from server.risk.portfolio import Portfolio
from server.scenarios.runner import Failed, Passed
from tests.engine.test_scenario_files import error, run

HEAD = """
rule = "4.5"
title = "试"
title_en = "try"
[given]
date = 2026-11-20
fees = "none"
interest = "none"
instruments."600000.SSE" = "8.20"
market."600000" = { bids = { "8.20" = 100_000 } }
[given.accounts.li]
contract = "1:2"
deposit = "40000.00"
holds = { "600000" = { quantity = 12_000, cost = "10.00" } }
"""
RIGHT = '{ sell = "600000", quantity = 2_300, price = "0.00", rank = 1 }'


def plan(says: str):
    return run(f"[[step]]\nplan.li = {{ {says} }}", HEAD)


def test_a_plan_that_is_as_expected_passes() -> None:
    assert isinstance(plan(f"orders = [{RIGHT}]"), Passed)


@pytest.mark.parametrize(
    "says",
    [
        f'kind = "liquidation", orders = [{RIGHT}]',
        f'repay = "1.00", orders = [{RIGHT}]',
        "",
        f"orders = [{RIGHT}, {RIGHT}]",
        f"orders = [{RIGHT.replace('2_300', '2_200')}]",
        f"orders = [{RIGHT.replace('0.00', '8.20')}]",
        f"orders = [{RIGHT.replace('rank = 1', 'rank = 2')}]",
        f'orders = [{RIGHT}], spared = ["600000"]',
        f'orders = [{RIGHT}], waiting = [{{ symbol = "600000", quantity = 1, why = "no_bid" }}]',
    ],
)
def test_a_plan_that_is_another_fails(says: str) -> None:
    assert isinstance(plan(says), Failed)


def test_an_account_above_its_lines_is_not_forced() -> None:
    healthy = HEAD.replace('"8.20"', '"10.00"')
    assert "li has no plan" in str(error('[[step]]\nforce = "li"', healthy))


def test_a_sale_that_is_not_the_one_shown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(portfolio: Portfolio) -> Plan:
        made = plan_reduction(portfolio)
        orders = tuple(replace(order, quantity=100) for order in made.orders)
        return replace(made, orders=orders)

    monkeypatch.setattr(foresight, "plan_reduction", half)
    said = str(error('[[step]]\nforce = "li"', HEAD))
    assert "600000.SSE x 100 @ 0.00 was planned" in said
    assert "600000.SSE x 2,300 @ 0.00 was sent" in said
