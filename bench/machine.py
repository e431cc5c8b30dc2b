"""The machine a figure was measured on. `python -m bench.machine` prints it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "numba", "msgspec", "websockets", "textual", "SQLAlchemy", "apsw")


def processor() -> str:
    """The model's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Those this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_gib() -> float:
    """0 where the system does not tell."""
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return 0.0
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def load() -> str:
    """Of the last minute: other work on the machine makes every figure worse."""
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def description() -> list[tuple[str, str]]:
    return [
        ("processor", processor()),
        ("cores", str(cores())),
        ("memory", f"{memory_gib():.1f} GiB"),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES)),
        ("load before", load()),
    ]


def report() -> None:
    print("machine")
    for name, value in description():
        print(f"{name:<12}{value}", flush=True)


if __name__ == "__main__":
    report()
