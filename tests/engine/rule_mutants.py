"""Bugs in the kernels of orders and of corporate actions; `mutants` has the rest."""

from tests.engine.mutants import Mutant

RULE_MUTANTS = (
    Mutant(
        "a market buy holds its cash at limit-down",
        "order_prices.py",
        '        return instrument["limit_up"]',
        '        return instrument["limit_down"]',
    ),
    Mutant(
        "a protection price is taken for nothing",
        "order_prices.py",
        '    return rules_at(s, index)["protection"] != 0',
        "    return False",
    ),
    Mutant(
        "opposite best reaches five levels",
        "order_prices.py",
        "    if order_type != OrderType.OPPOSITE_BEST:\n",
        "    if order_type != OrderType.LIMIT:\n",
    ),
    Mutant(
        "the rest of best five then limit stays at the own best price",
        "order_prices.py",
        "        level = last if last != NONE else own",
        "        level = own",
    ),
    Mutant(
        "own best joins the other side",
        "order_prices.py",
        "    elif order_type == OrderType.OWN_BEST:\n        level = own",
        "    elif order_type == OrderType.OWN_BEST:\n        level = opposite",
    ),
    Mutant(
        "the cage is measured from the own side first",
        "valid_range.py",
        '    level = np.int64(instrument["best"][1 - np.int64(side)])',
        '    level = np.int64(instrument["best"][side])',
    ),
    Mutant(
        "the cage rounds down",
        "valid_range.py",
        "    return (2 * scaled + unit) // (2 * unit) * np.int64(tick)",
        "    return scaled // unit * np.int64(tick)",
    ),
    Mutant(
        "the cage has no floor of ticks upwards",
        "valid_range.py",
        '    return _half_up(max(base * (PPM + np.int64(ppm)), floor), instrument["tick"])',
        '    return _half_up(base * (PPM + np.int64(ppm)), instrument["tick"])',
    ),
    Mutant(
        "a later call without limit takes any price",
        "valid_range.py",
        "    if ppm == 0:\n",
        "    if ppm >= 0:\n",
    ),
    Mutant(
        "an order out of the call range is let in when the cage would hold it",
        "valid_range.py",
        '    elif instrument["limit_kind"] == LimitKind.UNLIMITED:\n'
        "        reason, _ = _check_call(instrument, rules, price)\n",
        "",
    ),
    Mutant(
        "what the cage let go is still counted as held",
        "waiting.py",
        '        header_at(s)["held"] -= 1\n',
        "",
    ),
    Mutant(
        "the queue forgets its end",
        "waiting.py",
        '        chain["last_waiting"] = previous + 1\n',
        '        chain["last_waiting"] = 0\n',
    ),
    Mutant(
        "all or nothing trades what it can",
        "entering.py",
        "    return filled == rest",
        "    return filled > 0",
    ),
    Mutant(
        "a held order that is let in meets its person's own",
        "entering.py",
        "        if reason != Reason.NONE:\n            close_order",
        "        if reason > Reason.SELF_TRADE:\n            close_order",
    ),
    Mutant(
        "a queued order passes the gate of the platform",
        "entering.py",
        "    if reason == Reason.NONE:\n        financed",
        "    if reason >= Reason.NONE:\n        financed",
    ),
    Mutant(
        "a converted order keeps the cash of its market price",
        "entering.py",
        "        unhold(s, slot, 0)\n",
        "",
    ),
    Mutant(
        "a sale is financed",
        "placing.py",
        "    borrows = side == Side.BUY and owner",
        "    borrows = owner",
    ),
    Mutant(
        "what the broker keeps cannot be had back in a pause",
        "cancelling.py",
        '    if order["status"] == OrderStatus.QUEUED:\n        return True\n',
        "",
    ),
    Mutant(
        "a cancel moves no cage",
        "cancelling.py",
        '            if instrument_at(s, index)["holding"] != 0:\n'
        "                release_held(s, index)\n"
        "            return",
        "            return",
    ),
    Mutant(
        "what a phase keeps from a cancel of all is not said",
        "cancelling.py",
        "            kept = True\n        slot = following",
        "            kept = False\n        slot = following",
    ),
    Mutant(
        "a claim of rights alone is dropped",
        "claims.py",
        ' or claim["shares"] != 0 or claim["rights"] != 0:',
        ' or claim["shares"] != 0:',
    ),
    Mutant(
        "a split leaves the unlisted shares as they were",
        "claims.py",
        '        position["unlisted"] += scaled - claim["shares"]\n',
        "",
    ),
    Mutant(
        "a second dividend forgets the tax of the first",
        "lots.py",
        '        lot["tax"][1] += ',
        '        lot["tax"][1] = ',
    ),
    Mutant(
        "new lots come before the old",
        "lots.py",
        '        lot_at(s, position["last_lot"])["next"] = index\n    position["last_lot"] = index',
        '        lot["next"] = position["first_lot"]\n'
        '        position["first_lot"] = index\n'
        "        return\n"
        '    position["last_lot"] = index',
    ),
    Mutant(
        "new shares are listed at once",
        "corporate_actions.py",
        '    unlisted = shares if command["shares_later"]',
        '    unlisted = np.int64(0) if command["shares_later"]',
    ),
    Mutant(
        "what a delisted share cost is no loss of the account",
        "corporate_actions.py",
        '    contract_at(s, account)["realised"] -= cost\n',
        "",
    ),
    Mutant(
        "rights outlive their share",
        "corporate_actions.py",
        '        add_receivable(s, account, -claim["rights"] * claim["worth"])\n'
        '        claim["rights"] = 0\n',
        '        claim["rights"] = 0\n',
    ),
    Mutant(
        "a split pays no fraction",
        "corporate_actions.py",
        '    cash = round_fen(muldiv(command["reference"], rest, PPB))',
        "    cash = np.int64(0)",
    ),
    Mutant(
        "new shares are no opening quantity",
        "corporate_actions.py",
        '        position["opening_quantity"] = position["quantity"]\n',
        "",
    ),
    Mutant(
        "bonus shares are of the youngest day but taxed",
        "corporate_actions.py",
        '        add_lot(s, position, shares, np.int64(header["date"]))',
        "        add_lot(s, position, shares, np.int64(0))",
    ),
    Mutant(
        "an action may come while orders are open",
        "corporate_actions.py",
        'header["in_frame"] != 0 and orders == 0',
        'header["in_frame"] != 0',
    ),
    Mutant(
        "a dividend lowers no cost",
        "corporate_actions.py",
        '    position["cost"] -= relieved\n',
        "",
    ),
)
