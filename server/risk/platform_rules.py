"""The published rules that move the platform's state (section 7.5); `platform.toml` is the data.

Without memory: what a rule asks for follows from the figures and the state that the rules have
brought about, so that a restart changes nothing.
"""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from server.engine.codes import PlatformState
from server.protocol.systemic import PlatformWord, SystemicFigures

PPM = 1_000_000
FigureWord = Literal[
    "index_fall",
    "limit_down_share",
    "unsellable_share",
    "liquidate_share",
    "one_limit_down_share",
    "two_limit_downs_loss",
]


class PlatformRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for `state` from `at_ppm` on, until the figure is below `clear_ppm`."""

    key: str
    rule: str  # section of the rules
    figure: FigureWord
    state: PlatformWord
    at_ppm: int
    clear_ppm: int
    zh: str
    en: str

    @property
    def code(self) -> PlatformState:
        return PlatformState[self.state.upper()]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rule: tuple[PlatformRule, ...]


class Decision(msgspec.Struct, frozen=True):
    """The state that the rules ask for, and the number (from 1) and figure of the rule; 0 none."""

    state: PlatformState
    number: int
    figure: int


class RulesRefused(ValueError):
    """A table of platform rules that contradicts itself."""


def load_rules(text: str) -> tuple[PlatformRule, ...]:
    """Raises RulesRefused, or msgspec's errors."""
    rules = msgspec.toml.decode(text, type=_File).rule
    for rule in rules:
        if not 0 < rule.clear_ppm <= rule.at_ppm or rule.code is PlatformState.NORMAL:
            raise RulesRefused(
                f"{rule.key}: clear {rule.clear_ppm} must be above 0 and at most {rule.at_ppm}, "
                f"and the state not {rule.state}"
            )
    return rules


@cache
def platform_rules() -> tuple[PlatformRule, ...]:
    """Those of the package."""
    path = resources.files("server.risk").joinpath("platform.toml")
    return load_rules(path.read_text("utf-8"))


def figure_ppm(figures: SystemicFigures, name: FigureWord) -> int:
    """One of the figures that rules look at."""
    now, one, two = figures.stress
    if name == "index_fall":
        return max(0, -figures.index_ppm)
    if name == "limit_down_share":
        return figures.limit_down_ppm
    if name == "unsellable_share":
        return figures.unsellable_ppm
    if name == "two_limit_downs_loss":
        return two.loss * PPM // figures.lent if figures.lent else 0
    stress = now if name == "liquidate_share" else one
    return stress.liquidate * PPM // stress.accounts if stress.accounts else 0


def decide(figures: SystemicFigures, rules: tuple[PlatformRule, ...]) -> Decision:
    """The strictest state that any rule asks for."""
    present = PlatformState[figures.of_rules.upper()]
    found = Decision(PlatformState.NORMAL, 0, 0)
    for number, rule in enumerate(rules, 1):
        figure = figure_ppm(figures, rule.figure)
        bound = rule.clear_ppm if present >= rule.code else rule.at_ppm
        if figure >= bound and rule.code > found.state:
            found = Decision(rule.code, number, figure)
    return found
