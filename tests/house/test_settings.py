"""The settings: the example shows them all, and what will not do is refused by name."""

import itertools
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from honghe_tui.config import ClientConfig
from server.config import Config, parse_config, read_config
from server.options import as_options, overrides, server_options
from server.protocol.settings import ConfigError, find_config, parse_section

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_holds_the_defaults() -> None:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert parse_config(document) == Config()
    assert parse_section("client", document["client"], ClientConfig) == ClientConfig()


def test_the_example_lists_every_setting() -> None:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    expected = msgspec.to_builtins(Config()) | {"client": msgspec.to_builtins(ClientConfig())}
    assert {name: list(table) for name, table in document.items()} == {
        name: list(table) for name, table in expected.items()
    }


def test_each_setting_of_the_example_has_its_comment() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"\w+ = ", line):
            assert before.startswith("# "), line
            assert before.endswith("."), line


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"market": {"sped": 2}}, "expected market.speed"),
        ({"marke": {}}, "expected market "),
        ({"market": {"from_date": "2020-01-01"}}, "expected market.from"),
        ({"market": 3}, "expected a table: [market]"),
        ({"server": {"port": "8765"}}, "expected a whole number from 0 to 65535"),
        ({"server": {"port": 65_536}}, "expected a whole number from 0 to 65535"),
        ({"server": {"origins": "x"}}, 'expected a list of "text"'),
        ({"server": {"demo": 1}}, "expected true | false"),
        ({"market": {"speed": -1}}, "expected a number from 0"),
        ({"market": {"activity": 0}}, "expected a number above 0 to 10"),
        ({"market": {"from": "2020-13-01"}}, 'expected a date like "2015-08-20"'),
        ({"market": {"kind": "replay"}}, "market.path = '': expected"),
        ({"risk": {"reduce_cutoff": "24:00"}}, 'expected a time of day like "14:30"'),
        ({"log": {"level": "loud"}}, '"debug" | "error" | "info" | "warning"'),
        ({"fees": {"commission_ppb": 3_000_001}}, "expected a whole number from 0 to 3000000"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_pass(
    document: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        parse_config(document)


def test_the_command_line_goes_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[market]\nspeed = 5.0\nseed = 7\n[client]\nlanguage = 'en'\n")
    options = server_options().parse_args(
        ["--speed=60", "--replay=days", "--from=2015-08-20", "--set=log.level=debug"]
    )
    config = read_config(file, overrides(options))
    assert (config.market.speed, config.market.seed, config.log.level) == (60.0, 7, "debug")
    assert (config.market.kind, config.market.path) == ("replay", "days")
    assert config.market.from_date == "2015-08-20"


def test_settings_travel_to_another_process_unchanged() -> None:
    settings = {
        "server.data_dir": '/home/某人/a "b"\\c=d',
        "server.demo": True,
        "market.speed": 0.5,
        "market.path": "true",
        "market.seed": 3,
    }
    options = server_options().parse_args(list(as_options(settings)))
    assert overrides(options) == settings


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        find_config("absent.toml", {}, tmp_path)
    with pytest.raises(ConfigError, match="HONGHE_CONFIG"):
        find_config(None, {"HONGHE_CONFIG": "absent.toml"}, tmp_path)


def test_the_nearest_file_is_read(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    (home / ".config" / "honghe").mkdir(parents=True)
    here.mkdir()
    environ = {"HOME": str(home)}
    assert find_config(None, environ, here) is None
    (home / ".config" / "honghe" / "config.toml").touch()
    assert find_config(None, environ, here) == home / ".config" / "honghe" / "config.toml"
    (here / "config.toml").touch()
    assert find_config(None, environ, here) == here / "config.toml"
    (named := tmp_path / "named.toml").touch()
    assert find_config(None, environ | {"HONGHE_CONFIG": str(named)}, here) == named


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[market\n")
    with pytest.raises(ConfigError, match=re.escape(str(file))):
        read_config(file)
