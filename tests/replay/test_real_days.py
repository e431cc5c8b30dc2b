"""Real days through the whole server: lines as prices alone imply, a journal that proves it."""

import asyncio
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from server.engine import records
from server.engine.codes import Command, Event, Grade, Origin
from tests.replay.running import Replayed, read_back, replay_config, run_to_the_end
from tests.shared_data import shared_data

DAYS = {
    "2015": ("daily_2007_2019_sse", "2015-08-20", "2015-08-26"),
    "2024": ("daily_2020_2025", "2024-09-30", "2024-10-11"),
    "2025": ("daily_2020_2025", "2025-04-03", "2025-04-07"),
}
LINES = {  # section 5.3, in ppm
    2: (1_400_000, 1_300_000, 1_250_000, 1_200_000),
    3: (1_270_000, 1_220_000, 1_180_000, 1_140_000),
    4: (1_210_000, 1_180_000, 1_155_000, 1_130_000),
}
DAILY_RATE = (108, 1_000, 360)  # 10.8 % over 360 days


@dataclass
class Contract:
    """One contract as a person with pen and paper would keep it."""

    leverage: int
    loan: int
    cash: int
    shares: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    days: int = 0
    grade: int = 0

    @property
    def debt(self) -> int:
        a, b, c = DAILY_RATE
        return self.loan + self.loan * a * self.days // (b * c)

    def grade_at(self, price: dict[int, int]) -> int:
        assets = self.cash + sum(count * price[share] for share, count in self.shares.items())
        return sum(assets * 1_000_000 <= self.debt * line for line in LINES[self.leverage])


class Pen:
    """Keeps every contract from the journal's prices, days and fills, and nothing else."""

    def __init__(self, run: Replayed) -> None:
        self._commands = run.commands
        self._fills = defaultdict(list)
        for event in run.events[run.events["kind"] == Event.FILL].view(records.FILL_EVENT):
            self._fills[int(event["seq"])].append(event)
        opened = run.events[run.events["kind"] == Event.CONTRACT_OPENED]
        self._opened = {int(e["seq"]): e for e in opened.view(records.CONTRACT_EVENT)}
        self._price: dict[int, int] = {}
        self._contracts: dict[int, Contract] = {}
        self._forced: set[int] = set()
        self._in_frame = False
        self.found: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def crossings(self) -> dict[int, list[tuple[int, int]]]:
        """(time, line) each contract must have crossed before its first forced order."""
        for i in range(len(self._commands)):
            self._follow(i)
        return {account: lines for account, lines in self.found.items() if lines}

    def _follow(self, i: int) -> None:
        command = self._commands[i]
        seq, kind = int(command["seq"]), Command(int(command["kind"]))
        if kind in {Command.DAY_OPEN, Command.FRAME_BEGIN}:
            self._in_frame = True
        elif kind in {Command.LADDERS, Command.FRAME_END}:
            self._in_frame = False
        self._take_figures(kind, i)
        if seq in self._opened:
            self._open(self._opened[seq])
        if command["origin"] in (Origin.FORCED_REDUCE, Origin.FORCED_LIQUIDATE):
            self._forced.add(int(command["account"]))
        for fill in self._fills.get(seq, ()):
            if int(fill["account"]) in self._contracts:
                _book(self._contracts[int(fill["account"])], fill)
        if not self._in_frame:
            self._grade(int(command["time"]))

    def _take_figures(self, kind: Command, i: int) -> None:
        record = self._commands[i : i + 1]
        share = int(record[0]["instrument"])
        if kind == Command.PRICE:
            self._price[share] = int(record.view(records.PRICE)[0]["price"])
        elif kind == Command.INSTRUMENT_DAY:
            day = record.view(records.INSTRUMENT_DAY)[0]
            self._price[share] = int(day["reference"]) * int(day["valuation_ppm"]) // 1_000_000
        elif kind == Command.ACCRUE:
            for contract in self._contracts.values():
                contract.days += int(record.view(records.ACCRUE)[0]["days"])

    def _open(self, event) -> None:
        loan, deposit = int(event["loan"]), int(event["deposit"])
        self._contracts[int(event["account"])] = Contract(loan // deposit, loan, loan + deposit)

    def _grade(self, time: int) -> None:
        for account, contract in self._contracts.items():
            if account in self._forced:
                continue
            grade = contract.grade_at(self._price)
            self.found[account] += [(time, line) for line in range(contract.grade + 1, grade + 1)]
            contract.grade = grade


def _book(contract: Contract, fill) -> None:
    fees = sum(
        int(fill[name])
        for name in ("commission", "stamp_duty", "transfer_fee", "handling_fee", "regulatory_fee")
    )
    sign = 1 if fill["side"] == 0 else -1
    contract.shares[int(fill["instrument"])] += sign * int(fill["quantity"])
    contract.cash -= sign * int(fill["price"]) * int(fill["quantity"]) + fees


def crossings_of_engine(run: Replayed) -> dict[int, list[tuple[int, int]]]:
    """The same, as the engine said it."""
    forced_at: dict[int, int] = {}
    for command in run.commands[run.commands["origin"] >= Origin.FORCED_REDUCE]:
        forced_at.setdefault(int(command["account"]), int(command["seq"]))
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    crossed = run.events[run.events["kind"] == Event.LINE_CROSSED].view(records.GRADE_EVENT)
    for event in crossed:
        account = int(event["account"])
        if int(event["seq"]) < forced_at.get(account, 2**62):
            found[account].append((int(event["time"]), int(event["new_grade"])))
    return found


@pytest.fixture(
    scope="module",
    params=["2015", pytest.param("2024", marks=pytest.mark.proof), "2025"],
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder, first, last = DAYS[request.param]
    data = tmp_path_factory.mktemp(request.param)
    live = asyncio.run(run_to_the_end(replay_config(data, shared_data(folder), first, last)))
    return request.param, data, live, read_back(data)


@pytest.mark.needs_data
def test_lines_are_crossed_when_prices_say_so(run) -> None:
    name, _, _, replayed = run
    expected = Pen(replayed).crossings()
    assert crossings_of_engine(replayed) == expected
    crossed = {line for lines in expected.values() for _, line in lines}
    if name == "2015":
        assert crossed == {Grade.REMIND, Grade.RESTRICT, Grade.REDUCE, Grade.LIQUIDATE}
    if name == "2025":  # the market opened far below the close before
        prices = replayed.commands[replayed.commands["kind"] == Command.PRICE]
        last_day = prices[prices["seq"] > _last_opening(replayed)]
        assert any(lines[0][0] == int(last_day[0]["time"]) for lines in expected.values())


def _last_opening(run: Replayed) -> int:
    return int(run.commands[run.commands["kind"] == Command.DAY_OPEN][-1]["seq"])


@pytest.mark.needs_data
def test_the_journal_replays_to_the_same_state(run) -> None:
    _, _, live, replayed = run
    assert replayed.state_hash == live
    header = replayed.engine.state.header[0]
    cash = replayed.engine.state.accounts["cash"][: header["accounts"]].sum()
    assert int(cash) + int(header["ledger"].sum()) == 0


@pytest.mark.needs_data
def test_one_changed_byte_is_found_and_named(run, tmp_path: Path) -> None:
    name, data, _, _ = run
    if name != "2025":
        pytest.skip("once is enough: the shortest of the three")
    assert _verify(data).returncode == 0
    database = apsw.Connection(str(data / "journal.db"))
    rows = list(database.execute("SELECT rowid, commands FROM batches ORDER BY rowid"))
    row, blob = rows[len(rows) // 2]
    changed = bytearray(blob)
    changed[40] ^= 1
    database.execute("UPDATE batches SET commands = ? WHERE rowid = ?", (bytes(changed), row))
    database.close()
    verdict = _verify(data)
    assert verdict.returncode == 1
    assert str(row) in verdict.stdout + verdict.stderr


def _verify(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "honghe_tui.cli", "audit", "verify", "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
