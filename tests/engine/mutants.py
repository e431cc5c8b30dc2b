"""Bugs that somebody could have written into the kernels; `mutations` tries each of them.

`old` must stand in the file exactly once. Where a kernel has been rewritten, rewrite its bug.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    what: str
    file: str  # of server/engine
    old: str
    new: str


MUTANTS = (
    Mutant(
        "a sell crosses only below the bid",
        "book.py",
        "    return level <= opposite_level",
        "    return level < opposite_level",
    ),
    Mutant(
        "a new best price is not noticed on the sell side",
        "book.py",
        "(level > best if side == Side.BUY else level < best)",
        "(level > best if side == Side.BUY else level > best)",
    ),
    Mutant(
        "the level a trade empties stays in the bitmap",
        "bitmap.py",
        '    word_at(s, word_base + word)["bits"] &= ~(_ONE << np.uint64(level & 63))\n',
        "",
    ),
    Mutant(
        "a summary's highest word is skipped",
        "bitmap.py",
        "mask = (_ALL << np.uint64(word & 63)) << _ONE",
        "mask = ((_ALL << np.uint64(word & 63)) << _ONE) << _ONE",
    ),
    Mutant(
        "a partial fill leaves the level's quantity",
        "book.py",
        '    level_at(s, row)["quantity"] -= quantity\n',
        "    pass\n",
    ),
    Mutant(
        "a best-five order reaches the sixth level",
        "order_prices.py",
        "BEST_FIVE = 5",
        "BEST_FIVE = 6",
    ),
    Mutant(
        "T+1 is forgotten",
        "checks.py",
        'if instrument["same_day_sale"] == 0:',
        'if instrument["same_day_sale"] != 0:',
    ),
    Mutant(
        "limit-up itself is refused",
        "checks.py",
        'if price > instrument["limit_up"]:',
        'if price >= instrument["limit_up"]:',
    ),
    Mutant(
        "cancels are taken from 9:20",
        "checks.py",
        "return phase == Phase.CONTINUOUS or phase == Phase.OPENING_CALL or phase",
        "return phase != Phase.LUNCH and phase != Phase.PAUSE or phase",
    ),
    Mutant(
        "an odd lot may be split",
        "checks.py",
        "    if rest == 0 or rest == residue:",
        "    if rest == 0 or rest <= residue:",
    ),
    Mutant(
        "cash to the last fen does not suffice",
        "power.py",
        "if amount + total_fees(terms, Side.BUY, quantity, amount) <= free:",
        "if amount + total_fees(terms, Side.BUY, quantity, amount) < free:",
    ),
    Mutant(
        "frozen cash is spent twice",
        "power.py",
        'free = account["cash"] - account["frozen"]\n    return check_paid',
        'free = account["cash"]\n    return check_paid',
    ),
    Mutant(
        "a person's other accounts are not looked at",
        "checks.py",
        'account = np.int64(contract_at(s, account)["next_account"])',
        "account = np.int64(-1)",
    ),
    Mutant(
        "the restrict line lets buy",
        "checks.py",
        'if account["grade"] < Grade.RESTRICT:',
        'if account["grade"] <= Grade.RESTRICT:',
    ),
    Mutant(
        "open buys do not count towards a cap",
        "credit.py",
        'return (position["quantity"] + position["open_buy"]) * instrument["mark"]',
        'return position["quantity"] * instrument["mark"]',
    ),
    Mutant(
        "a gap's loss is rounded down",
        "admission.py",
        "weighted += muldiv_up(value,",
        "weighted += muldiv(value,",
    ),
    Mutant(
        "an item of the fees is rounded down",
        "arithmetic.py",
        "return (money + FEN // 2) // FEN * FEN",
        "return money // FEN * FEN",
    ),
    Mutant(
        "each fill pays the minimum commission",
        "settlement.py",
        'filled - quantity, order["amount"] - amount)',
        "0, 0)",
    ),
    Mutant(
        "the freeze of a buy is not released",
        "settlement.py",
        '        account_at(s, order["account"])["frozen"] -= order["frozen"] - still\n',
        "",
    ),
    Mutant(
        "a sale's cost is the whole position's",
        "settlement.py",
        '    if quantity < position["quantity"]:\n',
        '    if quantity <= 0 * position["quantity"]:\n',
    ),
    Mutant(
        "more was bought today than is held",
        "settlement.py",
        '    position["bought_today"] = min(position["bought_today"], position["quantity"])\n',
        "",
    ),
    Mutant(
        "today's proceeds can be withdrawn",
        "settlement.py",
        '    contract["unsettled"] += max(np.int64(0), proceeds)\n',
        "",
    ),
    Mutant(
        "who sells out stays a holder",
        "positions.py",
        '    if position["quantity"] == 0:\n        _drop_holder',
        '    if position["quantity"] < 0:\n        _drop_holder',
    ),
    Mutant(
        "the holder moved into a gap is not told",
        "positions.py",
        '        position_at(s, moved["position"])["holder"] = gap\n',
        "",
    ),
    Mutant(
        "a holder's quantity is not written through",
        "positions.py",
        '        holder["quantity"] = position["quantity"]\n',
        "        pass\n",
    ),
    Mutant(
        "a slab keeps its place when it has grown",
        "positions.py",
        '    instrument["holder_base"] = base\n',
        "",
    ),
    Mutant(
        "a price exactly on a line crosses nothing",
        "margin.py",
        'if assets <= account["band_low"] or',
        'if assets < account["band_low"] or',
    ),
    Mutant(
        "a line is reached only below it",
        "margin.py",
        "while grade < N_LINES and assets <= line_assets(",
        "while grade < N_LINES and assets < line_assets(",
    ),
    Mutant(
        "the band is not moved with the grade",
        "margin.py",
        '    account["grade"] = new\n    set_band(account, terms)\n',
        '    account["grade"] = new\n',
    ),
    Mutant(
        "the mark takes the whole price",
        "margin.py",
        'mark = muldiv(price, np.int64(instrument["valuation_ppm"]), PPM)',
        "mark = price",
    ),
    Mutant(
        "the auction forgets the rest at its price",
        "auction.py",
        "matched == volume and abs(left) < rest",
        "matched == volume and abs(left) <= rest",
    ),
    Mutant(
        "the auction's midpoint is rounded down",
        "auction.py",
        "return (low + high + 1) // 2\n",
        "return (low + high) // 2\n",
    ),
    Mutant(
        "the day's flow is not reset",
        "day.py",
        '        position["day_flow"] = 0\n',
        "",
    ),
    Mutant(
        "yesterday's high stays",
        "day.py",
        '    instrument["high"] = 0\n',
        "",
    ),
    Mutant(
        "an ex-date's fraction is lost",
        "day.py",
        '    account["cash"] += cash\n    account["value"]',
        '    account["value"]',
    ),
    Mutant(
        "interest forgets its fraction",
        "life.py",
        '    contract["interest_remainder"] = rest\n',
        "",
    ),
    Mutant(
        "principal is repaid before interest",
        "contracts.py",
        "    interest = min(most, due)\n",
        '    interest = min(max(0, most - contract["loan"]), due)\n',
    ),
    Mutant(
        "a contract with open orders settles",
        "contracts.py",
        'if row["quantity"] != 0 or row["open_orders"] != 0:',
        'if row["quantity"] != 0:',
    ),
    Mutant(
        "a repaid shortfall stays open",
        "cash.py",
        '        if contract["shortfall"] == 0:\n',
        '        if contract["shortfall"] < 0:\n',
    ),
    Mutant(
        "pledged assets may leave",
        "cash.py",
        "pledged = (debt * (leverage + 1) + leverage - 1) // leverage",
        "pledged = (debt * (leverage + 1)) // leverage",
    ),
    Mutant(
        "a transfer grades only its source",
        "cash.py",
        "    touch(s, target)\n",
        "",
    ),
    Mutant(
        "grades do not wait for the frame's end",
        "kernel.py",
        'if header["touched"] > 0 and header["in_frame"] == 0:',
        'if header["touched"] > 0:',
    ),
    Mutant(
        "a full slab is not seen to need room",
        "capacity.py",
        'if header["holders"] + room > rows_of(s, access.HOLDERS):',
        'if header["holders"] > rows_of(s, access.HOLDERS):',
    ),
    Mutant(
        "an order's id comes again",
        "book.py",
        '(((order["id"] >> SLOT_BITS) + 1) << SLOT_BITS) | slot',
        '((order["id"] >> SLOT_BITS) << SLOT_BITS) | slot',
    ),
    Mutant(
        "shares of the last month pay nothing",
        "lots.py",
        '        if lot["acquired"] >= header["month_from"]:',
        '        if lot["acquired"] > header["month_from"]:',
    ),
    Mutant(
        "a share is taxed by the year when it was held for a month",
        "lots.py",
        'elif lot["acquired"] >= header["year_from"]:',
        'elif lot["acquired"] > header["year_from"]:',
    ),
    Mutant(
        "a sold lot stays taxed",
        "lots.py",
        '        position["taxed"] -= 1\n',
        "        pass\n",
    ),
    Mutant(
        "new shares may be sold before they are listed",
        "checks.py",
        'position["quantity"] - position["frozen"] - position["unlisted"]\n    if instrument',
        'position["quantity"] - position["frozen"]\n    if instrument',
    ),
    Mutant(
        "a fraction of a share is cut",
        "corporate_actions.py",
        "    return (halves + 1) // 2",
        "    return halves // 2",
    ),
    Mutant(
        "a right that is paid for keeps its worth",
        "action_dates.py",
        '    add_receivable(s, account_index, -quantity * claim["worth"])\n',
        "",
    ),
    Mutant(
        "lapsed rights stay in the assets",
        "action_dates.py",
        '        claim["rights"] = 0\n',
        "        pass\n",
    ),
    Mutant(
        "a contract with a dividend to come is settled",
        "contracts.py",
        'contract_at(s, index)["receivable"] != 0',
        'contract_at(s, index)["receivable"] > 10**15',
    ),
    Mutant(
        "the dividend tax is not posted",
        "settlement.py",
        '    header_at(s)["ledger"][Ledger.DIVIDEND_TAX] += tax\n',
        "",
    ),
    Mutant(
        "a threshold halts as often as it is passed",
        "halts.py",
        '    if bits & ~np.int64(instrument["halts"]) == 0:',
        "    if bits == 0:",
    ),
    Mutant(
        "a halt needs more than its threshold",
        "halts.py",
        'instrument["low"] * PPM <= base - move',
        'instrument["low"] * PPM < base - move',
    ),
    Mutant(
        "lunch is part of a halt",
        "halts.py",
        'now - instrument["halt_until"]\n            _emit',
        "now + HALT_US\n            _emit",
    ),
    Mutant(
        "the auction of a resumption is no price that halts",
        "uncrossing.py",
        "    watch(s, index)\n",
        "",
    ),
    Mutant(
        "a halt's orders meet when the call is over",
        "uncrossing.py",
        "    price, volume = _cross(s, index)\n    end_halt",
        "    price, volume = np.int64(0), np.int64(0)\n    end_halt",
    ),
    Mutant(
        "the closing price is the last trade's",
        "uncrossing.py",
        "    average = minute_average(s, index)\n",
        '    average = instrument["last"]\n',
    ),
    Mutant(
        "the tape keeps what is older than a minute",
        "tape.py",
        'tape_at(s, instrument["tape_first"])["time"] < now - MINUTE_US',
        'tape_at(s, instrument["tape_first"])["time"] < now - 2 * MINUTE_US',
    ),
    Mutant(
        "closing leaves the orders that the cage holds",
        "uncrossing.py",
        '    while instrument["first_waiting"] != 0:\n        withdraw_order',
        '    if instrument["first_waiting"] != 0:\n        withdraw_order',
    ),
)
