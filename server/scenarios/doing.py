"""What a step does: the commands of its verb."""

from collections.abc import Callable

import msgspec
import numpy as np

from server.engine import building, building_actions, records
from server.engine.building import Commands
from server.engine.codes import AccountClass, Event, OrderType, Origin, Side
from server.market.dates import from_date, time_us
from server.protocol.reasons import yuan
from server.scenarios import page
from server.scenarios.ahead import check_foreseen, foreseen
from server.scenarios.day import as_instrument, changed
from server.scenarios.forced_sales import do_force, do_sell_last
from server.scenarios.kinds import clock, money
from server.scenarios.limit_steps import (
    do_limits,
    do_override,
    do_platform,
    do_stop,
    do_watch,
)
from server.scenarios.names import MARKET_BUYER, MARKET_SELLER
from server.scenarios.setting import Setting, phase_of, product_number
from server.scenarios.stage import SECOND_US
from server.scenarios.wording import wrong

NO_EVENTS = np.zeros(0, records.EVENT)


def do(setting: Setting, step: page.Step) -> Commands:
    """Does what the step says and returns the events; raises ScenarioError."""
    for verb in page.VERBS:
        said = getattr(step, verb)
        if said is not None:
            return _VERBS[verb](setting, said)
    return NO_EVENTS


def _order(setting: Setting, said: page.Order, side: Side) -> Commands:
    account = MARKET_BUYER if side == Side.BUY else MARKET_SELLER
    if said.account is not None:
        account = setting.names.account_number(said.account)
    kind, price = _type_and_price(said)
    events = setting.stage.apply(
        building.order(
            account,
            setting.names.instrument_number(said.symbol),
            side,
            kind,
            price,
            said.quantity,
            origin=Origin[said.by.upper()],
            financed=int(said.financed),
            loan=said.loan,
        )
    )
    if said.name is not None and events[0]["kind"] == Event.ORDER_ACCEPTED:
        setting.names.orders[said.name] = int(events.view(records.ORDER_EVENT)[0]["order_id"])
    return events


def _type_and_price(said: page.Order) -> tuple[OrderType, int]:
    if said.price is None:
        kind = OrderType[(said.type or "best_five_ioc").upper()]
        return kind, money(said.protection) if said.protection is not None else 0
    if said.type == "fixed_price":
        return OrderType.FIXED_PRICE, money(said.price)
    if said.type not in (None, "limit") or said.protection is not None:
        raise wrong(
            "限价委托只写 price，市价委托不写 price",
            "a limit order has a price alone, a market order none",
        )
    return OrderType.LIMIT, money(said.price)


def _buy(setting: Setting, said: page.Order) -> Commands:
    return _order(setting, said, Side.BUY)


def _sell(setting: Setting, said: page.Order) -> Commands:
    return _order(setting, said, Side.SELL)


def _owner(setting: Setting, order_id: int) -> int:
    """The account of an order that is or was in the arena; the market's for an unknown one."""
    orders = setting.stage.engine.state.orders
    found = np.flatnonzero(orders["id"] == order_id)
    return int(orders[found[0]]["account"]) if len(found) else MARKET_BUYER


def _cancel(setting: Setting, said: page.Name | page.Cancel) -> Commands:
    order = said.order if isinstance(said, page.Cancel) else said
    order_id = setting.names.order_id(order)
    if isinstance(said, page.Cancel) and said.account is not None:
        account = setting.names.account_number(said.account)
    else:
        account = _owner(setting, order_id)
    return setting.stage.apply(building.cancel(account, order_id))


def _cancel_all(setting: Setting, said: page.Name | page.CancelAll) -> Commands:
    all_of = said if isinstance(said, page.CancelAll) else page.CancelAll(account=said)
    number = building.ALL
    if all_of.symbol is not None:
        number = setting.names.instrument_number(all_of.symbol)
    account = setting.names.account_number(all_of.account)
    return setting.stage.apply(building.cancel_all(account, number))


def _prices(setting: Setting, said: dict[str, str]) -> Commands:
    """All prices of a step are one frame."""
    marked = [
        building.price(setting.names.instrument_number(symbol), money(price))
        for symbol, price in said.items()
    ]
    frame = [building.frame_begin(), *marked, building.frame_end()]
    return setting.stage.apply(building.concat(frame))


def _phase(setting: Setting, said: str) -> Commands:
    return setting.stage.apply(building.phase(building.ALL, phase_of(said)))


def _uncross(setting: Setting, said: page.Name) -> Commands:
    return setting.stage.apply(building.uncross(setting.names.instrument_number(said)))


def _closing(setting: Setting, said: page.Name) -> Commands:
    return setting.stage.apply(building.closing(setting.names.instrument_number(said)))


def _resume(setting: Setting, said: page.Name) -> Commands:
    return setting.stage.apply(building.resume(setting.names.instrument_number(said)))


def _time(setting: Setting, said: str) -> Commands:
    """The next command comes then."""
    setting.stage.go_to(time_us(setting.date, clock(said)) - SECOND_US)
    return NO_EVENTS


def _close(setting: Setting, _: bool) -> Commands:
    setting.closed = True
    return setting.stage.apply(building.day_close())


def _next_day(setting: Setting, said: page.NextDay) -> Commands:
    """Closes the day if it is open, and opens the next with what the page says of it."""
    before = NO_EVENTS if setting.closed else _close(setting, True)
    instruments = setting.stage.engine.state.instruments
    told = {
        setting.names.instrument_number(symbol): as_instrument(of_day)
        for symbol, of_day in said.instruments.items()
    }
    for i, known in enumerate(setting.days.said):
        new = changed(known, told.get(i, page.Instrument()))
        if new.reference is None:
            last = int(instruments[i]["last"])
            after = setting.days.reference_after(i, setting.date, from_date(said.date), last)
            new = msgspec.structs.replace(new, reference=yuan(after))
        setting.days.said[i] = new
    date, previous = from_date(said.date), setting.date
    setting.foreseen = foreseen(setting, date, previous)
    opened = setting.open_day(date, previous, said.phase)
    check_foreseen(setting)
    return np.concatenate([before, opened])


def _deposit(setting: Setting, said: page.Amount) -> Commands:
    account = setting.names.account_number(said.account)
    return setting.stage.apply(building.deposit(account, money(said.amount)))


def _withdraw(setting: Setting, said: page.Amount) -> Commands:
    account = setting.names.account_number(said.account)
    return setting.stage.apply(building.withdraw(account, money(said.amount)))


def _repay(setting: Setting, said: page.Repayment) -> Commands:
    account = setting.names.account_number(said.account)
    number = building.ALL
    if said.symbol is not None:
        number = setting.names.instrument_number(said.symbol)
    return setting.stage.apply(
        building.repay(account, money(said.amount), instrument=number, loan=said.loan)
    )


def _draw(setting: Setting, said: page.Amount) -> Commands:
    account = setting.names.account_number(said.account)
    return setting.stage.apply(building.draw(account, money(said.amount)))


def _extend(setting: Setting, said: page.Extension) -> Commands:
    account = setting.names.account_number(said.account)
    return setting.stage.apply(building.extend(account, said.loan))


def _transfer(setting: Setting, said: page.Transfer) -> Commands:
    source = setting.names.account_number(said.source)
    target = setting.names.account_number(said.to)
    return setting.stage.apply(building.transfer(source, target, money(said.amount)))


def _open_account(setting: Setting, said: page.Opening) -> Commands:
    person = setting.person_of(said.of) if said.of else setting.new_person()
    index = setting.next_account
    events = setting.stage.apply(building.account_open(person, AccountClass.CASH, index))
    setting.names.accounts[said.name] = index
    return events


def _open_contract(setting: Setting, said: page.Contract) -> Commands:
    source = setting.names.account_number(said.source)
    product = product_number(said.contract)
    index = setting.next_account
    deposit = money(said.deposit)
    credit = money(said.credit) if said.credit is not None else 0
    opening = building.contract_open(source, product, deposit, account=index, credit=credit)
    events = setting.stage.apply(opening)
    if setting.next_account > index:
        setting.names.accounts[said.name] = index
    return events


def _settle(setting: Setting, said: page.Settle) -> Commands:
    account = setting.names.account_number(said.account)
    target = setting.names.account_number(said.to)
    return setting.stage.apply(building.contract_settle(account, target))


def _interest(setting: Setting, days: int) -> Commands:
    if not 0 < days <= 1_000:
        raise wrong(f"计息天数 {days} 不在 1 到 1000 之间", f"{days} days are not from 1 to 1000")
    return setting.stage.apply(building.accrue(days))


def _entitlement(setting: Setting, said: page.Entitlement) -> Commands:
    number = setting.names.instrument_number(said.symbol)
    old_close, reference = money(said.old_close), money(said.reference)
    return setting.stage.apply(building.entitlement(number, old_close, reference))


def _pay_rights(setting: Setting, said: page.PayRights) -> Commands:
    account = setting.names.account_number(said.account)
    number = setting.names.instrument_number(said.symbol)
    return setting.stage.apply(
        building_actions.rights_pay(account, number, said.action, said.quantity)
    )


_VERBS: dict[str, Callable[..., Commands]] = {
    "buy": _buy,
    "sell": _sell,
    "cancel": _cancel,
    "cancel_all": _cancel_all,
    "prices": _prices,
    "phase": _phase,
    "uncross": _uncross,
    "closing": _closing,
    "resume": _resume,
    "time": _time,
    "close": _close,
    "next_day": _next_day,
    "deposit": _deposit,
    "withdraw": _withdraw,
    "repay": _repay,
    "draw": _draw,
    "extend": _extend,
    "transfer": _transfer,
    "open_account": _open_account,
    "open_contract": _open_contract,
    "settle": _settle,
    "interest": _interest,
    "entitlement": _entitlement,
    "pay_rights": _pay_rights,
    "limits": do_limits,
    "platform": do_platform,
    "stop": do_stop,
    "override": do_override,
    "watch": do_watch,
    "sell_last": do_sell_last,
    "force": do_force,
}
