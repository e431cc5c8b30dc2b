"""Messages encoded once for every client of the same encoding."""

from collections.abc import Hashable, Mapping
from typing import Any

import msgspec

from server.gateway.codec import Codec


class Encoded:
    """Pushes by their key in an outbox; each is encoded when a codec first asks for it."""

    def __init__(self, messages: Mapping[Hashable, Any]) -> None:
        self._messages = messages
        self._encoded: dict[Codec, dict[Hashable, msgspec.Raw]] = {}

    def one(self, key: Hashable, codec: Codec) -> msgspec.Raw:
        done = self._encoded.setdefault(codec, {})
        if key not in done:
            done[key] = msgspec.Raw(codec.encode(self._messages[key]))
        return done[key]

    def everything(self, codec: Codec) -> Mapping[Hashable, msgspec.Raw]:
        done = self._encoded.setdefault(codec, {})
        if len(done) < len(self._messages):
            for key in self._messages:
                self.one(key, codec)
        return done
