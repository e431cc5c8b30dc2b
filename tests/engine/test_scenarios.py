"""The rule book's tests: every file of tests/scenarios, and that together they cover the rules."""

from pathlib import Path

import pytest

from server.cli.scenario import line_of
from server.engine.reasons import Reason
from server.scenarios import rule_book
from server.scenarios.runner import Outcome, Passed, run_file

FILES = sorted(Path(__file__).parents[1].joinpath("scenarios").glob("*.toml"))
# Reasons that no command can be refused for, and why.
NEVER_GIVEN = {
    Reason.NONE: "is no refusal",
    Reason.SIDE_UNKNOWN: "a page buys or sells",
    Reason.LINES_DO_NOT_SURVIVE: "products are refused where they are read, before any command",
}


@pytest.fixture(scope="module")
def outcomes() -> dict[Path, Outcome]:
    """Each file is run once, by whichever test asks first."""
    return {}


def outcome_of(path: Path, outcomes: dict[Path, Outcome]) -> Outcome:
    if path not in outcomes:
        outcomes[path] = run_file(path)
    return outcomes[path]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, outcomes: dict[Path, Outcome]) -> None:
    outcome = outcome_of(path, outcomes)
    assert isinstance(outcome, Passed), "\n" + line_of(path.stem, outcome, "en")
    assert path.stem.startswith(outcome.scenario.section + "-"), "the name says the section"
    assert outcome.steps > 0


def test_every_reason_is_given_in_some_scenario(outcomes: dict[Path, Outcome]) -> None:
    passed = [outcome_of(path, outcomes) for path in FILES]
    given = {r for outcome in passed if isinstance(outcome, Passed) for r in outcome.reasons}
    assert given == set(Reason) - NEVER_GIVEN.keys()


def test_every_file_names_rules_of_the_book(outcomes: dict[Path, Outcome]) -> None:
    passed = [outcome_of(path, outcomes) for path in FILES]
    named = {r for outcome in passed if isinstance(outcome, Passed) for r in outcome.scenario.rules}
    assert named <= rule_book.names()
    assert len(FILES) >= 101
