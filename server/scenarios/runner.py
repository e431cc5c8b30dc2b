"""Runs a scenario file and says how it went."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from server.engine import records
from server.engine.building import Commands
from server.engine.reasons import Reason
from server.scenarios import page
from server.scenarios.comparing import Difference, first_difference
from server.scenarios.doing import do
from server.scenarios.invariants import InvariantBroken
from server.scenarios.reading import read
from server.scenarios.setting import REFUSED, Setting
from server.scenarios.wording import ScenarioError, Text, at


@dataclass(frozen=True, slots=True)
class Passed:
    scenario: page.Scenario
    steps: int
    state_hash: bytes  # of the engine at the end
    reasons: frozenset[Reason]  # for which a command was refused


@dataclass(frozen=True, slots=True)
class Failed:
    """The first difference; `step` is 0 for what is given."""

    scenario: page.Scenario
    step: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no scenario, or an engine that broke one of its invariants."""

    text: Text


Outcome = Passed | Failed | Broken


def run_file(path: Path) -> Outcome:
    """Raises OSError when the file cannot be read."""
    try:
        return run_scenario(read(path))
    except ScenarioError as error:
        return Broken(error.text)


def run_scenario(scenario: page.Scenario) -> Outcome:
    """Raises ScenarioError for what only running shows to be wrong."""
    number = 0
    reasons: set[Reason] = set()
    try:
        setting = Setting(scenario.given)
        for number, step in enumerate(scenario.step, 1):
            events = do(setting, step)
            reasons |= _reasons(events)
            difference = first_difference(setting, step, events)
            if difference is not None:
                return Failed(scenario, number, difference)
    except ScenarioError as error:
        raise at(place_of(number), error) from error
    except InvariantBroken as error:
        return Broken(Text(f"{place_of(number).zh}：{error}", f"{place_of(number).en}: {error}"))
    state_hash = setting.stage.engine.state_hash()
    return Passed(scenario, len(scenario.step), state_hash, frozenset(reasons))


def _reasons(events: Commands) -> set[Reason]:
    refused = events[np.isin(events["kind"], REFUSED)].view(records.ORDER_EVENT)
    return {Reason(int(reason)) for reason in refused["reason"]}


def place_of(step: int) -> Text:
    return Text(f"第 {step} 步", f"step {step}") if step else Text("given", "given")
