"""A sentence of a refusal in both languages, and the unit of its figure."""

from typing import Literal

import msgspec

Unit = Literal["price", "quantity", "money", "number", ""]


class Sentence(msgspec.Struct, frozen=True):
    zh: str
    en: str
    unit: Unit = ""
