"""What the risk desk and the day's tables have set, in the engine and in its twin."""

from functools import lru_cache
from typing import Any

import numpy as np

from server.engine.codes import ConcentrationScope, HoldingClass, StopScope
from server.engine.engine import Engine
from server.engine.layout import STOP_OF_PERSON
from server.engine.records import RATIO_TIERS
from server.engine.term_tables import CONCENTRATION
from server.engine.terms import LimitTerms
from tests.engine.twin.limiting import EVERY
from tests.engine.twin.twin import Twin

State = dict[str, Any]
_CELLS = [(of, scope) for scope in ConcentrationScope for of in HoldingClass]
EXPOSURE = (
    *("financed", "pending", "cap", "resume_shares", "full"),
    *("stop", "stop_until", "quarantined", "agreed"),
)


def engine_desk(engine: Engine) -> State:
    header = engine.state.header[0]
    limits = engine.state.limits[0]
    rows = engine.state.exposures[: int(header["instruments"])]
    return {
        "on": bool(header["limits"]),
        "limits": [int(limits[name]) for name in LimitTerms._fields],
        "platform": [int(header[f"platform{of}"]) for of in ("", "_rules", "_officer")],
        "stops": int(header["stops"]),
        "exposures": [{name: int(row[name]) for name in EXPOSURE} for row in rows],
        "accounts": [_engine_stop(engine, i) for i in range(int(header["accounts"]))],
        "tiers": [
            _engine_tiers(row.tobytes())
            for row in engine.state.concentration[: header["products"] + 1]
        ],
    }


def _engine_stop(engine: Engine, index: int) -> list[int]:
    account, contract = engine.state.accounts[index], engine.state.contracts[index]
    person, own = divmod(int(account["stop"]), STOP_OF_PERSON)
    return [own, int(contract["stop_until"]), person, int(contract["person_stop_until"])]


@lru_cache(maxsize=256)
def _engine_tiers(packed: bytes) -> list[list[tuple[int, int]]]:
    """Of each class, stocks first, then boards."""
    row = np.frombuffer(packed, CONCENTRATION)[0]
    found: list[list[tuple[int, int]]] = []
    for cell, count in enumerate(row["tiers"].tolist()):
        part = slice(cell * RATIO_TIERS, cell * RATIO_TIERS + count)
        pairs = zip(row["from_ppm"][part].tolist(), row["cap_ppm"][part].tolist(), strict=True)
        found.append(list(pairs))
    return found


def twin_desk(twin: Twin) -> State:
    desk = twin.desk
    exposures = [_twin_exposure(twin, i) for i in range(len(twin.instruments))]
    accounts = [_twin_stop(twin, i) for i in range(len(twin.accounts))]
    stopped = sum(own > 0 or person > 0 for own, _, person, _ in accounts)
    return {
        "on": desk.on,
        "limits": list(desk.limits),
        "platform": [int(desk.platform), int(desk.of_rules), int(desk.of_officer)],
        "stops": stopped + sum(row["stop"] > 0 for row in exposures),
        "exposures": exposures,
        "accounts": accounts,
        "tiers": [
            _twin_tiers(twin, i) for i in range(EVERY, max(twin.products, default=EVERY) + 1)
        ],
    }


def _twin_tiers(twin: Twin, product: int) -> list[list[tuple[int, int]]]:
    tiers = twin.desk.tiers
    return [[tuple(tier) for tier in tiers.get((product, *cell), [])] for cell in _CELLS]


def _twin_exposure(twin: Twin, index: int) -> State:
    stock = twin.desk.stock(index)
    stop, until = twin.desk.stops.get((StopScope.INSTRUMENT, index), (0, 0))
    price, agreed = twin.desk.waiting.get(index, (0, 0))
    financed = twin.shares_financed(index, pending=False)
    return {
        "financed": financed,
        "pending": twin.shares_financed(index, pending=True) - financed,
        "cap": stock.cap,
        "resume_shares": stock.resume_shares,
        "full": int(stock.full),
        "stop": int(stop),
        "stop_until": until,
        "quarantined": price,
        "agreed": agreed,
    }


def _twin_stop(twin: Twin, index: int) -> list[int]:
    stops = twin.desk.stops
    own = stops.get((StopScope.ACCOUNT, index), (0, 0))
    person = stops.get((StopScope.PERSON, twin.accounts[index].person), (0, 0))
    return [int(figure) for figure in (*own, *person)]
