"""Who delivered a report and when: answered from its front lines, cited like any sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prompts import messages
from qa.answers.answer import Answer, Citation
from qa.answers.naming import title_of
from qa.answers.parts import joined
from qa.answers.refusals import refuse
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.search import Findings

_ASKS_WHO = re.compile(
    r"报告人|(?:谁|哪位|哪个人|何人).{0,12}(?:作|做|讲|念|宣读).{0,8}(?:报告)?|(?:谁|哪位)(?:区长|市长|省长|县长|主席|总理)?(?:作|做)"
    r"|(?:区长|市长|省长|县长|主席|总理)(?:叫|是|姓)?(?:什么名字|谁|啥)|由哪位|who (?:delivered|gave|read|presented|made)",
    re.I,
)
_ASKS_WHEN = re.compile(
    r"(?:哪(?:一)?天|什么时候|何时|几月几[号日]|哪年哪月|日期).{0,10}(?:作(?!用)|做|开(?![始工通放展业建园])|讲)|(?:作|做)(?:报告|的).{0,6}(?:哪(?:一)?天|什么时候|何时|日期)"
    r"|(?:when|what da(?:te|y)|which day).{0,80}(?:delivered|given|presented|read)\b",
    re.I,
)
_SPEAKS_OF_REPORT = re.compile(r"报告|人代会|代表大会|大会|report", re.I)


def answer_with_metadata(findings: Findings, library: Library) -> Answer | None:
    """Speaker and day of delivery of the report asked about; a refusal if it does not say; None
    if the question asks for neither."""
    question = findings.question
    who, when = _asked(question)
    if not (who or when):
        return None
    reports = _one_of_each_place(findings, library)
    told = [_told_of(question, report, library, who=who, when=when) for report in reports]
    answers = [answer for answer in told if answer is not None]
    if not answers or len(answers) < len(told):
        return None
    if len(answers) == 1:
        return answers[0]
    if all(answer.refusal for answer in answers):
        return None
    titles = [title_of(report, question.language) for report in reports]
    return joined(question, titles, answers, is_sure=True)


def _one_of_each_place(findings: Findings, library: Library) -> list[Report]:
    """The one report in scope, or one of each of the places named, in their order; empty if it is not
    clear which are asked about."""
    reports = [library.reports[report_id] for report_id in findings.scope.report_ids]
    if len(reports) < 2:
        return reports
    names = [mention.place.name for mention in findings.question.places]
    of_each = sorted(report.place or "" for report in reports) == sorted(names)
    return sorted(reports, key=lambda report: names.index(report.place or "")) if of_each else []


def _told_of(
    question: Question, report: Report, library: Library, *, who: bool, when: bool
) -> Answer | None:
    said = messages("answers", question.language)
    if (not who or report.speaker is None) and (not when or report.delivered is None):
        missing = said["separator"].join(said[k] for k, v in (("speaker", who), ("day", when)) if v)
        detail = said["metadata_missing"].format(
            title=title_of(report, question.language), missing=missing
        )
        return refuse(question, "not_stated", detail)
    answer = _answer(question, report, list(_front(report, library)), who=who, when=when)
    return answer or _known_by_hand(question, report, who=who, when=when)


def _known_by_hand(question: Question, report: Report, *, who: bool, when: bool) -> Answer | None:
    """The refusal that tells what a person put right and the text does not print: there is nothing to
    cite."""
    corrected = report.correction.values if report.correction else {}
    said = messages("answers", question.language)
    told = [
        said["by_hand"].format(what=said[key], value=getattr(report, name))
        for key, name, asked in (("speaker", "speaker", who), ("day", "delivered", when))
        if asked and name in corrected
    ]
    if not told:
        return None
    title = title_of(report, question.language)
    detail = said["not_printed"].format(title=title, told=said["separator"].join(told))
    return refuse(question, "not_stated", detail)


def _asked(question: Question) -> tuple[bool, bool]:
    text = question.text
    about = bool(_SPEAKS_OF_REPORT.search(text))
    return about and bool(_ASKS_WHO.search(text)), about and bool(_ASKS_WHEN.search(text))


def _front(report: Report, library: Library) -> Iterator[Passage]:
    keys = library.passage_ids(report.report_id)
    for passage in library.passages(keys[:6]):
        if passage.kind == "other":
            yield passage


def _answer(
    question: Question, report: Report, front: list[Passage], *, who: bool, when: bool
) -> Answer | None:
    said = messages("answers", question.language)
    citations: list[Citation] = []
    lines = []
    if when and report.delivered:
        citation = _cite(citations, report, front, _day_forms(report.delivered))
        if citation is None:
            return None
        lines.append(
            said["delivered"].format(
                title=title_of(report, question.language),
                date=_day(report.delivered, question.language),
                n=citation.n,
            )
        )
    if who and report.speaker:
        citation = _cite(citations, report, front, (report.speaker,))
        if citation is None:
            return None
        lines.append(
            said["speaker_is"].format(
                title=title_of(report, question.language), speaker=report.speaker, n=citation.n
            )
        )
    missing = [
        key
        for key, asked, told in (("speaker", who, report.speaker), ("day", when, report.delivered))
        if asked and not told
    ]
    notes = tuple(
        said["metadata_missing"].format(
            title=title_of(report, question.language), missing=said[key]
        )
        for key in missing
    )
    return Answer(
        status="partial" if missing else "answered",
        text="".join(line[:1].upper() + line[1:] for line in lines),
        question=question.text,
        citations=tuple(citations),
        notes=notes,
    )


def _cite(
    citations: list[Citation], report: Report, front: list[Passage], printed: tuple[str, ...]
) -> Citation | None:
    """The front line that prints one of the forms; a line cited before keeps its number."""
    for form in printed:
        for passage in front:
            for span, text in zip(passage.sentences, passage.sentence_texts(), strict=True):
                if form in fold(text).replace("\n", ""):
                    known = [c for c in citations if (c.start, c.end) == span]
                    if not known:
                        citations.append(Citation.of(len(citations) + 1, report, passage, span))
                    return known[0] if known else citations[-1]
    return None


def _day_forms(delivered: str) -> tuple[str, ...]:
    """Ways a front line prints the day; the page's date and 昨天 are the last resort."""
    year, month, day = (int(part) for part in delivered.split("-"))
    return (
        f"{year}年{month}月{day}日",
        f"{month}月{day}日",
        f"年{_han(month)}月{_han(day)}日",
        "昨天",
        "昨日",
    )


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    ten = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return f"{ten}{digits[ones] if ones else ''}"


def _day(delivered: str, language: str) -> str:
    if language == "en":
        return delivered
    year, month, day = (int(part) for part in delivered.split("-"))
    return f"{year}年{month}月{day}日"
