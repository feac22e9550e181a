"""Where reports print given words: every report is read, however its source breaks the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from embeddings.terms import bigrams
from qa.answers.surveys.survey import Survey
from qa.library.library import Library
from qa.reports.report import Passage, Report

# Signs of a quoted clause.
_CLAUSE = 36
# Where a source breaks a word: blanks, line ends, marks without width.
_GAP = "[\\s\u200b-\u200f\u2060\ufeff\u00ad]*"
_CLAUSE_ENDS = re.compile(r"[,，。;；!！?？:：\s]")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Words seen: ``found`` are their source offsets, ``sentence`` those of the sentence."""

    passage: Passage
    sentence: tuple[int, int]
    found: tuple[int, int]


def look_for(survey: Survey, columns: Sequence[tuple[str, ...]]) -> dict[str, dict[int, Sighting]]:
    """Report id → column → the most telling sentence that prints one of the column's words."""
    finders = [_finder(words) for words in columns]
    printed = {
        (report.report_id, index)
        for report in survey.reports
        for index in _columns_printed(survey.library.source_text(report.report_id), report, finders)
    }
    words = [word for column in columns for word in column]
    likely = passages_with(survey.library, {report_id for report_id, _ in printed}, words)
    seen = _most_telling(likely, finders)
    # The index does not know a word that the source breaks across lines: those reports are read whole.
    unseen = {report_id for report_id, index in printed if index not in seen.get(report_id, {})}
    return seen | _most_telling(_all_passages(survey.library, unseen), finders)


def _columns_printed(
    source: str, report: Report, finders: Sequence[re.Pattern[str]]
) -> Iterator[int]:
    for index, finder in enumerate(finders):
        if finder.search(source, report.start, report.end):
            yield index


def passages_with(library: Library, report_ids: set[str], words: Sequence[str]) -> list[Passage]:
    """The passages of these reports that hold every term of one of the words."""
    if not report_ids:
        return []
    view = library.lexical.within(library.groups(report_ids))
    places = [view.having(bigrams(word)) for word in words]
    return library.passages(view.ids[np.unique(np.concatenate(places))].tolist())


def _all_passages(library: Library, report_ids: set[str]) -> list[Passage]:
    keys = [key for report_id in report_ids for key in library.passage_ids(report_id)]
    return library.passages(sorted(keys))


def _most_telling(
    passages: Iterable[Passage], finders: Sequence[re.Pattern[str]]
) -> dict[str, dict[int, Sighting]]:
    """The body before the front lines, then the sentence that prints the words most often."""
    best: dict[tuple[str, int], tuple[tuple[bool, int], Sighting]] = {}
    for passage in passages:
        for index, finder in enumerate(finders):
            for sentence, found in _sentences_with(passage, finder).items():
                rank = (passage.kind != "other", len(found))
                key = (passage.report_id, index)
                if key not in best or rank > best[key][0]:
                    best[key] = (rank, Sighting(passage, sentence, found[0]))
    seen: dict[str, dict[int, Sighting]] = {}
    for (report_id, index), (_, sighting) in best.items():
        seen.setdefault(report_id, {})[index] = sighting
    return seen


def _sentences_with(
    passage: Passage, finder: re.Pattern[str]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Sentence → where in the source it prints the words; a word broken over two takes both."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for match in finder.finditer(passage.text):
        start, end = passage.start + match.start(), passage.start + match.end()
        touched = [(a, b) for a, b in passage.sentences if a < end and start < b]
        if touched:
            found.setdefault((touched[0][0], touched[-1][1]), []).append((start, end))
    return found


@cache
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds clean words as a source prints them: spaced, broken across lines, in full width."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(_printed_form, longest_first)), re.IGNORECASE)


def _printed_form(word: str) -> str:
    signs = _GAP.join(_any_width(sign) for sign in word if not sign.isspace())
    before = r"(?<!\d)" if word[0].isdigit() else ""
    return before + signs + (r"(?!\d)" if word[-1].isdigit() else "")


def _any_width(sign: str) -> str:
    wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else ""
    return f"[{re.escape(sign)}{wide}]"


def first_sighting(passages: Iterable[Passage], words: str) -> Sighting | None:
    finder = _finder((words,))
    return next(
        (
            Sighting(passage, sentence, found[0])
            for passage in passages
            for sentence, found in _sentences_with(passage, finder).items()
        ),
        None,
    )


def clause_around(sighting: Sighting) -> str:
    """The clause around the words, cut to ``_CLAUSE`` signs, without blanks."""
    start, end = sighting.sentence
    offset = start - sighting.passage.start
    text = sighting.passage.text[offset : offset + end - start]
    first, last = sighting.found[0] - start, sighting.found[1] - start
    left = max((m.end() for m in _CLAUSE_ENDS.finditer(text, 0, first)), default=0)
    closing = _CLAUSE_ENDS.search(text, last)
    right = closing.start() if closing else len(text)
    room = max(0, _CLAUSE - (last - first)) // 2
    cut = text[max(left, first - room) : min(right, last + room)]
    before = "…" if left < first - room else ""
    after = "…" if right > last + room else ""
    return f"{before}{''.join(cut.split())}{after}"
