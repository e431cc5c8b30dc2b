"""What the random histories trade: seven kinds of share, fee schedules, four products."""

from random import Random

from server.engine.codes import AuctionRule, Board, Family, HoldingClass, LimitKind
from server.engine.term_codes import Billing, Refund, RepayOrder, Unpaid
from server.engine.terms import DayTerms, FeeTerms, MoreTerms, ProductTerms, RuleTerms

YUAN = 10_000

FEES = (
    FeeTerms(1, 250_000, 50_000, 0, 500_000, 10_000, 0, 34_100, 20_000),
    FeeTerms(0, 150_000, 50_000, 0, 1_000_000, 0, 3, 48_700, 20_000),
    FeeTerms(0, 0, 0, 0, 0, 0, 0, 0, 0),
)
WHOLE = 1_000_000
UNCAPPED = 3  # the product that only the gap of section 5.2 bounds
CAPS = {2: (WHOLE, 500_000, 100_000, 0), 3: (WHOLE, 150_000, 0, 0), 4: (WHOLE, 0, 0, 0)}
LINES = {
    2: (1_400_000, 1_300_000, 1_250_000, 1_200_000),
    3: (1_270_000, 1_220_000, 1_180_000, 1_140_000),
    4: (1_210_000, 1_180_000, 1_155_000, 1_130_000),
}
SINGLE = {2: WHOLE, 3: 500_000, 4: 330_000}
MAIN = (100, 100, 100, 1, 100)  # lot, buy minimum, buy step, sell minimum, sell step
SINGLES = (1, 200, 1, 200, 1)
BEIJING = (1, 100, 1, 100, 1)
# (lot rules, tick, daily limit, holding class, T+0, session) of each instrument.
KINDS = (
    (MAIN, 100, 100_000, HoldingClass.MAIN, 0, 0),
    (MAIN, 100, 100_007, HoldingClass.MAIN, 0, 1),  # so that a gap's loss has a fraction
    (SINGLES, 100, 200_003, HoldingClass.WIDE_20, 0, 0),
    (MAIN, 10, 100_000, HoldingClass.MAIN, 1, 1),
    (MAIN, 100, 50_000, HoldingClass.RISK_WARNING, 0, 0),
    (BEIJING, 100, 299_993, HoldingClass.BSE_30, 1, 1),
    (SINGLES, 100, 200_000, HoldingClass.WIDE_20, 1, 0),  # a ladder of 9,000 levels
)
WIDEST = 6
REFERENCES = (10 * YUAN, 10 * YUAN, 20 * YUAN, 4 * YUAN, 3_000, 15 * YUAN, 225 * YUAN)


def products() -> list[ProductTerms]:
    """1:2, 1:3 and 1:4 of section 5.3, and UNCAPPED."""
    found = [
        ProductTerms(
            *(1, leverage, 108_000, days, *LINES[leverage], CAPS[leverage], SINGLE[leverage]),
            *(6_000, YUAN, 1_000_000 * YUAN),
        )
        for leverage, days in ((2, 360), (3, 365), (4, 360))
    ]
    return [*found, found[0]._replace(class_cap_ppm=(WHOLE, WHOLE, WHOLE, WHOLE))]


# Products with more terms: (what is like a fixed one of which leverage, the rest).
ENDING, COMBINED, FLEXIBLE, LICENSED, CASH = 4, 5, 6, 7, 8
BILLED, AHEAD, DRAWN_AND_BILLED = 9, 10, 11
AHEAD_OR_OVERDUE, OLDEST_FIRST = 12, 13
LINE = 3_000_000 * YUAN
_ENDS = MoreTerms(
    *(Family.FIXED, 0, 0, (0, 0, 0, 0), (0, 0, 0, 0)),
    *(6, 4, 2, 3, 2, 2_500, 1_500_000, 1_300_000, 1, 0),
)
_LENDS_ON_MARGIN = _ENDS._replace(
    family=Family.LICENSED,
    withdraw_ppm=3_000_000,
    financing_margin_ppm=500_000,
    class_haircut_ppm=(700_003, 650_000, 650_000, 0),
    minimum_days=0,
    credit_maximum=LINE,
)
MORE = {
    ENDING: _ENDS,
    COMBINED: _ENDS._replace(
        family=Family.COMBINATION,
        class_coefficient_ppm=(270_001, 400_000, 500_000, WHOLE),
        minimum_days=0,
        credit_maximum=LINE,
    ),
    FLEXIBLE: _ENDS._replace(
        family=Family.FLEXIBLE,
        minimum_days=0,
        credit_maximum=30_000 * YUAN,
    ),
    LICENSED: _LENDS_ON_MARGIN._replace(repay_order=RepayOrder.EARLIEST_DUE),
    CASH: MoreTerms(Family.CASH),
    BILLED: _ENDS._replace(term_days=9, billing_days=2, billing=Billing.ARREARS),
    AHEAD: _ENDS._replace(
        term_days=7,
        billing_days=3,
        billing=Billing.ADVANCE,
        unpaid=Unpaid.CAPITALISED,
        refund=Refund.BY_DAY,
    ),
    DRAWN_AND_BILLED: _ENDS._replace(
        family=Family.FLEXIBLE,
        term_days=0,
        minimum_days=0,
        billing_days=2,
        billing=Billing.ARREARS,
        unpaid=Unpaid.CAPITALISED,
        credit_maximum=30_000 * YUAN,
    ),
    AHEAD_OR_OVERDUE: _ENDS._replace(billing_days=5, billing=Billing.ADVANCE, refund=Refund.BY_DAY),
    OLDEST_FIRST: _LENDS_ON_MARGIN,
}
MARGINS = (500_000, 800_000, 1_000_000, 1_000_000, -1)  # the exchanges', and a day without any


def ruled_products() -> list[tuple[ProductTerms, MoreTerms]]:
    """From number ENDING on: one of each family."""
    plain = products()
    wide = plain[0]._replace(class_cap_ppm=(WHOLE, 500_000, 100_000, 100_000))
    on_margin = wide._replace(reduce_ppm=1_220_000)
    firsts = {LICENSED: on_margin, OLDEST_FIRST: on_margin, COMBINED: wide, CASH: plain[0]}
    return [(firsts.get(number, plain[0]), more) for number, more in MORE.items()]


def first_reference(index: int) -> int:
    return REFERENCES[index % len(KINDS)]


def bounded_reference(index: int, price: int) -> int:
    """`price` on the fen, not so far from the first that ladders become too long or too short."""
    first = first_reference(index)
    return min(max(price, first // 3), 2 * first) // 100 * 100


def fee_terms(random: Random) -> FeeTerms:
    """Any schedule: rates of 0 to 0.3 %, with and without minimum and fee a share."""

    def rate() -> int:
        return random.choice([0, random.randrange(3_000_000)])

    smallest = random.choice([0, 50_000])
    return FeeTerms(
        *(random.randrange(2), rate(), smallest, rate(), rate(), rate()),
        *(random.choice([0, 3]), rate(), rate()),
    )


def _one_in(random: Random, n: int) -> bool:
    return random.randrange(n) == 0


def day_terms(random: Random, index: int, reference: int, schedules: int) -> DayTerms:
    lots, tick, limit_ppm, holding, same_day, session = KINDS[index % len(KINDS)]
    lot, buy_minimum, buy_step, sell_minimum, sell_step = lots
    width = max(tick, reference * limit_ppm // 1_000_000 // tick * tick)
    kind = LimitKind.LIMITED
    if _one_in(random, 12):
        kind, width = LimitKind.UNLIMITED, reference // 2 // tick * tick
    elif _one_in(random, 40):
        kind = LimitKind.UNKNOWN
    suspended = int(_one_in(random, 25))
    valuation = random.choice([900_000, 650_000, 0]) if suspended or _one_in(random, 20) else WHOLE
    return DayTerms(
        reference=reference,
        limit_up=reference + width,
        limit_down=max(tick, reference - width),
        tick=tick,
        lot=lot,
        buy_minimum=buy_minimum,
        buy_step=buy_step,
        sell_minimum=sell_minimum,
        sell_step=sell_step,
        max_limit_quantity=500_000,
        max_market_quantity=200_000,
        limit_ppm=limit_ppm,
        valuation_ppm=valuation,
        fee_schedule=random.randrange(schedules),
        session=session,
        limit_kind=kind,
        holding_class=holding,
        suspended=suspended,
        same_day_sale=same_day,
    )


# Of the order types: the SSE main board's, STAR's and BSE's, SZSE's, and all.
TYPES = (0, 0b0000111, 0b0011111, 0b1111011, 0b1111111)


# Thresholds of halts: mostly none.
HALTS = ((0, 0), (0, 0), (0, 0), (300_000, 600_000), (30_000, 0), (20_000, 40_000))


def rule_terms(random: Random, index: int, reference: int, *, limited: bool) -> RuleTerms:
    """What else a day's rules may say."""
    caged = _one_in(random, 2)
    return RuleTerms(
        call_low=random.choice([0, reference * 95 // 100]),
        call_high=random.choice([0, reference * 105 // 100]),
        cage_ppm=random.choice([20_000, 50_000]) if caged else 0,
        cage_ticks=random.choice([0, 3, 10]),
        cage_hold=random.choice([0, 1, 1, 3]),
        halt_ppm=random.choice(HALTS) if limited else (20_000, 40_000),
        close_ppm=random.choice([0, 30_000]),
        order_types=random.choice(TYPES),
        protection=random.choice([0, 0, 1, 2]),
        queue=random.choice([0, 1, 3, 3]),
        after_hours=random.choice([0, 1, 2, 2]),
        fixed_maximum=random.choice([0, 1_000_000]),
        auction_rule=random.choice(list(AuctionRule)),
        board=random.choice(list(Board)),
        sector=index,
        st=random.choice([0] * 8 + [1, 2]),
        collateral_ppm=random.choice([0, 0, 700_000, 1, -1]),
        coefficient_ppm=random.choice([0, 0, 333_334, -1]),
    )
