"""Who gets in: passwords, sessions, resuming, and what happens before a login."""

import asyncio
from pathlib import Path

import pytest

from server.engine.codes import Side
from server.gateway.login import NAMES_AN_ADDRESS
from server.protocol.accounts import Account, AckNotice, GetNotices, Notice, Notices
from server.protocol.closing import CloseCode
from server.protocol.session import Clock, Failed, Gap, Login, Ok, Ping, Pong, Resume, Welcome
from server.protocol.trading import CancelAll, Fill, Order, PlaceOrder, Position
from tests.gateway.client import client
from tests.gateway.house import PASSWORD, SYMBOLS, YUAN, house


def buy(account: int, number: int = 0, price: int = 10) -> PlaceOrder:
    return PlaceOrder(
        0, account, SYMBOLS[0], "buy", "limit", 100, f"order {number}", price=price * YUAN
    )


def notice(number: int, account: int = 1) -> Notice:
    return Notice(
        seq=number, notice_id=number, account=account, code="line_remind", time=1, wall_time=1,
        title_zh="提醒", title_en="Reminder", body_zh="…", body_en="…", severity=1,
    )  # fmt: skip


async def test_a_welcome_is_followed_by_the_present_state(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        person, _ = await server.person("anna")
        server.risk.notices[person] = [notice(1), notice(2)]
        server.risk.notices[person][0].acknowledged = True
        welcome = await trader.login("anna")
        assert (welcome.person, welcome.display_name) == ("anna", "Anna")
        assert (welcome.market, welcome.resumed, welcome.seq) == (
            "replay",
            False,
            server.engine.seq,
        )
        clock = await trader.wait(Clock)
        assert (clock.date, clock.phase, clock.feed_age_ms) == (20_150_824, "continuous", 7)
        assert trader.frames[0].items[0] == welcome
        assert [each.notice_id for each in trader.of(Notice)] == [2]


async def test_who_has_no_account_yet_gets_one(tmp_path: Path) -> None:
    """A crash between the person's row and the account's command is mended at the login."""
    async with house(tmp_path) as server, client(server) as trader:
        person = server.people.register("anna", PASSWORD)
        await trader.login("anna")
        account = await trader.wait(Account)
        assert server.directory.accounts_of(person.id) == [account.account]
        async with client(server) as again:
            await again.login("anna")
        assert server.directory.accounts_of(person.id) == [account.account]


async def test_every_wrong_guess_gets_the_same_answer(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as stranger:
        await server.person("anna")
        answers = [
            await stranger.ask(Login(0, "anna", "wrong")),
            await stranger.ask(Login(0, "nobody", PASSWORD)),
            await stranger.ask(Login(0, "nobody", "x" * 10_000)),
        ]
        assert {(answer.code, answer.message_en) for answer in answers} == {
            ("login_failed", "Wrong user name or password")
        }
        assert (await stranger.login("ANNA ")).person == "anna"


async def test_guesses_are_throttled_by_name_and_address(tmp_path: Path) -> None:
    async with house(tmp_path, logins_per_minute=3) as server, client(server) as stranger:
        await server.person("anna")
        await server.person("bert")
        for _ in range(3):
            assert (await stranger.ask(Login(0, "anna", "wrong"))).code == "login_failed"
        failed = await stranger.ask(Login(0, "anna", PASSWORD))
        assert (failed.code, failed.figure) == ("too_many_logins", 20)
        server.wall.now += 20_000_000
        assert (await stranger.ask(Login(0, "anna", "wrong"))).code == "login_failed"
        assert (await stranger.login("bert")).person == "bert"


async def test_an_address_that_makes_up_names_is_throttled(tmp_path: Path) -> None:
    async with house(tmp_path, logins_per_minute=1) as server, client(server) as stranger:
        for number in range(NAMES_AN_ADDRESS):
            answer = await stranger.ask(Login(0, f"nobody {number}", "wrong"))
            assert answer.code == "login_failed"
        failed = await stranger.ask(Login(0, "nobody else", "wrong"))
        assert (failed.code, failed.figure) == ("too_many_logins", 6)


async def test_only_a_login_comes_first_and_only_once(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        await server.person("anna")
        early = await trader.ask(Ping(0))
        assert isinstance(early, Failed)
        assert early.code == "not_logged_in"
        await trader.login("anna")
        assert isinstance(await trader.ask(Ping(0)), Pong)
        assert (await trader.ask(Login(0, "anna", PASSWORD))).code == "already_logged_in"


@pytest.mark.parametrize("request_", [Login(0, "anna", PASSWORD), Resume(0, "token", 0)])
async def test_another_version_of_the_protocol_is_refused(
    tmp_path: Path, request_: Login | Resume
) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        await server.person("anna")
        request_.protocol = 2
        failed = await trader.ask(request_)
        assert (failed.code, failed.figure) == ("protocol_version", 1)


async def test_who_does_not_log_in_is_cut_off(tmp_path: Path) -> None:
    async with house(tmp_path, login_s=0) as server, client(server) as silent:
        closed = await silent.closed()
        assert closed.code == CloseCode.LOGIN_TIMEOUT


async def test_a_resumed_session_is_sent_what_it_missed(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
            await trader.ask(buy(account, 1))
            await trader.wait(Order)
            last_seq = trader.frames[-1].seq
        await server.quote(Side.SELL, fen=1_000, quantity=100)
        async with client(server) as trader:
            again = await trader.resume(welcome.token, last_seq)
            assert isinstance(again, Welcome)
            assert (again.resumed, again.token) == (True, welcome.token)
            order = await trader.wait(Order)
            assert (order.status, order.client_order_id) == ("filled", "order 1")
            fill = await trader.wait(Fill)
            assert fill.order_id == order.order_id
            held = await trader.wait(Position)
            assert held.quantity == 100
            assert trader.frames[-1].seq == server.engine.seq


async def test_what_was_seen_is_not_sent_again(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
            await trader.ask(buy(account, 1))
            await trader.ask(CancelAll(0, account))
        async with client(server) as trader:
            await trader.resume(welcome.token, server.engine.seq)
            await trader.wait(Clock)
            assert trader.of(Order) == []


async def test_an_open_order_is_shown_to_a_login_and_to_a_resume(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
            placed = await trader.ask(buy(account, 1))
        async with client(server) as trader:
            await trader.resume(welcome.token, server.engine.seq)
            assert (await trader.wait(Order)).order_id == placed.order.order_id
        async with client(server) as trader:
            await trader.login("anna")
            assert (await trader.wait(Order)).client_order_id == "order 1"


async def test_more_than_can_be_sent_again_is_a_gap(tmp_path: Path) -> None:
    async with house(tmp_path, resume_items=3) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
            for number in range(5):
                placed = await trader.ask(buy(account, number, price=12))
                assert placed.code == "price_above_limit"
        async with client(server) as trader:
            await trader.resume(welcome.token, welcome.seq)
            gap = await trader.wait(Gap)
            assert (gap.from_seq, gap.to_seq) == (welcome.seq + 1, welcome.seq + 2)
            sent = [await trader.wait(Order) for _ in range(3)]
            assert [order.seq for order in sent] == [welcome.seq + n for n in (3, 4, 5)]


async def test_a_number_from_the_future_hides_nothing_later(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
        async with client(server) as trader:
            again = await trader.resume(welcome.token, 10**9)
            assert isinstance(again, Welcome)
            assert again.seq == server.engine.seq
            await trader.ask(buy(account))
            assert (await trader.wait(Order)).status == "working"


async def test_a_lost_session_is_refused_and_a_login_then_passes(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
        server.wall.now += 25 * 3_600 * 1_000_000
        async with client(server) as trader:
            for token in (welcome.token, "", "x" * 1_000, "\ud7ff"):
                failed = await trader.resume(token, 0)
                assert isinstance(failed, Failed)
                assert failed.code == "session_expired"
            assert (await trader.login("anna")).resumed is False


async def test_a_notice_is_pushed_recorded_as_delivered_and_acknowledged(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader, client(server) as other:
        person, _ = await server.person("anna")
        await server.person("bert")
        await trader.login("anna")
        await other.login("bert")
        server.risk.notices[person] = [notice(5)]
        server.gateway.fanout.notify(person, notice(5))
        assert (await trader.wait(Notice)).notice_id == 5
        assert server.risk.delivered_ids == [5]
        assert isinstance(await trader.ask(AckNotice(0, 5)), Ok)
        found = await trader.ask(GetNotices(0))
        assert isinstance(found, Notices)
        assert [each.acknowledged for each in found.items] == [True]
        assert (await other.ask(AckNotice(0, 5))).code == "unknown_notice"
        assert other.of(Notice) == []


async def test_a_notice_is_shown_when_nothing_can_be_recorded(tmp_path: Path) -> None:
    """A stopped engine takes no evidence; the client must not suffer for it."""
    async with house(tmp_path) as server, client(server) as trader:
        person, _ = await server.person("anna")
        server.risk.notices[person] = [notice(5)]
        server.risk.stopped = True
        await trader.login("anna")
        assert (await trader.wait(Notice)).notice_id == 5
        assert isinstance(await trader.ask(Ping(0)), Pong)
        server.risk.stopped = False
        server.gateway.fanout.notify(person, notice(5))
        await trader.wait(Notice)
        await trader.ask(Ping(0))
        assert server.risk.delivered_ids == [5]


async def test_two_windows_of_one_person_hear_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as one, client(server) as two:
        _, account = await server.person("anna")
        await one.login("anna")
        await two.login("anna", language="en")
        placed = await one.ask(buy(account))
        assert (await two.wait(Order)).order_id == placed.order.order_id


async def test_what_a_closing_connection_does_not_take_is_not_delivered(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        person, _ = await server.person("anna")
        await trader.login("anna")
        closing = asyncio.create_task(server.gateway.close())
        number = 0
        while server.gateway.fanout.sessions:
            number += 1
            server.gateway.fanout.notify(person, notice(number))
            await asyncio.sleep(0)
        await closing
        await trader.closed()
        received = [each.notice_id for each in trader.of(Notice)]
        assert server.risk.delivered_ids == received
        assert len(received) < number
