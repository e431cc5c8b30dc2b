"""`honghe audit`: proves the journal (`verify`), and shows an account at any moment (`show`).

Exit codes: 0 done and whole, 1 damage or difference, 2 cannot be done (in use, absent, usage).
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from server.cli.audit_show import run_show, show_options
from server.cli.audit_verify import run_verify
from server.config import read_config
from server.journal.errors import JournalCorrupt, JournalUnusable
from server.journal.recovery import ReplayFailed
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.protocol.settings import ConfigError, find_config

DAMAGED, IMPOSSIBLE = 1, 2

Command = Callable[[SqliteJournal, SnapshotStore, argparse.Namespace], int]


def run(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    command: Command = options.command
    language: str = options.lang
    try:
        data = _data_directory(options)
        journal = SqliteJournal.open(data / "journal.db", read_only=True)
        try:
            _compile_kernels()
            return command(journal, SnapshotStore(data / "snapshots"), options)
        finally:
            journal.close()
    except JournalCorrupt as error:
        return _fail(error.sentence(language), DAMAGED)
    except ReplayFailed as error:
        return _fail(str(error), DAMAGED)
    except JournalUnusable as error:
        return _fail(error.sentence(language), IMPOSSIBLE)
    except (ConfigError, OSError) as error:
        return _fail(str(error), IMPOSSIBLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "honghe audit", description="核对、查看日志 / check and read the journal"
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", help="数据目录 / the data directory")
    common.add_argument("--config", metavar="FILE", help="配置文件 / the config file")
    common.add_argument(
        "--lang", choices=["zh", "en"], default="zh", help="输出语言 / the output's language"
    )
    commands = parser.add_subparsers(required=True, metavar="verify | show")
    about = "核对摘要链，从头重放并比对状态 / check the chain, replay, compare the states"
    verify = commands.add_parser("verify", parents=[common], help=about, description=about)
    verify.set_defaults(command=run_verify)
    about = "账户在某一时刻的样子 / an account as it was at a moment"
    show = commands.add_parser(
        "show", parents=[common, show_options()], help=about, description=about
    )
    show.set_defaults(command=run_show)
    return parser


def _data_directory(options: argparse.Namespace) -> Path:
    given = {"server.data_dir": options.data} if options.data else {}
    path = find_config(options.config, os.environ, Path.cwd())
    return read_config(path, given).server.data_path


def _compile_kernels() -> None:
    # The kernels' cache directory must be set before anything imports numba.
    from server.compiling import compile_kernels

    compile_kernels(lambda text: print(text, file=sys.stderr, flush=True))


def _fail(sentence: str, code: int) -> int:
    print(f"honghe audit: {sentence}", file=sys.stderr)
    return code
