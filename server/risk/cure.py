"""What lifts a contract's ratio above a line: a deposit, or a repayment (sections 4.5 and 5.3).

A line is reached when assets / debt <= line, so both answers stop one step above it; both are whole
fen. A sale alone cures nothing: it turns shares into cash and leaves assets over debt as it was.
"""

PPM = 1_000_000
FEN = 100


def half_up_to_fen(money: int) -> int:
    """As the engine rounds interest when it is paid."""
    return (money + FEN // 2) // FEN * FEN


def _up_to_fen(money: int) -> int:
    return -(-money // FEN) * FEN


def line_assets(debt: int, line_ppm: int) -> int:
    """The largest assets at which a line counts as reached."""
    return debt * line_ppm // PPM


def above_line(assets: int, debt: int, line_ppm: int) -> bool:
    return debt <= 0 or assets > line_assets(debt, line_ppm)


def deposit_to_cure(assets: int, debt: int, line_ppm: int) -> int:
    """The smallest deposit after which the ratio is above the line; 0 when it is already."""
    if above_line(assets, debt, line_ppm):
        return 0
    return _up_to_fen(line_assets(debt, line_ppm) + 1 - assets)


def repayment_to_cure(assets: int, debt: int, line_ppm: int) -> int:
    """The smallest repayment out of the account's own cash that lifts the ratio above the line.

    (A - x) / (K - x) > t, so x > (t K - A) / (t - 1). The whole debt when nothing smaller does it,
    which is always so once assets no longer cover the debt.
    """
    if above_line(assets, debt, line_ppm):
        return 0
    missing = line_ppm * debt - PPM * assets
    return min(debt, _up_to_fen(missing // (line_ppm - PPM) + 1))
