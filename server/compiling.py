"""Compiling the kernels once, with something to look at meanwhile."""

import time
from collections.abc import Callable
from threading import Event, Thread

from server.engine.jit import CACHE_DIR, DISABLED

TYPICAL_S = 100


def is_compiled(entry: str = "kernel.run") -> bool:
    """Whether an entry of this very engine's kernels lies compiled in the cache."""
    return DISABLED or any(CACHE_DIR.rglob(f"{entry}-*.nbi"))


def compile_kernels(
    progress: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> None:
    """Loads the kernels, compiling them first where that has not been done.

    `progress` gets a line at the start, every second, and at the end of a compilation; nothing
    when the cache has it all.
    """
    if is_compiled():
        _touch_kernels()
        return
    done = Event()
    started = clock()
    progress(f"编译风险引擎（仅首次，约 {TYPICAL_S} 秒） / compiling the engine (once)")

    def report() -> None:
        while not done.wait(1.0):
            progress(f"… {clock() - started:.0f} s")

    reporter = Thread(target=report, name="compile-progress", daemon=True)
    reporter.start()
    try:
        _touch_kernels()
    finally:
        done.set()
        reporter.join()
    progress(f"编译完成 / compiled in {clock() - started:.0f} s")


def _touch_kernels() -> None:
    """Runs each compiled entry once: an engine with one account, one instrument, one position."""
    import numpy as np

    from server.engine import assess, calls, queries, systemic
    from server.engine.building import account_open, instrument_add
    from server.engine.codes import AccountClass, OrderType, Side
    from server.engine.engine import Engine
    from server.engine.tables import pack, unpack
    from server.engine.what_if import what_if

    engine = Engine()
    for command in (instrument_add(0, "000001.SZSE"), account_open(1, AccountClass.CASH, 0)):
        engine.apply(command)
    engine.state.positions[0]["instrument"] = 0  # else the row of no position at all
    engine.state.accounts[0]["product"] = 0  # nor of no product
    queries.position_sellable(engine, 0)
    queries.withdrawable(engine, 0)
    assess.credit_of(engine.workspace, 0)
    assess.lowest_sale_of(engine.workspace, 0)
    assess.refund_of(engine.workspace, 0)
    calls.indicative(engine.workspace, 0)
    what_if(engine, 0, 0, Side.BUY, OrderType.LIMIT, 0, 0)
    sums = [np.zeros(size, np.int64) for size in (1, 1, systemic.CELLS)]
    systemic.count_market(engine.workspace, *sums)
    systemic.count_accounts(engine.workspace, *sums)
    unpack(pack(engine.state))
