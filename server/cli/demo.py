"""`honghe demo`: a server of its own on a simulated market, and the terminal logged in to it."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path

from server.cli.child import ServerFailed, ServerProcess
from server.options import as_options, overrides, server_options
from server.protocol.settings import ConfigError

HANGING_S = 12.0  # longer than a server may take to stop
NO_TERMINAL = (
    "honghe demo: 需要终端，标准输入或输出不是终端 / needs a terminal, this is none (a pipe or CI)"
)


def run(argv: list[str]) -> int:
    """Exit codes: 0 the trader quit, 1 the server failed, 2 no terminal or bad settings."""
    options = _parser().parse_args(argv)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(NO_TERMINAL, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)
    try:
        with data_directory(options.data, fresh=options.fresh) as (data, arguments):
            return _trade(options, data, [*arguments, *_server_arguments(options, data)])
    except ConfigError as error:
        print(f"honghe demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "honghe demo",
        parents=[server_options()],
        description="在模拟市场上打开交易终端 / open the trading terminal on a simulated market",
    )
    parser.add_argument(
        "--user",
        choices=["demo", "risk1", "risk2"],
        help="以谁登录：交易员或两位风控员 / who logs in: the trader, or one of two risk officers",
    )
    parser.add_argument("--lang", choices=["zh", "en"], help="界面语言 / the client's language")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="从头开始，旧数据目录改名保留 / start anew, the old data directory is kept renamed",
    )
    return parser


def _server_arguments(options: argparse.Namespace, data: Path) -> list[str]:
    """What the user asked for, and over it what keeps a demo to itself."""
    own = {
        "server.data_dir": str(data),
        "server.database_url": "",
        "server.host": "127.0.0.1",
        "server.port": options.port or 0,
        "server.demo": True,
    }
    config = [f"--config={options.config}"] if options.config else []
    return [*config, *as_options(overrides(options) | own)]


@contextlib.contextmanager
def data_directory(chosen: str | None, *, fresh: bool) -> Generator[tuple[Path, list[str]]]:
    """The directory and the server's arguments for it; without a choice one that does not stay."""
    if chosen is not None:
        path = Path(chosen).expanduser().resolve()
        if fresh and path.exists():
            path.rename(_unused(path))
        path.mkdir(parents=True, exist_ok=True)
        yield path, []
        return
    path = Path(tempfile.mkdtemp(prefix="honghe-demo-"))
    try:
        yield path, ["--ephemeral"]
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _unused(path: Path) -> Path:
    number = 1
    while (old := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    return old


def _trade(options: argparse.Namespace, data: Path, arguments: list[str]) -> int:
    with ServerProcess(arguments, data / "server.log") as server:
        from honghe_tui.starting import hold_collection

        hold_collection()
        from honghe_tui import app  # takes as long as the server's start, so both at once

        try:
            ready = server.wait_ready(_show_progress)
        except ServerFailed as error:
            print(
                f"honghe demo: 服务器未能启动 / the server did not start: {error}", file=sys.stderr
            )
            return 1
        username = options.user or ready.username
        code = app.run(ready.url, username, ready.password, options.lang, options.config)
        if server.exit_code is not None:
            print(
                f"honghe demo: 服务器已停止 / the server stopped:\n{server.log_tail()}",
                file=sys.stderr,
            )
            return 1
        return code


def _show_progress(text: str) -> None:
    """Whole lines stay; a line that begins with … is redrawn in place."""
    sys.stdout.write(f"\r\x1b[K{text}" + ("" if text.startswith("…") else "\n"))
    sys.stdout.flush()


def _exit(number: int, _frame: object) -> None:
    """SIGTERM and SIGHUP end the demo as quitting does: the server and its directory go too.

    A client that hangs because its terminal is gone is not waited for: when this process ends,
    the server sees it and cleans up alone.
    """
    code = 128 + number
    hanging = threading.Timer(HANGING_S, os._exit, [code])
    hanging.daemon = True
    hanging.start()
    raise SystemExit(code)
