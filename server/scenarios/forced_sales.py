"""Forced sales as the server runs them, and the plan that is shown before they do."""

from collections.abc import Sequence

import numpy as np

from server.engine import building, queries, records
from server.engine.building import Commands
from server.engine.codes import Command, Event
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.protocol.reasons import yuan
from server.risk.batch_context import Rules
from server.risk.calls import CUT_OFF
from server.risk.catalogue import load_catalogue
from server.risk.foresight import PlanNow, plan_now
from server.risk.liquidation import ForcedSales
from server.risk.plan import Plan
from server.risk.projection import Projection
from server.risk.reading import figures_of, person_of, restore_ppm
from server.risk.runs import Kind, Run, Trigger
from server.scenarios.page_plans import Name, SellLast
from server.scenarios.setting import Setting
from server.scenarios.wording import wrong

_DIGEST = bytes(32)  # a scenario has no journal
Sale = tuple[int, int, int, int]  # instrument, quantity, type, price


def do_sell_last(setting: Setting, said: SellLast) -> Commands:
    """The client's wishes, in place of those before."""
    account = setting.names.account_number(said.account)
    wanted = {setting.names.instrument_number(symbol) for symbol in said.symbols}
    before = setting.book.wishes(account)
    changed = [
        building.sell_last(account, number, int(number in wanted))
        for number in sorted(wanted ^ before)
    ]
    setting.book.sell_last[account] = wanted
    return setting.stage.apply(building.concat(changed))


def do_force(setting: Setting, said: Name) -> Commands:
    """Sells as far as the market allows now; raises ScenarioError when it is not as planned.

    A sale that still waits goes on with the next `force`.
    """
    account = setting.names.account_number(said)
    shown = planned(setting, account)
    if shown is None:
        raise wrong(f"{said} 没有强平计划", f"{said} has no plan")
    if account not in setting.book.runs:
        setting.book.runs[account] = _due(setting.stage.engine, account, shown.kind)
    sent = _run(setting)
    for _, events in sent:
        _name_orders(setting, said, events[events["account"] == account])
    _require_as_planned(setting, shown.plan, _first_sales(sent, account))
    events = [events for _, events in sent]
    return np.concatenate(events) if events else np.zeros(0, records.EVENT)


def planned(setting: Setting, account: int) -> PlanNow | None:
    """What the account's owner is shown at this moment."""
    return plan_now(setting.stage.engine, setting.book, account)


def _due(engine: Engine, account: int, kind: Kind) -> Run:
    now = figures_of(engine, account)
    ratio = queries.ratio_ppm(now.cash + now.value, now.debt)
    trigger = Trigger(now.seq, now.time, ratio, restore_ppm(engine, account))
    return Run(account, person_of(engine, account), kind, trigger)


def _run(setting: Setting) -> list[tuple[Commands, Commands]]:
    """Commands and their events, until no sale has anything to send."""
    engine, posted = setting.stage.engine, list[Commands]()
    # No call of these ends within a step: the session after today is not asked for.
    rules = Rules(lambda date: date, CUT_OFF, _no_evening)
    projection = Projection(engine, setting.book, rules, load_catalogue())
    sales = ForcedSales(engine, setting.book, posted.append, {}, projection.plans)
    sent: list[tuple[Commands, Commands]] = []
    sales.resume()
    while posted:
        commands = building.concat(posted)
        posted.clear()
        first = engine.seq + 1
        events = setting.stage.apply(commands)
        sent.append((commands, events))
        applied = Applied(first, engine.seq, 0, commands, events, _DIGEST)
        projection.observe(applied)
        sales.act(applied)
    return sent


def _name_orders(setting: Setting, said: Name, events: Commands) -> None:
    """`li-1`, `li-2` … are the orders that forced sales of `li` have sent."""
    accepted = events[events["kind"] == Event.ORDER_ACCEPTED].view(records.ORDER_EVENT)
    known = setting.names.orders
    for order_id in accepted["order_id"].tolist():
        number = 1 + sum(name.startswith(f"{said}-") for name in known)
        known[f"{said}-{number}"] = order_id


def _no_evening(_: Engine, session: int, __: Sequence[int]) -> Commands:
    raise AssertionError(f"no day closes in a forced sale, and nobody looks ahead to {session}")


def _first_sales(sent: list[tuple[Commands, Commands]], account: int) -> tuple[int, list[Sale]]:
    """What the first step after the opening repaid and sold."""
    for commands, _ in sent:
        own = commands[commands["account"] == account]
        if (own["kind"] == Command.CANCEL_ALL).any():
            continue
        repaid = own[own["kind"] == Command.REPAY].view(records.CASH)
        orders = own[own["kind"] == Command.ORDER]
        prices = orders.view(records.ORDER)
        sales = zip(
            orders["instrument"].tolist(),
            prices["quantity"].tolist(),
            orders["type"].tolist(),
            prices["price"].tolist(),
            strict=True,
        )
        return int(repaid["amount"].sum()), list(sales)
    return 0, []


def _require_as_planned(setting: Setting, plan: Plan, first: tuple[int, list[Sale]]) -> None:
    shown = [(each.instrument, each.quantity, int(each.order_type), each.price)
             for each in plan.orders]  # fmt: skip
    if (plan.repay, shown) == first:
        return
    wanted, got = _text(setting, plan.repay, shown), _text(setting, *first)
    raise wrong(
        f"强平未按计划执行：计划 {wanted}，实际 {got}",
        f"the forced sale is not the one planned: {wanted} was planned, {got} was sent",
    )


def _text(setting: Setting, repay: int, sales: list[Sale]) -> str:
    sold = [
        f"{setting.names.symbol(number, '')} x {quantity:,} @ {yuan(price)}"
        for number, quantity, _, price in sales
    ]
    return ", ".join([yuan(repay), *sold])
