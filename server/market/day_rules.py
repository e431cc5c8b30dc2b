"""What a day's rules say of an instrument beside its terms: INSTRUMENT_RULES."""

from server.engine.codes import Board, LimitKind, RiskStatus
from server.engine.terms import RuleTerms
from server.market.rules import RuleKey, Rules, Status

_RISK: dict[Status, RiskStatus] = {
    "st": RiskStatus.WARNED,
    "unreformed_st": RiskStatus.WARNED,
    "delisting": RiskStatus.DELISTING,
    "delisting_first": RiskStatus.DELISTING,
}


def rule_terms(key: RuleKey, reference: int, rules: Rules) -> RuleTerms:
    """Raises RuleMissing or RuleAmbiguous for what the rules do not say."""
    types, cage = rules.order_types(key), rules.cage(key)
    after_hours = rules.after_hours(key)
    low, high, later = _call_range(key, reference, rules)
    unlimited = rules.limit(key).kind_code is LimitKind.UNLIMITED
    return RuleTerms(
        auction_rule=rules.auction_rule(key),
        board=Board[key.board.upper()],
        st=_RISK.get(key.status, RiskStatus.NONE),
        call_low=low,
        call_high=high,
        close_ppm=later,
        halt_ppm=rules.halts(key).ppm if unlimited else (0, 0),
        cage_ppm=cage.ppm,
        cage_ticks=cage.ticks,
        cage_hold=cage.hold_code,
        order_types=types.mask,
        protection=types.protection_code,
        queue=rules.queue_code(key),
        after_hours=after_hours.entry_code,
        fixed_maximum=after_hours.maximum,
    )


def _call_range(key: RuleKey, reference: int, rules: Rules) -> tuple[int, int, int]:
    """(lowest, highest) of the opening call and the later calls' ppm; only where no limit is."""
    if rules.limit(key).kind_code is not LimitKind.UNLIMITED:
        return 0, 0, 0
    found = rules.call_range(key)
    return *found.opening(reference, rules.quantity(key).tick), found.later_ppm
