"""What must hold of the repository itself, whoever changes it."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]

# Where somebody's machine keeps things; put together here so that this file passes too.
MACHINE_PATH = re.compile(
    r"(?<![\w.~<>-])/(?:wor[k]|far[m]|tm[p]|roo[t]|opt/[p]ypi|home/[a-z]\w*)/"
)


def _text_files() -> list[Path]:
    """What is or may be committed, pictures and other bytes left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    paths = [ROOT / name.decode() for name in listed if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def _pins(lock: str) -> dict[str, str]:
    """Version by name; markers are left out."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["honghe", "honghe-server"])
def test_the_console_scripts_load(name: str) -> None:
    (script,) = entry_points(group="console_scripts", name=name)
    assert callable(script.load())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert len(requirements) == len(_pins(lock)) > 0
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_the_tests_run_what_the_demo_runs() -> None:
    runtime, everything = _pins(LOCKS[0]), _pins(LOCKS[1])
    assert {name: everything.get(name) for name in runtime} == runtime


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, wanted in [
        (LOCKS[0], project["dependencies"]),
        (LOCKS[1], project["optional-dependencies"]["dev"]),
    ]:
        names = {re.split(r"[><=;\[ ]", line)[0].lower().replace("_", "-") for line in wanted}
        assert names <= set(_pins(lock)), lock


def test_no_file_mentions_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in _text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_readme_names_only_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(re.findall(r"(?:`|^ *)make ([a-z]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_every_link_of_the_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert links
    assert [link for page, link in links if not (page.parent / link).exists()] == []


def test_the_readme_shows_every_command_of_the_server() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = {
        path.stem
        for path in (ROOT / "server" / "cli").glob("*.py")
        if re.search(r"^def run\(argv: list\[str\]\) -> int:", path.read_text(), re.MULTILINE)
    }
    assert commands >= {"demo"}
    assert [name for name in sorted(commands) if f"honghe {name}" not in readme] == []
