"""A process as Linux sees it: memory, open files, threads, CPU time. Needs /proc."""

import os
from pathlib import Path

import msgspec


class Vitals(msgspec.Struct, frozen=True):
    rss: int  # bytes
    pss: int  # its fair share of what it has in common with others
    files: int
    threads: int
    cpu_s: float


def vitals(process: int) -> Vitals:
    """Raises OSError when there is no such process, or no /proc."""
    root = _root(process)
    memory = _fields(root / "smaps_rollup")
    return Vitals(
        rss=memory["Rss"] * 1_024,
        pss=memory["Pss"] * 1_024,
        files=len(os.listdir(root / "fd")),  # noqa: PTH208  names alone, links are not followed
        threads=_fields(root / "status")["Threads"],
        cpu_s=cpu_s(process),
    )


def cpu_s(process: int) -> float:
    """Processor time it has used; raises as `vitals` does."""
    # The name of the program, in brackets, may hold anything; figures follow it.
    figures = (_root(process) / "stat").read_text().rpartition(")")[2].split()
    return (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK")


def _root(process: int) -> Path:
    return Path("/proc") / str(process)


def _fields(path: Path) -> dict[str, int]:
    """The lines `Name:   123 kB` of a file of /proc."""
    found: dict[str, int] = {}
    for line in path.read_text().splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdecimal():
            found[name] = int(words[0])
    return found
