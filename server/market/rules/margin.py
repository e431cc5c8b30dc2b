"""What margin trading asks by date: the least margin (4.1), what holdings count for (4.4)."""

from collections.abc import Sequence

from server.market.dates import to_date
from server.market.rules.choices import Choices
from server.market.rules.tables import Row, RuleAmbiguous, RuleKey, RuleMissing

NOTHING_IS_FINANCED = -1
COUNTS_FOR_NOTHING = -1  # INSTRUMENT_RULES: 0 would be the product's own haircut


def _ppm(percent: str) -> int:
    return int(percent.removesuffix("%")) * 10_000


class FinancingRow(Row, frozen=True, kw_only=True):
    """The least margin for each yuan newly financed, as "80%"."""

    ratio: str

    @property
    def ratio_ppm(self) -> int:
        return _ppm(self.ratio)


class HaircutRow(Row, frozen=True, kw_only=True):
    """The most of a holding's value that counts as margin, as "65%"."""

    cap: str
    codes: tuple[str, ...] = ()  # beginnings
    member: bool = False  # only members of the indices that the exchanges name

    def rank(self, code: str, *, member: bool) -> int:
        """How closely the row describes an instrument; negative: not at all."""
        if self.member:
            return len(code) + 1 if member else -1
        if not self.codes:
            return 0
        return max((len(each) for each in self.codes if code.startswith(each)), default=-1)


class Haircuts:
    """The exchanges' caps by date, and what the broker's settings make of them.

    Raises ValueError for a setting that is no percentage.
    """

    def __init__(self, rows: Sequence[HaircutRow], choices: Choices) -> None:
        self._rows = rows
        self._found: dict[RuleKey, list[HaircutRow]] = {}
        self._members = frozenset(choices.index_members)
        self._lower = {symbol: _ppm(percent) for symbol, percent in choices.haircuts}

    def cap_ppm(self, key: RuleKey, symbol: str) -> int:
        """Raises RuleMissing or RuleAmbiguous."""
        code, member = symbol.partition(".")[0], symbol in self._members
        ranked = [
            (rank, row)
            for row in self._covering(key)
            if (rank := row.rank(code, member=member)) >= 0
        ]
        closest = max((rank for rank, _ in ranked), default=-1)
        found = [row for rank, row in ranked if rank == closest]
        if not found:
            raise RuleMissing(f"haircut: no rule for {symbol} on {key.date}")
        if len(found) > 1:
            raise RuleAmbiguous(f"haircut: {len(found)} rows cover {symbol} on {key.date}")
        return _ppm(found[0].cap)

    def _covering(self, key: RuleKey) -> list[HaircutRow]:
        """Rows in force for a key; remembered, as keys repeat by the thousand."""
        if key not in self._found:
            on = to_date(key.date)
            self._found[key] = [row for row in self._rows if row.covers(key, on)]
        return self._found[key]

    def collateral_ppm(self, key: RuleKey, symbol: str, *, suspended: bool) -> int:
        """As INSTRUMENT_RULES has it: the cap, or less where the broker says so."""
        cap = 0 if suspended else self.cap_ppm(key, symbol)
        if symbol in self._lower:
            cap = min(cap, self._lower[symbol])
        return cap or COUNTS_FOR_NOTHING


def financing_margin_ppm(rows: Sequence[FinancingRow], date: int) -> int:
    """The ratio of a day; NOTHING_IS_FINANCED before there was any. Raises RuleAmbiguous."""
    day = to_date(date)
    found = [
        row.ratio_ppm
        for row in rows
        if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
    ]
    if len(found) > 1:
        raise RuleAmbiguous(f"financing_margin: {len(found)} rows cover {date}")
    return found[0] if found else NOTHING_IS_FINANCED
