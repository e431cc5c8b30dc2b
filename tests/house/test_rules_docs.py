"""docs/rules.md is what the generator yields, and what it names is there."""

import re
from pathlib import Path

import pytest

from server.cli import rules_docs
from server.cli.rules_docs import PAGE, ROOT, main, page
from server.scenarios.rule_book import names, sections


def test_the_committed_page_is_what_the_generator_yields() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m server.cli.rules_docs"


def test_a_rule_is_named_once() -> None:
    rules = [f"{section.id}/{rule.id}" for section in sections() for rule in section.rule]
    assert len(names()) == len(rules) + len(sections())


def test_the_tests_that_are_said_to_prove_a_rule_are_there() -> None:
    for test in (test for section in sections() for rule in section.rule for test in rule.tests):
        file, _, function = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not function or re.search(rf"^(async )?def {function}\(", text, re.MULTILINE), test


def test_a_rule_without_a_proof_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_docs.proofs, "__defaults__", (tmp_path,))
    uncovered = page().split("## What is not covered")[1].split("\n## ")[0]
    for section in sections():
        for rule in section.rule:
            line = f"- **{section.id}** {rule.zh} · {rule.en}"
            assert (line in uncovered) == (not rule.tests or bool(rule.open))


def test_a_page_that_differs_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rules_docs, "PAGE", tmp_path / "rules.md")
    assert main(["--check"]) == 1
    assert "rules.md" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
