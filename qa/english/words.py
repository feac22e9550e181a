"""English words: where they stand, their base forms, and which of them say nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.&'’-]*[A-Za-z0-9])?")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class _Data:
    empty: frozenset[str]
    plain: frozenset[str]
    irregular: Mapping[str, str]
    derived: Sequence[tuple[str, str]]


@cache
def _data() -> _Data:
    data = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    return _Data(
        frozenset(data["empty"].split()),
        frozenset(data["plain"].split()),
        data["irregular"],
        [(ending, instead) for ending, instead in data["derived"]],
    )


def is_empty(word: str) -> bool:
    """True for a word of grammar or of asking."""
    return word.lower() in _data().empty


def is_plain(word: str) -> bool:
    """True for a word that narrows the subject of a figure question to nothing smaller."""
    return word.lower() in _data().plain


@dataclass(frozen=True, slots=True)
class Word:
    """``text[start:end]`` without a possessive 's."""

    start: int
    end: int
    text: str

    @property
    def is_name(self) -> bool:
        """True if it begins with a capital letter."""
        return self.text[:1].isupper()


def words_in(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for match in _WORD.finditer(text):
        bare = _POSSESSIVE.sub("", match.group())
        yield Word(match.start(), match.start() + len(bare), bare)


def base_forms(word: str) -> tuple[str, ...]:
    """What ``word`` may be a form of, itself first: visits → visit, renovating → renovate."""
    word = word.lower()
    found = [word]
    irregular = _data().irregular
    if word in irregular:
        found.append(irregular[word])
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss"):
            found.append(word.removesuffix(ending) + instead)
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            found += [stem + "e", stem]
            if stem[-1] == stem[-2]:
                found.append(stem[:-1])
    for ending, instead in (("iest", "y"), ("ier", "y"), ("est", ""), ("ly", "")):
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            found.append(word.removesuffix(ending) + instead)
    if word.endswith("ied"):
        found.append(word.removesuffix("ied") + "y")
    return tuple(dict.fromkeys(found))


def verbs_behind(noun: str) -> tuple[str, ...]:
    """The verbs a noun of action may come from: demolition → demolish, renovation → renovate."""
    return tuple(
        noun.lower().removesuffix(ending) + instead
        for ending, instead in _data().derived
        if noun.lower().endswith(ending) and len(noun) >= len(ending) + 3
    )
