"""Who owns which engine account, and what it is called."""

import asyncio
from collections import defaultdict

from sqlalchemy import Engine as Database
from sqlalchemy import delete, insert, select

from server.accounts.schema import ACCOUNT_NAMES, METADATA
from server.engine.codes import AccountClass, Family
from server.engine.engine import Engine
from server.engine.queries import accounts_of

LONGEST_NAME = 64
CONTRACT_NAMES = {
    Family.COMBINATION: ("组合授信", "Combination"),
    Family.FLEXIBLE: ("按日灵活", "Flexible"),
    Family.LICENSED: ("融资账户", "Margin"),
}


class AccountDirectory:
    """A person's accounts from the engine's state, with their names: given, or made up here."""

    def __init__(self, engine: Engine, database: Database) -> None:
        METADATA.create_all(database)
        self._engine = engine
        self._database = database
        with database.connect() as connection:
            rows = connection.execute(select(ACCOUNT_NAMES.c.account, ACCOUNT_NAMES.c.name))
            self._given = {int(account): str(name) for account, name in rows}
        self._owners: dict[int, int | None] = {}  # an account's person never changes
        self._made_up: dict[tuple[int, str], str] = {}
        self.opening: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def accounts_of(self, person: int) -> list[int]:
        """The person's accounts, oldest first."""
        return sorted(accounts_of(self._engine, person))

    def person_of(self, account: int) -> int | None:
        """Who trades in an account; None for the market's accounts and for none at all."""
        if account in self._owners:
            return self._owners[account]
        state = self._engine.state
        if not 0 <= account < int(state.header[0]["accounts"]):
            return None
        row = state.accounts[account]
        owner = None if row["klass"] == AccountClass.MARKET else int(row["person"])
        self._owners[account] = owner
        return owner

    def owns(self, person: int, account: int) -> bool:
        return self.person_of(account) == person

    def name(self, account: int, language: str) -> str:
        """The given name, else one like 现金账户 or 1:3 contract #17."""
        given = self._given.get(account)
        if given is not None:
            return given
        key = (account, language)
        if key not in self._made_up:
            self._made_up[key] = self._default_name(account, language)
        return self._made_up[key]

    def rename(self, account: int, name: str) -> None:
        """Blocks on SQL. An empty name takes the given one away. Raises ValueError."""
        person = self.person_of(account)
        if person is None or len(name) > LONGEST_NAME or not name.isprintable():
            raise ValueError(f"a name has at most {LONGEST_NAME} printable characters")
        with self._database.begin() as connection:
            connection.execute(delete(ACCOUNT_NAMES).where(ACCOUNT_NAMES.c.account == account))
            if name:
                row = {"account": account, "person": person, "name": name}
                connection.execute(insert(ACCOUNT_NAMES), row)
        if name:
            self._given[account] = name
        else:
            self._given.pop(account, None)

    def _default_name(self, account: int, language: str) -> str:
        """What kind it is, and the number that notices and statements know it by."""
        state = self._engine.state
        row = state.accounts[account]
        if row["klass"] == AccountClass.CONTRACT:
            return f"{self._contract_name(int(row['product']), language)} #{account}"
        name = "现金账户" if language == "zh" else "Cash account"
        return f"{name} #{account}"

    def _contract_name(self, product: int, language: str) -> str:
        """By its product's family; of the fixed ones, by N."""
        terms = self._engine.state.terms[product]
        names = CONTRACT_NAMES.get(Family(int(terms["family"])))
        if names is not None:
            return names[0 if language == "zh" else 1]
        return f"1:{int(terms['leverage'])} {'合约' if language == 'zh' else 'contract'}"
