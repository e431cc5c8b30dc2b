"""What a soak is made of, and what its processes tell each other."""

import msgspec

PASSWORD = "soak soak soak"
MONEY = 500_000_000_000  # 50,000,000 yuan for each trader


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`clients` are traders who behave; three more do not: a slow, a restless and a rude one."""

    minutes: float = 60.0
    clients: int = 47
    speed: float = 20.0
    seed: int = 1
    actions_a_second: float = 8.0  # of each client
    goal_ms: float = 50.0  # most work of the event loop in one turn; 0: no promise

    @property
    def seconds(self) -> float:
        return self.minutes * 60

    @property
    def snapshot_every(self) -> int:
        """Commands: a few snapshots in a short soak, one in some minutes in a long one."""
        return 20_000 if self.minutes < 10 else 200_000

    @property
    def traders(self) -> list[str]:
        return [f"trader{number}" for number in range(self.clients)]


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """Who one client process plays; it begins when it reads this, and ends with its stdin."""

    url: str
    plan: Plan
    traders: list[str] = []
    slow: list[str] = []
    restless: list[str] = []
    rude: list[str] = []


class Tally(msgspec.Struct, kw_only=True):
    """What the clients of a process have seen since they began; `broken` is what must not be."""

    asked: int = 0
    answered: int = 0
    orders: int = 0  # acknowledged
    refused: int = 0  # of these
    fills: int = 0
    repeated: int = 0  # orders sent again after a lost connection that had been taken already
    frames: int = 0
    resumed: int = 0
    gaps: int = 0  # resumed sessions that missed more than is sent again
    cut: int = 0  # the slow one, by the server
    rubbish: int = 0  # pieces of it
    checked: int = 0  # orders compared with the server's own record at the end
    broken: list[str] = []
    over: bool = False

    def complain(self, text: str) -> None:
        """Notes a broken promise; the first hundred are enough."""
        if len(self.broken) < 100:
            self.broken.append(text)


def together(tallies: list[Tally]) -> Tally:
    """The sum of all processes."""
    total = Tally(over=all(tally.over for tally in tallies))
    for tally in tallies:
        for name in Tally.__struct_fields__:
            if name != "over":
                setattr(total, name, getattr(total, name) + getattr(tally, name))
    return total
