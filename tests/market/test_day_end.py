"""What a source sends beside prices: the end of halts, and trading after hours."""

from collections.abc import Iterator

from server.engine import building
from server.engine.codes import Event, LimitKind, Phase
from server.engine.records import HALT_EVENT, TRADE_EVENT
from server.engine.terms import RuleTerms
from server.market.agents.settings import AgentsSettings
from server.market.agents.source import AgentsSource
from server.market.halts import ending_halts
from server.market.source import MarketFrame
from tests.engine.world import World, day_terms, money
from tests.market.play import CALENDAR, KNOWN, RULES, Play, at

DAY = 20240924
SECOND_US = 1_000_000
CHINEXT, MAIN = "300014.SZSE", "601688.SSE"


def test_agents_trade_after_hours_where_it_is_offered() -> None:
    settings = AgentsSettings(start_date=DAY, seed=1, steps_a_day=60, history_days=0)
    play = Play(AgentsSource(settings, [KNOWN[CHINEXT], KNOWN[MAIN]], CALENDAR, RULES))
    play.until(at(DAY, "15:00:00"))
    table = play.engine.state.instruments
    closes, volumes = table["close"][:2].tolist(), table["volume"][:2].tolist()
    assert table["phase"][:2].tolist() == [Phase.AFTER_HOURS_ENTRY, Phase.CLOSED]
    play.forget()
    play.until(at(DAY, "15:30:00"))
    trades = play.of(Event.TRADE, TRADE_EVENT)
    assert set(trades["instrument"].tolist()) == {0}
    assert set(trades["price"].tolist()) == {closes[0]}
    table = play.engine.state.instruments
    assert table["close"][:2].tolist() == closes
    assert table["volume"][:2].tolist() == [volumes[0] + trades["quantity"].sum(), volumes[1]]
    assert (table["phase"][:2] == Phase.CLOSED).all()
    assert int(play.engine.state.header[0]["live_orders"]) == 0


def halted_world() -> World:
    """Opened at 10.00, without limit; it halts at 13.00."""
    terms = day_terms("10.00", limit_kind=LimitKind.UNLIMITED)
    terms = terms._replace(limit_up=money("50.00"), limit_down=money("1.00"))
    world = World(a=terms)
    world.do(building.day_open(20260106, world.mark_policy))
    world.do(building.instrument_day(0, terms))
    world.do(building.instrument_rules(0, RuleTerms(halt_ppm=(300_000, 600_000))))
    world.do(building.ladders())
    world.phase(Phase.CONTINUOUS)
    world.price("a", "10.00")
    world.price("a", "13.00")
    return world


def play(world: World, *frames: MarketFrame) -> list[tuple[int, list[Event]]]:
    """When each frame came and what came of it, as the engine hears of it."""

    def given() -> Iterator[MarketFrame]:
        yield from frames

    told: list[tuple[int, list[Event]]] = []
    for frame in ending_halts(world.engine, given()):
        world.time = frame.time - SECOND_US  # a command takes a second
        world.do(frame.commands)
        told.append((frame.time, world.kinds()))
    return told


def test_a_halt_ends_ten_minutes_after_it_began_between_two_frames() -> None:
    world = halted_world()
    until = int(
        world.events[world.events["kind"] == Event.TRADING_HALTED].view(HALT_EVENT)["until"][0]
    )
    later = MarketFrame(until + 5, building.frame_begin())
    told = play(world, MarketFrame(until - 1, building.frame_end()), later)
    assert [time for time, _ in told] == [until - 1, until, until + 5]
    assert told[1][1] == [Event.TRADING_RESUMED]


def test_the_closing_call_ends_it_first_with_its_own_auction() -> None:
    world = halted_world()
    turn = MarketFrame(world.time + 5, building.phase(building.ALL, Phase.CLOSING_CALL))
    ((_, kinds),) = play(world, turn)
    assert kinds == [Event.TRADING_RESUMED, Event.PHASE_CHANGED]
