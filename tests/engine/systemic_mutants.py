"""Bugs of the platform's figures (`systemic`), which scenarios find; as `mutants`."""

from tests.engine.mutant import Mutant

SYSTEMIC_MUTANTS = (
    Mutant(
        "who buys at limit-down does not unlock it",
        "systemic.py",
        '\n        and instrument["best"][Side.BUY] < 0',
        "",
    ),
    Mutant(
        "limit-down itself is not locked",
        "systemic.py",
        'and instrument["last"] <= instrument["limit_down"]\n        and instrument["best"]',
        'and instrument["last"] < instrument["limit_down"]\n        and instrument["best"]',
    ),
    Mutant(
        "a share without limits is locked at the bottom of its ladder",
        "systemic.py",
        'instrument["limit_kind"] == LimitKind.LIMITED\n        and instrument["last"]',
        'instrument["limit_kind"] >= 0\n        and instrument["last"]',
    ),
    Mutant(
        "the second limit-down is as large as the first",
        "systemic.py",
        "first - muldiv(first, limit, PPM)",
        "first - muldiv(mark, limit, PPM)",
    ),
    Mutant(
        "an index without a reference price moves",
        "systemic.py",
        "    return change * PPM // instrument",
        "    return -change * PPM // instrument",
    ),
    Mutant(
        "what is financed counts at the price before",
        "systemic.py",
        '["financed"] * instrument["mark"]',
        '["financed"] * instrument["reference"]',
    ),
    Mutant(
        "a suspended share can be sold",
        "systemic.py",
        'if locked or instrument["suspended"] != 0:',
        "if locked:",
    ),
    Mutant(
        "a locked share can be sold",
        "systemic.py",
        'if locked or instrument["suspended"] != 0:',
        'if instrument["suspended"] != 0:',
    ),
    Mutant(
        "a suspended share is one of the market's",
        "systemic.py",
        'if instrument["suspended"] == 0 and instrument["tick"] > 0:',
        'if instrument["tick"] > 0:',
    ),
    Mutant(
        "limit-down itself is not at limit-down",
        "systemic.py",
        'limited and instrument["last"] <= instrument["limit_down"]\n            )',
        'limited and instrument["last"] < instrument["limit_down"]\n            )',
    ),
    Mutant(
        "a share without limits is at limit-down",
        "systemic.py",
        'limited and instrument["last"] <= instrument["limit_down"]\n            )',
        'instrument["last"] <= instrument["limit_down"]\n            )',
    ),
    Mutant(
        "limit-up itself is not at limit-up",
        "systemic.py",
        'instrument["last"] >= instrument["limit_up"]',
        'instrument["last"] > instrument["limit_up"]',
    ),
    Mutant(
        "a share without limits is at limit-up",
        "systemic.py",
        'np.int64(limited and instrument["last"] >=',
        'np.int64(instrument["last"] >=',
    ),
    Mutant(
        "the index weighs every float alike",
        "systemic.py",
        "out[CAP_RETURN] += cap * change",
        "out[CAP_RETURN] += change",
    ),
    Mutant(
        "the index weighs by the price of now",
        "systemic.py",
        'instrument["reference"], UNIT_OF_CAP',
        'instrument["last"], UNIT_OF_CAP',
    ),
    Mutant(
        "the index without floats stands still",
        "systemic.py",
        "            out[EQUAL_RETURN] += change\n",
        "",
    ),
    Mutant(
        "two limit-downs are one",
        "systemic.py",
        'holder["quantity"] * second',
        'holder["quantity"] * first',
    ),
    Mutant(
        "who owes nothing is counted",
        "systemic.py",
        " or debt <= 0:",
        ":",
    ),
    Mutant(
        "a settled contract is counted",
        "systemic.py",
        ' or account["status"] != AccountStatus.OPEN or debt <= 0:',
        ":",
    ),
    Mutant(
        "the second limit-down comes without the first",
        "systemic.py",
        "                left -= twice[index]\n",
        "                left -= twice[index] - once[index]\n",
    ),
    Mutant(
        "the first limit-down takes nothing",
        "systemic.py",
        "                left -= once[index]\n",
        "                pass\n",
    ),
    Mutant(
        "whoever is rich makes good the others' losses",
        "systemic.py",
        "+= max(np.int64(0), debt - left)",
        "+= debt - left",
    ),
    Mutant(
        "the lender's loss is the assets",
        "systemic.py",
        "debt - left)",
        "debt - assets)",
    ),
    Mutant(
        "what is lent is one account's",
        "systemic.py",
        "out[BORROWED] += debt",
        "out[BORROWED] = debt",
    ),
)
