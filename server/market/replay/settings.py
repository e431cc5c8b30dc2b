"""What a replay can be told."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """`first` and `last` are dates YYYYMMDD, inclusive.

    `steps_a_day` is how many prices a path inside a daily bar has; a shorter bar gets its share,
    at least four. `participation_ppm` is the share of a bar's volume that traders can trade with
    the market, `depth_ppm` the share of a snapshot's quantities that is quoted,
    `after_hours_ppm` the mean share of a day's volume that comes to each side after hours where the
    file does not know what traded then. `previous_closes`
    (1/10 000 yuan, by symbol) are for intraday files that start with the replay's first day.
    `actions` is a file of corporate actions; an ex-date that is not in it gets a synthetic
    entitlement. `listings` is a file of listings: their first and last days, and codes before.
    `index` is a file or folder that has the published index `index_symbol`.
    """

    path: Path
    first: int
    last: int
    seed: int = 1
    steps_a_day: int = 240
    participation_ppm: int = 100_000
    depth_ppm: int = 1_000_000
    after_hours_ppm: int = 5_000
    history_days: int = 250
    symbols: tuple[str, ...] = ()
    previous_closes: dict[str, int] = field(default_factory=dict[str, int])
    actions: Path | None = None
    listings: Path | None = None
    index: Path | None = None
    index_symbol: str = "000001.SSE"
