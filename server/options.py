"""Command-line options that stand for settings, shared by every command that starts a server."""

import argparse
import json
import tomllib
from collections.abc import Iterator, Mapping

from server.protocol.settings import ConfigError

_SETTINGS = {
    "data": "server.data_dir",
    "host": "server.host",
    "port": "server.port",
    "replay": "market.path",
    "from_date": "market.from",
    "to": "market.to",
    "speed": "market.speed",
    "seed": "market.seed",
}


def server_options() -> argparse.ArgumentParser:
    """A parent parser; what is not given on the command line is left to the config file."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--config", metavar="FILE", help="配置文件 / the config file")
    parser.add_argument("--data", metavar="DIR", help="数据目录 / the data directory")
    parser.add_argument("--port", type=int, help="端口，0 为任意空闲端口 / port, 0: any free one")
    parser.add_argument("--replay", metavar="PATH", help="回放此处的真实行情 / replay real data")
    parser.add_argument("--from", dest="from_date", metavar="DATE", help="回放起始日 / first day")
    parser.add_argument("--to", metavar="DATE", help="回放结束日 / last day")
    parser.add_argument("--speed", type=float, help="倍速，0 为最快 / 0: as fast as it goes")
    parser.add_argument("--seed", type=int, help="随机种子 / seed of the simulated market")
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="SECTION.NAME=VALUE",
        action="append",
        default=[],
        help="任一设置项 / any setting, its value as in the config file",
    )
    return parser


def overrides(options: argparse.Namespace) -> dict[str, object]:
    """The settings that the options stand for, by dotted name; raises ConfigError."""
    given: dict[str, object] = vars(options)
    settings = {
        setting: given[name] for name, setting in _SETTINGS.items() if given.get(name) is not None
    }
    if "market.path" in settings:
        settings["market.kind"] = "replay"
    return settings | dict(_parse(text) for text in options.settings)


def as_options(settings: Mapping[str, object]) -> Iterator[str]:
    """The command-line words that give `settings` to another process."""
    for key, value in settings.items():
        yield f"--set={key}={json.dumps(value, ensure_ascii=False)}"


def _parse(text: str) -> tuple[str, object]:
    """`market.speed=10`; a value that is no TOML is a string, so that quotes may be left out."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError("--set", text, "section.setting=value")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value
