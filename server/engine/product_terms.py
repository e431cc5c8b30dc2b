"""The terms of products, by PRODUCT and PRODUCT_TERMS, and those of fees."""

import numpy as np

from server.engine.access import fees_at, header_at, terms_at
from server.engine.arithmetic import PPM
from server.engine.cash import refuse
from server.engine.codes import Family
from server.engine.jit import kernel
from server.engine.reasons import Reason
from server.engine.term_tables import CLASSES

MAIN_LIMIT_PPM = (
    100_000  # of main boards; 20 % boards, Beijing and risk warning: two, three, three times
)


@kernel
def take_back_terms(terms):
    """A PRODUCT alone is a fixed one without a term."""
    terms["ruled"] = 0
    terms["refused"] = 0
    terms["family"] = 0
    terms["withdraw_ppm"] = 0
    terms["financing_margin_ppm"] = 0
    for i in range(CLASSES):
        terms["class_coefficient_ppm"][i] = 0
        terms["class_haircut_ppm"][i] = 0
    terms["term_days"] = 0
    terms["extension_days"] = 0
    terms["extensions"] = 0
    terms["minimum_days"] = 0
    terms["release_sessions"] = 0
    terms["early_fee_ppm"] = 0
    terms["overdue_ppm"] = 0
    terms["call_restore_ppm"] = 0
    terms["call_days"] = 0
    terms["credit_maximum"] = 0
    terms["refund"] = 0
    terms["repay_order"] = 0
    terms["billing_days"] = 0
    terms["billing"] = 0
    terms["unpaid"] = 0


@kernel
def set_product(s, command):
    index = np.int64(command["product"])
    if index < 0:
        return
    header = header_at(s)
    header["products"] = max(np.int64(header["products"]), index + 1)
    terms = terms_at(s, index)
    terms["version"] = command["version"]
    terms["leverage"] = command["leverage"]
    terms["annual_rate_ppm"] = command["annual_rate_ppm"]
    terms["day_count"] = command["day_count"]
    terms["line_ppm"][0] = command["remind_ppm"]
    terms["line_ppm"][1] = command["restrict_ppm"]
    terms["line_ppm"][2] = command["reduce_ppm"]
    terms["line_ppm"][3] = command["liquidate_ppm"]
    for i in range(CLASSES):
        terms["class_cap_ppm"][i] = command["class_cap_ppm"][i]
    terms["single_cap_ppm"] = command["single_cap_ppm"]
    terms["exit_cost_ppm"] = command["exit_cost_ppm"]
    terms["deposit_minimum"] = command["deposit_minimum"]
    terms["deposit_maximum"] = command["deposit_maximum"]
    take_back_terms(terms)


@kernel
def _line_needed(terms):
    """The lowest liquidation line that survives one limit-down of what may be held (section 5.2).

    Each class at its cap, the rest in main boards; mixtures are refused order by order.
    """
    widest = np.int64(0)
    for i in range(CLASSES):
        cap = np.int64(terms["class_cap_ppm"][i])
        rest = (PPM - cap) * MAIN_LIMIT_PPM
        weighted = cap * min(i + 1, 3) * MAIN_LIMIT_PPM
        if cap > 0:
            widest = max(widest, (weighted + rest + PPM - 1) // PPM)
    left = (PPM - widest) * (PPM - np.int64(terms["exit_cost_ppm"]))
    return (PPM * PPM * PPM + left - 1) // left


@kernel
def set_product_terms(s, command):
    """Completes a product that is there."""
    index = np.int64(command["product"])
    if index < 0 or index >= header_at(s)["products"]:
        refuse(s, np.int64(-1), Reason.UNKNOWN_PRODUCT, 0)
        return
    terms = terms_at(s, index)
    needed = _line_needed(terms)
    if needed > terms["line_ppm"][3] and command["family"] != Family.CASH:
        terms["refused"] = 1
        refuse(s, np.int64(-1), Reason.LINES_DO_NOT_SURVIVE, needed)
        return
    terms["ruled"] = 1
    terms["refused"] = 0
    terms["family"] = command["family"]
    terms["withdraw_ppm"] = command["withdraw_ppm"]
    terms["financing_margin_ppm"] = command["financing_margin_ppm"]
    for i in range(CLASSES):
        terms["class_coefficient_ppm"][i] = command["class_coefficient_ppm"][i]
        terms["class_haircut_ppm"][i] = command["class_haircut_ppm"][i]
    terms["term_days"] = command["term_days"]
    terms["extension_days"] = command["extension_days"]
    terms["extensions"] = command["extensions"]
    terms["minimum_days"] = command["minimum_days"]
    terms["release_sessions"] = command["release_sessions"]
    terms["early_fee_ppm"] = command["early_fee_ppm"]
    terms["overdue_ppm"] = command["overdue_ppm"]
    terms["call_restore_ppm"] = command["call_restore_ppm"]
    terms["call_days"] = command["call_days"]
    terms["refund"] = command["refund"]
    terms["repay_order"] = command["repay_order"]
    terms["credit_maximum"] = command["credit_maximum"]
    billed = command["billing_days"] > 0 and command["family"] != Family.LICENSED
    terms["billing_days"] = command["billing_days"] if billed else 0
    terms["billing"] = command["billing"] if billed else 0
    terms["unpaid"] = command["unpaid"] if billed else 0


@kernel
def set_fees(s, command):
    index = np.int64(command["schedule"])
    if index < 0:
        return
    terms = fees_at(s, index)
    terms["commission_ppb"] = command["commission_ppb"]
    terms["commission_minimum"] = command["commission_minimum"]
    terms["stamp_buy_ppb"] = command["stamp_buy_ppb"]
    terms["stamp_sell_ppb"] = command["stamp_sell_ppb"]
    terms["transfer_ppb"] = command["transfer_ppb"]
    terms["transfer_per_share"] = command["transfer_per_share"]
    terms["handling_ppb"] = command["handling_ppb"]
    terms["regulatory_ppb"] = command["regulatory_ppb"]
    terms["all_in"] = command["all_in"]
