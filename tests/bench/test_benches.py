"""The benches measure what they say: a small one of each kind, and no figure asserted."""

from pathlib import Path

import numpy as np
import pytest

from bench import __main__ as benches
from bench.flow import Flow
from bench.kernel import command_cost, price_cost
from bench.long_journal import History, write_history
from bench.machine import description
from bench.matching import plain_ns, report, row_of, streams
from bench.message_stream import made_stream
from bench.population import HOLDINGS, SHARES, Population
from bench.recovery import Questions
from bench.table import print_table
from server.engine.codes import Command, Event
from server.engine.engine import Engine
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.journal.verification import verify
from tests.shared_data import shared_data


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(instruments=5, accounts=40)


def test_everybody_holds_shares_that_may_be_sold(population: Population) -> None:
    positions = population.engine.state.positions
    held = positions[(positions["account"] > 0) & (positions["quantity"] > 0)]
    assert len(held) == 40 * HOLDINGS
    assert (held["quantity"] == SHARES).all()
    assert (held["bought_today"] == 0).all()


def test_the_flow_is_the_mix_it_says_and_replays_alike() -> None:
    population = Population(instruments=5, accounts=400)
    snapshot = population.engine.snapshot()
    flow = Flow(population, 16_384)
    shares = {kind: (flow.commands["kind"] == kind).mean() for kind in Command}
    assert shares[Command.CANCEL] == pytest.approx(0.35, abs=0.05)
    assert shares[Command.ORDER] + shares[Command.CANCEL] == 1.0
    events = type(population.engine).restore(snapshot).apply(flow.commands)
    assert len(events) == flow.events
    kinds = np.bincount(events["kind"], minlength=64)
    assert kinds[Event.TRADE] > 1_600
    assert kinds[Event.ORDER_CANCELLED] > 3_000
    assert kinds[Event.ORDER_REJECTED] < 400


def test_with_every_rule_on_the_same_flow_makes_the_same_trades() -> None:
    plain, ruled = (Population(instruments=5, accounts=400, rules=rules) for rules in (False, True))
    assert ruled.engine.state_hash() != plain.engine.state_hash()
    first, second = (Flow(population, 4_096) for population in (plain, ruled))
    columns = ["kind", "account", "instrument", "origin"]  # not seq and time: a day had more
    assert (first.commands[columns] == second.commands[columns]).all()
    assert first.events == second.events


def test_costs_are_per_command_and_per_price(population: Population) -> None:
    snapshot = population.engine.snapshot()
    assert command_cost(snapshot, Flow(population, 1_024), batch=16, runs=1) > 0
    assert price_cost(holders=10, runs=1) > 0


def test_a_made_stream_is_of_every_kind_and_the_same_again() -> None:
    stream = made_stream(4_000, resting=300)
    assert stream.messages.tobytes() == made_stream(4_000, resting=300).messages.tobytes()
    assert (np.bincount(stream.messages["kind"]) > 200).all()
    assert stream.messages["ioc"].sum() > 100
    assert plain_ns(stream.messages) > 0


def test_the_book_is_measured_on_made_streams_where_there_is_no_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(runs=1, shared=tmp_path, made=2_000)
    out = capsys.readouterr().out
    assert "no public workload" in out
    assert "made, 1,000 resting" in out


@pytest.mark.needs_data
def test_the_book_is_measured_on_the_public_workload_and_the_day() -> None:
    rows = [row_of(stream, runs=1) for stream in streams(shared_data(), made=2_000)]
    figures = {row[0]: row[1:4] for row in rows}
    assert figures["flash1_normal_s23_first50000"] == ("50,000", "55,210", "1,554")
    assert figures["day SH601825_20230711"][2] == "5,370"


def test_the_machine_is_described() -> None:
    assert all(name and value for name, value in description())


def test_a_table_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("title", ("name", "figure"), [("a", "1"), ("long name", "1,000")])
    _, title, *lines = capsys.readouterr().out.splitlines()
    assert title == "title"
    assert lines == ["name       figure", "a               1", "long name   1,000"]


def test_an_unknown_bench_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "nothing"])
    with pytest.raises(SystemExit) as stopped:
        benches.main()
    assert stopped.value.code == 2
    assert "no bench named nothing" in capsys.readouterr().err


def test_a_long_journal_is_one_that_a_server_could_have_left(tmp_path: Path) -> None:
    made = History(
        8_000, batch=5, day=4_000, instruments=5, accounts=40, snapshot_every=3_000, spacing=4_000
    )
    count = write_history(tmp_path / "data", made)
    journal = SqliteJournal.open(tmp_path / "data" / "journal.db", read_only=True)
    snapshots = SnapshotStore(tmp_path / "data" / "snapshots")
    verified = verify(journal, snapshots, Engine)
    journal.close()
    assert verified.commands >= 8_000
    assert verified.batches == count
    assert verified.commands / count == pytest.approx(5, rel=0.1)
    assert len(verified.closed) >= 2
    assert verified.agreed[-1].seq == verified.commands

    questions = Questions(tmp_path / "data")
    questions.starts()
    questions.looks_back()
    questions.whole()
    questions.journal.close()
    assert len(questions.clock.rows) >= 13
