"""What an account is called."""

from honghe_tui.text import clean
from honghe_tui.widgets.look import Look
from server.protocol.accounts import Account


def account_label(account: Account, look: Look) -> str:
    """Its name (else its kind), its leverage unless the name tells it, its number."""
    name = clean(account.name) or look.word("account_class", account.account_class)
    leverage = f"1:{account.leverage}"
    told = not account.leverage or leverage in name
    return f"{name} #{account.account}" if told else f"{name} {leverage} #{account.account}"
