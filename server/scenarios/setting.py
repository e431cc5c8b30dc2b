"""A scenario's beginning: accounts and holdings made the evening before, then the day."""

from datetime import time
from functools import cache

import msgspec
import numpy as np

from server.accounts.products import Product, load_products, offered, product_commands
from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import AccountClass, Event, OrderType, Phase, Side
from server.engine.reasons import Reason
from server.market.dates import from_date, time_us
from server.risk.book import Book
from server.risk.day_limits import limit_commands
from server.risk.look_ahead import Outlook
from server.scenarios import page
from server.scenarios.day import Days
from server.scenarios.kinds import money
from server.scenarios.limit_terms import limits_commands
from server.scenarios.names import MARKET, MARKET_BUYER, MARKET_SELLER, NameBook
from server.scenarios.page_limits import Limits
from server.scenarios.stage import Stage
from server.scenarios.wording import ScenarioError, Text, at, unknown, wrong

EVE = time(0, 0)  # of the first day: accounts and holdings are given
OPENING = time(9, 0)
REFUSED = (Event.ORDER_REJECTED, Event.CANCEL_REJECTED, Event.COMMAND_REJECTED)


class Setting:
    """The engine as a scenario has it, with the names of its page."""

    def __init__(self, given: page.Given) -> None:
        """Raises ScenarioError for what cannot be given."""
        self.date = from_date(given.date)
        self.stage = Stage(time_us(self.date, EVE))
        self.days = Days(given)
        self.names = NameBook(self.days.symbols)
        self._limits = given.limits
        self.people = 0
        self.book = Book(self.date)  # forced sales under way, and what clients would sell last
        self.closed = True
        self.foreseen: dict[int, Outlook] = {}  # of the newest day, by contract
        self._begin(given)
        for name, account in given.accounts.items():
            self._give_account(name, account, given)
        for name, account in given.accounts.items():
            self._give_holdings(name, account)
        self._expect_no_refusal(self.stage.apply(building.day_close()), "day_close")
        self.open_day(self.date, self.date, given.phase)
        for symbol, book in given.market.items():
            self._give_book(symbol, book)

    @property
    def next_account(self) -> int:
        return int(self.stage.engine.state.header[0]["accounts"])

    def new_person(self) -> int:
        self.people += 1
        return self.people

    def person_of(self, name: str) -> int:
        return int(self.stage.engine.state.accounts[self.names.account_number(name)]["person"])

    def open_day(self, date: int, previous_date: int, phase: str) -> Commands:
        """Events from DAY_OPEN to the day's first phase."""
        self.date = date
        self.stage.go_to(time_us(date, OPENING))
        try:
            opening = self.days.opening(date, previous_date)
        except (LookupError, ValueError) as error:
            raise _as_scenario_error(error) from error
        opened = self.stage.apply(opening)
        rest = [*self._day_limits(date), building.phase(building.ALL, phase_of(phase))]
        self.closed = False
        return np.concatenate([opened, self.stage.apply(building.concat(rest))])

    def _day_limits(self, date: int) -> list[Commands]:
        if self._limits is None:
            return []
        if isinstance(self._limits, Limits):
            return [self.limits_commands(self._limits)]
        commands = limit_commands(self.stage.engine, date)
        return [] if commands is None else [commands]

    def limits_commands(self, said: Limits) -> Commands:
        """RISK_LIMITS, CONCENTRATION, STOCK_LIMIT; raises ScenarioError."""
        return limits_commands(self.names, said, product_number)

    def _begin(self, given: page.Given) -> None:
        costs = self._costs(given)
        try:
            eve = self.days.eve(self.date, costs)
        except (LookupError, ValueError) as error:
            raise _as_scenario_error(error) from error
        people = [building.account_open(self.new_person(), AccountClass.MARKET, i) for i in (0, 1)]
        self.names.accounts[MARKET] = MARKET_SELLER
        commands = [
            self.days.listing(),
            _products_of(given),
            *people,
            eve,
            building.phase(building.ALL, Phase.CONTINUOUS),
        ]
        self._expect_no_refusal(self.stage.apply(building.concat(commands)), "given")

    def _costs(self, given: page.Given) -> dict[int, list[int]]:
        """The prices at which anybody bought each instrument the evening before."""
        costs: dict[int, list[int]] = {}
        for account in given.accounts.values():
            for symbol, holding in account.holds.items():
                costs.setdefault(self.names.instrument_number(symbol), []).append(
                    self._cost(symbol, holding)
                )
        return costs

    def _cost(self, symbol: str, holding: int | page.Holding) -> int:
        """What a share cost: as the page says, or the day's reference price."""
        if isinstance(holding, page.Holding) and holding.cost is not None:
            return money(holding.cost)
        return money(self.days.said[self.names.instrument_number(symbol)].reference or "0")

    def _give_account(self, name: str, said: page.Account, given: page.Given) -> None:
        if name in self.names.accounts:
            raise wrong(f"账户名 {name} 已被占用", f"the account name {name} is taken")
        if said.contract is not None:
            self._give_contract(name, said)
            return
        index = self.next_account
        person = self.person_of(said.of) if said.of else self.new_person()
        klass = AccountClass.MARKET if said.market else AccountClass.CASH
        self._do(building.account_open(person, klass, index), name)
        self.names.accounts[name] = index
        need = money(said.cash or "0")
        contracts = [other for other in given.accounts.values() if other.of == name]
        need += sum(money(contract.deposit) for contract in contracts if contract.deposit)
        if not said.market:
            need += sum(self._paid(*holding) for holding in said.holds.items())
        if need:
            self._do(building.deposit(index, need), name)

    def _paid(self, symbol: str, holding: int | page.Holding) -> int:
        quantity = holding if isinstance(holding, int) else holding.quantity
        return quantity * self._cost(symbol, holding)

    def _give_contract(self, name: str, said: page.Account) -> None:
        if said.deposit is None or said.cash is not None:
            raise wrong(
                f"{name}：合约写明 contract 和 deposit，不写 cash",
                f"{name}: a contract has contract and deposit, and no cash",
            )
        if said.of is None:
            source = self.next_account
            self._do(building.account_open(self.new_person(), AccountClass.CASH, source), name)
            self._do(building.deposit(source, money(said.deposit)), name)
        else:
            source = self.names.account_number(said.of)
        index = self.next_account
        product = product_number(said.contract or "")
        credit = money(said.credit) if said.credit is not None else 0
        deposit = money(said.deposit)
        opening = building.contract_open(source, product, deposit, account=index, credit=credit)
        self._do(opening, name)
        self.names.accounts[name] = index

    def _give_holdings(self, name: str, said: page.Account) -> None:
        account = self.names.account_number(name)
        for symbol, holding in said.holds.items():
            number = self.names.instrument_number(symbol)
            quantity = holding if isinstance(holding, int) else holding.quantity
            price = self._cost(symbol, holding)
            lent = isinstance(holding, page.Holding) and holding.financed
            for who, side in ((MARKET_SELLER, Side.SELL), (account, Side.BUY)):
                order = building.order(
                    *(who, number, side, OrderType.LIMIT, price, quantity),
                    financed=int(lent and side == Side.BUY),
                )
                self._do(order, f"{name} {symbol}")

    def _give_book(self, symbol: str, book: page.Book) -> None:
        number = self.names.instrument_number(symbol)
        for who, side, levels in (
            (MARKET_BUYER, Side.BUY, book.bids),
            (MARKET_SELLER, Side.SELL, book.asks),
        ):
            for price, quantity in levels.items():
                order = building.order(who, number, side, OrderType.LIMIT, money(price), quantity)
                self._do(order, f"market {symbol} {price}")

    def _do(self, commands: Commands, what: str) -> None:
        self._expect_no_refusal(self.stage.apply(commands), what)

    def _expect_no_refusal(self, events: Commands, what: str) -> None:
        for event in events[np.isin(events["kind"], REFUSED)].view(records.ORDER_EVENT):
            reason = Reason(int(event["reason"])).name.lower()
            figure = int(event["figure"])
            raise at(
                Text(f"given {what}", f"given {what}"),
                wrong(f"被拒绝：{reason}，{figure}", f"refused: {reason}, {figure}"),
            )


@cache
def _products() -> tuple[Product, ...]:
    return load_products()


def _products_of(given: page.Given) -> Commands:
    products = [_as_given(product, given) for product in _products()]
    unknown_keys = given.products.keys() - {product.key for product in products}
    if unknown_keys:
        keys = [product.key for product in products]
        raise unknown(Text("产品", "product"), min(unknown_keys), keys)
    return product_commands(products)


def _as_given(product: Product, given: page.Given) -> Product:
    """A product as the page has it; raises ScenarioError for a field there is not."""
    changes = dict(given.products.get(product.key, {}))
    if given.interest == "none":
        changes["annual_rate_ppm"] = 0
    try:
        return msgspec.convert(msgspec.structs.asdict(product) | changes, Product)
    except msgspec.ValidationError as error:
        raise wrong(f"{product.key}：{error}", f"{product.key}: {error}") from error


def product_number(name: page.Name) -> int:
    """Of "1:3", the fixed one without a term; of a key, the newest; of "key@2", version 2.

    Raises ScenarioError.
    """
    if isinstance(name, int):
        return name
    known = _products()
    plain = [product for product in known if not product.is_ruled]
    numbers = {f"1:{product.leverage}": product.product for product in plain}
    numbers |= {product.key: product.product for product in offered(known)}
    numbers |= {f"{product.key}@{product.version}": product.product for product in known}
    if name not in numbers:
        raise unknown(Text("合约", "contract"), name, [*numbers])
    return numbers[name]


def phase_of(name: str) -> Phase:
    """Raises ScenarioError for a phase there is not."""
    if name not in page.PHASES:
        raise unknown(Text("时段", "phase"), name, page.PHASES)
    return Phase[name.upper()]


def _as_scenario_error(error: LookupError | ValueError) -> ScenarioError:
    """The rules' tables say in English what they miss."""
    return error if isinstance(error, ScenarioError) else wrong(str(error), str(error))
