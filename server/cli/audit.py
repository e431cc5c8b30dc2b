"""`honghe audit`: proves the journal (`verify`), shows what was (`show`), signs its head.

Exit codes: 0 done and whole, 1 damage or difference, 2 cannot be done (in use, absent, usage).
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from server.cli.audit_heads import (
    JournalRewritten,
    heads_options,
    run_key,
    run_rotate,
    run_sign,
)
from server.cli.audit_place import Place
from server.cli.audit_show import run_show, show_options
from server.cli.audit_text import DAMAGED, IMPOSSIBLE, fail
from server.cli.audit_verify import run_verify
from server.config import Config, read_config
from server.journal.errors import JournalCorrupt, JournalUnusable
from server.journal.recovery import ReplayFailed
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.protocol.settings import ConfigError, find_config

Command = Callable[[Place, argparse.Namespace], int]


def run(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    command: Command | None = options.command
    language: str = options.lang
    try:
        config = _config(options)
        if command is None:
            return run_key(config)
        return _run_on_journal(command, config, options)
    except (JournalCorrupt, ReplayFailed) as error:
        return fail("audit", error.sentence(language), DAMAGED)
    except JournalRewritten as error:
        return fail("audit", str(error), DAMAGED)
    except JournalUnusable as error:
        return fail("audit", error.sentence(language), IMPOSSIBLE)
    except (ConfigError, OSError) as error:
        return fail("audit", str(error), IMPOSSIBLE)


def _run_on_journal(command: Command, config: Config, options: argparse.Namespace) -> int:
    data = config.server.data_path
    journal = SqliteJournal.open(data / "journal.db", read_only=True)
    try:
        _compile_kernels()
        snapshots = SnapshotStore(data / "snapshots")
        place = Place(journal, snapshots, config.heads_path, config.journal.key_path)
        return command(place, options)
    finally:
        journal.close()


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
    commands = parser.add_subparsers(required=True, metavar="verify | show | key | sign | rotate")

    def add(name: str, about: str, command: Command | None, *own: argparse.ArgumentParser) -> None:
        part = commands.add_parser(name, parents=[common, *own], help=about, description=about)
        part.set_defaults(command=command)

    about = "核对摘要链和签名链头，从头重放并比对状态 / check chain, heads, replay and states"
    add("verify", about, run_verify, heads_options())
    about = "某一时刻的账户、一笔委托或一条命令 / an account at a moment, an order, a command"
    add("show", about, run_show, show_options())
    add("key", "显示签名公钥 / print the public key that heads are signed with", None)
    add("sign", "为停机的日志签一个链头 / sign the head of a stopped journal", run_sign)
    add("rotate", "换用新签名密钥，由旧密钥承认 / a new key, signed by the old one", run_rotate)
    return parser


def _config(options: argparse.Namespace) -> Config:
    given = {"server.data_dir": options.data} if options.data else {}
    return read_config(find_config(options.config, os.environ, Path.cwd()), given)


def _compile_kernels() -> None:
    # The kernels' cache directory must be set before anything imports numba.
    from server.compiling import compile_kernels

    compile_kernels(lambda text: print(text, file=sys.stderr, flush=True))
