"""The options of each plain command."""

import argparse
from collections.abc import Callable
from datetime import date
from typing import Final, get_args

from honghe_tui.client import yuan
from honghe_tui.config import add_options
from honghe_tui.i18n import Catalogue
from honghe_tui.plain import MOVES
from server.protocol.words import Interval, OrderType

DAYS: Final = ("today", "all")


def parser_of(command: str, catalogue: Catalogue) -> argparse.ArgumentParser:
    """Ends a wrong line with exit code 2, as argparse does."""

    def t(key: str) -> str:
        return catalogue.t(f"plain.{key}")

    parser = argparse.ArgumentParser(
        f"honghe {command}", description=t(f"about_{command}"), add_help=False
    )
    _add_own(parser, command, _Words(t))
    form = parser.add_mutually_exclusive_group()
    for name in ("plain", "json", "csv"):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=t(name))
    parser.set_defaults(form="plain", command=command)
    add_options(parser.add_argument, lambda key: catalogue.t(f"app.cli.{key}"))
    parser.add_argument("-h", "--help", action="help", help=catalogue.t("app.cli.help"))
    return parser


class _Words:
    """Readers of what is typed; each says in the reader's language what would pass."""

    def __init__(self, t: Callable[[str], str]) -> None:
        self.t = t

    def amount(self, typed: str) -> int:
        """Yuan above zero, as 1/10 000 yuan."""
        try:
            units = yuan(typed)
        except ValueError:
            units = 0
        if units <= 0:
            raise argparse.ArgumentTypeError(self.t("bad_amount"))
        return units

    def count(self, typed: str) -> int:
        if not typed.isascii() or not typed.isdigit() or int(typed) == 0:
            raise argparse.ArgumentTypeError(self.t("bad_count"))
        return int(typed)

    def day(self, typed: str) -> str:
        """`today`, `all` or a date."""
        try:
            return typed if typed in DAYS else date.fromisoformat(typed).isoformat()
        except ValueError:
            raise argparse.ArgumentTypeError(self.t("bad_day")) from None


def _add_own(parser: argparse.ArgumentParser, command: str, words: _Words) -> None:
    t = words.t
    match command:
        case "quotes":
            parser.add_argument("symbols", nargs="*", metavar="SYMBOL", help=t("symbols"))
        case "depth" | "bars":
            parser.add_argument("symbol", metavar="SYMBOL", help=t("symbol"))
            if command == "bars":
                every = get_args(Interval)
                parser.add_argument("--interval", choices=every, default="1d", help=t("interval"))
        case "buy" | "sell":
            _add_order(parser, words)
        case "cancel":
            which = parser.add_mutually_exclusive_group(required=True)
            which.add_argument("order", nargs="?", type=int, metavar="ORDER", help=t("order"))
            which.add_argument("--all", action="store_true", help=t("all"))
        case "ack":
            parser.add_argument("notice", type=int, metavar="NOTICE", help=t("notice"))
        case "orders" | "fills":
            parser.add_argument("--date", type=words.day, default="today", help=t("date"))
            if command == "orders":
                parser.add_argument("--open", action="store_true", help=t("open_only"))
        case "notices":
            parser.add_argument("--unread", action="store_true", help=t("unread"))
        case _ if command in MOVES:
            _add_move(parser, command, words)
        case _:
            pass
    if command not in ("quotes", "depth", "bars", "products", "ack"):
        parser.add_argument("--account", type=int, metavar="N", help=t("account"))


def _add_order(parser: argparse.ArgumentParser, words: _Words) -> None:
    t = words.t
    parser.add_argument("symbol", metavar="SYMBOL", help=t("symbol"))
    parser.add_argument("quantity", type=words.count, metavar="SHARES", help=t("quantity"))
    parser.add_argument("--price", type=words.amount, default=0, metavar="YUAN", help=t("price"))
    parser.add_argument("--type", choices=get_args(OrderType), help=t("type"))
    parser.add_argument("--financed", action="store_true", help=t("financed"))
    parser.add_argument("--loan", type=int, default=0, metavar="N", help=t("sell_for_loan"))
    parser.add_argument("--what-if", action="store_true", help=t("what_if"))
    parser.add_argument("--id", default="", help=t("id"))


def _add_move(parser: argparse.ArgumentParser, command: str, words: _Words) -> None:
    t = words.t
    if command == "open":
        parser.add_argument("product", type=int, metavar="PRODUCT", help=t("product"))
    if command not in ("extend", "close"):
        parser.add_argument("amount", type=words.amount, metavar="YUAN", help=t("amount"))
    if command in ("transfer", "close"):
        parser.add_argument("--to", type=int, required=True, metavar="N", help=t("to"))
    if command in ("extend", "repay"):
        parser.add_argument("--loan", type=int, default=0, metavar="N", help=t("loan"))
    parser.add_argument("--id", default="", help=t("id"))
