"""What a day's rules say of an instrument beside its terms: INSTRUMENT_RULES."""

from functools import lru_cache

from server.engine.codes import Board, LimitKind, RiskStatus
from server.engine.terms import RuleTerms
from server.market.rules import RuleKey, Rules, Status

_RISK: dict[Status, RiskStatus] = {
    "st": RiskStatus.WARNED,
    "unreformed_st": RiskStatus.WARNED,
    "delisting": RiskStatus.DELISTING,
    "delisting_first": RiskStatus.DELISTING,
}

KEYS = 512  # of one day; a session's keys are few, its instruments thousands


def rule_terms(key: RuleKey, reference: int, rules: Rules) -> RuleTerms:
    """Raises RuleMissing or RuleAmbiguous for what the rules do not say."""
    terms = _at_any_price(key, rules)
    if rules.limit(key).kind_code is not LimitKind.UNLIMITED:
        return terms
    found = rules.call_range(key)
    low, high = found.opening(reference, rules.quantity(key).tick)
    return terms._replace(call_low=low, call_high=high, close_ppm=found.later_ppm)


@lru_cache(maxsize=KEYS)
def _at_any_price(key: RuleKey, rules: Rules) -> RuleTerms:
    types, cage = rules.order_types(key), rules.cage(key)
    after_hours = rules.after_hours(key)
    unlimited = rules.limit(key).kind_code is LimitKind.UNLIMITED
    return RuleTerms(
        auction_rule=rules.auction_rule(key),
        board=Board[key.board.upper()],
        st=_RISK.get(key.status, RiskStatus.NONE),
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
