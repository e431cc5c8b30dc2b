"""The service on a real sequencer: notices on record, and everything again after a restart."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.engine import building, records
from server.engine.codes import Event, Family, NoticeStage
from server.engine.engine import Engine
from server.engine.terms import MoreTerms
from server.journal.memory import MemoryJournal
from server.protocol.desk_acts import DeskHold, DeskReduce, DeskRelease
from server.risk.codes import Channel
from server.risk.schema import METADATA, NOTICES, OUTBOX, STATEMENTS
from server.risk.service import UnknownNotice
from server.risk.statements import check_statement
from server.risk.times import market_time
from server.risk.writer import RiskStoreFailed
from tests.risk.house import House, open_house
from tests.risk.stage import (
    MONDAY,
    OTHER,
    PERSON,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    YUAN,
    Commands,
    Stage,
    product_terms,
)

OFFICER, SECOND = 7, 8
THURSDAY_NOON = market_time(THURSDAY, time(12, 0))
ACCOUNT = 3  # the contract: after the market's and the persons' accounts


def recorded(*, until_tuesday: bool = False, from_tuesday: bool = False) -> list[Commands]:
    """What market and client send: bought on Monday, locked on Tuesday, bid for on Wednesday."""
    stage = Stage(acting=False)
    stage.open_day(MONDAY)
    account = stage.contract(4, 100_000)
    assert account == ACCOUNT
    stage.buy(account, 0, 50_000, 10 * YUAN)
    stage.close_day()
    stage.open_day(TUESDAY)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, None])
    stage.close_day()
    first = len(stage.batches)
    stage.open_day(WEDNESDAY, references=[9, 10])
    stage.frame(85_000, 10 * YUAN)
    batches = [batch.commands for batch in stage.batches]
    if until_tuesday:
        return batches[:first]
    return batches[first:] if from_tuesday else batches


def tables(house: House) -> list[list[Any]]:
    """Every row of every projected table."""
    with house.store._database.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (NOTICES, OUTBOX, STATEMENTS)
        ]


def lose_tables(directory: Path) -> None:
    for file in directory.glob("risk.sqlite*"):
        file.unlink()


def stages(journal: MemoryJournal, number: int) -> list[tuple[int, int]]:
    """(stage, channel) on record for a notice."""
    engine = Engine()
    found: list[tuple[int, int]] = []
    for batch in journal.batches():
        events = engine.apply(batch.commands)
        told = events[events["kind"] == Event.NOTICE_RECORDED].view(records.NOTICE_EVENT)
        found += [
            (int(e["stage"]), int(e["channel"])) for e in told if int(e["notice_id"]) == number
        ]
    return found


async def test_each_notice_is_pushed_and_its_two_channels_are_on_record(tmp_path: Path) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        await house.play(recorded())
        notices = await house.risk.notices_of(PERSON)
        assert [n for _, n in house.told] == list(reversed(notices))
        assert {person for person, _ in house.told} == {PERSON}
        assert notices[0].code == "statement_ready"
        assert await house.risk.notices_of(OTHER) == []
    sent = [(NoticeStage.SENT, Channel.IN_APP), (NoticeStage.SENT, Channel.OUTBOX)]
    assert all(stages(journal, notice.notice_id) == sent for notice in notices)


async def test_delivery_and_acknowledgement_are_on_record_once(tmp_path: Path) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        await house.play(recorded(until_tuesday=True))
        notice = (await house.risk.notices_of(PERSON))[0]
        house.risk.delivered(notice)
        await house.risk.acknowledge(PERSON, notice.notice_id)
        await house.risk.acknowledge(PERSON, notice.notice_id)
        (again,) = [
            n for n in await house.risk.notices_of(PERSON) if n.notice_id == notice.notice_id
        ]
        assert (notice.acknowledged, again.acknowledged) == (False, True)
        with pytest.raises(UnknownNotice):
            await house.risk.acknowledge(OTHER, notice.notice_id)
    assert stages(journal, notice.notice_id)[2:] == [
        (NoticeStage.DELIVERED, Channel.IN_APP),
        (NoticeStage.ACKNOWLEDGED, Channel.IN_APP),
    ]


async def test_what_is_not_acknowledged_stays_in_sight_however_old(tmp_path: Path) -> None:
    async with open_house(MemoryJournal(), tmp_path) as house:
        await house.play(recorded())
        notices = await house.risk.notices_of(PERSON)
        for notice in notices[:-2]:
            await house.risk.acknowledge(PERSON, notice.notice_id)
        assert len(notices) > 4
        left = await house.risk.notices_of(PERSON, limit=3)
        assert [n.notice_id for n in left] == [n.notice_id for n in (notices[0], *notices[-2:])]


@pytest.mark.parametrize("snapshots", [True, False])
async def test_a_liquidation_goes_on_after_a_restart(tmp_path: Path, snapshots: bool) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path, snapshots=snapshots) as house:
        await house.play(recorded(until_tuesday=True))
        assert house.risk.is_liquidating(ACCOUNT)
        before = await house.risk.notices_of(PERSON)
    async with open_house(journal, tmp_path, snapshots=snapshots) as house:
        assert house.risk.is_liquidating(ACCOUNT)
        assert await house.risk.notices_of(PERSON) == before
        await house.play(recorded(from_tuesday=True))
        assert not house.risk.is_liquidating(ACCOUNT)
        (statement,) = await house.risk.statements_of(PERSON)
        check_statement(statement)
        assert statement.account == ACCOUNT
        assert await house.risk.statements_of(PERSON, ACCOUNT) == [statement]
        assert await house.risk.statements_of(OTHER) == []
    ends = {batch.last_seq: batch.digest.hex() for batch in journal.batches()}
    assert ends[statement.last_seq] == statement.digest


async def test_lost_tables_are_made_again_from_the_journal(tmp_path: Path) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        await house.play(recorded())
        notice = (await house.risk.notices_of(PERSON))[3]
        await house.risk.acknowledge(PERSON, notice.notice_id)
        assert await house.risk.notices_of(PERSON)
        before = tables(house)
    lose_tables(tmp_path)
    async with open_house(journal, tmp_path) as house:
        assert tables(house) == before
        assert [len(rows) > 0 for rows in before] == [True, True, True]
        assert house.told == []


async def test_what_a_stop_kept_from_being_sent_is_sent_at_the_start(tmp_path: Path) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        house.sequencer.post = lambda commands, time=None: None  # type: ignore[method-assign]
        house.risk._sequencer = house.sequencer
        await house.play(recorded(until_tuesday=True))
        told = list(house.told)
        assert told
    async with open_house(journal, tmp_path) as house:
        await house.quiet()
        assert house.told[: len(told)] == told
        assert stages(journal, told[0][1].notice_id)


async def test_a_hold_is_kept_over_a_restart(tmp_path: Path) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        await house.play(recorded(until_tuesday=True))
        await house.risk.desk.hold(OFFICER, DeskHold(0, ACCOUNT, THURSDAY_NOON, "disputed", "h"))
    async with open_house(journal, tmp_path) as house:
        await house.play(recorded(from_tuesday=True))
        assert house.risk.is_liquidating(ACCOUNT)
        await house.risk.desk.release(OFFICER, DeskRelease(0, ACCOUNT, "settled", "r1"))
        await house.risk.desk.release(SECOND, DeskRelease(0, ACCOUNT, "agreed", "r2"))
        await house.quiet()
        assert not house.risk.is_liquidating(ACCOUNT)


async def test_the_state_of_a_call_says_what_would_cure_it_now(tmp_path: Path) -> None:
    stage = Stage(acting=False)
    stage.open_day(MONDAY)
    account = stage.contract(2, 100_000)
    stage.buy(account, 0, 30_000, 10 * YUAN)
    stage.close_day()
    stage.open_day(TUESDAY)
    stage.frame(9 * YUAN, 10 * YUAN)
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10])
    stage.frame(83_000, 10 * YUAN)
    stage.frame(82_500, 10 * YUAN)
    async with open_house(MemoryJournal(), tmp_path) as house:
        await house.play(batch.commands for batch in stage.batches)
        call = house.risk.call_of(account)
        assert call is not None
        assert call.deposit == 12_500 * YUAN + 100  # 247,500 to 260,000, and a fen
        assert house.risk.call_of(1) is None
        assert not house.risk.is_forced(account)
        await house.risk.desk.reduce(OFFICER, DeskReduce(0, account, "at once", "m"))
        await house.quiet()
        assert house.risk.call_of(account) is None


async def test_a_settlement_asked_for_by_the_client_has_a_statement_too(tmp_path: Path) -> None:
    stage = Stage(acting=False, rate_ppm=72_000)
    stage.open_day(MONDAY)
    account = stage.contract(2, 100_000)
    stage.run(building.accrue(3), building.contract_settle(account, 1))
    async with open_house(MemoryJournal(), tmp_path) as house:
        await house.play(batch.commands for batch in stage.batches)
        (statement,) = await house.risk.statements_of(PERSON)
        check_statement(statement)
        amounts = {line.key: line.amount for line in statement.lines}
        assert statement.kind == "settlement"
        assert amounts["opening_cash"] == 300_000 * YUAN
        assert amounts["repay_interest"] == -120 * YUAN  # 200,000 x 7.2 % / 360 x 3
        assert amounts["transfer_out"] == -99_880 * YUAN
        assert amounts["life_interest"] == -120 * YUAN
        assert (amounts["life_fees"], amounts["life_realised"]) == (0, 0)


async def test_a_settlement_whose_rest_waits_has_a_statement_that_adds_up(tmp_path: Path) -> None:
    stage = Stage(acting=False, rate_ppm=72_000)
    stage.open_day(MONDAY)
    first = product_terms(2, 72_000)._replace(class_cap_ppm=(1_000_000, 0, 0, 0))
    terms = MoreTerms(Family.FIXED, term_days=180, release_sessions=1, early_fee_ppm=1_000)
    stage.run(building.product(0, first), building.product_terms(0, terms))
    account = stage.contract(2, 100_000)
    stage.run(building.accrue(3), building.repay(account, 50_000 * YUAN))
    stage.run(building.contract_settle(account, 1))
    async with open_house(MemoryJournal(), tmp_path) as house:
        await house.play(batch.commands for batch in stage.batches)
        (statement,) = await house.risk.statements_of(PERSON)
        check_statement(statement)
        amounts = {line.key: line.amount for line in statement.lines}
        assert amounts["early_fee"] == -200 * YUAN  # 0.1 % of the 200,000 at the opening
        assert amounts["to_release"] == amounts["closing_cash"] == 99_680 * YUAN
        assert "transfer_out" not in amounts
        assert amounts["life_interest"] == -120 * YUAN


async def test_a_contract_that_owes_nothing_any_more_has_a_settlement_statement(
    tmp_path: Path,
) -> None:
    stage = Stage(acting=False, rate_ppm=72_000)
    stage.open_day(MONDAY)
    first = product_terms(2, 72_000)._replace(class_cap_ppm=(1_000_000, 0, 0, 0))
    terms = MoreTerms(Family.FIXED, term_days=180, release_sessions=1)
    stage.run(building.product(0, first), building.product_terms(0, terms))
    account = stage.contract(2, 100_000)
    stage.run(building.accrue(3), building.repay(account, 200_120 * YUAN))
    stage.run(building.contract_settle(account, 1))
    async with open_house(MemoryJournal(), tmp_path) as house:
        await house.play(batch.commands for batch in stage.batches)
        (statement,) = await house.risk.statements_of(PERSON)
        check_statement(statement)
        amounts = {line.key: line.amount for line in statement.lines}
        assert amounts["to_release"] == amounts["opening_cash"] == 99_880 * YUAN
        assert amounts["life_interest"] == -120 * YUAN


async def test_tables_that_cannot_be_written_are_said_to_be_and_made_good_later(
    tmp_path: Path,
) -> None:
    journal = MemoryJournal()
    async with open_house(journal, tmp_path) as house:
        METADATA.drop_all(house.store._database)
        await house.play(recorded(until_tuesday=True))
        with pytest.raises(RiskStoreFailed):
            await house.risk.notices_of(PERSON)
        assert house.risk.is_liquidating(ACCOUNT)
        told = [notice.notice_id for _, notice in house.told]
    async with open_house(journal, tmp_path) as house:
        notices = await house.risk.notices_of(PERSON)
        assert [notice.notice_id for notice in reversed(notices)] == told


def test_notices_put_on_record_at_once_are_those_put_on_record_one_by_one() -> None:
    rows = [(7, 900, 3, 1, 1), (7, 900, 3, 1, 2), (8, 901, 4, 1, 1)]
    accounts, ids, codes, _, channels = zip(*rows, strict=True)
    together = building.notices(accounts, ids, codes, 1, channels)
    assert together.tobytes() == building.concat([building.notice(*row) for row in rows]).tobytes()
