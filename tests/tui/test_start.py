"""What a started client has imported, and what the command line says."""

import subprocess
import sys
from pathlib import Path

import pytest

from honghe_tui.cli import main

ROOT = Path(__file__).parents[2]
FORBIDDEN = ("numpy", "pandas", "numba", "sqlalchemy", "argon2", "plotext", "httpx", "apsw")


def imported_by(code: str) -> set[str]:
    """The modules of a fresh interpreter after `code`."""
    script = f"{code}\nimport sys; print(*sorted(sys.modules), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


STARTED = """
import asyncio
from honghe_tui.app import build
from honghe_tui.config import ClientConfig
async def start():
    app = build(ClientConfig(server="ws://127.0.0.1:9"), None)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.pop_screen()
        for page in "2345678":
            await pilot.press(page)
asyncio.run(start())
import honghe_tui.wire
"""


def test_a_started_client_has_the_protocol_and_nothing_else_of_the_server() -> None:
    modules = imported_by(STARTED)
    ours = {name for name in modules if name == "server" or name.startswith("server.")}
    assert "server.protocol.session" in ours
    assert {name for name in ours if not name.startswith("server.protocol")} == {"server"}
    assert not modules.intersection(FORBIDDEN)


def test_help_imports_no_terminal() -> None:
    modules = imported_by("import honghe_tui.cli")
    assert "textual" not in modules
    assert "websockets" not in modules


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "打开交易终端"), ("en", "open the trading")]
)
def test_help_is_in_both_languages(
    language: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help", "--lang", language])
    assert left.value.code == 0
    assert words in capsys.readouterr().out


def test_without_a_terminal_it_says_so_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "interactive terminal" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("term", ["dumb", "vt100", ""])
def test_a_poor_terminal_is_refused_politely(
    term: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["--lang", "en"]) == 2
    assert "xterm-256color" in capsys.readouterr().err


def test_a_bad_setting_names_the_key_and_what_would_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[client]\npalette = "pink"\n')
    assert main(["--config", str(file), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "client.palette" in said
    assert "colour_blind" in said


def test_a_bad_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--server", "example.org", "--lang", "en"]) == 2
    assert "wss://" in capsys.readouterr().err


def test_server_commands_are_handed_on_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    class Module:
        @staticmethod
        def run(argv: list[str]) -> int:
            seen.append(argv)
            return 7

    monkeypatch.setattr("honghe_tui.cli.find_spec", lambda _: object())
    monkeypatch.setattr("honghe_tui.cli.import_module", lambda _: Module)
    assert main(["audit", "verify", "--at", "1"]) == 7
    assert seen == [["verify", "--at", "1"]]


def test_options_before_a_server_command_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    class Module:
        @staticmethod
        def run(argv: list[str]) -> int:
            seen.append(argv)
            return 0

    monkeypatch.setattr("honghe_tui.cli.find_spec", lambda _: object())
    monkeypatch.setattr("honghe_tui.cli.import_module", lambda _: Module)
    assert main(["--lang", "en", "demo"]) == 0
    assert seen == [["--lang", "en"]]


def test_collection_waits_for_the_first_frames() -> None:
    """In a fresh interpreter: it changes how the whole process collects."""
    script = """
import gc
from honghe_tui.starting import hold_collection, release_collection
release_collection()
assert gc.isenabled() and gc.get_freeze_count() == 0
hold_collection()
assert not gc.isenabled()
release_collection()
assert gc.isenabled() and gc.get_freeze_count() > 0
"""
    assert "honghe_tui.starting" in imported_by(script)
