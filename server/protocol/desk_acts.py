"""What risk officers do. Everything here is refused to anybody else with `not_permitted`.

What changes something carries why, and a `request_id`: a repetition returns the first outcome.
"""

import msgspec

from server.protocol.words import DeskActionKind, PlatformWord, StopLevel


class DeskHold(msgspec.Struct, tag="desk_hold"):
    """Holds an account's forced sales until a market time, at most five days away."""

    id: int
    account: int
    until: int
    why: str
    request_id: str


class DeskRelease(msgspec.Struct, tag="desk_release"):
    """Ends a hold before its time. It takes two officers: the first proposes, another releases."""

    id: int
    account: int
    why: str
    request_id: str


class DeskReduce(msgspec.Struct, tag="desk_reduce"):
    """Reduces an account to its restrict line now, whatever its call's deadline."""

    id: int
    account: int
    why: str
    request_id: str


class DeskStop(msgspec.Struct, tag="desk_stop"):
    """Stops an account, a person or a share, exactly one of them, or lets it go (`none`)."""

    id: int
    level: StopLevel
    why: str
    request_id: str
    account: int = -1
    person: int = -1
    symbol: str = ""
    until: int = 0  # market time; 0: until it is lifted


class DeskPrice(msgspec.Struct, tag="desk_price"):
    """Sets a share's price in place of a quarantined one; 0 discards the quarantined one."""

    id: int
    symbol: str
    price: int
    why: str
    request_id: str


class DeskPlatform(msgspec.Struct, tag="desk_platform"):
    """Moves the platform; the stricter of this and of what the rules say holds."""

    id: int
    state: PlatformWord
    why: str
    request_id: str


class DeskDone(msgspec.Struct, tag="desk_done"):
    """Answers what changes something: its number on record, and what was done."""

    id: int
    action_id: int
    action: DeskActionKind
    duplicate: bool = False


class DeskActions(msgspec.Struct, tag="desk_actions"):
    """Asks what officers did, newest first; at most 500."""

    id: int
    limit: int = 100


class DeskAction(msgspec.Struct, omit_defaults=True):
    """One act of an officer, and its reason in the officer's own words."""

    action_id: int
    action: DeskActionKind
    officer: int
    why: str
    market_time: int
    wall_time: int
    account: int = -1
    person: int = -1
    symbol: str = ""
    until: int = 0
    figure: int = 0
    proposal: int = 0  # the action that this one confirms
    refused: str = ""  # why the engine did not do it, a code as in `failed`


class DeskActionList(msgspec.Struct, tag="desk_action_list"):
    """Answers `desk_actions`."""

    id: int
    items: list[DeskAction]


ActRequest = DeskHold | DeskRelease | DeskReduce | DeskStop | DeskPrice | DeskPlatform | DeskActions
