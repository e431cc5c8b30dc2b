"""One plain command from its words to its exit code."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from getpass import getpass
from typing import Final

from honghe_tui.client import Client, NoSession, UnknownAccount, UnknownInstrument
from honghe_tui.config import ClientConfig, settings_of
from honghe_tui.i18n import Catalogue
from honghe_tui.link_state import Refused, Unanswered
from honghe_tui.plain.acts import ACTS, UnknownOrder
from honghe_tui.plain.options import parser_of
from honghe_tui.plain.output import write
from honghe_tui.plain.views import VIEWS, Asked
from honghe_tui.terminal import Terminal
from honghe_tui.text import clean
from honghe_tui.themes import GLYPHS, PALETTES
from honghe_tui.widgets.look import Look
from server.protocol.session import Failed

EXIT_REFUSED: Final = 1  # by the server, with its reason
EXIT_USAGE: Final = 2
EXIT_NO_SESSION: Final = 3  # nobody there, or no login
EXIT_UNKNOWN: Final = 4  # sent, and no answer: look before sending it again


def main(command: str, words: Sequence[str], catalogue: Catalogue) -> int:
    """Exit codes: 0 done, else one of those above. Raises ConfigError."""
    options = parser_of(command, catalogue).parse_args(words)
    config = settings_of(options)
    password = os.environ.get("HONGHE_PASSWORD", "")
    if not config.username or not (password or sys.stdin.isatty()):
        return _say(catalogue.t("plain.no_login"), EXIT_USAGE)
    password = password or getpass(catalogue.t("plain.password"))
    try:
        return asyncio.run(run(options, config, password))
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


async def run(options: argparse.Namespace, config: ClientConfig, password: str) -> int:
    """One session for one command; returns its exit code."""
    look = Look(Catalogue(config.language), PALETTES[config.palette], GLYPHS[config.glyphs])
    client = Client(config.server, config.username, password, language=config.language)
    terminal = Terminal(config, look, client.mirror, client.connection, client.commands)
    try:
        async with client:
            work = {**VIEWS, **ACTS}[options.command]
            table = await work(Asked(client, terminal, options))
    except NoSession as error:
        return _say(_why_no_session(error, look, config.server), EXIT_NO_SESSION)
    except Refused as error:
        return _say(_sentence(error.failed, look), EXIT_REFUSED)
    except Unanswered as error:
        return _say(terminal.text(error.key), EXIT_UNKNOWN)
    except UnknownInstrument as error:
        near = ", ".join(error.candidates) or look.glyphs.missing
        return _say(terminal.text("plain.no_symbol", wanted=error.wanted, near=near), EXIT_USAGE)
    except UnknownOrder as error:
        return _say(terminal.text("plain.no_order", order=error.args[0]), EXIT_USAGE)
    except UnknownAccount:
        return _say(_choices(terminal), EXIT_USAGE)
    write(table, options.form, sys.stdout)
    sys.stdout.flush()
    return 0


def _why_no_session(error: NoSession, look: Look, server: str) -> str:
    state = error.state
    if state.failed is not None:
        return _sentence(state.failed, look)
    return f"{server}: {look.catalogue.t(f'app.cause.{state.cause}')}"


def _sentence(failed: Failed, look: Look) -> str:
    return clean(look.catalogue.pick(failed.message_zh, failed.message_en))


def _choices(terminal: Terminal) -> str:
    """The accounts there are, for whoever named none of them."""
    known = terminal.mirror.accounts.values()
    names = ", ".join(f"{each.account} ({clean(each.name)})" for each in known)
    return terminal.text("plain.no_account", accounts=names)


def _say(sentence: str, code: int) -> int:
    print(f"honghe: {sentence}", file=sys.stderr)
    return code
