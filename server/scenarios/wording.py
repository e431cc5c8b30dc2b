"""What a scenario says when it is wrong or fails, in both languages."""

from difflib import get_close_matches
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class ScenarioError(ValueError):
    """A scenario that cannot be understood or set up. `str` is the English sentence."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def wrong(zh: str, en: str) -> ScenarioError:
    return ScenarioError(Text(zh, en))


def unknown(what: Text, word: str, known: list[str]) -> ScenarioError:
    """A word that is none of `known`, with the nearest that is, or all of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.4)
    if near:
        zh, en = f"是否为 “{near[0]}”？", f"did you mean “{near[0]}”?"
    else:
        zh, en = f"可用：{'、'.join(known) or '无'}", f"known: {', '.join(known) or 'none'}"
    return wrong(f"没有{what.zh} “{word}”；{zh}", f"no {what.en} “{word}”; {en}")


def at(place: Text, error: ScenarioError) -> ScenarioError:
    """The same error with the place it was found in before it."""
    return wrong(f"{place.zh}：{error.text.zh}", f"{place.en}: {error.text.en}")
