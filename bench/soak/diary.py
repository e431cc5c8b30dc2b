"""What was seen as it went: samples a few seconds apart, and a line of them each minute."""

import statistics
import time

import msgspec

from bench.soak.plan import Tally
from bench.soak.processes import HealthLine
from bench.vitals import Vitals

MIB = 1 << 20
HEAD = (
    " minute  RSS MiB  PSS MiB  engine  remembered  tasks  files  threads  CPU %  commands/s"
    "  orders/s  late p99  longest  of it busy  collection  (ms)"
)


class Sample(msgspec.Struct, frozen=True):
    at_s: float  # since the soak began
    health: HealthLine
    vitals: Vitals
    orders: int


class Diary:
    """Samples in order; `line` sums up those since the line before."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._begun = 0.0
        self._told = 0

    def begin(self) -> None:
        self._begun = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._begun

    def note(self, health: HealthLine, seen: Vitals, tally: Tally) -> None:
        self.samples.append(Sample(self.elapsed_s, health, seen, tally.orders))

    def line(self) -> str:
        """Of the time since the last line; empty when there is nothing new."""
        new = self.samples[self._told :]
        if not new:
            return ""
        before = self.samples[max(0, self._told - 1)]
        self._told = len(self.samples)
        last, passed = new[-1], max(0.001, new[-1].at_s - before.at_s)
        worst = max((each.health for each in new), key=lambda health: health.late_ms)
        cpu = (last.vitals.cpu_s - before.vitals.cpu_s) / passed * 100
        return (
            f"{last.at_s / 60:7.1f} {last.vitals.rss / MIB:8.1f} {last.vitals.pss / MIB:8.1f}"
            f" {last.health.state_bytes / MIB:7.1f} {last.health.remembered:11,}"
            f" {last.health.tasks:6} {last.vitals.files:6} {last.vitals.threads:8} {cpu:6.0f}"
            f" {(last.health.seq - before.health.seq) / passed:11,.0f}"
            f" {(last.orders - before.orders) / passed:9,.0f}"
            f" {statistics.median(each.health.late_p99_ms for each in new):9.1f}"
            f" {worst.late_ms:8.1f} {max(each.health.busiest_ms for each in new):11.1f}"
            f" {max(each.health.collection_ms for each in new):11.1f}"
        )
