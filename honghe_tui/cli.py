"""The `honghe` command: trades by default, hands server commands to `server.cli` unimported."""

import argparse
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import pairwise

from honghe_tui.config import ClientConfig, add_options, settings_of
from honghe_tui.i18n import Catalogue, Language
from honghe_tui.plain import COMMANDS as PLAIN_COMMANDS
from honghe_tui.starting import hold_collection
from server.protocol.settings import ConfigError

SERVER_COMMANDS = ("demo", "audit", "scenario", "verify")
POOR_TERMINALS = frozenset({"", "dumb", "unknown", "vt52", "vt100", "vt102", "ansi"})
EXIT_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 2 wrong usage, bad settings or no terminal."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in SERVER_COMMANDS:
        return _run_server_command(words[0], words[1:])
    try:
        if words and words[0] in PLAIN_COMMANDS:
            return _run_plain(words[0], words[1:])
        return _trade(words)
    except ConfigError as error:
        shown = {"key": error.key, "value": error.value, "passes": error.passes}
        return _refuse(_catalogue(words, os.environ).t("app.cli.bad_setting", **shown))


def _run_server_command(name: str, rest: list[str]) -> int:
    """`server.cli.<name>.run(argv)`, imported now and not before."""
    if find_spec(f"server.cli.{name}") is None:
        return _refuse(_catalogue([], os.environ).t("app.cli.no_command", name=name))
    return int(import_module(f"server.cli.{name}").run(rest))


def _run_plain(command: str, rest: list[str]) -> int:
    from honghe_tui.plain.run import main as run

    return run(command, rest, _catalogue(rest, os.environ))


def _trade(words: list[str]) -> int:
    catalogue = _catalogue(words, os.environ)
    parser = _parser(catalogue)
    options, unknown = parser.parse_known_args(words)
    if options.command not in (None, "trade"):  # options came before it
        place = words.index(options.command)
        rest = words[:place] + words[place + 1 :]
        is_plain = options.command in PLAIN_COMMANDS
        return (_run_plain if is_plain else _run_server_command)(options.command, rest)
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    config = settings_of(options)
    term = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse(catalogue.t("app.cli.no_terminal"))
    if term in POOR_TERMINALS:
        return _refuse(catalogue.t("app.cli.poor_terminal", term=term or "?"))
    return _open(config)


def _open(config: ClientConfig) -> int:
    """Imports the terminal only now: help and errors need none of it."""
    hold_collection()
    from honghe_tui.app import build
    from honghe_tui.connection import Credentials

    password = os.environ.get("HONGHE_PASSWORD", "")
    named = bool(config.username and password)
    return build(config, Credentials(config.username, password) if named else None).run() or 0


def _parser(catalogue: Catalogue) -> argparse.ArgumentParser:
    def t(key: str) -> str:
        return catalogue.t(f"app.cli.{key}")

    commands = "\n".join(f"  {name:<10}{t(name)}" for name in ("trade", *SERVER_COMMANDS))
    plain = textwrap.indent(textwrap.fill(", ".join(PLAIN_COMMANDS), 76), "  ")
    parser = argparse.ArgumentParser(
        "honghe",
        description=t("description"),
        add_help=False,
        epilog=f"{t('commands')}:\n{commands}\n\n{t('plain')}:\n{plain}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ["trade", *SERVER_COMMANDS, *PLAIN_COMMANDS]
    parser.add_argument("command", nargs="?", choices=names, help=argparse.SUPPRESS)
    group = parser.add_argument_group(t("options"))
    add_options(group.add_argument, t)
    group.add_argument("-h", "--help", action="help", help=t("help"))
    group.add_argument(
        "--version", action="version", version=f"honghe {_version()}", help=t("version")
    )
    return parser


def _catalogue(words: list[str], environ: Mapping[str, str]) -> Catalogue:
    """The language of help and errors: `--lang`, else English only where the locale is English."""
    asked = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    asked += [after for word, after in pairwise(words) if word == "--lang"]
    locale = environ.get("LC_ALL") or environ.get("LANG") or ""
    language: Language = "en" if locale.startswith("en") else "zh"
    if asked:
        language = "en" if asked[-1] == "en" else "zh"
    return Catalogue(language)


def _version() -> str:
    try:
        return version("honghe")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _refuse(sentence: str) -> int:
    print(f"honghe: {sentence}", file=sys.stderr)
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
