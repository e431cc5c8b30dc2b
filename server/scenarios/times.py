"""The clock of a scenario: when its days are prepared and opened."""

from datetime import time

EVE = time(0, 0)  # of the first day: accounts and holdings are given
OPENING = time(9, 0)
