"""What an account is called."""

from honghe_tui.text import clean
from honghe_tui.widgets.look import Look
from server.protocol.accounts import Account


def account_label(account: Account, look: Look) -> str:
    """Its name (else its kind), its leverage and its number unless the name tells them."""
    name = clean(account.name) or look.word("account_class", account.account_class)
    parts = [name]
    fixed = account.family in ("cash", "fixed")
    if account.leverage and fixed and f"1:{account.leverage}" not in name:
        parts.append(f"1:{account.leverage}")
    if not name.endswith(f"#{account.account}"):
        parts.append(f"#{account.account}")
    return " ".join(parts)
