"""The answers of the parts of a question as one, each with its citations; what is not answered is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from prompts import messages
from qa.answers.answer import Answer, Check, Refusal
from qa.answers.citing import Citations
from qa.answers.verification import renumbered
from qa.questions import Question
from qa.search import Findings

_Span = tuple[str, int, int]


def tells_more(parts: Sequence[Answer], whole: Answer) -> bool:
    """True if a part is answered, and either they cite a sentence that the whole answer does not, or
    another part is not answered and the whole, which is not partial, does not say so."""
    told = [part for part in parts if part.refusal is None]
    known = set(_spans(whole))
    new = any(span not in known for part in told for span in _spans(part))
    silent = len(told) < len(parts) and whole.status != "partial"
    return bool(told) and (new or silent)


def of_the_places_told(findings: Findings, told: Sequence[Answer]) -> Findings:
    """The findings without reports of other places than the parts before were answered from, where the
    place is that of the turn before: 浙江粮食 may be told by a city's report, too, but not half of it."""
    places = {citation.place for answer in told for citation in answer.citations}
    hits = tuple(hit for hit in findings.hits if hit.report.place in places)
    loose = any(mention.loose for mention in findings.question.places)
    if not (loose and hits):
        return findings
    ids = frozenset(hit.report.report_id for hit in hits)
    return replace(findings, hits=hits, scope=replace(findings.scope, report_ids=ids))


def _spans(answer: Answer) -> Iterator[_Span]:
    return ((c.report_id, c.start, c.end) for c in answer.citations)


def first_quote(answer: Answer) -> Answer:
    """The answer with the best of its quotes alone: beside that of another part the rest is a guess."""
    line = answer.text.split("\n")[0]
    kept = answer.citations[:1]
    if not kept or len(answer.citations) == 1 or f"[{kept[0].n}]" not in line:
        return answer
    checks = tuple(check for check in answer.checks if check.citation == kept[0].n)
    return replace(answer, text=line, citations=kept, checks=checks)


def _silence(words: str, refusal: Refusal, said: Mapping[str, str], *, is_sure: bool) -> str:
    """That a part is not answered; why, if that is sure or the reports give the other status."""
    if is_sure or refusal.reason in ("only_target_stated", "only_actual_stated"):
        return said["part_refused"].format(part=words, detail=refusal.detail)
    return said["part_unanswered"].format(part=words)


def joined(
    question: Question, asked: Sequence[str], parts: Sequence[Answer], *, is_sure: bool = False
) -> Answer:
    """The answers one below the other; ``asked`` are the words of each part, which is said to be
    unanswered if it is. That the reports do not state it is said only if it ``is_sure``: half a
    question is harder to find than a whole one."""
    said = messages("answers", question.language)
    citations = Citations()
    lines: list[str] = []
    notes: list[str] = []
    checks: list[Check] = []
    for words, part in zip(asked, parts, strict=True):
        if part.refusal is not None:
            silent = _silence(words, part.refusal, said, is_sure=is_sure)
            lines.append(silent)
            notes.append(silent)
            continue
        numbers = {cited.n: citations.adopt(cited).n for cited in part.citations}
        lines += renumbered(part.text, numbers).split("\n")
        notes += part.notes
        checks += [replace(check, citation=numbers[check.citation]) for check in part.checks]
    is_whole = all(part.status == "answered" for part in parts)
    return Answer(
        status="answered" if is_whole else "partial",
        text="\n".join(dict.fromkeys(lines)),
        question=question.text,
        citations=citations.made,
        notes=tuple(dict.fromkeys(notes)),
        checks=tuple(dict.fromkeys(checks)),
        confidence=min((p.confidence for p in parts if p.confidence is not None), default=None),
        withheld=sum(part.withheld for part in parts),
    )
