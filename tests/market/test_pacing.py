"""When frames are sent: the speed, pauses, idle hours, and the end."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from server.engine.building import Commands, frame_end
from server.engine.codes import MarkPolicy
from server.engine.engine import Engine
from server.market.bars import Bars
from server.market.pacing import Pacer, Pacing
from server.market.source import EngineView, MarketFrame
from server.market.universe import UniverseEntry
from server.protocol.words import MarketKind
from tests.market.play import at

SECOND = 1_000_000
START = at(20240924, "10:00")


class Frames:
    """A source of empty frames at given seconds after 10:00."""

    kind: MarketKind = "replay"
    mark_policy = MarkPolicy.SOURCE
    entries: tuple[UniverseEntry, ...] = ()
    first_date = 20240924
    interpolated_below = 0

    def __init__(self, *seconds: int) -> None:
        self._times = [START + second * SECOND for second in seconds]

    def bootstrap(self) -> Commands:
        return frame_end()

    def history(self) -> list[tuple[int, Bars]]:
        return []

    def frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        for time in self._times:
            yield MarketFrame(time, frame_end())


class World:
    """Wall time that only sleeping moves, and a sequencer that takes `work` seconds a frame."""

    def __init__(self, work: float = 0.0, wanted: int = 0) -> None:
        """`reached` is set with frame number `wanted`."""
        self.now = 100.0
        self.work = work
        self.wanted = wanted
        self.reached = asyncio.Event()
        self.sent: list[tuple[float, int]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        await asyncio.sleep(0)

    async def submit(self, commands: Commands, time: int) -> None:
        self.sent.append((round(self.now - 100, 6), (time - START) // SECOND))
        self.now += self.work
        if len(self.sent) == self.wanted:
            self.reached.set()
        await asyncio.sleep(0)

    def pacer(self, source: Frames, pacing: Pacing) -> Pacer:
        return Pacer(source, Engine(), self.submit, pacing, self.clock, self.sleep)


def walls(world: World) -> list[float]:
    return [wall for wall, _ in world.sent]


async def test_at_its_own_speed_a_second_takes_a_second() -> None:
    world = World()
    await world.pacer(Frames(0, 1, 3), Pacing(speed=1)).run()
    assert world.sent == [(0, 0), (1, 1), (3, 3)]


async def test_ten_times_as_fast() -> None:
    world = World()
    await world.pacer(Frames(0, 3, 6), Pacing(speed=10)).run()
    assert walls(world) == [0, 0.3, 0.6]


async def test_as_fast_as_it_goes_waits_for_the_engine_alone() -> None:
    world = World(work=0.02)
    await world.pacer(Frames(0, 100, 5_000), Pacing(speed=0)).run()
    assert walls(world) == [0, 0.02, 0.04]


async def test_work_does_not_add_to_the_wait() -> None:
    world = World(work=0.4)
    await world.pacer(Frames(0, 1, 2), Pacing(speed=1)).run()
    assert walls(world) == [0, 1, 2]


async def test_a_market_that_cannot_keep_up_falls_behind_and_does_not_hurry() -> None:
    world = World(work=3.0)
    pacer = world.pacer(Frames(0, 1, 2, 10), Pacing(speed=1))
    await pacer.run()
    assert walls(world) == [0, 3, 6, pytest.approx(13.75)]


async def test_idle_hours_are_cut_short() -> None:
    world = World()
    await world.pacer(Frames(0, 5_400, 5_401), Pacing(speed=1, idle_limit_s=3)).run()
    assert walls(world) == [0, 3, 4]


async def test_idle_hours_last_when_they_are_to() -> None:
    world = World()
    await world.pacer(Frames(0, 5_400), Pacing(speed=10, idle_limit_s=None)).run()
    assert walls(world) == [0, pytest.approx(540)]


async def test_frames_before_the_opening_are_not_waited_for() -> None:
    world = World()
    pacing = Pacing(speed=1, hurry_until=START + 60 * SECOND)
    await world.pacer(Frames(0, 30, 60, 61), pacing).run()
    assert walls(world) == [0, 0, 0, 1]


async def test_the_end_is_told() -> None:
    world = World()
    pacer = world.pacer(Frames(0, 1), Pacing(speed=0))
    assert pacer.status.words == ("", "")
    await pacer.run()
    status = pacer.status
    assert (status.finished, status.frames, status.date) == (True, 2, 20240924)
    assert status.market_time == START + SECOND
    assert status.words[1] == "the market's data has ended; it stays closed"


async def test_the_age_of_the_feed_is_wall_time_since_its_last_frame() -> None:
    world = World()
    pacer = world.pacer(Frames(0), Pacing(speed=1))
    await pacer.run()
    world.now += 7.5
    assert pacer.status.age_s == pytest.approx(7.5)


async def test_a_paused_market_sends_nothing_and_goes_on_where_it_was() -> None:
    world = World(wanted=3)
    pacer = world.pacer(Frames(*range(10)), Pacing(speed=1))
    task = asyncio.create_task(pacer.run())
    await world.reached.wait()
    pacer.pause()
    for _ in range(50):
        await asyncio.sleep(0)
    held = len(world.sent)
    assert pacer.status.paused
    assert pacer.status.words[1] == "the market is paused"
    world.now += 1_000
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(world.sent) == held < 10
    pacer.resume()
    await task
    assert [second for _, second in world.sent] == list(range(10))
    gaps = np.diff(walls(world)[held:])
    assert gaps == pytest.approx(1.0)


@pytest.mark.parametrize("paused", [False, True])
async def test_stop_ends_the_run_without_another_frame(paused: bool) -> None:
    world = World(wanted=2)
    pacer = world.pacer(Frames(*range(0, 10_000, 100)), Pacing(speed=1))
    task = asyncio.create_task(pacer.run())
    await world.reached.wait()
    if paused:
        pacer.pause()
    pacer.stop()
    await task
    assert len(world.sent) == 2
    assert not pacer.status.finished


async def test_the_speed_can_be_changed_under_way() -> None:
    world = World()
    pacer = world.pacer(Frames(0, 1, 2), Pacing(speed=1))
    pacer.set_speed(4)
    await pacer.run()
    assert walls(world) == [0, 0.25, 0.5]
    assert pacer.status.speed == 4
    with pytest.raises(ValueError, match="0 or more"):
        pacer.set_speed(-1)


async def test_what_the_sequencer_raises_ends_the_run() -> None:
    async def broken(commands: Commands, time: int) -> None:
        raise RuntimeError("the journal failed")

    world = World()
    pacer = Pacer(Frames(0, 1), Engine(), broken, Pacing(), world.clock, world.sleep)
    with pytest.raises(RuntimeError, match="journal failed"):
        await pacer.run()
    assert pacer.status.frames == 0
