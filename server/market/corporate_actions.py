"""Corporate actions as dated data: reference price of the ex-date, and what is due on which day."""

from fractions import Fraction
from math import floor

import msgspec

from server.engine import building_actions
from server.engine.building import Commands
from server.engine.terms import ActionTerms, AnnouncedTerms
from server.market.rules.dividend_tax import DividendTaxRow

PER_MILLION = 1_000_000
PPB = 1_000_000_000
PAR_VALUE = 10_000  # 1.00 yuan: what a bonus share is taxed on (section 6.2)


class CorporateAction(msgspec.Struct, frozen=True, kw_only=True):
    """One action of one instrument, per share held at the close of the record date.

    Dates are YYYYMMDD, 0 for none. Cash is in 1/10 000 yuan for 1,000,000 shares, the rights' price
    in 1/10 000 yuan. `number` is above 0 and no other action's of the instrument. The window to pay
    for rights ends with `rights_until`, and `last_day` is the last of a listing.
    """

    symbol: str
    number: int
    ex_date: int = 0
    announced: int = 0
    record_date: int = 0
    pay_date: int = 0  # of the cash; 0: the ex-date
    list_date: int = 0  # of the new shares; 0: the ex-date
    rights_until: int = 0
    cash: int = 0
    bonus_ppb: int = 0
    conversion_ppb: int = 0
    rights_ppb: int = 0
    rights_price: int = 0
    factor_ppb: int = 0  # of a split or merger
    last_day: int = 0

    @property
    def new_shares_ppb(self) -> int:
        return self.bonus_ppb + self.conversion_ppb


def check_action(action: CorporateAction) -> None:
    """Raises ValueError for an action whose dates contradict each other."""
    if action.rights_ppb and not action.ex_date <= action.rights_until < action.list_date:
        raise ValueError(f"{action.symbol}: rights need an end of the window, and a listing after")
    for name in ("pay_date", "list_date"):
        if 0 < getattr(action, name) < action.ex_date:
            raise ValueError(f"{action.symbol}: {name} is before the ex-date {action.ex_date}")
    if action.factor_ppb and (action.cash or action.new_shares_ppb or action.rights_ppb):
        raise ValueError(f"{action.symbol}: a split comes alone")


def reference_price(action: CorporateAction, close: int, tick: int) -> int:
    """Section 1.8, half up to the tick; at least one tick. `close` is the one before."""
    if action.factor_ppb:
        exact = Fraction(close * PPB, action.factor_ppb)
    else:
        rights = Fraction(action.rights_ppb, PPB)
        value = close - Fraction(action.cash, PER_MILLION) + action.rights_price * rights
        exact = value / (1 + Fraction(action.new_shares_ppb, PPB) + rights)
    return max(floor(exact / tick + Fraction(1, 2)) * tick, tick)


def action_terms(action: CorporateAction, reference: int, tax: DividendTaxRow) -> ActionTerms:
    """What the engine books on the ex-date.

    Bonus shares come from profit and are taxed on their par value; conversion shares are not.
    """
    par_value = PAR_VALUE * PER_MILLION * action.bonus_ppb // PPB
    return ActionTerms(
        action=action.number,
        tax_month_ppm=tax.month_ppm,
        tax_year_ppm=tax.year_ppm,
        tax_long_ppm=tax.long_ppm,
        withheld_ppm=tax.withheld_ppm,
        cash_later=int(action.pay_date > action.ex_date),
        shares_later=int(action.list_date > action.ex_date),
        cash=action.cash,
        taxable=action.cash + par_value,
        bonus_ppb=action.new_shares_ppb,
        rights_ppb=action.rights_ppb,
        rights_price=action.rights_price,
        factor_ppb=action.factor_ppb,
        reference=reference,
        rights_until=action.rights_until,
    )


def ex_date_action(
    actions: tuple[CorporateAction, ...], previous: int, date: int
) -> CorporateAction | None:
    """The action whose ex-date is after the market's `previous` day and up to `date`.

    Raises ValueError for two at once: their reference price has no formula.
    """
    if previous == 0:
        return None
    found = [action for action in actions if previous < action.ex_date <= date]
    if len(found) > 1:
        raise ValueError(f"{found[0].symbol}: two ex-dates at once by {date}")
    return found[0] if found else None


def due_commands(
    index: int, actions: tuple[CorporateAction, ...], previous: int, date: int
) -> list[Commands]:
    """What is due at the opening of `date` beside the ex-date; `previous` as above."""
    found: list[Commands] = []
    for action in actions:
        if _is_announced(action, previous, date):
            found.append(building_actions.action_announce(index, _announced(action)))
        if previous == 0:
            continue
        if action.rights_ppb and previous <= action.rights_until < date:
            found.append(building_actions.rights_lapse(index, action.number))
        if previous < action.pay_date <= date and action.pay_date > action.ex_date:
            found.append(building_actions.action_cash_paid(index, action.number))
        if previous < action.list_date <= date and action.list_date > action.ex_date:
            found.append(building_actions.action_shares_listed(index, action.number))
        if action.last_day and previous <= action.last_day < date:
            found.append(building_actions.delist(index))
    return found


def _is_announced(action: CorporateAction, previous: int, date: int) -> bool:
    """On its day, or on a market's first day when it is still to come."""
    if previous == 0:
        return 0 < action.announced <= date < max(action.ex_date, action.last_day)
    return previous < action.announced <= date


def _announced(action: CorporateAction) -> AnnouncedTerms:
    return AnnouncedTerms(
        action=action.number,
        record_date=action.record_date or action.last_day,
        ex_date=action.ex_date,
        pay_date=action.pay_date or action.ex_date if action.cash else 0,
        list_date=action.list_date or action.ex_date if action.new_shares_ppb else action.list_date,
        rights_until=action.rights_until,
        cash=action.cash,
        bonus_ppb=action.new_shares_ppb,
        rights_ppb=action.rights_ppb,
        rights_price=action.rights_price,
        factor_ppb=action.factor_ppb,
    )
