"""What a kernel says is full names one table, and no other."""

from server.engine import capacity, tables

FULL = ("EVENTS", "ORDERS", "POSITIONS", "HOLDERS", "LEVELS", "ACCOUNTS", "INSTRUMENTS", "TERMS",
        "LOTS", "CLAIMS", "TAPE", "LOANS")  # fmt: skip


def test_no_two_tables_share_a_number() -> None:
    numbers = [getattr(capacity, name) for name in FULL]
    assert len(set(numbers)) == len(numbers)
    assert set(tables._GROWING) == set(numbers) - {capacity.EVENTS}
