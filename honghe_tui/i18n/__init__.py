"""The client's texts, by key, in Chinese and English.

Keys are the dotted paths of `zh.toml` and `en.toml` (`screen.quotes.empty`); both files hold the
same keys with the same placeholders, and a test keeps it so.
"""

import tomllib
from importlib.resources import files
from typing import Any, Literal, cast

Language = Literal["zh", "en"]


def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Dotted keys of a nested table; raises TypeError for a leaf that is not a string."""
    flat: dict[str, str] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            flat |= flatten(cast(dict[str, Any], value), f"{key}.")
        elif isinstance(value, str):
            flat[key] = value
        else:
            raise TypeError(f"{key} is not a text")
    return flat


def texts(language: Language) -> dict[str, str]:
    """Every text of one language by its dotted key."""
    source = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return flatten(tomllib.loads(source))


class Catalogue:
    """Looks texts up in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = texts(language)

    def t(self, key: str, /, **values: object) -> str:
        """The text at `key` with `{placeholders}` filled; raises KeyError for an unknown key."""
        text = self._texts[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        return key in self._texts

    def pick(self, zh: str, en: str) -> str:
        """One of two sentences that a message carries in both languages."""
        return zh if self.language == "zh" else en
