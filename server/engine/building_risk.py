"""Commands of the risk desk and of the day's limits, from plain values; as in `building`."""

from collections.abc import Sequence

from server.engine import records
from server.engine.building import ALL, Commands, as_record, packer
from server.engine.codes import Command, DecidedBy, Origin, StopScope
from server.engine.terms import LimitTerms, Tier

_risk_limits = packer(records.RISK_LIMITS).pack
_concentration = packer(records.CONCENTRATION).pack
_stock_limit = packer(records.STOCK_LIMIT).pack
_platform_state = packer(records.PLATFORM_STATE).pack
_stop = packer(records.STOP).pack
_price_override = packer(records.PRICE_OVERRIDE).pack

NOBODY = -1  # no officer, no person, every product


def risk_limits(terms: LimitTerms) -> Commands:
    """Begins the day's limits; CONCENTRATION and STOCK_LIMIT follow."""
    return as_record(_risk_limits(0, 0, Command.RISK_LIMITS, 0, 0, 1, -1, ALL, 0, *terms))


def concentration(
    holding_class: int, scope: int, tiers: Sequence[Tier], product: int = NOBODY
) -> Commands:
    """Tiers best first, at most RATIO_TIERS; `product` -1 is every one without its own."""
    filled = [*tiers, *[Tier(0, 0)] * (records.RATIO_TIERS - len(tiers))]
    return as_record(
        _concentration(
            *(0, 0, Command.CONCENTRATION, 0, 0, 1, -1, ALL, 0),
            *(product, holding_class, scope, len(tiers), 0),
            *(tier.from_ppm for tier in filled),
            *(tier.cap_ppm for tier in filled),
        )
    )


def stock_limit(instrument: int, stop_shares: int, resume_shares: int, cap: int = 0) -> Commands:
    return as_record(
        _stock_limit(
            *(0, 0, Command.STOCK_LIMIT, 0, 0, 1, -1, instrument, 0),
            *(stop_shares, resume_shares, cap),
        )
    )


def platform_state(
    state: int,
    by: int = DecidedBy.RULES,
    reason: int = 0,
    figure: int = 0,
    officer: int = NOBODY,
    note: str = "",
) -> Commands:
    """`note` is cut after 48 octets of UTF-8."""
    said = note.encode()[:48].decode(errors="ignore").encode()
    return as_record(
        _platform_state(
            *(0, 0, Command.PLATFORM_STATE, 0, 0, Origin.OFFICER, -1, ALL, 0),
            *(figure, state, by, reason, officer, said),
        )
    )


def stop(
    scope: int, of: int, level: int, until: int = 0, reason: int = 0, officer: int = NOBODY
) -> Commands:
    """`of` is an account, a person or an instrument, as `scope` says; level NONE lets go."""
    account = of if scope == StopScope.ACCOUNT else -1
    instrument = of if scope == StopScope.INSTRUMENT else ALL
    person = of if scope == StopScope.PERSON else NOBODY
    return as_record(
        _stop(
            *(0, 0, Command.STOP, 0, 0, Origin.OFFICER, account, instrument, 0),
            *(until, scope, level, person, reason, officer),
        )
    )


def price_override(
    instrument: int, price: int, volume: int = 0, reason: int = 0, officer: int = NOBODY
) -> Commands:
    """Price 0 discards the quarantined one."""
    return as_record(
        _price_override(
            *(0, 0, Command.PRICE_OVERRIDE, 0, 0, Origin.OFFICER, -1, instrument, 0),
            *(price, volume, reason, officer),
        )
    )
