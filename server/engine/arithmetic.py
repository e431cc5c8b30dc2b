"""Integer arithmetic that cannot overflow within the bounds of `records`; it says how it rounds."""

from server.engine.jit import kernel

PPM = 1_000_000
PPB = 1_000_000_000
FEN = 100  # 1/10 000 yuan
HIGHEST = 2**62
LOWEST = -(2**62)


@kernel
def muldiv(a, b, c):
    """floor(a * b / c) for a >= 0 and 0 <= b, 0 < c, b * c < 2**63; the result must fit."""
    return a // c * b + a % c * b // c


@kernel
def muldiv_up(a, b, c):
    """ceil(a * b / c), with the bounds of `muldiv`."""
    return a // c * b + (a % c * b + c - 1) // c


@kernel
def round_fen(money):
    """Half up to the fen."""
    return (money + FEN // 2) // FEN * FEN


@kernel
def rate_to_fen(amount, ppb):
    """`amount` times a rate in ppb, half up to the fen, as money.

    amount < 2**53, ppb < 9 * 10**7.
    """
    unit = PPB * FEN
    return (amount // unit * ppb + (amount % unit * ppb + unit // 2) // unit) * FEN


@kernel
def ratio_ppm(assets, debt):
    """The ratio assets / debt in ppm, rounded down; 0 without debt. Exact for debts below 2**53."""
    if debt <= 0:
        return 0
    whole = assets // debt
    rest = (assets - whole * debt) * 1000
    thousandths = rest // debt
    rest = (rest - thousandths * debt) * 1000
    return whole * PPM + thousandths * 1000 + rest // debt
