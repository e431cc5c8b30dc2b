"""`python -m server.cli.rules_docs`: writes docs/rules.md, the rules and what proves each."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.cli.generated_page import write_or_check
from server.scenarios.page import Scenario
from server.scenarios.reading import read
from server.scenarios.rule_book import Chapter, Rule, Section, chapters

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "rules.md"
INTRODUCTION: Final = Path(__file__).with_name("rules_intro.md")
SCENARIOS: Final = ROOT / "tests" / "scenarios"


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario file of the repository."""

    name: str
    scenario: Scenario

    @property
    def link(self) -> str:
        title = self.scenario.title_en
        return f"[{title}](../tests/scenarios/{self.name}.toml)".replace("|", "\\|")


Proofs = dict[str, list[Proof]]  # by section or rule


def proofs(folder: Path = SCENARIOS) -> Proofs:
    """Raises ScenarioError for a file that is none."""
    found: Proofs = {}
    for path in sorted(folder.glob("*.toml"), key=_place):
        proof = Proof(path.stem, read(path))
        for rule in proof.scenario.rules:
            found.setdefault(rule, []).append(proof)
    return found


def _place(path: Path) -> tuple[list[int], str]:
    section, _, rest = path.stem.partition("-")
    return [int(part) for part in section.split(".")], rest


def page() -> str:
    """The whole page."""
    found = proofs()
    files = {proof.name for each in found.values() for proof in each}
    introduction = INTRODUCTION.read_text(encoding="utf-8").rstrip()
    parts = [
        introduction,
        _summary(found, len(files)),
        "## What is not covered 未覆盖\n\n" + _missing(found),
        *(_chapter(number, chapter, found) for number, chapter in enumerate(chapters(), 1)),
    ]
    return "\n\n".join(parts) + "\n"


# What is covered ---------------------------------------------------------------------------------


def _is_proven(section: Section, rule: Rule, found: Proofs) -> bool:
    return bool(rule.tests) or f"{section.id}/{rule.id}" in found


def _rules() -> Iterator[tuple[Section, Rule]]:
    for chapter in chapters():
        for section in chapter.section:
            yield from ((section, rule) for rule in section.rule)


def _summary(found: Proofs, files: int) -> str:
    rules = list(_rules())
    proven = sum(_is_proven(section, rule, found) for section, rule in rules)
    in_part = sum(bool(rule.open) and _is_proven(section, rule, found) for section, rule in rules)
    return (
        f"{files} scenario files. Of {len(rules)} rules {proven} have a proof of their own"
        f" ({in_part} of them in part); {len(rules) - proven} have none."
    )


def _missing(found: Proofs) -> str:
    lines = [
        f"- **{section.id}** {rule.zh} · {rule.en}" + (f" — {rule.open}" if rule.open else "")
        for section, rule in _rules()
        if rule.open or not _is_proven(section, rule, found)
    ]
    return "\n".join(lines) or "Nothing."


# By section --------------------------------------------------------------------------------------


def _chapter(number: int, chapter: Chapter, found: Proofs) -> str:
    heading = f"## {number}. {chapter.en} {chapter.zh}"
    return "\n\n".join([heading, *(_section(section, found) for section in chapter.section)])


def _section(section: Section, found: Proofs) -> str:
    rows = [_row(section, rule, found) for rule in section.rule]
    table = "\n".join(["| rule | proved by |", "| --- | --- |", *rows])
    parts = [f"### {section.id} {section.en} {section.zh}", table]
    if whole := found.get(section.id):
        parts.append("Of the section as a whole: " + "; ".join(proof.link for proof in whole) + ".")
    return "\n\n".join(parts)


def _row(section: Section, rule: Rule, found: Proofs) -> str:
    links = [proof.link for proof in found.get(f"{section.id}/{rule.id}", [])]
    links += [_test_link(test) for test in rule.tests]
    if rule.open:
        links.append(f"**{'in part' if links else 'not covered'}**: {rule.open}")
    return f"| {rule.zh}<br>{rule.en} | {'<br>'.join(links) or '**not covered**'} |"


def _test_link(test: str) -> str:
    file, _, function = test.partition("::")
    name = function.removeprefix("test_").replace("_", " ") if function else Path(file).name
    return f"test: [{name}](../{file})"


def main(argv: list[str]) -> int:
    return write_or_check(PAGE, page, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
