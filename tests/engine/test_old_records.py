"""A journal of before goes on meaning what it meant: the same events, byte for byte.

The file holds 1,537 commands as the engine recorded them before it knew the rules of a day beside
its terms, calls by exchange, corporate actions, the other families of products and the platform's
limits. What has come since stands in bytes that were zero then. The digests are the engine's of
that time; where one differs, an old journal would replay to something else.
"""

import gzip
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from server.engine.codes import Command, Convention, Event
from server.engine.engine import Engine
from server.engine.records import COMMAND
from server.market import opening
from server.scenarios.runner import Failed, run_file

SCENARIOS = Path(__file__).parents[1] / "scenarios"
RECORDED = Path(__file__).parent / "old" / "commands_before_the_rule_book.gz"
EVENTS = "f1a93d329888f254bf7423f0ad8cd8af"
FIGURES = "4708533385714e7da93240a68e494b73"  # of every account: the columns below
COLUMNS = ("cash", "value", "debt", "frozen", "grade")


def test_commands_of_before_make_the_events_they_made() -> None:
    commands = np.frombuffer(gzip.decompress(RECORDED.read_bytes()), COMMAND)
    engine = Engine()
    events = engine.apply(commands)
    assert {Command.ENTITLEMENT, Command.CONTRACT_SETTLE, Command.ACCRUE, Command.UNCROSS} <= set(
        commands["kind"].tolist()
    )
    assert {Event.TRADE, Event.ENTITLED, Event.GRADE_CHANGED, Event.CONTRACT_SETTLED} <= set(
        events["kind"].tolist()
    )
    accounts = engine.state.accounts[: int(engine.state.header[0]["accounts"])]
    figures = np.stack([accounts[name].astype(np.int64) for name in COLUMNS])
    digests = [blake2b(each.tobytes(), digest_size=16).hexdigest() for each in (events, figures)]
    assert (len(commands), len(events)) == (1_537, 1_600)
    assert digests == [EVENTS, FIGURES]


@pytest.mark.parametrize(
    ("name", "step"),
    [("5.4-nothing-is-drawn-after-the-term", 3), ("4.5-direct-repayment", 3)],
)
def test_days_of_before_lend_and_repay_as_they_did(
    monkeypatch: pytest.MonkeyPatch, name: str, step: int
) -> None:
    """Until a day says otherwise: where the scenario of today's rule is first at odds with them."""
    monkeypatch.setattr(opening, "CONVENTIONS", Convention.UNSETTLED_FIRST)
    outcome = run_file(SCENARIOS / f"{name}.toml")
    assert isinstance(outcome, Failed)
    assert outcome.step == step, outcome.difference
