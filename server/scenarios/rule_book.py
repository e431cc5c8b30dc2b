"""The rules that scenarios prove, by section: `server/scenarios/data`, a file a chapter.

A scenario names a section ("2.3") or a rule of it ("2.3/sse-midpoint").
"""

from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).with_name("data")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule, or one row of a table of the rules."""

    id: str  # within its section
    zh: str
    en: str
    tests: tuple[str, ...] = ()  # that prove it beside scenarios: a file, or file::function
    open: str = ""  # what is not covered, and why


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    zh: str
    en: str
    rule: tuple[Rule, ...]


class Chapter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zh: str
    en: str
    section: tuple[Section, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    return tuple(
        msgspec.toml.decode(path.read_bytes(), type=Chapter) for path in sorted(DATA.glob("*.toml"))
    )


def sections() -> tuple[Section, ...]:
    return tuple(section for chapter in chapters() for section in chapter.section)


def names() -> frozenset[str]:
    """Everything a scenario may name."""
    rules = {f"{section.id}/{rule.id}" for section in sections() for rule in section.rule}
    return frozenset(rules | {section.id for section in sections()})
