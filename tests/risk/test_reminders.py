"""Reminders of a call: at the published cadence, by market time, until acknowledged (6.5)."""

from datetime import time

import pytest

from server.engine import building
from server.engine.codes import NoticeStage
from server.risk.codes import Channel, NoticeCode
from server.risk.reminders import cadence_of, next_reminder
from server.risk.times import market_time
from tests.risk.stage import THURSDAY, WEDNESDAY, YUAN, Stage
from tests.risk.test_reduction import PRICE, called


def _told(stage: Stage, account: int) -> list[str]:
    return [code for code in stage.codes(account) if code == "call_reminder"]


def _tick(stage: Stage, hour: int, minute: int) -> None:
    stage.at(hour, minute)
    stage.frame(PRICE, 10 * YUAN)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (time(10, 0), time(11, 0)),  # every hour since the crossing at 10:00
        (time(10, 59, 59), time(11, 0)),
        (time(11, 0), time(12, 0)),
        (time(13, 30), time(14, 0)),
        (time(14, 0), time(14, 20)),  # 10 minutes before; 30 before is 14:00 itself
        (time(14, 20), None),
    ],
)
def test_the_cadence_is_every_hour_and_shortly_before_the_deadline(
    after: time, expected: time | None
) -> None:
    assert cadence_of(WEDNESDAY).every_minutes == 60
    opened, deadline = market_time(WEDNESDAY, time(10)), market_time(WEDNESDAY, time(14, 30))
    found = next_reminder(market_time(WEDNESDAY, after), deadline, WEDNESDAY, opened)
    assert found == (market_time(WEDNESDAY, expected) if expected else 0)


def test_there_is_no_cadence_before_the_table_begins() -> None:
    with pytest.raises(LookupError):
        next_reminder(0, 1, 19891231)


def test_a_call_is_told_of_again_until_its_deadline() -> None:
    stage, account = called(time(10, 0))
    for hour, minute, count in (
        *((10, 59, 0), (11, 0, 1), (11, 30, 1), (12, 1, 2), (13, 59, 3), (14, 0, 4)),
        *((14, 20, 5), (14, 29, 5)),
    ):
        _tick(stage, hour, minute)
        assert len(_told(stage, account)) == count, (hour, minute)
    notice = next(n for n in reversed(stage.notices) if n.code == "call_reminder")
    assert "第 5 次" in notice.title_zh
    # 249,000 of 200,000: 11,000.01 more than 260,000 less 249,000; or 36,666.68 repaid.
    assert "11,000.01" in notice.body_en
    assert "36,666.67" in notice.body_en


@pytest.mark.parametrize("code", [NoticeCode.LINE_REDUCE, NoticeCode.CALL_REMINDER])
def test_an_acknowledgement_ends_the_reminders(code: NoticeCode) -> None:
    stage, account = called(time(10, 0))
    _tick(stage, 11, 0)
    name = code.name.lower()
    notice = next(n for n in stage.notices if n.code == name and n.account == account)
    seen = building.notice(
        account, notice.notice_id, code, NoticeStage.ACKNOWLEDGED, Channel.IN_APP
    )
    stage.run(seen)
    assert stage.book.calls[account].acknowledged
    _tick(stage, 14, 0)
    assert len(_told(stage, account)) == 1


def test_a_delivery_and_another_notice_end_nothing() -> None:
    stage, account = called(time(10, 0))
    notice = next(n for n in stage.notices if n.code == "line_reduce")
    remind = next(n for n in stage.notices if n.code == "line_remind")
    stage.run(
        building.notice(account, notice.notice_id, 3, NoticeStage.DELIVERED, Channel.IN_APP),
        building.notice(account, remind.notice_id, 1, NoticeStage.ACKNOWLEDGED, Channel.IN_APP),
    )
    _tick(stage, 11, 0)
    assert len(_told(stage, account)) == 1


def test_a_cure_ends_the_reminders_and_a_night_brings_one() -> None:
    stage, account = called(time(14, 40))  # due on Thursday
    stage.transfer(1, account, 8_000)
    stage.close_day()
    stage.open_day(THURSDAY, references=[8, 10], phase=None)
    assert len(_told(stage, account)) == 1  # for all that fell due since
    stage.transfer(1, account, 60_000)
    assert account not in stage.book.calls
    _tick(stage, 14, 20)
    assert len(_told(stage, account)) == 1
