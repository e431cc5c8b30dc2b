"""Tables of the state that hold terms: fees, products, and the platform's limits of the day."""

import numpy as np

from server.engine.records import FEE_RATES, RATIO_TIERS

LINES = 4  # remind, restrict, reduce, liquidate
CLASSES = 4  # HoldingClass
SCOPES = 2  # ConcentrationScope

FEES = np.dtype([*FEE_RATES, ("all_in", "i8")])

TERMS = np.dtype(
    [
        ("version", "i4"),
        ("leverage", "i4"),
        ("annual_rate_ppm", "i4"),
        ("day_count", "i4"),
        ("line_ppm", "i4", (LINES,)),
        ("class_cap_ppm", "i4", (CLASSES,)),
        ("single_cap_ppm", "i4"),
        ("exit_cost_ppm", "i4"),
        ("deposit_minimum", "i8"),
        ("deposit_maximum", "i8"),
        # From PRODUCT_TERMS; all 0 without one.
        ("credit_maximum", "i8"),
        ("ruled", "i4"),  # 1: there is one
        ("family", "i4"),
        ("withdraw_ppm", "i4"),
        ("financing_margin_ppm", "i4"),
        ("class_coefficient_ppm", "i4", (CLASSES,)),
        ("class_haircut_ppm", "i4", (CLASSES,)),
        ("term_days", "i4"),
        ("extension_days", "i4"),
        ("extensions", "i4"),
        ("minimum_days", "i4"),
        ("release_sessions", "i4"),
        ("early_fee_ppm", "i4"),
        ("overdue_ppm", "i4"),
        ("call_restore_ppm", "i4"),
        ("call_days", "i4"),
        ("refused", "i4"),  # 1: no contract is opened on it
        ("billing_days", "i4"),
        ("billing", "i4"),  # Billing
        ("unpaid", "i4"),  # Unpaid
        ("refund", "u1"),  # Refund
        ("repay_order", "u1"),  # RepayOrder
        ("spare", "u1", (2,)),
    ]
)


# The platform's limits of the day: one record.
LIMITS = np.dtype(
    [
        ("client_cap", "i8"),
        ("lending_cap", "i8"),
        ("person_stock_cap", "i8"),
        ("jump_ppm", "i4"),
        ("confirmations", "i4"),
        ("price_bounds", "i4"),
        ("spare", "i4"),
    ]
)

# Tiers of concentration by product; row 0 is for products without their own.
CONCENTRATION = np.dtype(
    [
        ("tiers", "i4", (CLASSES * SCOPES,)),  # how many there are, by class and scope
        ("from_ppm", "i4", (CLASSES * SCOPES * RATIO_TIERS,)),
        ("cap_ppm", "i4", (CLASSES * SCOPES * RATIO_TIERS,)),
    ]
)

# What the whole platform has in one instrument, in one cache line.
EXPOSURE = np.dtype(
    [
        ("financed", "i8"),  # shares in accounts that borrow
        ("pending", "i8"),  # in their open buys
        ("cap", "i8"),
        ("stop_until", "i8"),
        ("quarantined", "i8"),  # a price that waits; 0 none
        ("resume_shares", "i8"),  # below it, tomorrow is not full
        ("agreed", "i4"),  # prices in a row that say the same
        ("full", "u1"),  # no new financing since the day began
        ("stop", "u1"),  # StopLevel
        ("spare", "u1", (10,)),
    ]
)
