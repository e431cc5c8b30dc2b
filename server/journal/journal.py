"""The seam between the server and whatever keeps its record."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from server.engine.records import FORMAT_VERSION
from server.journal.batch import Batch, Stretch
from server.journal.chain import Chain, Mark

STRETCH = 16_384  # commands that are read and replayed together


class Identity(msgspec.Struct, frozen=True):
    """Which journal this is; part of the digest chain.

    `created` is wall time in microseconds. `config` is any text that must be the same for the
    journal to be continued, such as the market's settings.
    """

    created: int
    market: str
    config: str = ""
    format: int = FORMAT_VERSION

    def encoded(self) -> bytes:
        return msgspec.json.encode(self)

    def continues(self, other: "Identity") -> bool:
        """Whether a server of this identity may append to a journal of the other."""
        return (self.market, self.config, self.format) == (other.market, other.config, other.format)


class CleanShutdown(msgspec.Struct, frozen=True):
    """What the engine was when the server last stopped in order."""

    seq: int
    state_hash: bytes
    layout: str = ""  # of the tables the hash was taken over; two of different layouts say nothing


class Journal(Protocol):
    """An append-only record of batches. One owner at a time.

    One thread at a time, but that `advance` and `digest_at` may be called beside an `append`.
    """

    @property
    def identity(self) -> Identity: ...

    @property
    def last_seq(self) -> int: ...

    @property
    def head_digest(self) -> bytes: ...

    def append(self, batch: Batch) -> None:
        """Makes the batch durable, else raises `JournalFailed`, now and ever after.

        `batch.first_seq` must be `last_seq + 1` (`ValueError`).
        """
        ...

    def refuse(self, why: str) -> None:
        """Takes no batch from now on: every `append` raises `JournalFailed` with this reason."""
        ...

    def batches(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Iterator[Batch]:
        """The batches from the one that holds `from_seq`, each verified before it is given.

        What precedes `from_seq` is not looked at: a mark at `from_seq - 1` says whether the chain
        goes on from the right digest. Raises `JournalCorrupt` at the first record that is not what
        was written, and at the end when the head differs or a mark is not on the chain.
        """
        ...

    def stretches(
        self, from_seq: int = 1, marks: tuple[Mark, ...] = (), commands: int = STRETCH
    ) -> Iterator[Stretch]:
        """As `batches`, several of them together; a stretch never goes beyond a mark."""
        ...

    def chain(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Chain:
        """The chain before the batch that holds `from_seq`, to be `advance`d."""
        ...

    def advance(self, chain: Chain, commands: int) -> Stretch | None:
        """Follows the chain for some `commands` more; None at the end. Raises `JournalCorrupt`.

        Between two calls the owner may append; another thread may be doing so now, then this waits.
        """
        ...

    @property
    def busy(self) -> bool:
        """Whether an `append` is under way in another thread."""
        ...

    def digest_at(self, seq: int) -> bytes | None:
        """The recorded digest after `seq`, not verified; None when no batch ends there."""
        ...

    def record_shutdown(self, record: CleanShutdown) -> None: ...

    def clean_shutdown(self) -> CleanShutdown | None: ...

    def close(self) -> None: ...
