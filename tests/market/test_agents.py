"""The agents' market: the same for a seed, and like a market."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine.codes import Event, Phase, Side
from server.engine.engine import Engine
from server.engine.records import AUCTION_EVENT, DAY_EVENT, TRADE_EVENT
from server.market.agents.fair import FairValues, returns
from server.market.agents.population import ACCOUNTS, BUYERS, SELLERS
from server.market.agents.settings import AgentsSettings, Shock, parse_shock
from server.market.agents.source import AgentsSource
from server.market.agents.temper import temper_of
from server.market.calendar import TradingCalendar
from server.market.market_orders import FIRST_PERSON
from server.market.universe import UniverseEntry
from tests.market.play import CALENDAR, KNOWN, RULES, Play, at

DAY, NEXT = 20240924, 20240925
MOUTAI = "600519.SSE"
FEW = [KNOWN[MOUTAI], *list(KNOWN.values())[:7]]
FORTY = list(KNOWN.values())[::4]

Ints = NDArray[np.int64]


def market(
    entries: list[UniverseEntry] | None = None,
    calendar: TradingCalendar = CALENDAR,
    shocks: tuple[Shock, ...] = (),
    seed: int = 1,
    steps: int = 4_800,
) -> AgentsSource:
    settings = AgentsSettings(
        start_date=DAY, seed=seed, steps_a_day=steps, history_days=1, shocks=shocks
    )
    return AgentsSource(settings, entries or FEW, calendar, RULES)


def book_levels(play: Play, index: int, side: Side) -> int:
    """How many prices of one side hold orders."""
    row = play.engine.state.instruments[index]
    start = int(row["level_base"]) + side * int(row["levels"])
    return int(
        np.count_nonzero(play.engine.state.levels["quantity"][start : start + row["levels"]])
    )


@dataclass
class Morning:
    """What was seen every twentieth step of a morning."""

    play: Play
    spreads: Ints
    deep: float  # share of books with five levels on both sides


@pytest.fixture(scope="module")
def morning() -> Morning:
    play = Play(market(FORTY))
    play.until(at(DAY, "09:40"))
    spreads: list[int] = []
    deep: list[bool] = []
    while play.step() and play.trading:
        if len(play.frames) % 20:
            continue
        table = play.engine.state.instruments[: len(FORTY)]
        both = (table["best"] >= 0).all(axis=1)
        spreads += (table["best"][both, Side.SELL] - table["best"][both, Side.BUY]).tolist()
        deep += [
            min(book_levels(play, i, Side.BUY), book_levels(play, i, Side.SELL)) >= 5
            for i in range(len(FORTY))
        ]
    return Morning(play, np.array(spreads), float(np.mean(deep)))


# The same for a seed ----------------------------------------------------------------------------


def stream(seed: int, clock: str = "09:40") -> list[tuple[int, bytes]]:
    play = Play(market(seed=seed))
    play.until(at(DAY, clock))
    return [(frame.time, frame.commands.tobytes()) for frame in play.frames]


def test_a_seed_and_no_traders_give_the_same_commands() -> None:
    assert stream(3) == stream(3)
    assert stream(3) != stream(4)


def test_a_trader_changes_what_comes_after_and_nothing_before() -> None:
    alone = Play(market())
    alone.until(at(DAY, "10:00"))
    met = Play(market())
    account = met.trader()
    met.until(at(DAY, "09:45"))
    before = len(met.frames)
    met.order(account, "600000.SSE", Side.BUY, 10.50, 900_000)
    met.until(at(DAY, "10:00"))
    same = [
        a.commands.tobytes() == b.commands.tobytes()
        for a, b in zip(alone.frames, met.frames, strict=False)
    ]
    assert all(same[:before])
    assert not all(same[before:])


def test_a_restart_in_the_day_goes_on_after_it() -> None:
    play = Play(market())
    play.until(at(DAY, "10:00"))
    snapshot = play.engine.snapshot()

    def resumed() -> Play:
        again = Play(market(), Engine.restore(snapshot))
        again.until(at(DAY, "10:30"))
        return again

    one, two = resumed(), resumed()
    assert one.frames[0].time > at(DAY, "10:00")
    assert one.refusals() == []
    assert len(one.of(Event.TRADE, TRADE_EVENT)) > 100
    assert one.engine.state_hash() == two.engine.state_hash()


def test_a_restart_after_the_close_opens_the_next_day() -> None:
    play = Play(market(steps=240))
    play.close_of(DAY)
    resumed = Play(market(steps=240), Engine.restore(play.engine.snapshot()))
    resumed.step()
    assert resumed.engine.date == NEXT
    references = resumed.engine.state.instruments["reference"]
    assert references.tolist() == play.engine.state.instruments["last"].tolist()


# Like a market ----------------------------------------------------------------------------------


def test_nothing_the_agents_send_is_refused(morning: Morning) -> None:
    assert morning.play.refusals() == []


def test_books_are_deep_and_never_crossed(morning: Morning) -> None:
    assert morning.spreads.min() >= 1
    assert morning.deep > 0.95


def test_most_spreads_are_one_to_three_ticks(morning: Morning) -> None:
    assert np.mean(morning.spreads <= 3) > 0.75
    assert np.median(morning.spreads) <= 2


def test_everything_trades(morning: Morning) -> None:
    volume = morning.play.engine.state.instruments["volume"][: len(FORTY)]
    assert (volume > 0).all()


def test_the_opening_call_has_a_price_and_volume(morning: Morning) -> None:
    auctions = morning.play.of(Event.AUCTION, AUCTION_EVENT)
    assert len(auctions) > 0.8 * len(FORTY)
    assert (auctions["quantity"] > 0).all()
    at_open = morning.play.engine.state.instruments["open"][auctions["instrument"]]
    assert at_open.tolist() == auctions["price"].tolist()


def test_trades_are_between_different_persons(morning: Morning) -> None:
    trades = morning.play.of(Event.TRADE, TRADE_EVENT)
    assert (trades["buy_account"] != trades["sell_account"]).all()
    persons = morning.play.engine.state.accounts["person"][:ACCOUNTS]
    assert len(set(persons.tolist())) == ACCOUNTS
    assert persons.min() == FIRST_PERSON
    assert not np.isin(trades["sell_account"], list(BUYERS)).any()
    assert not np.isin(trades["buy_account"], list(SELLERS)).any()


def test_a_step_of_forty_instruments_is_a_modest_batch(morning: Morning) -> None:
    sizes = [len(frame.commands) for frame in morning.play.frames if frame.time > at(DAY, "10:00")]
    assert np.mean(sizes) < 2 * len(FORTY)


def test_a_trader_can_buy_and_sell_at_the_best_prices() -> None:
    play = Play(market())
    account = play.trader()
    play.until(at(DAY, "10:00"))
    _, ask = play.best(MOUTAI)
    play.forget()
    play.order(account, MOUTAI, Side.BUY, ask, 100)
    assert play.trades_of(account) == [(ask, 100)]


def test_moves_have_the_deviation_they_are_drawn_with() -> None:
    rng = np.random.default_rng(1)
    temper = temper_of(FORTY, 1.0, rng)
    drawn = np.stack([returns(temper, rng) for _ in range(4_000)])
    # beta is spread around 1, which widens or narrows the market's part
    assert drawn.std(axis=0) / temper.deviation == pytest.approx(1.0, abs=0.15)
    shares = np.array([entry.kind == "share" and entry.status == "normal" for entry in FORTY])
    assert 0.02 < temper.deviation[shares].mean() < 0.035


def test_a_sector_moves_together() -> None:
    rng = np.random.default_rng(1)
    entries = [KNOWN[s] for s in ("600000.SSE", "600016.SSE", MOUTAI)]
    assert entries[0].sector == entries[1].sector != entries[2].sector
    temper = temper_of(entries, 1.0, rng)
    drawn = np.corrcoef(np.stack([returns(temper, rng) for _ in range(4_000)]).T)
    assert drawn[0, 1] > drawn[0, 2] + 0.1 > 0.2


def test_a_day_of_steps_moves_as_much_as_a_day_is_meant_to() -> None:
    rng = np.random.default_rng(1)
    temper = temper_of(FORTY, 1.0, rng)
    start = np.full(len(FORTY), 100_000.0)
    moves: list[NDArray[np.float64]] = []
    for _ in range(150):
        fair = FairValues(temper, start, rng)
        fair.pass_night()
        for _ in range(48):
            fair.step(1 / 48)
        moves.append(np.log(fair.value / start) / temper.deviation)
    assert np.std(moves) == pytest.approx(1.0, abs=0.2)


# Shocks and limits ------------------------------------------------------------------------------


def test_a_shock_moves_its_share_and_no_other() -> None:
    play = Play(market(shocks=(parse_shock("600519.SSE:-0.08@10:00"),)))
    play.until(at(DAY, "09:59:57"))
    before = play.engine.state.instruments["last"].copy()
    play.until(at(DAY, "10:05"))
    change = play.engine.state.instruments["last"][: len(FEW)] / before[: len(FEW)] - 1
    assert change[0] == pytest.approx(-0.08, abs=0.015)
    assert np.abs(change[1:]).max() < 0.03


def test_a_share_worth_less_than_limit_down_is_locked_there() -> None:
    play = Play(market(shocks=(parse_shock("600519.SSE:-0.2@10:00"),)))
    play.until(at(DAY, "10:10"))
    row = play.row(MOUTAI)
    assert int(row["last"]) == int(row["limit_down"])
    assert play.best(MOUTAI)[0] == 0
    assert play.size(MOUTAI, Side.SELL) > 10_000
    assert play.refusals() == []


@pytest.mark.parametrize(
    ("text", "shock"),
    [
        ("600519.SSE:-0.08@10:15", ("600519.SSE", -0.08, "10:15")),
        ("*:+0.03@13:00", ("*", 0.03, "13:00")),
    ],
)
def test_shocks_are_read(text: str, shock: tuple[str, float, str]) -> None:
    read = parse_shock(text)
    assert (read.symbol, read.change, read.at.isoformat("minutes")) == shock


@pytest.mark.parametrize(
    "text", ["", "600519:-0.08@10:15", "*:0.9@10:15", "*:-0.9@10:15", "*:-0.1@25:00"]
)
def test_what_is_no_shock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no shock|between|hour"):
        parse_shock(text)


# Days -------------------------------------------------------------------------------------------


def test_days_follow_the_calendar_until_it_ends() -> None:
    play = Play(market(calendar=TradingCalendar([20240923, DAY, NEXT], RULES, "a test"), steps=48))
    play.to_end()
    assert play.of(Event.DAY_CLOSED, DAY_EVENT)["date"].tolist() == [DAY, NEXT]
    assert (play.engine.state.instruments["phase"] == Phase.CLOSED).all()


def test_a_start_that_is_no_session_is_moved_to_the_next() -> None:
    settings = AgentsSettings(start_date=20241001, history_days=0)
    assert AgentsSource(settings, FEW, CALENDAR, RULES).first_date == 20241008


def test_the_made_up_past_ends_at_the_first_days_reference() -> None:
    sessions = [20240902 + day for day in range(23)]
    calendar = TradingCalendar([*sessions, 20240925], RULES, "a test")
    settings = AgentsSettings(start_date=20240925, history_days=20)
    source = AgentsSource(settings, FORTY, calendar, RULES)
    for index, bars in source.history():
        entry = FORTY[index]
        tick = RULES.quantity(entry.rule_key(20240925)).tick
        assert len(bars) == 20
        assert bars["close"][-1] == entry.start_price
        assert (bars["high"] >= np.maximum(bars["open"], bars["close"])).all()
        assert (bars["low"] <= np.minimum(bars["open"], bars["close"])).all()
        assert all((bars[name] % tick == 0).all() for name in ("open", "high", "low", "close"))
        assert (np.abs(np.diff(np.log(bars["close"]))) < 0.2).all()
        assert (np.diff(bars["time"]) > 0).all()
