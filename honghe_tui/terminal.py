"""What the screens of one client share."""

from dataclasses import dataclass, field

from honghe_tui.commands import Commands
from honghe_tui.config import ClientConfig
from honghe_tui.connection import Connection
from honghe_tui.mirror import Mirror
from honghe_tui.notes import Notes
from honghe_tui.pages import OFFICER_PAGES, PAGES
from honghe_tui.text import clean
from honghe_tui.widgets.look import Look
from server.protocol.market import Instrument


@dataclass(slots=True)
class Terminal:
    """Screens read the mirror and the link; they send nothing: they post intents to the app.

    `selected` is the symbol under the cursor, the same on every screen; empty before the first.
    `account` is the one last traded with, or last chosen by hand on any screen; -1 before.
    """

    config: ClientConfig
    look: Look
    mirror: Mirror
    connection: Connection
    commands: Commands
    notes: Notes = field(default_factory=Notes)
    selected: str = ""
    account: int = -1

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages of this person."""
        welcome = self.mirror.welcome
        is_officer = welcome is not None and welcome.role == "risk_officer"
        return OFFICER_PAGES if is_officer else PAGES

    def text(self, key: str, /, **values: object) -> str:
        return self.look.catalogue.t(key, **values)

    def find(self, typed: str) -> Instrument | None:
        """The instrument that is meant, of those of the day; None when none is."""
        return self.mirror.finder.find(typed)

    def name_of(self, symbol: str) -> str:
        """The instrument's name, or its symbol while that is not known."""
        instrument = self.mirror.instruments.get(symbol)
        return clean(instrument.name if instrument is not None else symbol)

    def tick_of(self, symbol: str) -> int:
        instrument = self.mirror.instruments.get(symbol)
        return instrument.tick if instrument is not None else 100

    def trading_account(self) -> int:
        """The account that a ticket begins with: the last one, else the first contract."""
        open_ones = [item for item in self.mirror.accounts.values() if item.status == "open"]
        if self.account in {item.account for item in open_ones}:
            return self.account
        open_ones.sort(key=lambda item: (item.account_class != "contract", item.account))
        return open_ones[0].account if open_ones else -1

    def account_name(self, account: int) -> str:
        known = self.mirror.accounts.get(account)
        return clean(known.name) if known is not None else f"#{account}"
