"""Holders hear of corporate actions: announced, booked, to be paid for, lapsed, delisted."""

from server.engine import building, building_actions
from server.engine.codes import MarkPolicy
from server.engine.terms import ActionTerms, AnnouncedTerms
from tests.risk.stage import MONDAY, TUESDAY, WEDNESDAY, YUAN, Stage, day_terms

CASH = 1


def opened(stage: Stage, date: int, *before: object) -> None:
    days = [building.instrument_day(i, day_terms(p, 100_000)) for i, p in enumerate((88_500, 10))]
    stage.close_day()
    stage.run(building.day_open(date, MarkPolicy.SOURCE), *before, *days, building.ladders())


def test_what_a_holder_hears_of_rights() -> None:
    stage = Stage()
    stage.open_day(MONDAY)
    stage.buy(CASH, 0, 1_000, 10 * YUAN)
    announced = AnnouncedTerms(1, record_date=MONDAY, ex_date=TUESDAY, rights_until=TUESDAY)
    stage.run(building_actions.action_announce(0, announced))
    terms = ActionTerms(
        1,
        rights_ppb=300_000_000,
        rights_price=5 * YUAN,
        reference=88_500,
        rights_until=TUESDAY,
        cash=2_000 * 10**6,
    )
    opened(stage, TUESDAY, building_actions.corporate_action(0, terms))
    stage.run(building_actions.rights_pay(CASH, 0, 1, 100))
    opened(
        stage,
        WEDNESDAY,
        building_actions.rights_lapse(0, 1),
        building_actions.action_shares_listed(0, 1),
    )
    assert stage.codes(CASH) == [
        *("action_announced", "rights_to_pay", "rights_paid", "rights_lapsed"),
        "action_shares_listed",
    ]
    told = {notice.code: notice for notice in stage.notices}
    assert "300 shares at 5.00, 1,500.00 in all" in told["rights_to_pay"].body_en
    assert "1,155.00" in told["rights_to_pay"].body_zh
    assert "200" in told["rights_lapsed"].body_en


def test_what_a_holder_hears_of_a_dividend_and_of_the_end() -> None:
    stage = Stage()
    stage.open_day(MONDAY)
    stage.buy(CASH, 0, 1_000, 10 * YUAN)
    stage.run(building_actions.action_announce(0, AnnouncedTerms(2, record_date=TUESDAY)))
    terms = ActionTerms(1, cash=2_000 * 10**6, cash_later=1, reference=88_500)
    opened(stage, TUESDAY, building_actions.corporate_action(0, terms))
    opened(stage, WEDNESDAY, building_actions.action_cash_paid(0, 1), building_actions.delist(0))
    assert stage.codes(CASH) == [
        *("delisting_announced", "action_booked", "action_cash_paid", "delisted")
    ]
    assert "200.00" in {n.code: n for n in stage.notices}["action_cash_paid"].title_en
