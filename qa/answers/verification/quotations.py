"""What an answer quotes and what it says of whole sentences, held against the sentences cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa.answers.answer import Check
from qa.answers.claims import claims_in, plain, read_claims
from qa.answers.verification.computed import Supported
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.sentences import BLANK, Quotation, Told
from qa.answers.verification.support import Reason, last_named, measured_as, place_reasons

_BETWEEN_QUOTATIONS = re.compile("”[、,,;;和]“")
_CLAUSE_BREAK = re.compile("[,;。:、]")
NO_CITATION = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure looked at: ``reason`` is why it is not supported, None if it is.

    Where a sentence without figures speaks of another place or period than its citation, the
    finding's figure is the sentence itself.
    """

    check: Check
    reason: Reason | None = None


def quotation_findings(quotation: Quotation, evidence: Mapping[int, Evidence]) -> list[Finding]:
    """The figures of a quotation; all fall with it if it does not stand in the sentence cited."""
    cited = [n for n in quotation.markers if n in evidence]
    pieces = _BETWEEN_QUOTATIONS.split(quotation.words)
    holding = [n for n in cited if all(map(evidence[n].holds, pieces))]
    reason: Reason | None = None if holding else "quote" if cited else "marker"
    n = (holding or cited or [NO_CITATION])[0]
    told = [claim.text for claim in read_claims(quotation.words)]
    if reason is not None and not told:
        told = [quotation.words]
    return [Finding(Check(text, reason is None, n), reason) for text in told]


def head_findings(told: Told, evidence: Mapping[int, Evidence]) -> list[Finding]:
    """A head says place, period and status of all that follows it: the place must be that of every
    citation, period and status those of the first."""
    cited = [n for n in told.markers if n in evidence]
    head = told.head
    if head is None or not cited:
        return []
    found: list[tuple[Reason, int]] = [
        (reason, n)
        for n in cited
        for reason in place_reasons(head.subject, told.titles, evidence[n])
    ]
    periods, is_plan = evidence[cited[0]].head
    if head.period not in periods:
        found.append(("period", cited[0]))
    if head.is_plan != is_plan:
        found.append(("status", cited[0]))
    return [Finding(Check(head.period, supported=False, citation=n), why) for why, n in found[:1]]


def subject_findings(told: Told, sentence: str, evidence: Mapping[int, Evidence]) -> list[Finding]:
    """A sentence without figures still must cite something, and speak of the place it cites."""
    start = 0
    for at, run in told.runs:
        cited = [n for n in run if n in evidence]
        if not cited:
            return [Finding(Check(sentence, supported=False, citation=NO_CITATION), "marker")]
        titles = told.titles[told.text[:start].count(BLANK) :]
        found = place_reasons(told.text[start:at], titles, evidence[cited[0]])
        if found:
            return [Finding(Check(sentence, supported=False, citation=cited[0]), sorted(found)[0])]
        start = at
    return []


def quoted_figures(quotation: Quotation, evidence: Mapping[int, Evidence]) -> Iterator[Supported]:
    """The figures of a quotation that stands in a sentence cited: a computed sentence may compute with
    them, if it repeats them."""
    known = next((evidence[n] for n in quotation.markers if n in evidence), None)
    if known is None or not known.holds(quotation.words):
        return
    text = plain(quotation.words.replace("\n", ""))
    for claim in claims_in(text):
        printed = _CLAUSE_BREAK.split(text[: claim.at])[-1]
        yield Supported(
            claim,
            known,
            last_named(text[: claim.at]),
            known.period,
            "target" if known.kind == "plan" else "actual",
            measured_as(claim, known),
            printed,
        )
