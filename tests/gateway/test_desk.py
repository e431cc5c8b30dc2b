"""The risk officer's desk over the wire: nobody else may, two for a release, all on record."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from server.engine import building, building_risk, records
from server.engine.codes import Command, Event, Side
from server.protocol.desk import DeskAccounts, DeskOverview, DeskPlan, DeskStocks, DeskStress
from server.protocol.desk_acts import (
    DeskActions,
    DeskHold,
    DeskPlatform,
    DeskPrice,
    DeskReduce,
    DeskRelease,
    DeskStop,
)
from server.protocol.messages import DeskRequest
from server.protocol.risk import LiquidationPlan
from server.protocol.session import Clock
from server.protocol.systemic import SystemicFigures
from server.risk.systemic_figures import take_figures
from tests.gateway.client import Client, client
from tests.gateway.house import OPENING, SYMBOLS, YUAN, House, house

HOUR = 3_600_000_000
FILLED: dict[type, Any] = {int: 1, str: "x"}


def _filled(kind: type[msgspec.Struct]) -> Any:
    """A request with something in every field that has no default."""
    fields = msgspec.structs.fields(kind)
    values = {f.name: FILLED.get(f.type) or get_args(f.type)[0] for f in fields if f.required}
    return kind(**values)


async def contract_of(made: House, username: str = "li", price: int = 10 * YUAN) -> int:
    """A 1:2 contract of 40,000 with 11,000 shares bought at 10.00, then marked at `price`."""
    _, cash = await made.person(username)
    await made.do(building.contract_open(cash, 0, 40_000 * YUAN))
    contract = cash + 1
    await made.quote(Side.SELL, 1_000, 11_000)
    events = await made.do(building.order(contract, 0, Side.BUY, 0, 10 * YUAN, 11_000))
    assert (events["kind"] == Event.FILL).any()
    await made.do(
        building.concat([building.frame_begin(), building.price(0, price), building.frame_end()])
    )
    return contract


@pytest.mark.parametrize("kind", get_args(DeskRequest), ids=lambda kind: kind.__name__)
async def test_nobody_but_an_officer_may_ask(kind: type[msgspec.Struct], tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as li, client(made) as wu:
        await made.person("li")
        await made.officer("wu")
        welcome = await li.login("li")
        assert welcome.role == "trader"
        before = made.engine.state_hash()
        refused = await li.ask(_filled(kind))
        assert refused.code == "not_permitted"
        assert made.engine.state_hash() == before
        assert (await wu.login("wu")).role == "risk_officer"
        answer = await wu.ask(_filled(kind))
        assert getattr(answer, "code", "") != "not_permitted"


async def test_an_officer_may_not_trade_for_others(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        contract = await contract_of(made)
        await made.officer("wu")
        await wu.login("wu")
        from server.protocol.risk import GetPlan

        assert (await wu.ask(GetPlan(0, contract))).code == "not_your_account"
        assert isinstance(await wu.ask(DeskPlan(0, contract)), LiquidationPlan)


async def test_the_overview_counts_contracts_by_ratio_and_what_is_lent(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        await contract_of(made, "li")
        await contract_of(made, "he", price=85_000)
        await made.officer("wu")
        await wu.login("wu")
        seen = await wu.ask(DeskOverview(0))
        assert (seen.contracts, seen.lent, seen.bad_debt) == (2, 160_000 * YUAN, 0)
        counted = {bar.from_ppm: bar.accounts for bar in seen.bars if bar.accounts}
        assert counted == {1_275_000: 2}  # 103,500 less fees of 80,000: both hold the share
        assert [(g.grade, g.accounts) for g in seen.grades if g.accounts] == [("restrict", 2)]
        assert sum(bar.debt for bar in seen.bars) == 160_000 * YUAN
        assert [each.debt for each in seen.largest] == [80_000 * YUAN] * 2


async def test_pages_come_worst_first_and_count_all(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        first = await contract_of(made, "li")
        second = await contract_of(made, "he")
        await made.do(building.deposit(first, 5_000 * YUAN))
        await made.officer("wu")
        await wu.login("wu")
        page = await wu.ask(DeskAccounts(0, limit=1))
        assert (page.total, [item.account for item in page.items]) == (2, [second])
        page = await wu.ask(DeskAccounts(0, offset=1, limit=1))
        assert [item.account for item in page.items] == [first]
        page = await wu.ask(DeskAccounts(0, from_grade="remind"))
        assert (page.total, page.items) == (0, [])


async def test_stress_says_who_falls_below_which_line(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        await contract_of(made)
        await made.officer("wu")
        await wu.login("wu")
        steps = (await wu.ask(DeskStress(0))).steps
        # 120,000 less fees: 150 %; 109,000: 136 %; 110,000 x 0.81 + 10,000 less fees: 123.8 %
        assert [next(g.grade for g in step.grades if g.accounts) for step in steps] == [
            "normal",
            "remind",
            "reduce",
            "liquidate",
        ]
        assert [step.loss for step in steps] == [0, 0, 0, 0]


async def _two_officers(made: House, wu: Client, qi: Client) -> int:
    contract = await contract_of(made)
    await made.officer("wu")
    await made.officer("qi")
    await wu.login("wu")
    await qi.login("qi")
    return contract


async def test_a_hold_has_an_end_and_its_release_takes_two(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        contract = await _two_officers(made, wu, qi)
        until = OPENING + HOUR
        for bad in (0, OPENING, OPENING + 6 * 24 * HOUR):
            refused = await wu.ask(DeskHold(0, contract, bad, "disputed price", "h0"))
            assert refused.code == "hold_needs_an_end"
        assert (await wu.ask(DeskHold(0, contract, until, " ", "h0"))).code == "reason_needed"
        early = await wu.ask(DeskRelease(0, contract, "settled", "r0"))
        assert early.code == "not_held"
        held = await wu.ask(DeskHold(0, contract, until, "disputed price", "h1"))
        assert (held.action, held.duplicate) == ("hold", False)
        again = await wu.ask(DeskHold(0, contract, until, "disputed price", "h1"))
        assert (again.action_id, again.duplicate) == (held.action_id, True)
        other = await wu.ask(DeskHold(0, contract, until + 1, "disputed price", "h1"))
        assert other.code == "request_id_reused"
        proposed = await wu.ask(DeskRelease(0, contract, "settled", "r1"))
        assert proposed.action == "propose_release"
        alone = await wu.ask(DeskRelease(0, contract, "settled", "r2"))
        assert alone.code == "second_officer_needed"
        assert made.risk.desk._sales.held_until(contract) == until
        released = await qi.ask(DeskRelease(0, contract, "agreed", "r1"))
        assert released.action == "release"
        assert made.risk.desk._sales.held_until(contract) == 0
        acts = (await qi.ask(DeskActions(0))).items
        assert [(a.action, a.officer, a.why) for a in acts] == [
            ("release", acts[0].officer, "agreed"),
            ("propose_release", acts[1].officer, "settled"),
            ("hold", acts[1].officer, "disputed price"),
        ]
        assert acts[0].officer != acts[1].officer
        assert acts[0].proposal == proposed.action_id


async def test_every_act_is_in_the_journal_with_its_officer(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        contract = await _two_officers(made, wu, qi)
        await wu.ask(DeskHold(0, contract, OPENING + HOUR, "disputed", "h"))
        await wu.ask(DeskReduce(0, contract, "by hand", "m"))
        commands = [
            command
            for batch in made.journal.batches()
            for command in batch.commands
            if command["origin"] == 4
        ]
        assert [int(c["kind"]) for c in commands] == [
            *(Command.DESK_ACTION, Command.DESK_ACTION, Command.CANCEL_ALL),
        ]
        told = commands[1].reshape(1).view(records.DESK_ACTION)[0]
        person = made.people.find("wu")
        assert person is not None
        assert (int(told["officer"]), int(told["account"])) == (person.id, contract)


async def test_what_is_no_open_contract_is_not_reduced(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        contract = await _two_officers(made, wu, qi)
        assert (await wu.ask(DeskReduce(0, contract - 1, "x", "a"))).code == "cannot_reduce"
        assert (await wu.ask(DeskReduce(0, 9_999, "x", "b"))).code == "unknown_account"
        assert (await wu.ask(DeskPlan(0, -1))).code == "unknown_account"
        assert (await wu.ask(DeskActions(0))).items == []


async def test_stops_prices_and_the_platform_are_switched_by_an_officer(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        contract = await _two_officers(made, wu, qi)
        both = DeskStop(0, "no_orders", "x", "s0", account=contract, person=1)
        assert (await wu.ask(both)).code == "one_subject"
        stopped = await wu.ask(DeskStop(0, "no_orders", "odd orders", "s1", account=contract))
        assert stopped.action == "stop"
        events = await made.do(building.order(contract, 0, Side.SELL, 0, 10 * YUAN, 100))
        assert events[0]["kind"] == Event.ORDER_REJECTED
        assert (await wu.ask(DeskStop(0, "none", "clear", "s2", account=contract))).action == (
            "resume"
        )
        assert (await qi.ask(DeskPlatform(0, "halted", "test", "p1"))).action == "platform_state"
        assert (await qi.ask(DeskPlatform(0, "normal", "over", "p2"))).action == "platform_state"
        priced = await qi.ask(DeskPrice(0, SYMBOLS[0], 98_000, "bad tick", "f1"))
        assert priced.action == "override_price"
        assert made.engine.state.instruments[0]["mark"] == 98_000


async def test_what_the_engine_refuses_is_refused_and_stays_so_on_record(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        await _two_officers(made, wu, qi)
        nobody = DeskStop(0, "no_orders", "drill", "s", person=9_999)
        for _ in range(2):  # a repetition is told the same
            refused = await wu.ask(nobody)
            assert refused.code == "unknown_person"
        free = await wu.ask(DeskPrice(0, SYMBOLS[0], 0, "as it was", "p"))
        assert free.code == "not_quarantined"
        done = await wu.ask(DeskStop(0, "no_buys", "drill", "i", symbol=SYMBOLS[0]))
        assert done.action == "stop"
        acts = (await wu.ask(DeskActions(0))).items
        told = [(act.action, act.refused) for act in acts]
        assert told == [
            ("stop", ""),
            ("free_price", "not_quarantined"),
            ("stop", "unknown_person"),
        ]


async def test_stocks_that_need_somebody_come_first(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as qi:
        await _two_officers(made, wu, qi)
        await wu.ask(DeskStop(0, "no_buys", "drill", "i", symbol=SYMBOLS[1]))
        found = await wu.ask(DeskStocks(0))
        assert found.total == 2
        assert [(s.symbol, s.stop, s.financed) for s in found.items] == [
            (SYMBOLS[1], "no_buys", 0),
            (SYMBOLS[0], "none", 11_000),
        ]
        assert found.items[1].float_shares == 0  # nothing says


async def test_officers_alone_get_the_platforms_figures(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as li:
        await made.person("li")
        await made.officer("wu")
        await li.login("li")
        await wu.login("wu")
        made.gateway.fanout.tell_officers(take_figures(made.engine))
        assert (await wu.wait(SystemicFigures)).state == "normal"
        await made.do(building_risk.platform_state(2, note="drill"))
        await li.wait(Clock, lambda clock: clock.platform == "reduce_only")
        assert li.of(SystemicFigures) == []
