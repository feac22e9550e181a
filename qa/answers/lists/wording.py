"""A list in words, each item cited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from prompts import messages
from qa.answers.answer import Answer, Citation
from qa.answers.lists.asking import Asked
from qa.answers.lists.choice import Choice
from qa.answers.lists.clauses import CLAUSE, ITEM_MAX, head, pieces
from qa.answers.lists.listing import Item, Listing
from qa.answers.lists.numerals import HAN
from qa.answers.lists.parallels import EXPLAINS
from qa.answers.naming import period_told
from qa.reports.report import Passage
from qa.search import Findings

_ANSWER_MAX = 320
_HEADING_MARK = re.compile(rf"(?<=\s)(?:{HAN}{{1,3}}、|\({HAN}{{1,3}}\)|\d{{1,2}}[.、])|(?<=\S)\s")


def answer_in_words(asked: Asked, choice: Choice, findings: Findings) -> Answer:
    """The list that was chosen; partial if fewer items were found than are announced."""
    language = asked.question.language
    said, answers = messages("lists", language), messages("answers", language)
    listing, units, report = choice.listing, choice.outline.units, choice.outline.report
    items = _shortened(listing.items)
    numbers = {unit: n for n, unit in enumerate(dict.fromkeys(i.unit for i in items), 1)}
    citations = [
        Citation.of(n, report, units[u].passage, units[u].span) for u, n in numbers.items()
    ]
    passage = units[items[0].unit].passage
    fewer = _fewer(_announced(asked, listing), len(items), said)
    text = said["list"].format(
        place=report.place or answers["unnamed"].format(title=report.title),
        period=period_told(passage, report, language),
        subject=_subject(asked, listing, passage, said),
        items=_joined(items, numbers, said),
    )
    return Answer(
        status="partial" if fewer else "answered",
        text="\n".join([text, *fewer]),
        question=asked.question.text,
        citations=tuple(citations),
        notes=(*fewer, *([] if findings.dense else [answers["no_vectors"]])),
    )


def _announced(asked: Asked, listing: Listing) -> int:
    """How many items there should be. 横的纵的各是哪六条 counts within each term that is explained."""
    if all(EXPLAINS.match(item.text) for item in listing.items):
        return 0
    return listing.announced or asked.count or 0


def _fewer(announced: int, found: int, said: dict[str, str]) -> list[str]:
    if announced <= found:
        return []
    return [said["fewer"].format(announced=announced, found=found)]


def _subject(asked: Asked, listing: Listing, passage: Passage, said: dict[str, str]) -> str:
    """The words that announce the list: of several clauses the last that speaks of what is asked."""
    if listing.form == "problems":
        return said["problems"]
    if listing.form == "names":
        return listing.subject
    clauses = [c.strip() for c in pieces(CLAUSE, _HEADING_MARK.sub(" ,", f" {listing.near}"))]
    told = {c: sum(word in c for word in asked.words) for c in clauses if c}
    best = max(reversed(told), key=lambda clause: told[clause], default="")
    return best.removeprefix(f"{passage.period}年") if told.get(best) else ""


def _shortened(items: Sequence[Item]) -> list[Item]:
    """The items, cut to fewer clauses each if the answer would grow too long."""
    shortened = list(items)
    if all(EXPLAINS.match(item.text) for item in items):
        return shortened
    for most in (ITEM_MAX, ITEM_MAX // 2, 1):
        if sum(len(item.text) for item in shortened) <= _ANSWER_MAX:
            break
        shortened = [Item(head(item.text, most), item.unit) for item in items]
    return shortened


def _joined(items: Sequence[Item], numbers: dict[int, int], said: dict[str, str]) -> str:
    """The items; those of one sentence share its marker."""
    have_commas = any(re.search("[,、]", item.text) for item in items)
    separator = said["list_separator" if have_commas else "separator"]
    groups = groupby(items, key=lambda item: numbers[item.unit])
    return separator.join(
        said["marked"].format(items=separator.join(item.text for item in group), n=n)
        for n, group in groups
    )
