"""True sentences made false in one way each: what a strict scorer and checker must notice.

The seven traps that number scorers fall into, and place, year and status beside them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from eval.statements import Statement
from qa.answers.claims import read_claims

Alter = Callable[[str, random.Random], str | None]

_PLACES = ("越城区", "上城区", "海曙区", "荔湾区", "临淄区", "绍兴市")
_UNIT_SWAPS = {
    "万亿": "亿", "亿": "万", "万": "亿", "个百分点": "%", "%": "个百分点",
    "公里": "米", "元": "美元", "家": "亿元", "个": "万个", "平方米": "亩",
}  # fmt: skip
_NUMBER = r"\d[\d.]*"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A true statement, and the same with one thing wrong."""

    kind: str
    statement: Statement
    altered: Statement


def alter_digit(text: str, rng: random.Random) -> str | None:
    """Another digit at one place of one figure: 7.6% → 7.1%."""
    places = [m.start() + i for m in _figures(text) for i in _digits(m.group())]
    if not places:
        return None
    at = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]


def alter_precision(text: str, rng: random.Random) -> str | None:
    """A digit added behind the point: 5.2 → 5.25."""
    whole = [m for m in _figures(text) if "." in m.group()]
    if not whole:
        return None
    match = rng.choice(whole)
    return text[: match.end()] + rng.choice("123456789") + text[match.end() :]


def alter_point(text: str, rng: random.Random) -> str | None:
    """The decimal point moved: 5.2% → 520%, 1244万 → 12.44万."""
    found = list(_figures(text))
    if not found:
        return None
    match = rng.choice(found)
    factor = rng.choice((0.01, 100))
    number = f"{float(match.group()) * factor:.6f}".rstrip("0").rstrip(".")
    return text[: match.start()] + number + text[match.end() :]


def alter_unit(text: str, rng: random.Random) -> str | None:
    """Another unit behind one figure: 126万亿 → 126亿."""
    units = "|".join(sorted(map(re.escape, _UNIT_SWAPS), key=len, reverse=True))
    found = list(re.finditer(rf"(?<=\d)(?:{units})", text))
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + _UNIT_SWAPS[match.group()] + text[match.end() :]


def alter_sign(text: str, rng: random.Random) -> str | None:
    """增长 → 下降 and back, before a figure."""
    found = list(re.finditer(r"(?:增长|下降)(?=\d)", text))
    if not found:
        return None
    match = rng.choice(found)
    other = "下降" if match.group() == "增长" else "增长"
    return text[: match.start()] + other + text[match.end() :]


def alter_year(text: str, rng: random.Random) -> str | None:
    """A year before or after: 2023年 → 2022年."""
    match = re.search(r"(?:19|20)\d\d(?=年)", text)
    if match is None:
        return None
    year = int(match.group()) + rng.choice((-2, -1, 1))
    return text[: match.start()] + str(year) + text[match.end() :]


def alter_place(text: str, rng: random.Random) -> str | None:
    """Another place's name."""
    named = [place for place in _PLACES if text.startswith(place)]
    if not named:
        return None
    other = rng.choice([place for place in _PLACES if place != named[0]])
    return other + text.removeprefix(named[0])


def alter_status(text: str, rng: random.Random) -> str | None:
    """A target told as achieved, or a result told as a target."""
    if "的目标是" in text:
        return text.replace("的目标是", "达到", 1)
    match = re.search(r"为(?=\d)|(?=增长\d|下降\d)", text)
    return text[: match.start()] + "的目标是" + text[match.end() :] if match else None


def alter_qualifier(text: str, rng: random.Random) -> str | None:
    """左右, 以上 and the like left out."""
    altered = re.sub(r"(?:左右|以上|以内|以下)", "", text, count=1)
    return None if altered == text else altered


ALTERATIONS: Mapping[str, Alter] = {
    "digit": alter_digit,
    "precision": alter_precision,
    "point": alter_point,
    "unit": alter_unit,
    "sign": alter_sign,
    "qualifier": alter_qualifier,
    "year": alter_year,
    "place": alter_place,
    "status": alter_status,
}
_IN_THE_SUBJECT = frozenset({"year", "place"})


def _figures(text: str) -> Iterator[re.Match[str]]:
    """The digits of the figures: not those of years, names and markers."""
    printed = {claim.text for claim in read_claims(text)}
    for match in re.finditer(rf"(?<![\[\d.A-Za-z“]){_NUMBER}(?!年|\d|\]|[A-Za-z])", text):
        if any(match.group() in told for told in printed):
            yield match


def _digits(number: str) -> list[int]:
    return [i for i, sign in enumerate(number) if sign.isdigit()]


def mutations(
    statements: Iterable[Statement], seed: int = 0, kinds: Iterable[str] = tuple(ALTERATIONS)
) -> Iterator[Mutation]:
    """Every statement altered in every way that applies to it; the same ones for the same seed."""
    rng = random.Random(seed)
    chosen = list(kinds)
    for statement in statements:
        for kind in chosen:
            altered = _altered(statement, kind, rng)
            if altered is not None:
                yield Mutation(kind, statement, altered)


def _altered(statement: Statement, kind: str, rng: random.Random) -> Statement | None:
    """Place and year are altered in the subject, all else in what is told of it."""
    in_subject = kind in _IN_THE_SUBJECT
    before = statement.subject if in_subject else statement.told
    after = ALTERATIONS[kind](before, rng)
    if after is None or after == before:
        return None
    return replace(statement, subject=after) if in_subject else replace(statement, told=after)
