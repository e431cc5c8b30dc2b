"""`honghe verify`: the engine against an exchange's day (`l2`), a public stream, and daily bars.

Exit codes: 0 equal, 1 different, 2 cannot be done (a file missing or malformed, usage).
"""

import argparse
import sys
from collections.abc import Callable

from server.cli.audit_text import IMPOSSIBLE, fail
from server.cli.verify_files import Malformed

Command = Callable[[argparse.Namespace], int]


def run(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    command: Command = options.command
    _announce_compiling()
    try:
        return command(options)
    except Malformed as error:
        return fail("verify", error.sentence(options.lang), IMPOSSIBLE)
    except OSError as error:
        return fail("verify", str(error), IMPOSSIBLE)


def _parser() -> argparse.ArgumentParser:
    from server.cli.verify_l2 import l2_options, run_l2
    from server.cli.verify_limits import limits_options, run_limits
    from server.cli.verify_workload import run_workload, workload_options

    parser = argparse.ArgumentParser(
        "honghe verify",
        description="用真实数据核对撮合 / check the matching against real data",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--lang", choices=["zh", "en"], default="zh", help="输出语言 / the output's language"
    )
    commands = parser.add_subparsers(required=True, metavar="l2 | workload | limits")
    about = "交易所一天的逐笔委托应得出它的逐笔成交 / an exchange's day: its orders make its trades"
    l2 = commands.add_parser("l2", parents=[common, l2_options()], help=about, description=about)
    l2.set_defaults(command=run_l2)
    about = "公开消息流的回报、哈希与速度 / a public stream of messages: reports, hash, speed"
    workload = commands.add_parser(
        "workload", parents=[common, workload_options()], help=about, description=about
    )
    workload.set_defaults(command=run_workload)
    about = "日线每一行都在当日涨跌停之内 / every daily bar lies within its day's limits"
    parents = [common, limits_options()]
    limits = commands.add_parser("limits", parents=parents, help=about, description=about)
    limits.set_defaults(command=run_limits)
    return parser


def _announce_compiling() -> None:
    from server.compiling import is_compiled

    if not is_compiled("bare_book.run"):
        sentence = "编译订单簿（仅首次，约 10 秒） / compiling the book (once)"
        print(sentence, file=sys.stderr, flush=True)
