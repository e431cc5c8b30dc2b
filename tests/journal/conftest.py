"""A run of a small market that ended in order: recorded once, copied for each test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli import audit
from tests.journal.runs import Place, Run, recorded_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Run]:
    place = Place(tmp_path_factory.mktemp("finished"))
    return place, recorded_run(place)


@pytest.fixture
def place(finished: tuple[Place, Run], tmp_path: Path) -> Place:
    """A copy of the finished run."""
    copy = Place(tmp_path / "data")
    shutil.copytree(finished[0].directory, copy.directory)
    return copy


@pytest.fixture
def run(finished: tuple[Place, Run]) -> Run:
    """What the finished run was; to be looked at only."""
    return finished[1]


@pytest.fixture
def said(place: Place, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `honghe audit` on the place; gives its exit code and what it wrote to both streams."""

    def said(command: str, *words: str) -> tuple[int, str, str]:
        code = audit.run([command, "--data", str(place.directory), *words])
        written = capsys.readouterr()
        return code, written.out, written.err

    return said
