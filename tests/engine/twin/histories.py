"""Random histories of commands, good and bad."""

from random import Random

from tests.engine.twin.actions import misplaced_action, take_up
from tests.engine.twin.edge_actions import to_the_cap, to_the_fen, to_the_line
from tests.engine.twin.lending_actions import lending
from tests.engine.twin.limit_actions import (
    borrow,
    doubtful_price,
    lend_to_the_cap,
    load_up,
    platform,
    stock_limit,
    stop,
    todays_limits,
)
from tests.engine.twin.market_actions import (
    after_hours,
    change_phase,
    contract,
    empty_a_contract,
    frame,
    move_all,
    move_money,
    next_day,
    one_price,
    pay_shortfall,
    repay,
    rescue,
    ruin,
)
from tests.engine.twin.odd_actions import strangers
from tests.engine.twin.order_actions import (
    cancel,
    cancel_all,
    client_order,
    divest,
    invest,
    market_order,
    strain,
    sweep,
    try_the_figure,
)
from tests.engine.twin.phase_actions import cancel_fixed, end_halts, fixed_price, hold_and_free
from tests.engine.twin.run import Run

# How often each kind of thing happens.
_LOTTERY = [
    action
    for weight, action in (
        (30, market_order),
        (30, client_order),
        (14, invest),
        (8, divest),
        (3, strain),
        (8, cancel),
        (3, cancel_all),
        (5, one_price),
        (5, frame),
        (7, move_all),
        (6, move_money),
        (3, contract),
        (3, rescue),
        (1, empty_a_contract),
        (4, strangers),
        (4, change_phase),
        (3, end_halts),
        (2, hold_and_free),
        (2, fixed_price),
        (2, after_hours),
        (1, cancel_fixed),
        (1, next_day),
        (2, ruin),
        (3, pay_shortfall),
        (5, to_the_line),
        (3, to_the_fen),
        (4, to_the_cap),
        (3, repay),
        (8, try_the_figure),
        (4, take_up),
        (1, misplaced_action),
        (3, sweep),
        (2, todays_limits),
        (1, stock_limit),
        (2, platform),
        (3, stop),
        (2, borrow),
        (3, lend_to_the_cap),
        (4, load_up),
        (3, doubtful_price),
        (25, lending),
    )
    for _ in range(weight)
]


def history(random: Random, count: int) -> Run:
    """At least `count` commands after the beginning; a smaller count gives the same, cut short."""
    run = Run(random)
    until = len(run.commands) + count
    while len(run.commands) < until:
        random.choice(_LOTTERY)(run)
    return run
