"""`python -m bench [machine|start|kernel|matching|round_trip|…]`: all benches, or some."""

import argparse
from collections.abc import Callable


def _machine() -> None:
    from bench.machine import report

    report()


def _kernel() -> None:
    from bench.kernel import report

    report()


def _matching() -> None:
    from bench.matching import report

    report()


def _round_trip() -> None:
    from bench.round_trip import report

    for market in ("quiet", "demo"):
        report(market=market)


def _throughput() -> None:
    from bench.throughput import report

    for market in ("quiet", "demo"):
        report(market=market)


def _client_frame() -> None:
    from bench.client_frame import report

    report(frames=100, hz=20)


def _finder() -> None:
    from bench.finder import report

    report()


def _what_if() -> None:
    from bench.what_if import report

    report()


def _desk() -> None:
    from bench.desk import report

    report()


def _start() -> None:
    from bench.start import report

    report()


def _mass_day() -> None:
    from bench.mass_day import report

    report()


def _recovery() -> None:
    from bench.recovery import report

    report()


BENCHES: dict[str, Callable[[], None]] = {
    "machine": _machine,
    "start": _start,
    "kernel": _kernel,
    "matching": _matching,
    "finder": _finder,
    "what_if": _what_if,
    "desk": _desk,
    "round_trip": _round_trip,
    "throughput": _throughput,
    "client_frame": _client_frame,
    "recovery": _recovery,
    "mass_day": _mass_day,
}


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench", description="measure, and print tables")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names: list[str] = parser.parse_args().names or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in names:
        BENCHES[name]()


if __name__ == "__main__":
    main()
