"""The soak's verdicts: each promise is kept or broken by figures made up for it."""

import os
import threading

import msgspec
import pytest

from bench.soak import judge
from bench.soak.diary import MIB, Diary, Sample
from bench.soak.plan import Plan, Tally, together
from bench.soak.processes import HealthLine, Trouble
from bench.vitals import Vitals, vitals

HEALTH = HealthLine(
    seq=1_000, connections=0, sessions=0, remembered=0, unwritten=0, state_bytes=16 * MIB,
    tasks=10, beats=100, late_p99_ms=5.0, late_ms=20.0, busy_ms=10.0, busiest_ms=12.0,
    collection_ms=1.0, doing="",
)  # fmt: skip
VITALS = Vitals(rss=300 * MIB, pss=250 * MIB, files=22, threads=12, cpu_s=1.0)
SEEN = Tally(orders=9, fills=9, resumed=1, rubbish=1, checked=9, cut=1, over=True)


def samples(growth_a_minute: int, minutes: int = 60, **health: int) -> list[Sample]:
    """One each 5 s; resident memory grows by so much, `health` figures by theirs, each minute."""
    found: list[Sample] = []
    for number in range(minutes * 12):
        passed = number / 12
        grown = {name: int(getattr(HEALTH, name) + rate * passed) for name, rate in health.items()}
        rss = int(VITALS.rss + growth_a_minute * passed)
        found.append(
            Sample(
                number * 5.0,
                msgspec.structs.replace(HEALTH, **grown),
                msgspec.structs.replace(VITALS, rss=rss),
                number,
            )
        )
    return found


def test_memory_that_does_not_grow_is_flat() -> None:
    text, broken = judge.memory(samples(0))
    assert broken == []
    assert "RSS +0.0 MiB" in text


def test_a_leak_of_a_mebibyte_a_minute_is_seen_in_an_hour() -> None:
    _, broken = judge.memory(samples(MIB))
    assert broken == ["memory is not flat: 30.0 MiB unexplained"]


def test_what_the_engine_and_the_remembered_commands_grow_by_is_no_leak() -> None:
    assert judge.memory(samples(MIB, state_bytes=MIB))[1] == []
    commands = MIB // judge.REMEMBERED_BYTES + 1
    assert judge.memory(samples(MIB, remembered=commands))[1] == []


def test_a_tables_shrinking_does_not_hide_a_leak_nor_make_one() -> None:
    assert judge.memory(samples(0, state_bytes=-MIB // 8))[1] == []


def test_two_minutes_are_too_short_for_a_slope() -> None:
    text, broken = judge.memory(samples(100 * MIB, minutes=2))
    assert broken == []
    assert text.endswith("too short to judge")


def test_only_the_loop_s_own_work_is_promised() -> None:
    waited = [Sample(0.0, msgspec.structs.replace(HEALTH, late_ms=900.0), VITALS, 0)]
    assert judge.stalls(waited, 50.0)[1] == []
    worked = [Sample(0.0, msgspec.structs.replace(HEALTH, busiest_ms=50.1), VITALS, 0)]
    assert judge.stalls(worked, 50.0)[1] == ["event loop: 50.1 ms of its own work, goal 50"]
    assert judge.stalls(worked, 0)[1] == []


@pytest.mark.parametrize(
    ("health", "seen", "broken"),
    [
        ({}, {}, []),
        ({"tasks": 12}, {}, ["2 tasks are left behind"]),
        ({"sessions": 1}, {}, ["0 connections and 1 sessions are left behind"]),
        ({}, {"files": 22 + judge.FILES_OF_POOLS}, []),
        ({}, {"files": 72}, ["50 files are left open"]),
    ],
)
def test_what_is_left_behind_is_counted(
    health: dict[str, int], seen: dict[str, int], broken: list[str]
) -> None:
    after = msgspec.structs.replace(HEALTH, **health), msgspec.structs.replace(VITALS, **seen)
    assert judge.left_behind((HEALTH, VITALS), after)[1] == broken


def test_clients_must_have_done_what_they_came_for() -> None:
    assert judge.clients(SEEN, long_enough=True)[1] == []
    lazy = msgspec.structs.replace(SEEN, cut=0, fills=0)
    assert judge.clients(lazy, long_enough=True)[1] == [
        "the slow client was never cut off",
        "nothing was seen of: fills",
    ]
    lost = msgspec.structs.replace(SEEN, broken=["order 7 is not there"])
    assert judge.clients(lost, long_enough=False)[1] == ["order 7 is not there"]


def test_the_server_s_complaints_are_broken_promises_but_for_a_slow_loop() -> None:
    found = [Trouble("warning", '{"event": "loop_stalled"}'), Trouble("error", "request_failed")]
    assert list(judge.troubles(found)) == ["the server's log: request_failed"]


def test_tallies_of_processes_are_summed_and_over_when_all_are() -> None:
    total = together([SEEN, Tally(orders=1, broken=["x"])])
    assert (total.orders, total.broken, total.over) == (10, ["x"], False)


def test_a_line_sums_up_what_is_new() -> None:
    diary = Diary()
    diary.begin()
    assert diary.line() == ""
    diary.note(HEALTH, VITALS, Tally(orders=3))
    assert "300.0" in diary.line()
    assert diary.line() == ""


def test_a_process_is_seen_by_its_number() -> None:
    seen = vitals(os.getpid())
    assert seen.rss >= seen.pss > MIB
    assert seen.threads >= threading.active_count()
    assert seen.files >= 3


def test_a_short_soak_takes_snapshots_too() -> None:
    assert Plan(minutes=1).snapshot_every < Plan().snapshot_every
