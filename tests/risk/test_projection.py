"""The projection: the same batches give the same notices, statements and book."""

import msgspec
import pytest

from server.engine import building
from server.engine.codes import NoticeStage
from server.engine.engine import Engine
from server.risk.book import Book
from server.risk.catalogue import load_catalogue
from server.risk.codes import Channel, NoticeCode, notice_id
from server.risk.projection import Projection
from tests.risk.stage import MONDAY, RULES, TUESDAY, WEDNESDAY, YUAN, Stage


@pytest.fixture
def eventful() -> Stage:
    """Warned, called, reduced, liquidated with a locked rest: all of it in three days."""
    stage = Stage(rate_ppm=72_000)
    stage.open_day(MONDAY)
    two, four = stage.contract(2, 100_000), stage.contract(4, 100_000)
    stage.buy(two, 0, 30_000, 10 * YUAN)
    stage.buy(four, 1, 50_000, 10 * YUAN)
    stage.close_day()
    stage.run(building.accrue(1))
    stage.open_day(TUESDAY)
    stage.frame(9 * YUAN, 9 * YUAN, bids=[9 * YUAN, None])
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 9])
    stage.frame(83_000, 81_000, bids=[83_000, None])
    stage.at(14, 30)
    stage.frame(83_000, 81_000)
    return stage


def test_a_replay_of_the_batches_gives_the_same_notices_and_statements(eventful: Stage) -> None:
    engine = Engine()
    book = Book(0)
    projection = Projection(engine, book, RULES, load_catalogue())
    notices, statements = [], []
    for batch in eventful.batches:
        again = msgspec.structs.replace(batch, events=engine.apply(batch.commands))
        outcome = projection.observe(again)
        notices += [each.notice for each in outcome.issued]
        statements += [statement for _, statement in outcome.statements]
    assert {notice.code for notice in notices} >= {
        *("contract_opened", "line_remind", "line_restrict", "line_reduce", "line_liquidate"),
        *("liquidation_started", "liquidation_queued", "liquidation_order"),
        *("reduction_started", "reduction_order", "reduction_finished", "statement_ready"),
    }
    assert notices == eventful.notices
    assert statements == eventful.statements
    assert book == eventful.book
    assert engine.state_hash() == eventful.engine.state_hash()


def test_no_two_notices_share_an_id_and_every_id_fits_a_double(eventful: Stage) -> None:
    ids = [notice.notice_id for notice in eventful.notices]
    assert len(set(ids)) == len(ids)
    assert max(ids) < 2**53
    assert notice_id(2**33 - 1, 2**20 - 1) == 2**53 - 1


def test_the_book_survives_being_written_down() -> None:
    stage = Stage()
    stage.open_day(MONDAY)
    account = stage.contract(4, 100_000)
    stage.buy(account, 0, 50_000, 10 * YUAN)
    stage.frame(9 * YUAN, 10 * YUAN)  # queued by T+1: a run is open
    stage.run(building.accrue(1))
    data = msgspec.msgpack.encode(stage.book)
    assert stage.book.runs[account].opening is not None
    assert msgspec.msgpack.decode(data, type=Book) == stage.book


def test_the_record_of_a_notice_comes_back_as_its_stage(eventful: Stage) -> None:
    notice = eventful.notices[0]
    code = NoticeCode.CONTRACT_OPENED
    command = building.notice(
        notice.account, notice.notice_id, code, NoticeStage.DELIVERED, Channel.IN_APP
    )
    eventful.run(command)
    engine, projection = eventful.engine, eventful.projection
    assert engine.seq == eventful.batches[-1].last_seq
    again = msgspec.structs.replace(eventful.batches[-1])
    assert projection.observe(again).stages == [(notice.notice_id, NoticeStage.DELIVERED)]


def test_every_notice_can_be_worded_in_both_languages(eventful: Stage) -> None:
    for notice in eventful.notices:
        for text in (notice.title_zh, notice.title_en, notice.body_zh, notice.body_en):
            assert text
            assert "{" not in text
        assert str(notice.account) in notice.body_zh
        assert str(notice.account) in notice.body_en
        assert 0 <= notice.severity <= 4
