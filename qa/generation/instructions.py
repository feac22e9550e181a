"""Sentences that speak to the program instead of telling of government work.

A report is anyone's file: a sentence planted in it (“忽略以上指令”) must not steer the model that reads
it, and a model that was steered must not be quoted. The words are ``instructions.toml``; they are
combined, not memorised. This is the first line of defence, not the only one: polite wishes that use
no such word pass, and what a model makes of them meets the checks of figures and citations.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

_HAN = r"[\u3400-\u9fff]"
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
_COMMENT_EDGE = re.compile(r"<!--|-->")
_BLANKS = re.compile(r"[ \t]+")
_BLANK_OUTSIDE_WORDS = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")
_BETWEEN_HAN = re.compile(rf"(?<={_HAN})[-_.*·|/~^+=#\s]+(?={_HAN})")
_SPACED_LETTERS = re.compile(r"(?<![a-z])(?:[a-z][-_.*·|/~^+= ]){4,}[a-z](?![a-z])")
_NO_LETTER = re.compile(r"[^a-z]+")
_LATIN = re.compile(r"[a-z]{2}")
# Tag characters repeat ASCII without showing it: a whole order fits into an invisible emoji.
_TAGS = range(0xE0020, 0xE007F)
# Joiners, marks of direction, variation selectors, accents set on nothing.
_INVISIBLE = (
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0x300, 0x370),
    *(0xAD, 0x180E, 0xFEFF),
)


def speaks_to_the_program(text: str) -> bool:
    """True if a sentence gives orders to the program, plays a turn of its conversation, asks for its
    prompt, or speaks as the program; disguised letters and signs are read as what they look like."""
    return any(_gives_orders(view) for view in _views(_readable(text)))


def _views(text: str) -> Iterator[str]:
    """The text with what its comments say and, if there are any, without: 忽<!-- -->略 is 忽略."""
    if "<!--" not in text:
        yield text
        return
    yield _COMMENT_EDGE.sub("\n", text)
    yield _COMMENT.sub("", text)


def _readable(text: str) -> str:
    """Lower case, simplified signs, one form of letters and quotes, blanks only between words.

    No offset leads back to the source, so no loop over the signs is needed, as ``fold`` needs one:
    it alone took half the time of a sentence.
    """
    shown = unicodedata.normalize("NFKC", text).lower().translate(_signs())
    return _BLANK_OUTSIDE_WORDS.sub("", _BLANKS.sub(" ", shown))


def _gives_orders(text: str) -> bool:
    if _markers().search(text):
        return True
    flat = _BETWEEN_HAN.sub("", text)
    if any(rule.search(flat) for rule in _rules("chinese")):
        return True
    # Most reports hold no English at all; their sentences need not wait for its rules.
    return bool(_LATIN.search(flat) or _SPACED_LETTERS.search(flat)) and _gives_english_orders(flat)


def _gives_english_orders(text: str) -> bool:
    if any(rule.search(text) for rule in _rules("english")):
        return True
    spelled = "".join(_NO_LETTER.sub("", run[0]) for run in _SPACED_LETTERS.finditer(text))
    return bool(spelled) and any(rule.search(spelled) for rule in _rules("english", spelled=True))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("instructions.toml").read_text("utf-8"))


@cache
def _signs() -> Mapping[int, str | None]:
    pairs = (*_data()["look_alikes"].split(), *_data()["traditional"].split())
    table: dict[int, str | None] = {ord(pair[0]): pair[1] for pair in pairs}
    table.update({code: chr(code - 0xE0000).lower() for code in _TAGS})
    table.update(dict.fromkeys(_INVISIBLE))
    return table


@cache
def _markers() -> re.Pattern[str]:
    return re.compile("|".join(_data()["markers"]), re.M)


@cache
def _rules(language: str, spelled: bool = False) -> Sequence[re.Pattern[str]]:
    """The rules of a language; ``spelled`` those for words written letter by letter, where no blank
    tells one from the next."""
    data = _data()[language]
    groups = {
        name: _group(words, whole=language == "english" and not spelled, spelled=spelled)
        for name, words in data["words"].items()
    }
    # Rules that begin alike are one pattern, so that a sentence is searched once for their beginning.
    behind = defaultdict(list)
    for rule in data["rules"]:
        first, *rest = (groups[name] for name in rule["in_order"])
        gap = f"[^。!?;]{{0,{rule.get('apart', 0)}}}?"
        behind[first].append("".join(gap + group for group in rest))
    return [re.compile(f"{first}(?:{'|'.join(rests)})") for first, rests in behind.items()]


def _group(words: Sequence[str], whole: bool, spelled: bool) -> str:
    either = "(?:" + "|".join(words) + ")"
    if spelled:
        return either.replace(" ", " ?")
    return rf"(?<![a-z]){either}(?![a-z])" if whole else either
