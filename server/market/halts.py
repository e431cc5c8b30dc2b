"""The end of temporary halts (section 1.7): the market's source sends it, like every phase."""

from collections.abc import Iterator

import numpy as np

from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import Command, Phase
from server.market.columns import Ints
from server.market.source import EngineView, MarketFrame


def ending_halts(engine: EngineView, frames: Iterator[MarketFrame]) -> Iterator[MarketFrame]:
    """`frames` with RESUME for what is halted, when its ten minutes are over or 14:57 has come."""
    for frame in frames:
        last = engine.time
        while (found := _first_due(engine, frame.time)) is not None:
            due, who = found
            if due <= last:  # late, as after a restart: with the frame
                break
            yield MarketFrame(due, _resume(who))
            last = due
        ready = _halted_until(engine, frame.time, calling=_enters_closing_call(frame.commands))
        commands = [_resume(ready)] if len(ready) else []
        yield MarketFrame(frame.time, building.concat([*commands, frame.commands]))


def _first_due(engine: EngineView, before: int) -> tuple[int, Ints] | None:
    """(when, which instruments) of the halts that end first, if before a market time."""
    who = _halted_until(engine, before - 1)
    if len(who) == 0:
        return None
    until = engine.state.instruments["halt_until"][who]
    return int(until.min()), who[until == until.min()]


def _halted_until(engine: EngineView, time: int, *, calling: bool = False) -> Ints:
    """Halted instruments whose halt ends by `time`; `calling`: a closing call ends them all."""
    header = engine.state.header[0]
    if header["halted"] == 0:
        return np.zeros(0, np.int64)
    table = engine.state.instruments[: int(header["instruments"])]
    halted = table["phase"] == Phase.HALTED
    return np.flatnonzero(halted & (calling | (table["halt_until"] <= time)))


def _enters_closing_call(commands: Commands) -> bool:
    phases = commands[commands["kind"] == Command.PHASE].view(records.PHASE)
    return bool((phases["phase"] == Phase.CLOSING_CALL).any())


def _resume(instruments: Ints) -> Commands:
    return building.concat([building.resume(index) for index in instruments.tolist()])
