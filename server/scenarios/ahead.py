"""What risk foresees of a day's opening the evening before; checked against every opening."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast, get_args

import numpy as np

from server.engine.building import Commands
from server.engine.codes import AccountClass, AccountStatus
from server.engine.engine import Engine
from server.engine.queries import is_overdue
from server.protocol.words import ChangeCause
from server.risk.look_ahead import Outlook, figures_at, look_ahead
from server.scenarios import page
from server.scenarios.event_kinds import GRADE
from server.scenarios.invariants import InvariantBroken
from server.scenarios.kinds import COUNT, MONEY, PERCENT, Kind
from server.scenarios.setting import Setting
from server.scenarios.wording import Text, unknown, wrong

Found: TypeAlias = tuple[Text, Text, Text]  # place, expected, got
Known: TypeAlias = dict[str, tuple[Kind, int]]
NO_INSTRUMENT = -1


def foreseen(setting: Setting, date: int, previous_date: int) -> dict[int, Outlook]:
    """By contract, of the day that the page is about to open; nothing for a day it cannot."""
    engine = setting.stage.engine
    rows = engine.state.accounts[: setting.next_account]
    contracts = (rows["klass"] == AccountClass.CONTRACT) & (rows["status"] == AccountStatus.OPEN)
    try:
        commands = setting.days.opening(date, previous_date)
    except (LookupError, ValueError):  # the opening itself says what is wrong
        return {}

    def opening(_: Engine, __: int, instruments: Sequence[int]) -> Commands:
        return commands[np.isin(commands["instrument"], [*instruments, NO_INSTRUMENT])]

    found = np.flatnonzero(contracts).tolist()
    return {each: look_ahead(engine, opening, each, date) for each in found}


def check_foreseen(setting: Setting) -> None:
    """Raises InvariantBroken where the opening left a contract elsewhere."""
    engine = setting.stage.engine
    for account, outlook in setting.foreseen.items():
        grade = int(engine.state.accounts[account]["grade"])
        got = (*figures_at(engine, account), grade, is_overdue(engine, account))
        late = max(outlook.falls_overdue, outlook.was_overdue)
        wanted = (*outlook.after, int(outlook.grade_after), int(late))
        if got != wanted:
            name = setting.names.account(account)
            raise InvariantBroken(f"{name}: the look-ahead foresaw {wanted}, the opening: {got}")


def of_ahead(setting: Setting, name: str, said: page.Raw) -> Iterator[Found]:
    """How the page's figures of an account differ from what was foreseen."""
    account = setting.names.account_number(name)
    outlook = setting.foreseen.get(account)
    if outlook is None:
        raise wrong(f"{name}：开盘前未作预估", f"{name}: nothing was foreseen")
    for key, raw in said.items():
        if key == "changes":
            yield from _of_changes(setting, name, outlook, raw)
        else:
            yield from _of_figure(setting, name, key, raw, _figures(outlook))


def _figures(outlook: Outlook) -> Known:
    after = outlook.after
    return {
        "assets": (MONEY, after.assets),
        "debt": (MONEY, after.debt),
        "margin": (MONEY, after.margin),
        "ratio": (PERCENT, after.ratio_ppm),
        "grade": (GRADE, int(outlook.grade_after)),
        "interest": (MONEY, outlook.interest),
        "falls_overdue": (COUNT, int(outlook.falls_overdue)),
    }


def _of_changes(setting: Setting, name: str, outlook: Outlook, raw: object) -> Iterator[Found]:
    """Every cause, in order."""
    told = _tables(raw)
    if len(told) != len(outlook.changes):
        causes = ", ".join(each.cause for each in outlook.changes) or "-"
        yield _both(f"{name} changes"), _both(f"{len(told)}"), _both(causes)
        return
    for said, change in zip(told, outlook.changes, strict=True):
        if said.get("cause") not in get_args(ChangeCause):
            raise unknown(Text("原因", "cause"), str(said.get("cause")), [*get_args(ChangeCause)])
        symbol = setting.days.symbols[change.instrument] if change.instrument >= 0 else ""
        place = f"{name} {change.cause} {symbol}".rstrip()
        if said["cause"] != change.cause or str(said.get("symbol", "")) not in symbol:
            yield _both(f"{name} changes"), _both(f"{said}"), _both(place)
        figures = {"assets": change.assets, "debt": change.debt, "margin": change.margin}
        known: Known = {each: (MONEY, value) for each, value in figures.items()}
        for key in said.keys() - {"cause", "symbol"}:
            yield from _of_figure(setting, place, key, said[key], known)


def _tables(raw: object) -> list[page.Raw]:
    if not isinstance(raw, list):
        raise wrong("changes 应为表的列表", "changes is a list of tables")
    return cast("list[page.Raw]", raw)


def _of_figure(
    setting: Setting, place: str, key: str, raw: object, known: Known
) -> Iterator[Found]:
    if key not in known:
        raise unknown(Text("数字", "figure"), key, [*known])
    kind, value = known[key]
    wanted = kind.read(raw)
    got = kind.show(value, wanted, setting.names)
    if got != wanted:
        yield _both(f"{place} {key}"), _both(wanted), _both(got)


def _both(text: str) -> Text:
    return Text(text, text)
