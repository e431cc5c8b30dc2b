"""Holders hear of a share's risk warning, delisting period, class, suspension and resumption."""

from collections.abc import Sequence

import msgspec

from server.engine import building
from server.engine.codes import HoldingClass, MarkPolicy, Phase, RiskStatus
from server.engine.terms import RuleTerms
from server.risk.book import Book
from server.risk.standing import Standing
from tests.risk.stage import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    YUAN,
    Commands,
    Stage,
    day_terms,
)

CASH, OTHER = 1, 2
SOUND = Standing(RiskStatus.NONE, HoldingClass.MAIN, 0)
WARNED = Standing(RiskStatus.WARNED, HoldingClass.RISK_WARNING, 0)


def open_day(stage: Stage, date: int, *standings: Standing, limit_ppm: int = 100_000) -> None:
    if stage.engine.date:
        stage.close_day()
    days: list[Commands] = []
    for index, standing in enumerate(standings):
        terms = day_terms(10 * YUAN, limit_ppm, suspended=bool(standing.suspended))
        terms = terms._replace(holding_class=standing.holding_class, valuation_ppm=900_000)
        days += [
            building.instrument_day(index, terms),
            building.instrument_rules(index, RuleTerms(st=standing.risk)),
        ]
    stage.run(building.day_open(date, MarkPolicy.SOURCE), *days, building.ladders())


def holding(*first: Standing) -> Stage:
    """One person holds both shares since Monday, the other none."""
    stage = Stage()
    open_day(stage, MONDAY, *first)
    stage.run(building.phase(-1, Phase.CONTINUOUS))
    for index in range(2):
        stage.buy(CASH, index, 1_000, 10 * YUAN)
    return stage


def told(stage: Stage, account: int = CASH) -> Sequence[str]:
    return [notice.code for notice in stage.notices if notice.account == account]


def test_holders_hear_of_a_risk_warning_and_of_its_end() -> None:
    stage = holding(SOUND, SOUND)
    open_day(stage, TUESDAY, WARNED, SOUND, limit_ppm=50_000)
    open_day(stage, WEDNESDAY, WARNED, SOUND, limit_ppm=50_000)
    open_day(stage, THURSDAY, SOUND, SOUND)
    assert told(stage) == ["risk_warning", "risk_warning_lifted"]
    assert told(stage, OTHER) == []
    first = stage.notices[0]
    assert first.title_zh == "600000.SSE 被实施风险警示（ST）"
    assert "单日涨跌幅 5.00%" in first.body_zh
    assert "daily limit of 5.00%" in first.body_en
    assert "main board" in stage.notices[1].body_en


def test_the_delisting_period_after_a_warning_is_told_once() -> None:
    stage = holding(WARNED, SOUND)
    ending = WARNED._replace(risk=RiskStatus.DELISTING)
    open_day(stage, TUESDAY, ending, SOUND)
    open_day(stage, WEDNESDAY, ending, SOUND)
    assert told(stage) == ["delisting_period"]


def test_a_class_that_changes_alone_is_told_with_its_name() -> None:
    stage = holding(SOUND._replace(holding_class=HoldingClass.RISK_WARNING), SOUND)
    open_day(stage, TUESDAY, SOUND._replace(holding_class=HoldingClass.WIDE_20), SOUND)
    assert told(stage) == ["class_changed"]
    assert "涨跌幅 20% 板块" in stage.notices[0].body_zh
    assert "boards with a 20% limit" in stage.notices[0].body_en


def test_a_suspension_then_a_resumption_under_a_warning() -> None:
    stage = holding(SOUND, SOUND)
    open_day(stage, TUESDAY, SOUND, SOUND._replace(suspended=1))
    open_day(stage, WEDNESDAY, SOUND, WARNED)
    assert told(stage) == ["share_suspended", "share_resumed", "risk_warning"]
    assert "90.00%" in stage.notices[0].body_zh


def test_the_day_before_is_kept_over_a_restart() -> None:
    stage = holding(SOUND, SOUND)
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(stage.projection.book), type=Book)
    stage.projection.book = kept
    open_day(stage, TUESDAY, WARNED, SOUND)
    assert told(stage) == ["risk_warning"]


def test_a_book_from_before_this_was_kept_tells_nothing_on_its_first_day() -> None:
    stage = holding(SOUND, SOUND)
    stage.projection.book.standings = []
    open_day(stage, TUESDAY, WARNED, SOUND)
    assert told(stage) == []
