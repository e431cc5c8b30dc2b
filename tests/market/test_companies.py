"""What comes over the agents' companies: new listings, suspensions, marks of risk."""

from typing import cast

from server.engine.codes import Event, LimitKind
from server.engine.records import HALT_EVENT
from server.gateway.market_views import instruments
from server.market.agents.companies import Companies, made_up_troubles
from server.market.agents.new_companies import new_companies
from server.market.agents.settings import AgentsSettings
from server.market.agents.source import AgentsSource
from server.market.calendar import TradingCalendar
from server.market.corporate_actions import CorporateAction
from server.market.desk import MarketDesk
from server.market.pacing import Pacer
from server.market.rules import LONG_LISTED
from server.market.short_names import ex_mark, listing_mark, marked
from server.market.universe import classify
from tests.market.play import CALENDAR, KNOWN, RULES, WEEK, Play, at

DAY = WEEK[3]
SHARES = list(KNOWN.values())[:40]


def market(seed: int = 1, steps: int = 60) -> AgentsSource:
    settings = AgentsSettings(
        start_date=DAY, seed=seed, steps_a_day=steps, history_days=2, company_events=True
    )
    return AgentsSource(settings, SHARES, CALENDAR, RULES)


def companies(seed: int = 1) -> Companies:
    new = new_companies(DAY, CALENDAR, RULES, seed)
    sessions = CALENDAR.sessions(DAY, CALENDAR.last_session)
    entries = [*SHARES, *(each.entry for each in new)]
    return Companies(entries, new, made_up_troubles(SHARES, sessions, seed), CALENDAR, RULES)


def test_every_board_has_new_companies_and_two_list_on_the_first_day() -> None:
    for seed in range(20):
        new = [each.entry for each in new_companies(DAY, CALENDAR, RULES, seed)]
        assert {entry.board for entry in new[:4]} == {"main", "star", "chinext", "bse"}
        assert [entry.list_date for entry in new[:5]] == [DAY, DAY, WEEK[2], WEEK[0], WEEK[4]]
        for entry in new:
            assert classify(entry.code, entry.exchange)[0] == entry.board
            assert entry.symbol not in KNOWN


def test_before_their_boards_there_are_none() -> None:
    old = TradingCalendar([20150820, 20150821, 20150824, 20150825, 20150826], RULES, "a test")
    boards = {each.entry.board for each in new_companies(20150824, old, RULES, 1)}
    assert boards == {"main", "chinext"}


def test_a_new_company_is_suspended_until_its_first_day() -> None:
    found = companies()
    fifth = len(SHARES) + 4
    assert found.day(fifth, DAY).suspended_sessions == 1
    assert found.day(fifth, WEEK[4])[:2] == (1, 0)
    assert found.day(fifth, WEEK[6])[:2] == (3, 0)


def test_one_is_suspended_at_once_and_one_marked_on_the_third_day() -> None:
    for seed in range(20):
        troubles = made_up_troubles(SHARES, WEEK, seed)
        assert any(each.suspended == WEEK[0] and not each.warned for each in troubles.values())
        marked_on = {each.resumes for each in troubles.values() if each.warned}
        assert WEEK[2] in marked_on


def test_a_warned_share_is_suspended_a_day_then_has_the_status_and_the_name() -> None:
    found = companies()
    troubles = made_up_troubles(SHARES, CALENDAR.sessions(DAY, CALENDAR.last_session), 1)
    symbol, trouble = next((s, t) for s, t in troubles.items() if t.warned)
    index = next(i for i, entry in enumerate(SHARES) if entry.symbol == symbol)
    assert found.day(index, trouble.suspended) == (LONG_LISTED, 1, "normal")
    assert found.day(index, trouble.resumes) == (LONG_LISTED, 0, "st")
    assert found.name(index, trouble.suspended, ()) == SHARES[index].name
    assert found.name(index, trouble.resumes, ()).startswith("ST")


def test_names_carry_the_marks_of_the_day() -> None:
    dividend = CorporateAction(symbol="600519.SSE", number=1, ex_date=DAY, cash=1)
    both = CorporateAction(symbol="600519.SSE", number=1, ex_date=DAY, cash=1, bonus_ppb=1)
    assert marked("贵州茅台", ex_mark([dividend], DAY)) == "XD贵州茅"
    assert ex_mark([both], DAY) == "DR"
    assert ex_mark([dividend], WEEK[0]) == ""
    assert marked("贵州茅台", listing_mark(1, unlimited=False)) == "N贵州茅"
    assert [listing_mark(day, unlimited=True) for day in (2, 5, 6)] == ["C", "C", ""]
    assert listing_mark(2, unlimited=False) == ""  # Beijing: free on the first day alone


def test_a_listing_day_is_free_trades_and_halts() -> None:
    play = Play(market(seed=4, steps=480))
    play.until(at(DAY, "15:00"))
    first = len(SHARES)
    table = play.engine.state.instruments
    assert (table["limit_kind"][first : first + 2] == LimitKind.UNLIMITED).all()
    assert play.source.name_on(first, DAY).startswith("N")
    assert (table["open"][first : first + 2] > table["reference"][first : first + 2]).all()
    halts = play.of(Event.TRADING_HALTED, HALT_EVENT)
    assert set(halts["instrument"].tolist()) <= {first, first + 1}
    assert len(halts) > 0
    waiting = table[first + 4]
    assert (int(waiting["suspended"]), int(waiting["volume"])) == (1, 0)
    assert play.refusals() == []


def test_the_history_of_a_new_company_begins_with_its_listing() -> None:
    source = market()
    bars = dict(source.history())
    first = len(SHARES)
    assert [len(bars[i]) for i in (0, first, first + 2, first + 3)] == [2, 0, 1, 2]


def test_clients_hear_of_a_company_when_it_lists() -> None:
    source = market()
    play = Play(source)
    desk = MarketDesk(source, cast(Pacer, None), play.engine)
    play.step()
    listed = {item.symbol: item.name for item in instruments(play.engine, desk)}
    new = source.entries[len(SHARES) :]
    assert [entry.symbol in listed for entry in new[:5]] == [True, True, True, True, False]
    assert listed[new[0].symbol].startswith("N")
    assert len(listed) == len(SHARES) + 4
