"""What a soak promises, held against what was seen. Each broken promise is one line."""

import statistics
from collections.abc import Callable, Iterator

from bench.soak.diary import MIB, Sample
from bench.soak.plan import Tally
from bench.soak.processes import HealthLine, Trouble
from bench.vitals import Vitals

WARM_UP = 1 / 3  # of the samples
ROOM = 16 * MIB  # that memory may have grown by beyond what is known to grow
REMEMBERED_BYTES = 700  # of a command that a repeat of is answered from memory
FEWEST_S = 180.0  # after warm-up, that a slope can be seen in


def memory(samples: list[Sample]) -> tuple[str, list[str]]:
    """The figures, and the promise: flat after warm-up.

    Compared are the medians of the first and the last quarter of what follows the warm-up. What
    the engine's tables and the day's remembered commands have grown by is taken off: both follow
    from the orders of the day, and are counted by the server itself.
    """
    warm = samples[int(len(samples) * WARM_UP) :]
    quarter = max(2, len(warm) // 4)
    first, last = warm[:quarter], warm[-quarter:]

    def grown(figure: Callable[[Sample], float]) -> float:
        return statistics.median(map(figure, last)) - statistics.median(map(figure, first))

    rss = grown(lambda sample: sample.vitals.rss)
    engine = grown(lambda sample: sample.health.state_bytes)
    remembered = grown(lambda sample: sample.health.remembered) * REMEMBERED_BYTES
    rest = rss - max(0.0, engine) - max(0.0, remembered)
    minutes = (last[-1].at_s - first[0].at_s) / 60
    text = (
        f"memory: RSS {rss / MIB:+.1f} MiB in the {minutes:.1f} minutes after warm-up, of which"
        f" engine {engine / MIB:+.1f}, remembered commands {remembered / MIB:+.1f},"
        f" unexplained {rest / MIB:+.1f} (bound {ROOM / MIB:.0f})"
    )
    if last[-1].at_s - first[0].at_s < FEWEST_S:
        return f"{text}; too short to judge", []
    return text, [f"memory is not flat: {rest / MIB:.1f} MiB unexplained"] if rest > ROOM else []


def stalls(samples: list[Sample], goal_ms: float) -> tuple[str, list[str]]:
    """The longest wait for the loop, and the part that was the server's own work.

    The promise is about that part: the rest is the machine's, which the clients keep busy too.
    """
    worst = max((sample.health for sample in samples), key=lambda health: health.late_ms)
    busiest = max((sample.health for sample in samples), key=lambda health: health.busiest_ms)
    p99 = statistics.median(sample.health.late_p99_ms for sample in samples)
    text = (
        f"event loop: longest wait {worst.late_ms:.1f} ms (its thread busy {worst.busy_ms:.1f} ms"
        f"{'; ' + worst.doing if worst.doing else ''}), p99 {p99:.1f} ms,"
        f" longest own work {busiest.busiest_ms:.1f} ms"
    )
    if not goal_ms or busiest.busiest_ms <= goal_ms:
        return text, []
    return text, [f"event loop: {busiest.busiest_ms:.1f} ms of its own work, goal {goal_ms:.0f}"]


def left_behind(
    before: tuple[HealthLine, Vitals], after: tuple[HealthLine, Vitals]
) -> tuple[str, list[str]]:
    """The promise: once the clients have gone there is no task, session or file more than before.

    Threads of the pools are started when first used, so only their number is said.
    """
    (idle, idle_vitals), (end, end_vitals) = before, after
    text = (
        f"without clients, before and after: tasks {idle.tasks} and {end.tasks},"
        f" files {idle_vitals.files} and {end_vitals.files},"
        f" threads {idle_vitals.threads} and {end_vitals.threads}"
    )
    broken: list[str] = []
    if end.connections or end.sessions:
        broken.append(f"{end.connections} connections and {end.sessions} sessions are left behind")
    if end.tasks > idle.tasks:
        broken.append(f"{end.tasks - idle.tasks} tasks are left behind")
    if end_vitals.files > idle_vitals.files + FILES_OF_POOLS:
        broken.append(f"{end_vitals.files - idle_vitals.files} files are left open")
    return text, broken


FILES_OF_POOLS = 12  # connections of the database's pool, each with its log and its index


def clients(tally: Tally, *, long_enough: bool) -> tuple[str, list[str]]:
    """The promise: every request is answered once, every order is there once, all came back."""
    text = (
        f"clients: {tally.asked:,} requests, {tally.orders:,} orders acknowledged"
        f" ({tally.refused:,} of them refused), {tally.fills:,} fills, {tally.frames:,} frames;"
        f" {tally.checked:,} orders compared with the record;"
        f" {tally.resumed:,} sessions resumed, {tally.repeated:,} orders repeated,"
        f" {tally.gaps} gaps, slow one cut off {tally.cut} times, {tally.rubbish:,} pieces of"
        " rubbish"
    )
    broken = list(tally.broken)
    if long_enough and not tally.cut:
        broken.append("the slow client was never cut off")
    wanted = ("orders", "fills", "resumed", "rubbish", "checked")
    broken += [f"nothing was seen of: {name}" for name in wanted if not getattr(tally, name)]
    return text, broken


def troubles(found: list[Trouble]) -> Iterator[str]:
    """The promise: the server has nothing to complain of but the machine.

    A slow loop is judged above; a slow disk is the machine's, and what the server does about it is
    a promise kept.
    """
    for trouble in found:
        if not any(event in trouble.text for event in ("loop_stalled", "slow_disk")):
            yield f"the server's log: {trouble.text:.300}"
