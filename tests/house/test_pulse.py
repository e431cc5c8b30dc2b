"""The event loop's pulse: a long turn is noticed, named, and told from the machine's."""

import asyncio
import gc
import time

import msgspec
import structlog

from server.health import HealthReport, Load
from server.pulse import BEAT_S, Beats, Pulse, Stall

BLOCK_S = 0.15
LOAD = Load(seq=7, connections=3, sessions=2, remembered=11, unwritten=1, state_bytes=4_096)


async def beaten(pulse: Pulse, during: float) -> None:
    """One turn of the loop that takes `during` seconds of CPU, amid the pulse's beats."""
    with pulse:
        beating = asyncio.create_task(pulse.run())
        await asyncio.sleep(2 * BEAT_S)
        until = time.thread_time() + during
        while time.thread_time() < until:
            pass
        await asyncio.sleep(2 * BEAT_S)
        beating.cancel()


async def test_a_long_turn_is_seen_with_its_length_and_its_own_work() -> None:
    pulse = Pulse(stall_s=10.0)
    await beaten(pulse, BLOCK_S)
    beats = pulse.take()
    assert beats.worst.late_s >= BLOCK_S - BEAT_S
    assert BLOCK_S - BEAT_S <= beats.busiest_s <= beats.worst.late_s
    assert beats.count >= 2


async def test_waiting_is_no_work_of_the_loop() -> None:
    pulse = Pulse(stall_s=10.0)
    with pulse:
        beating = asyncio.create_task(pulse.run())
        await asyncio.sleep(0)
        time.sleep(BLOCK_S)  # noqa: ASYNC251  as a slow disk does
        await asyncio.sleep(2 * BEAT_S)
        beating.cancel()
    worst = pulse.take().worst
    assert worst.late_s >= BLOCK_S - BEAT_S
    assert worst.busy_s < worst.late_s / 2


async def test_what_was_told_is_not_told_again() -> None:
    pulse = Pulse(stall_s=10.0)
    await beaten(pulse, BLOCK_S)
    pulse.take()
    assert pulse.take() == Beats(0, 0.0, Stall(), 0.0, 0.0)


async def test_a_stall_is_a_warning_that_says_what_ran() -> None:
    from server.market import pacing

    pulse = Pulse(stall_s=0.05)
    until = 0.0

    def slow_clock() -> float:
        """Called by our own code, which is what the warning names."""
        nonlocal until
        until = until or time.monotonic() + 2 * BLOCK_S
        while time.monotonic() < until:
            pass
        return until

    with structlog.testing.capture_logs() as lines, pulse:
        beating = asyncio.create_task(pulse.run())
        await asyncio.sleep(2 * BEAT_S)
        pacing.Pacer(Nothing(), Nothing(), Nothing(), pacing.Pacing(), clock=slow_clock)
        await asyncio.sleep(2 * BEAT_S)
        beating.cancel()
    stalled = next(line for line in lines if line["event"] == "loop_stalled")
    assert stalled["log_level"] == "warning"
    assert stalled["late_ms"] >= 50
    assert stalled["doing"].startswith("server/market/pacing.py:")


class Nothing:
    """Stands where nothing is asked."""

    time = 0


async def test_the_longest_collection_is_kept_and_the_collector_left_as_it_was() -> None:
    pulse = Pulse(stall_s=10.0)
    before = list(gc.callbacks)
    with pulse:
        gc.collect()
    assert pulse.take().collection_s > 0
    assert gc.callbacks == before


async def test_a_line_says_the_load_and_the_tasks() -> None:
    report = HealthReport(Pulse(10.0), lambda: LOAD, interval_s=0.05)
    with structlog.testing.capture_logs() as lines:
        running = asyncio.create_task(report.run())
        async with asyncio.timeout(10):
            while not lines:  # noqa: ASYNC110  the log has nothing to wait on
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
    assert lines[0]["event"] == "health"
    assert msgspec.structs.asdict(LOAD).items() <= lines[0].items()
    assert lines[0]["tasks"] == len(asyncio.all_tasks()) + 2  # the report's and the pulse's


async def test_no_line_at_all_is_a_setting() -> None:
    async with asyncio.timeout(10):
        await HealthReport(Pulse(10.0), lambda: LOAD, interval_s=0).run()
