"""The order ticket under real keys: one confirmation, one order."""

from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from honghe_tui.i18n import Language
from honghe_tui.widgets.order_ticket import OrderTicket
from honghe_tui.widgets.ticket_form import TicketOrder
from server.protocol.session import Failed
from server.protocol.trading import WhatIf
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look, said
from tests.tui.widgets.samples import SYMBOL, resolve

ORDER = TicketOrder(2, SYMBOL, "buy", "limit", 512_600, 500)


@asynccontextmanager
async def opened(language: Language = "zh", size: tuple[int, int] = (90, 16)):
    """A ticket for 500 Ping An at 51.26 on account 2, ready to be reviewed."""
    ticket = OrderTicket(make_look(language), resolve())
    heard = [OrderTicket.Changed, OrderTicket.Submitted, OrderTicket.Closed]
    async with hosted(ticket, size=size, heard=heard) as pilot:
        ticket.set_accounts(canned.accounts())
        ticket.start(SYMBOL, "buy", 2, quantity=500)
        ticket.set_quote(canned.quote(1))
        ticket.focus()
        await pilot.pause()
        yield ticket, pilot


def submitted(pilot: Pilot[None]) -> list[TicketOrder]:
    return [m.order for m in said(pilot) if isinstance(m, OrderTicket.Submitted)]


def newest_revision(pilot: Pilot[None]) -> int:
    return [m.revision for m in said(pilot) if isinstance(m, OrderTicket.Changed)][-1]


async def test_enter_reviews_and_y_sends() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter")
        assert ticket.state == "review"
        assert "账户#2 买入 中国平安(601318) 51.26 × 500股" in "".join(lines(ticket))
        assert submitted(pilot) == []
        await pilot.press("y")
        await pilot.pause()
        assert ticket.state == "sent"
        assert submitted(pilot) == [ORDER]


async def test_enter_held_down_sends_nothing() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press(*["enter"] * 30)
        assert ticket.state == "review"
        assert submitted(pilot) == []


async def test_y_held_down_sends_once() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", *["y"] * 30)
        await pilot.press(*["enter", "y"] * 10)
        await pilot.pause()
        assert submitted(pilot) == [ORDER]
        assert ticket.state == "sent"


async def test_two_keys_in_one_turn_of_the_loop_send_once() -> None:
    async with opened() as (ticket, pilot):
        ticket.action_enter()
        ticket._send()
        ticket._send()
        await pilot.pause()
        assert submitted(pilot) == [ORDER]


async def test_y_without_review_sends_nothing() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("y", "y")
        await pilot.pause()
        assert (ticket.state, submitted(pilot)) == ("edit", [])


async def test_the_review_is_locked_and_escape_goes_back() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "tab", "7", "+", "left", "backspace")
        assert ticket.draft == ORDER
        ticket.set_quote(canned.quote(1, step=5))
        await pilot.press("escape")
        assert ticket.state == "edit"
        await pilot.press("y")
        assert submitted(pilot) == []
        await pilot.press("enter", "y")
        await pilot.pause()
        assert submitted(pilot) == [ORDER]


async def test_an_incomplete_ticket_says_what_is_missing() -> None:
    async with opened() as (ticket, pilot):
        ticket.start(SYMBOL, "buy", 2, price=512_600)
        await pilot.press("enter")
        assert ticket.state == "edit"
        assert "请输入数量" in "".join(lines(ticket))


async def test_every_change_asks_what_if_with_a_new_revision() -> None:
    async with opened() as (_, pilot):
        said(pilot).clear()
        await pilot.press("tab", "7", "0", "0", "+")  # from price to quantity
        await pilot.pause()
        asked = [m for m in said(pilot) if isinstance(m, OrderTicket.Changed)]
        assert [m.draft.quantity for m in asked] == [7, 70, 700, 800]
        assert len({m.revision for m in asked}) == 4


async def test_the_answer_to_an_older_question_is_not_shown() -> None:
    async with opened() as (ticket, pilot):
        question = WhatIf(1, 2, SYMBOL, "buy", "limit", 500, 512_600)
        result = canned.what_if_result(question)
        old = newest_revision(pilot)
        await pilot.press("+")
        await pilot.pause()
        ticket.show_what_if(result, old)
        assert "132.60%" not in "".join(lines(ticket))
        ticket.show_what_if(result, newest_revision(pilot))
        drawn = lines(ticket)
        assert any("132.60% -> 130.96% [o 正常]" in line for line in drawn)
        assert any("x 平仓  114% 5.100万 13.02% 1.32个跌停" in line for line in drawn)
        assert any("最大可委托 1,000" in line for line in drawn)


async def test_a_refusal_is_told_before_sending() -> None:
    async with opened("en") as (ticket, pilot):
        question = WhatIf(1, 2, SYMBOL, "buy", "limit", 1_200, 512_600)
        ticket.show_what_if(canned.what_if_result(question), newest_revision(pilot))
        assert any("x Not enough cash: at most 1000 shares" in line for line in lines(ticket))


async def test_the_fraction_keys_use_the_largest_quantity() -> None:
    async with opened() as (ticket, pilot):
        question = WhatIf(1, 2, SYMBOL, "buy", "limit", 500, 512_600)
        ticket.show_what_if(canned.what_if_result(question), newest_revision(pilot))
        await pilot.press("tab", "slash")
        assert "按 1 全部" in "".join(lines(ticket))
        await pilot.press("3")
        assert ticket.draft is not None
        assert ticket.draft.quantity == 300


async def test_the_answer_is_shown_and_enter_begins_a_new_ticket() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "y")
        ticket.show_order(canned.orders()[1])
        assert ticket.state == "done"
        assert "已报 委托号102 " in "".join(lines(ticket))
        assert "已成" not in "".join(lines(ticket))
        await pilot.press("y")
        await pilot.press("enter")
        assert ticket.state == "edit"
        assert ticket.draft is None  # no price and no quantity until they are filled in
        await pilot.pause()
        assert submitted(pilot) == [ORDER]


async def test_a_burst_of_enters_does_not_pass_over_the_answer() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "y")
        ticket.show_order(canned.orders()[1])
        for _ in range(3):
            ticket.action_enter()
        assert ticket.state == "done"
        await pilot.pause()
        await pilot.press("enter")
        assert ticket.state == "edit"


@pytest.mark.parametrize(("language", "words"), [("zh", "已成1,000股"), ("en", "1,000 filled")])
async def test_the_part_that_is_filled_is_told(language: Language, words: str) -> None:
    async with opened(language) as (ticket, pilot):
        await pilot.press("enter", "y")
        ticket.show_order(canned.orders()[3])
        assert words in "".join(lines(ticket))


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_empty_quantity_is_not_refused_and_enter_goes_there(language: Language) -> None:
    async with opened(language) as (ticket, pilot):
        await pilot.press("tab", "backspace", "backspace", "backspace", "up", "up")
        await pilot.pause()
        question = WhatIf(1, 2, SYMBOL, "buy", "limit", 1_200, 512_600)
        refused = canned.what_if_result(question)
        ticket.show_what_if(refused, newest_revision(pilot))
        sentence = refused.message_zh if language == "zh" else refused.message_en
        assert sentence not in "".join(lines(ticket))
        await pilot.press("enter", "1", "2")
        assert ticket.draft is not None
        assert ticket.draft.quantity == 12
        ticket.show_what_if(refused, newest_revision(pilot))
        assert sentence in "".join(lines(ticket))


async def test_a_refused_order_says_why_and_what_would_pass() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "y")
        ticket.show_failed(Failed(1, "odd", "数量须为整手", "Whole lots only", 400, "quantity"))
        assert "x 数量须为整手 (400)" in "".join(lines(ticket))


async def test_an_unknown_outcome_is_not_called_a_failure() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "y")
        ticket.show_unknown("连接中断，结果未知，请查委托")
        assert "? 连接中断，结果未知，请查委托" in "".join(lines(ticket))


async def test_an_answer_that_nobody_waits_for_is_ignored() -> None:
    async with opened() as (ticket, _):
        ticket.show_order(canned.orders()[1])
        assert ticket.state == "edit"


async def test_escape_closes_an_unsent_ticket_only() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("enter", "y", "escape")
        await pilot.pause()
        assert not [m for m in said(pilot) if isinstance(m, OrderTicket.Closed)]
        ticket.show_order(canned.orders()[0])
        await pilot.press("escape")
        await pilot.pause()
        assert [m for m in said(pilot) if isinstance(m, OrderTicket.Closed)]


async def test_side_account_and_type_are_chosen_by_arrows_and_space() -> None:
    async with opened() as (ticket, pilot):
        await pilot.press("up", "up", "up", "space")  # price, type, symbol, side
        assert ticket.draft is not None
        assert ticket.draft.side == "sell"
        await pilot.press("up", "right")
        assert ticket.draft.account == 3
        await pilot.press("left", "left")
        assert ticket.draft.account == 1
