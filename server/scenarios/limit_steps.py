"""Steps of the risk desk, and other limits than those with which the day began."""

from zoneinfo import ZoneInfo

import numpy as np

from server.engine import building_risk, records
from server.engine.building import Commands
from server.engine.codes import DecidedBy, PlatformState, StopLevel, StopScope
from server.risk.platform_rules import decide, platform_rules
from server.risk.systemic_figures import take_figures
from server.scenarios.kinds import Word, money
from server.scenarios.page_limits import Limits, Override, Platform, Stop
from server.scenarios.setting import Setting
from server.scenarios.wording import Text, wrong

_SHANGHAI = ZoneInfo("Asia/Shanghai")
STATE = Word(PlatformState, Text("平台状态", "platform state"))
LEVEL = Word(StopLevel, Text("停止级别", "stop level"))


def do_limits(setting: Setting, said: Limits) -> Commands:
    return setting.stage.apply(setting.limits_commands(said))


def do_platform(setting: Setting, said: Platform) -> Commands:
    state = PlatformState[STATE.read(said.state).upper()]
    command = building_risk.platform_state(
        state, DecidedBy[said.by.upper()], figure=said.figure, note=said.note
    )
    return setting.stage.apply(command)


def do_stop(setting: Setting, said: Stop) -> Commands:
    level = StopLevel[LEVEL.read(said.level).upper()]
    until = 0
    if said.until is not None:
        until = int(said.until.replace(tzinfo=_SHANGHAI).timestamp()) * 1_000_000
    scope, of = _stopped(setting, said)
    return setting.stage.apply(building_risk.stop(scope, of, level, until))


def _stopped(setting: Setting, said: Stop) -> tuple[StopScope, int]:
    if said.account is not None:
        return StopScope.ACCOUNT, setting.names.account_number(said.account)
    if isinstance(said.person_of, int):
        return StopScope.PERSON, said.person_of
    if said.person_of is not None:
        return StopScope.PERSON, setting.person_of(said.person_of)
    if said.symbol is not None:
        return StopScope.INSTRUMENT, setting.names.instrument_number(said.symbol)
    raise wrong(
        "stop 要写明 account、person_of 或 symbol", "stop needs account, person_of or symbol"
    )


def do_watch(setting: Setting, _: bool) -> Commands:
    """What the platform's rules ask for at this moment."""
    asked = decide(take_figures(setting.stage.engine), platform_rules())
    if asked.state == setting.stage.engine.state.header[0]["platform_rules"]:
        return np.zeros(0, records.EVENT)
    command = building_risk.platform_state(asked.state, DecidedBy.RULES, asked.number, asked.figure)
    return setting.stage.apply(command)


def do_override(setting: Setting, said: Override) -> Commands:
    number = setting.names.instrument_number(said.symbol)
    return setting.stage.apply(building_risk.price_override(number, money(said.price)))
