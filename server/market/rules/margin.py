"""What the exchanges ask of whoever buys on margin, by date (section 4.1)."""

from collections.abc import Sequence

from server.market.dates import to_date
from server.market.rules.tables import Row, RuleAmbiguous

NOTHING_IS_FINANCED = -1


class FinancingRow(Row, frozen=True, kw_only=True):
    """The least margin for each yuan newly financed, as "80%"."""

    ratio: str

    @property
    def ratio_ppm(self) -> int:
        return int(self.ratio.removesuffix("%")) * 10_000


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
