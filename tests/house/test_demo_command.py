"""`honghe demo` without a terminal, and where it keeps its data."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import demo

RUN_IN_A_PIPE = """
import sys
from server.cli.demo import run
code = run([])
heavy = {"numba", "numpy", "textual", "pandas", "asyncio", "server.app"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""


def test_without_a_terminal_it_says_so_in_one_line_and_exits_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_IN_A_PIPE],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == demo.NO_TERMINAL + "\n"
    assert "终端" in done.stderr
    assert "terminal" in done.stderr


def test_a_demo_leaves_no_directory() -> None:
    with demo.data_directory(None, fresh=False) as (path, arguments):
        (path / "journal").touch()
        assert arguments == ["--ephemeral"]
    assert not path.exists()


def test_a_chosen_directory_stays(tmp_path: Path) -> None:
    with demo.data_directory(str(tmp_path / "mine"), fresh=False) as (path, arguments):
        (path / "journal").touch()
        assert arguments == []
    assert (tmp_path / "mine" / "journal").exists()


def test_a_fresh_start_keeps_the_old_directories_renamed(tmp_path: Path) -> None:
    for number in range(3):
        with demo.data_directory(str(tmp_path / "mine"), fresh=True) as (path, _):
            assert list(path.iterdir()) == []
            (path / f"run{number}").touch()
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("run*")) == [
        "mine.1/run0",
        "mine.2/run1",
        "mine/run2",
    ]


@pytest.mark.parametrize("wrong", [["--speed=fast"], ["--nonsense"], ["--lang=fr"]])
def test_wrong_options_exit_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        demo.run(wrong)
    assert stopped.value.code == 2
    assert wrong[0].split("=")[0] in capsys.readouterr().err
