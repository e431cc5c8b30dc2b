"""`honghe-server`: reads the config, compiles the kernels, and serves until it is told to stop.

Exit codes: 0 stopped as asked, 1 it failed, 2 its settings will not do.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import msgspec

from server.allocator import return_large_blocks
from server.config import Config, read_config
from server.journal.errors import JournalCorrupt, JournalFailed, JournalUnusable
from server.options import overrides, server_options
from server.protocol.settings import ConfigError, find_config
from server.protocol.words import Role
from server.ready import Announcer, Ready

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(argv: Sequence[str] | None = None) -> int:
    """The console script."""
    options = _parser().parse_args(argv)
    gc.disable()  # nothing that a start makes is garbage; `_listening` turns it on again
    return_large_blocks()
    announcer = Announcer(options.ready_fd)
    try:
        path = find_config(options.config, os.environ, Path.cwd())
        config = read_config(path, overrides(options))
    except ConfigError as error:
        announcer.failed(str(error))
        return 2
    if options.ephemeral:
        config = _with_its_own_key(config)
    if options.add_user:
        from server.registering import add_user

        return add_user(config, options.add_user, options.role or "trader")
    if options.set_role:
        from server.registering import set_role

        return set_role(config, options.set_role, options.role or "trader")
    for number in STOP_SIGNALS:
        signal.signal(number, _exit)
    if options.lifeline:
        threading.Thread(target=_stop_at_end_of_stdin, daemon=True).start()
    return _run(config, announcer, ephemeral=options.ephemeral)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("honghe-server", parents=[server_options()])
    parser.add_argument("--host", help="监听地址 / the address to listen on")
    parser.add_argument("--add-user", metavar="NAME", help="添加用户后退出 / add a user, and exit")
    parser.add_argument("--set-role", metavar="NAME", help="改角色后退出 / give a role, and exit")
    parser.add_argument("--role", choices=get_args(Role), help="角色 / of --add-user, --set-role")
    parser.add_argument("--ready-fd", type=int, help="announce progress and readiness there (JSON)")
    parser.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    parser.add_argument("--ephemeral", action="store_true", help="remove the data directory at end")
    return parser


def _run(config: Config, announcer: Announcer, *, ephemeral: bool) -> int:
    with contextlib.ExitStack() as cleanup:
        if ephemeral:
            cleanup.callback(shutil.rmtree, config.server.data_path, ignore_errors=True)
        try:
            _compile(announcer.progress)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_serve(config, partial(_listening, announcer)))
        except (OSError, ValueError, JournalCorrupt, JournalFailed, JournalUnusable) as error:
            if config.log.level == "debug":
                traceback.print_exc()
            announcer.failed(str(error))
            return 1
        except Exception as error:  # noqa: BLE001  (the process ends here, and says why)
            traceback.print_exc()
            announcer.failed(f"{type(error).__name__}: {error}")
            return 1
    return 0


def _with_its_own_key(config: Config) -> Config:
    """A journal that goes with its directory leaves no key behind either."""
    key = str(config.server.data_path / "journal.key")
    journal = msgspec.structs.replace(config.journal, key_file=key)
    return msgspec.structs.replace(config, journal=journal)


def _listening(announcer: Announcer, ready: Ready) -> None:
    """Collects garbage from here on, and never looks at what the start has made.

    What requests make is nearly all freed by reference counts; the rest is SQL statements, which
    are circular. They are collected by few at a time: the loop waits for 50,000 of them for 40 ms.
    """
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)
    gc.enable()
    announcer.ready(ready)


def _compile(progress: Callable[[str], None]) -> None:
    # The kernels' cache directory must be set before anything imports numba.
    from server.compiling import compile_kernels

    compile_kernels(progress)


async def _serve(config: Config, ready: Callable[[Ready], None]) -> None:
    """Cancels the server at the first signal; a second one ends the process at once."""
    from server.app import serve

    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(serve(config, ready=ready))

    def stop() -> None:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
        serving.cancel()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _exit(number: int, _frame: object) -> None:
    """Before the loop runs; the cleanup above it still happens."""
    raise SystemExit(128 + number)


def _stop_at_end_of_stdin() -> None:
    """The process that holds the other end is gone, however it ended."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
