"""How pushes travel: one frame a turn, the newest of each key, and only what was asked for."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.engine import building
from server.engine.building import ALL
from server.engine.codes import MarkPolicy, OrderType, Phase, Side
from server.gateway import fanout, market_feed
from server.protocol.accounts import Account, OpenContract
from server.protocol.market import Bar, Bars, Depth, GetBars, GetInstruments, Instruments, Quote
from server.protocol.session import BarTopic, Clock, Failed, Ok, Subscribe, Unsubscribe
from server.protocol.trading import Fill, Order, Placed, PlaceOrder, Position
from tests.gateway.client import client
from tests.gateway.house import DATE, DAY, OPENING, SYMBOLS, YUAN, Call, house

NEVER_MS = 3_600_000  # no flush but by our own hand


class Turns:
    """Of the loop: how many there were, and in which of them something was called."""

    def __init__(self) -> None:
        self.noted: list[int] = []
        self._count = 0

    async def count(self) -> None:
        while True:
            self._count += 1
            await asyncio.sleep(0)

    def noting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            self.noted.append(self._count)
            return function(*arguments)

        return noted


@asynccontextmanager
async def counted() -> AsyncGenerator[Turns]:
    """How many turns the loop makes inside."""
    turns = Turns()
    counting = asyncio.create_task(turns.count())
    yield turns
    counting.cancel()


def buy(account: int, number: int = 0) -> PlaceOrder:
    return PlaceOrder(
        0, account, SYMBOLS[0], "buy", "limit", 100, f"order {number}", price=10 * YUAN
    )


async def test_one_turn_is_one_frame(tmp_path: Path) -> None:
    """The reply, the order, its fill, the holding and the account come together."""
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        _, account = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=500)
        await trader.login("anna")
        await trader.wait(Account)
        await trader.send(buy(account))
        kinds: list[str] = []
        while not kinds:  # a frame may bring the clock alone
            frame = await trader.receive()
            kinds = sorted(type(each).__name__ for each in frame.items if type(each) is not Clock)
        assert kinds == ["Account", "Fill", "Order", "Placed", "Position"]
        assert frame.seq == server.engine.seq
        order = next(item for item in frame.items if isinstance(item, Order))
        placed = next(item for item in frame.items if isinstance(item, Placed))
        assert placed.order == order


async def test_many_orders_of_one_turn_are_one_frame(tmp_path: Path) -> None:
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        await trader.wait(Account)
        before = len(trader.frames)
        for number in range(50):
            await trader.send(buy(account, number))
        while len(trader.of(Placed)) < 50:
            await trader.receive()
        assert len(trader.frames) - before < 25


async def test_only_the_newest_quote_of_a_flush_is_sent(tmp_path: Path) -> None:
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        await trader.ask(Subscribe(0, quotes=[SYMBOLS[0]], depth=[SYMBOLS[0]]))
        await trader.wait(Depth)
        for fen in (1_003, 1_002, 1_001):
            await server.quote(Side.SELL, fen=fen, quantity=100)
        await server.quote(Side.BUY, fen=999, quantity=300)
        await server.gateway.fanout.flush()
        quote = await trader.wait(Quote)
        assert (quote.symbol, quote.ask, quote.ask_quantity) == (SYMBOLS[0], 1_001 * 100, 100)
        assert (quote.bid, quote.bid_quantity, quote.previous_close) == (99_900, 300, 10 * YUAN)
        depth = await trader.wait(Depth)
        assert [(level.price, level.quantity) for level in depth.asks] == [
            (100_100, 100), (100_200, 100), (100_300, 100),
        ]  # fmt: skip
        assert len(trader.of(Quote)) == 2  # the one at the subscription, and this


async def test_a_star_is_every_quote_and_no_other_is_sent_unasked(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as all_, client(server) as one:
        await server.person("anna")
        for trader, quotes in ((all_, ["*"]), (one, [SYMBOLS[0]])):
            await trader.login("anna")
            assert isinstance(await trader.ask(Subscribe(0, quotes=quotes)), Ok)
            await trader.wait(Quote)
        await server.quote(Side.SELL, fen=1_001, quantity=100, instrument=1)
        await server.quote(Side.SELL, fen=1_001, quantity=100, instrument=0)
        quote = await all_.wait(Quote, lambda quote: quote.ask > 0 and quote.symbol == SYMBOLS[1])
        assert quote.interpolated
        await one.wait(Quote, lambda quote: quote.ask > 0)
        assert {quote.symbol for quote in one.of(Quote)} == {SYMBOLS[0]}


async def test_what_is_unsubscribed_is_sent_no_more(tmp_path: Path) -> None:
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        await trader.ask(Subscribe(0, quotes=["*", SYMBOLS[0]], depth=[SYMBOLS[0]]))
        await trader.ask(Unsubscribe(0, quotes=["*"]))
        await trader.wait(Depth)
        before = len(trader.of(Quote)) + len(trader.of(Depth))
        await server.quote(Side.SELL, fen=1_001, quantity=100)
        await server.gateway.fanout.flush()
        await trader.ask(Unsubscribe(0, depth=[SYMBOLS[0]]))
        await server.quote(Side.SELL, fen=1_002, quantity=100)
        await server.gateway.fanout.flush()
        await trader.ask(Subscribe(0, quotes=[SYMBOLS[1]]))
        await trader.wait(Quote, lambda quote: quote.symbol == SYMBOLS[1])
        after = len(trader.of(Quote)) + len(trader.of(Depth))
        assert after - before == 2  # one depth before its end, one quote of the new subscription


async def test_bars_are_answered_and_then_pushed(tmp_path: Path) -> None:
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        _, account = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=500)
        await trader.login("anna")
        await trader.ask(buy(account, 1))
        answer = await trader.ask(GetBars(0, SYMBOLS[0], "1m"))
        assert isinstance(answer, Bars)
        (bar,) = answer.items
        assert (bar.time, bar.close, bar.volume, bar.final) == (OPENING, 10 * YUAN, 100, False)

        await trader.ask(Subscribe(0, bars=[BarTopic(SYMBOLS[0], "1m")]))
        assert (await trader.wait(Bar)).volume == 100
        await trader.ask(buy(account, 2))
        for _ in range(market_feed.BAR_FLUSHES):
            await server.gateway.fanout.flush()
        assert (await trader.wait(Bar)).volume == 200


async def test_an_unknown_symbol_is_not_subscribed(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        for request in (
            Subscribe(0, quotes=["1.SSE"]),
            Subscribe(0, depth=["1.SSE"]),
            Subscribe(0, bars=[BarTopic("1.SSE", "1m")]),
            GetBars(0, "1.SSE", "1m"),
        ):
            failed = await trader.ask(request)
            assert isinstance(failed, Failed)
            assert failed.code == "unknown_symbol"
            assert "1.SSE" in failed.message_zh


async def test_a_new_phase_brings_the_clock_and_a_new_day_the_instruments(tmp_path: Path) -> None:
    async with house(tmp_path, flush_ms=NEVER_MS) as server, client(server) as trader:
        await server.person("anna")
        await trader.login("anna")
        known = await trader.ask(GetInstruments(0))
        assert isinstance(known, Instruments)
        assert (known.date, [item.symbol for item in known.items]) == (DATE, list(SYMBOLS))
        assert (known.items[0].name, known.items[0].limit_up) == ("浦发银行", 11 * YUAN)

        await server.do(building.phase(ALL, Phase.LUNCH))
        assert (await trader.wait(Clock, lambda clock: clock.phase == "lunch")).date == DATE
        await server.do(building.day_close())
        higher = DAY._replace(reference=11 * YUAN, limit_up=12 * YUAN)
        await server.do(
            building.concat(
                [
                    building.day_open(DATE + 1, MarkPolicy.LAST_TRADE),
                    *(building.instrument_day(i, higher) for i in range(len(SYMBOLS))),
                    building.ladders(),
                ]
            )
        )
        day = await trader.wait(Instruments, lambda message: message.id == 0)
        assert (day.date, day.items[0].previous_close) == (DATE + 1, 11 * YUAN)


async def test_a_long_answer_is_cut_into_frames_and_its_seq_comes_last(tmp_path: Path) -> None:
    async with house(tmp_path, frame_items=10) as server:
        _, account = await server.person("anna")
        async with client(server) as trader:
            welcome = await trader.login("anna")
            for number in range(35):
                await trader.ask(buy(account, number))
        async with client(server) as trader:
            await trader.resume(welcome.token, welcome.seq)
            while len(trader.of(Order)) < 70:  # what was missed, and what is open
                await trader.receive()
            assert max(len(frame.items) for frame in trader.frames) <= 10
            assert trader.frames[0].seq < server.engine.seq
            assert [order.seq for order in trader.of(Order)][:35] == sorted(
                order.seq for order in trader.of(Order)
            )[::2]


async def test_a_forced_sale_is_seen_by_its_person_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as hers, client(server) as his:
        _, account = await server.person("anna")
        await server.person("bert")
        await server.quote(Side.BUY, fen=1_000, quantity=500)
        await hers.login("anna")
        await his.login("bert")
        await server.do(
            building.order(
                *(account, 0, Side.BUY, OrderType.LIMIT, 10 * YUAN, 100),
                origin=2,
                client_order_id=b"R1-0-0-5",
            )
        )
        order = await hers.wait(Order)
        assert (order.origin, order.client_order_id) == ("forced_reduce", "")
        assert his.of(Order) + his.of(Fill) + his.of(Position) == []


async def test_a_burst_of_long_questions_leaves_everybody_else_a_turn(tmp_path: Path) -> None:
    """Bars for a chart are computed in the loop: one answer a turn for each client."""
    async with house(tmp_path) as server, client(server) as reader:
        await server.person("trader")
        await reader.login("trader")
        async with counted() as turns:
            server.bars.bars = turns.noting(server.bars.bars)
            last = 0
            for _ in range(20):
                last = await reader.send(GetBars(0, SYMBOLS[0], "1m"))
            await reader.wait(Bars, lambda bars: bars.id == last)
        assert len(turns.noted) == len(set(turns.noted)) == 20


async def test_a_flush_leaves_everybody_else_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "FLUSHED_AT_ONCE", 2)
    async with house(tmp_path, flush_ms=NEVER_MS) as server, AsyncExitStack() as windows:
        await server.person("anna")
        readers = [await windows.enter_async_context(client(server)) for _ in range(5)]
        for reader in readers:
            await reader.login("anna")
            await reader.ask(Subscribe(0, quotes=[SYMBOLS[0]]))
            await reader.wait(Quote)
        await server.quote(Side.BUY, fen=999, quantity=100)
        async with counted() as turns:
            monkeypatch.setattr(fanout, "depart", turns.noting(fanout.depart))
            await server.gateway.fanout.flush()
        assert sorted(Counter(turns.noted).values()) == [1, 2, 2]
        for reader in readers:
            assert (await reader.wait(Quote)).bid == 99_900


async def test_an_answer_leaves_before_others_hear_of_the_batch(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        person, account = await server.person("anna")
        await trader.login("anna")
        (session,) = server.gateway.fanout.sessions_of(person)
        left: list[int] = []
        server.sequencer.subscribe(lambda _: left.append(session.waiting + session.in_flight))
        for number in range(3):
            assert isinstance(await trader.ask(buy(account, number)), Placed)
        assert left == [0, 0, 0]


async def test_a_contract_is_told_of_once_risk_has_seen_the_batch(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        opened = await trader.ask(OpenContract(0, account, 0, 100_000 * YUAN, "open"))
        await trader.wait(Account, lambda each: each.account == opened.account)
        server.risk.calls_after = {opened.account: Call(deadline=77, deposit=5)}
        await trader.ask(buy(opened.account))
        told = await trader.wait(Account, lambda each: each.account == opened.account)
        assert (told.cure_deadline, told.cure_deposit) == (77, 5)
