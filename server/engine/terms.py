"""What a day, a fee schedule and a product bring to the engine, field by field as in `records`.

The order of the fields is the record's: `building` packs them as they stand.
"""

from typing import NamedTuple


class DayTerms(NamedTuple):
    """An instrument's terms for one day (INSTRUMENT_DAY)."""

    reference: int
    limit_up: int
    limit_down: int
    tick: int
    lot: int
    buy_minimum: int
    buy_step: int
    sell_minimum: int
    sell_step: int
    max_limit_quantity: int
    max_market_quantity: int
    limit_ppm: int
    valuation_ppm: int
    fee_schedule: int
    session: int
    limit_kind: int
    holding_class: int
    suspended: int
    same_day_sale: int


class RuleTerms(NamedTuple):
    """What else a day's rules say of an instrument (INSTRUMENT_RULES); 0 is none."""

    call_low: int = 0
    call_high: int = 0
    float_shares: int = 0
    cage_ppm: int = 0
    cage_ticks: int = 0
    halt_ppm: tuple[int, int] = (0, 0)
    close_ppm: int = 0
    collateral_ppm: int = 0
    coefficient_ppm: int = 0
    sector: int = 0
    order_types: int = 0
    auction_rule: int = 0
    board: int = 0
    cage_hold: int = 0
    protection: int = 0
    queue: int = 0
    after_hours: int = 0
    st: int = 0
    fixed_maximum: int = 0


class FeeTerms(NamedTuple):
    """Rates of one fee schedule (FEE_SCHEDULE), without its index."""

    all_in: int
    commission_ppb: int
    commission_minimum: int
    stamp_buy_ppb: int
    stamp_sell_ppb: int
    transfer_ppb: int
    transfer_per_share: int
    handling_ppb: int
    regulatory_ppb: int


class LimitTerms(NamedTuple):
    """The platform's limits of a day (RISK_LIMITS); 0 is none."""

    client_cap: int = 0
    lending_cap: int = 0
    person_stock_cap: int = 0
    jump_ppm: int = 0
    confirmations: int = 0
    price_bounds: int = 0


class Tier(NamedTuple):
    """From a ratio on, the share of the assets that may be in one stock or board."""

    from_ppm: int
    cap_ppm: int


class ProductTerms(NamedTuple):
    """Terms of one product version (PRODUCT), without its index."""

    version: int
    leverage: int
    annual_rate_ppm: int
    day_count: int
    remind_ppm: int
    restrict_ppm: int
    reduce_ppm: int
    liquidate_ppm: int
    class_cap_ppm: tuple[int, int, int, int]  # by HoldingClass
    single_cap_ppm: int
    exit_cost_ppm: int
    deposit_minimum: int
    deposit_maximum: int


class ActionTerms(NamedTuple):
    """A corporate action on its ex-date (CORPORATE_ACTION); what is not given, is not."""

    action: int
    tax_month_ppm: int = 0
    tax_year_ppm: int = 0
    tax_long_ppm: int = 0
    withheld_ppm: int = 0
    cash_later: int = 0
    shares_later: int = 0
    cash: int = 0
    taxable: int = 0
    bonus_ppb: int = 0
    rights_ppb: int = 0
    rights_price: int = 0
    factor_ppb: int = 0
    reference: int = 0
    rights_until: int = 0


class AnnouncedTerms(NamedTuple):
    """A corporate action as it is announced (ACTION_ANNOUNCE); dates YYYYMMDD, 0 for none."""

    action: int
    record_date: int = 0
    ex_date: int = 0
    pay_date: int = 0
    list_date: int = 0
    rights_until: int = 0
    cash: int = 0
    bonus_ppb: int = 0
    rights_ppb: int = 0
    rights_price: int = 0
    factor_ppb: int = 0


class MoreTerms(NamedTuple):
    """What a product has beside its ProductTerms (PRODUCT_TERMS), without its index."""

    family: int
    withdraw_ppm: int = 0
    financing_margin_ppm: int = 0
    class_coefficient_ppm: tuple[int, int, int, int] = (0, 0, 0, 0)  # by HoldingClass
    class_haircut_ppm: tuple[int, int, int, int] = (0, 0, 0, 0)
    term_days: int = 0
    extension_days: int = 0
    extensions: int = 0
    minimum_days: int = 0
    release_sessions: int = 0
    early_fee_ppm: int = 0
    overdue_ppm: int = 0
    call_restore_ppm: int = 0
    call_days: int = 0
    refund: int = 0
    repay_order: int = 0
    credit_maximum: int = 0
    billing_days: int = 0
    billing: int = 0
    unpaid: int = 0
