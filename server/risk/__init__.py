"""Margin calls, notices, forced sales, and the statements that account for them."""
