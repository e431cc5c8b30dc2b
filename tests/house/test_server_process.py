"""A server as a process: what it announces, and that nothing of it stays behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.cli import child
from server.cli.child import ServerFailed, ServerProcess
from server.ready import Announcement, Failed, Progress, Ready, announcements

# The real main on a stand-in for everything below it.
MAIN = """
import asyncio, sys, types
async def serve(config, ready):
    from server.ready import Ready
    if config.market.seed == 13:
        raise OSError("address in use")
    (config.server.data_path).mkdir(parents=True, exist_ok=True)
    ready(Ready(f"ws://{config.server.host}:1", "demo", "secret"))
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        print("cleaned up", file=sys.stderr)
def module(name, **names):
    sys.modules[name] = made = types.ModuleType(name)
    vars(made).update(names)
module("server.app", serve=serve)
module("server.compiling", compile_kernels=lambda progress: progress("compiling"))
from server.main import main
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def server(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", MAIN, "--ready-fd=1", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[bytes], count: int) -> list[Announcement]:
    assert process.stdout is not None
    return list(announcements(process.stdout.readline() for _ in range(count)))


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def test_it_announces_compilation_and_then_where_it_listens(tmp_path: Path) -> None:
    with server(f"--data={tmp_path}") as process:
        assert said(process, 2) == [
            Progress("compiling"),
            Ready("ws://127.0.0.1:1", "demo", "secret"),
        ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_a_clean_stop(number: signal.Signals, tmp_path: Path) -> None:
    with server(f"--data={tmp_path}") as process:
        said(process, 2)
        process.send_signal(number)
        assert finish(process) == (0, b"cleaned up\n")
    assert tmp_path.exists()


def test_it_stops_with_whoever_holds_its_stdin_and_removes_what_was_not_to_stay(
    tmp_path: Path,
) -> None:
    with server("--lifeline", "--ephemeral", f"--data={tmp_path / 'data'}") as process:
        said(process, 2)
        assert (tmp_path / "data").exists()
        assert finish(process) == (0, b"cleaned up\n")  # communicate() closes its stdin
    assert not (tmp_path / "data").exists()


def test_wrong_settings_exit_2_and_are_named() -> None:
    with server("--set=market.sped=2") as process:
        (failed,) = said(process, 1)
        assert isinstance(failed, Failed)
        assert "market.speed" in failed.text
        assert finish(process)[0] == 2


def test_a_failure_at_start_is_one_line_and_exits_1(tmp_path: Path) -> None:
    with server("--seed=13", f"--data={tmp_path}") as process:
        assert said(process, 2)[1] == Failed("address in use")
        assert finish(process)[0] == 1


# The other side: a stand-in server under the real ServerProcess.


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `__main__.py` that `python -m server` runs in the child."""
    package = tmp_path / "stand_in" / "server"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return package / "__main__.py"


READY = """print('{"type":"progress","text":"compiling"}', flush=True)
print('{"type":"ready","url":"ws://here"}', flush=True)
"""


def test_progress_is_passed_on_and_readiness_returned(pretend: Path, tmp_path: Path) -> None:
    pretend.write_text(READY + "import sys; sys.stdin.read()")
    told: list[str] = []
    with ServerProcess([], tmp_path / "log") as process:
        assert process.wait_ready(told.append) == Ready("ws://here")
        assert told == ["compiling"]
        assert process.exit_code is None
    assert process.exit_code is not None


def test_a_server_that_dies_is_quoted(pretend: Path, tmp_path: Path) -> None:
    pretend.write_text("raise SystemExit('no such calendar')")
    with (
        ServerProcess([], tmp_path / "log") as process,
        pytest.raises(ServerFailed, match="no such calendar"),
    ):
        process.wait_ready(print)


def test_a_server_that_will_not_go_is_killed(
    pretend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_WITHIN_S", 0.2)
    pretend.write_text(
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        + READY
        + "while True: signal.pause()"
    )
    with ServerProcess([], tmp_path / "log") as process:
        process.wait_ready(lambda _: None)
    assert process.exit_code == -signal.SIGKILL


def test_a_server_that_still_compiles_is_not_waited_for(
    pretend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_WITHIN_S", 600)
    pretend.write_text(
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        + READY.splitlines()[0]
        + "\nwhile True: signal.pause()"
    )

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        ServerProcess([], tmp_path / "log") as process,
    ):
        process.wait_ready(interrupt)
    assert process.exit_code == -signal.SIGKILL


def test_a_crash_of_the_client_ends_the_server(pretend: Path, tmp_path: Path) -> None:
    pretend.write_text(READY + "import sys; sys.stdin.read()")
    with (
        pytest.raises(ZeroDivisionError),
        ServerProcess([], tmp_path / "log") as process,
    ):
        raise ZeroDivisionError
    assert process.exit_code is not None
