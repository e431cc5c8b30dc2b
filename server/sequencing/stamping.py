"""From what was submitted to one batch: joined, numbered, timed, and new accounts numbered."""

import asyncio
from struct import Struct
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.codes import Command
from server.engine.records import COMMAND, RECORD_BYTES
from server.sequencing.errors import Stopped

_WORDS = RECORD_BYTES // 8
_KIND, _ACCOUNT = 16, 20  # offsets in a record
_NEXT_FREE = -1
# As plain integers: an enum's member costs as much to look up as the rest of a stamp.
_ACCOUNT_OPEN, _CONTRACT_OPEN = int(Command.ACCOUNT_OPEN), int(Command.CONTRACT_OPEN)
_OPENINGS = frozenset({_ACCOUNT_OPEN, _CONTRACT_OPEN})
_stamp_one = Struct("<qq").pack_into


class Ticket(Protocol):
    """One command, and who asked for it: answered in the turn that makes it durable."""

    seq: int  # of the command, once it is numbered

    def fail(self, error: Stopped) -> None:
        """The command was not acknowledged and never will be."""
        ...


class Submission(msgspec.Struct):
    """Commands that stay together, as bytes; `time` is None for those that bring no market time.

    Who waits for them: one future for them all, or a ticket for each.
    """

    data: bytes | bytearray
    time: int | None
    future: asyncio.Future[NDArray[np.void]] | None = None
    tickets: list[Ticket] | None = None

    def admit(self, record: bytes, ticket: Ticket) -> bool:
        """Adds a command with a ticket to others of its kind; False when it must stand alone."""
        if self.tickets is None or record[_KIND] in _OPENINGS:
            return False
        self.data += record
        self.tickets.append(ticket)
        return True

    @property
    def count(self) -> int:
        return len(self.data) // RECORD_BYTES


def split_openings(parts: list[Submission]) -> tuple[list[Submission], list[Submission]]:
    """What may go into one batch, and what must wait for the next.

    Whether a CONTRACT_OPEN uses up an account's number is known once it is applied, so whoever
    needs the next number waits for that.
    """
    if len(parts) == 1:
        return parts, []
    uncertain = False
    for index, part in enumerate(parts):
        kinds = part.data[_KIND::RECORD_BYTES]
        opens_contract = _CONTRACT_OPEN in kinds
        if uncertain and (opens_contract or _ACCOUNT_OPEN in kinds):
            return parts[:index], parts[index:]
        uncertain = uncertain or opens_contract
    return parts, []


def stamp(
    parts: list[Submission], first_seq: int, now: int, header: NDArray[np.void]
) -> NDArray[np.void]:
    """The submissions as one array of commands, in order; tickets learn their numbers.

    A submission with a time moves the clock (`now`) on for itself and those after it; `header` is
    the engine's, which knows how many accounts there are.
    """
    data = bytearray().join([part.data for part in parts])
    if len(data) == RECORD_BYTES:
        time = parts[0].time
        _stamp_one(data, 0, first_seq, now if time is None else max(now, time))
    else:
        words = np.frombuffer(data, np.int64).reshape(-1, _WORDS)
        words[:, 0] = np.arange(first_seq, first_seq + len(words))
        words[:, 1] = _times(parts, now)
    commands = np.frombuffer(data, COMMAND)
    _number_tickets(parts, first_seq)
    kinds = data[_KIND::RECORD_BYTES]
    if _CONTRACT_OPEN in kinds or _ACCOUNT_OPEN in kinds:
        _number_accounts(commands, int(header[0]["accounts"]))
    return commands


def _number_tickets(parts: list[Submission], first_seq: int) -> None:
    for part in parts:
        for seq, ticket in enumerate(part.tickets or (), first_seq):
            ticket.seq = seq
        first_seq += part.count


def _times(parts: list[Submission], now: int) -> NDArray[np.int64]:
    times: list[int] = []
    for part in parts:
        now = now if part.time is None else max(now, part.time)
        times.append(now)
    return np.repeat(np.array(times, np.int64), [part.count for part in parts])


def _number_accounts(commands: NDArray[np.void], accounts: int) -> None:
    kinds = commands["kind"]
    opening = (kinds == Command.ACCOUNT_OPEN) | (kinds == Command.CONTRACT_OPEN)
    rows = np.flatnonzero(opening)
    numbers = np.arange(accounts, accounts + len(rows))
    blank = commands["account"][rows] == _NEXT_FREE
    commands["account"][rows[blank]] = numbers[blank]
