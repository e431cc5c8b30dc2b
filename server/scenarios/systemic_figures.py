"""What a page may say of the whole platform (section 7.5)."""

from collections.abc import Callable
from dataclasses import dataclass

from server.engine.codes import PlatformState
from server.protocol.systemic import SystemicFigures
from server.scenarios.kinds import COUNT, MONEY, PERCENT, Kind, Word
from server.scenarios.wording import Text, unknown

STATE = Word(PlatformState, Text("平台状态", "platform state"))
STRESSES = {"now": 0, "one": 1, "two": 2}
GRADES = ("normal", "remind", "restrict", "reduce", "liquidate")


@dataclass(frozen=True)
class PlatformFigure:
    kind: Kind
    of: Callable[[SystemicFigures], int]


def _accounts(scenario: int, grade: str) -> Callable[[SystemicFigures], int]:
    return lambda figures: getattr(figures.stress[scenario], grade)


def _loss(scenario: int) -> Callable[[SystemicFigures], int]:
    return lambda figures: figures.stress[scenario].loss


SYSTEMIC_FIGURES = {
    "state": PlatformFigure(STATE, lambda figures: PlatformState[figures.state.upper()]),
    "index_fall": PlatformFigure(PERCENT, lambda figures: max(0, -figures.index_ppm)),
    "listed": PlatformFigure(COUNT, lambda figures: figures.listed),
    "at_limit_down": PlatformFigure(COUNT, lambda figures: figures.at_limit_down),
    "locked_down": PlatformFigure(COUNT, lambda figures: figures.locked_down),
    "at_limit_up": PlatformFigure(COUNT, lambda figures: figures.at_limit_up),
    "lent": PlatformFigure(MONEY, lambda figures: figures.lent),
    "financed": PlatformFigure(MONEY, lambda figures: figures.financed),
    "unsellable": PlatformFigure(MONEY, lambda figures: figures.unsellable),
    "bad_debt": PlatformFigure(MONEY, lambda figures: figures.bad_debt),
    **{
        f"{grade}_{name}": PlatformFigure(COUNT, _accounts(scenario, grade))
        for name, scenario in STRESSES.items()
        for grade in GRADES
    },
    **{
        f"loss_{name}": PlatformFigure(MONEY, _loss(scenario))
        for name, scenario in STRESSES.items()
    },
}


def platform_figure(name: str) -> PlatformFigure:
    """Raises ScenarioError for a figure there is not."""
    if name not in SYSTEMIC_FIGURES:
        raise unknown(Text("平台数字", "figure of the platform"), name, [*SYSTEMIC_FIGURES])
    return SYSTEMIC_FIGURES[name]
