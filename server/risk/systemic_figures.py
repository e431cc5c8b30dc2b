"""Takes the systemic figures of an engine: a few milliseconds with 100,000 accounts."""

from typing import cast

import numpy as np

from server.engine import systemic
from server.engine.codes import PlatformState
from server.engine.engine import Engine
from server.protocol.systemic import PlatformWord, Stress, SystemicFigures
from server.protocol.words import IndexWeights


def take_figures(engine: Engine, published_ppm: int | None = None) -> SystemicFigures:
    """As the engine stands; nothing is changed. A published index's change stands for its own."""
    header = engine.state.header[0]
    count = int(header["accounts"])
    once, twice = np.zeros(count, np.int64), np.zeros(count, np.int64)
    cells = np.zeros(systemic.CELLS, np.int64)
    systemic.count_market(engine.workspace, once, twice, cells)
    systemic.count_accounts(engine.workspace, once, twice, cells)
    out: list[int] = cells.tolist()
    index_ppm, index_by = _index(out) if published_ppm is None else (published_ppm, "published")
    return SystemicFigures(
        time=engine.time,
        state=word(header["platform"]),
        of_rules=word(header["platform_rules"]),
        of_officer=word(header["platform_officer"]),
        index_ppm=index_ppm,
        index_by=index_by,
        listed=out[systemic.LISTED],
        at_limit_down=out[systemic.AT_LIMIT_DOWN],
        locked_down=out[systemic.LOCKED_DOWN],
        at_limit_up=out[systemic.AT_LIMIT_UP],
        lent=out[systemic.BORROWED],
        financed=out[systemic.FINANCED],
        unsellable=out[systemic.UNSELLABLE],
        bad_debt=int(engine.state.contracts["shortfall"][:count].sum()),
        stress=[_stress(out, scenario) for scenario in range(systemic.SCENARIOS)],
    )


def word(state: int) -> PlatformWord:
    return cast("PlatformWord", PlatformState(int(state)).name.lower())


def _index(out: list[int]) -> tuple[int, IndexWeights]:
    """Today's change in ppm of the market's own index; equal weights where no float is known."""
    if out[systemic.CAP_WEIGHT]:
        return out[systemic.CAP_RETURN] // out[systemic.CAP_WEIGHT], "float_cap"
    if out[systemic.EQUAL_WEIGHT]:
        return out[systemic.EQUAL_RETURN] // out[systemic.EQUAL_WEIGHT], "equal"
    return 0, "equal"


def _stress(out: list[int], scenario: int) -> Stress:
    grades = out[scenario * systemic.GRADES : (scenario + 1) * systemic.GRADES]
    return Stress(scenario, *grades, loss=out[systemic.LOSS + scenario])
