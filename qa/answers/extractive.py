"""Answers made of quotes: the sentences of the findings that bear most on the question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from embeddings.terms import bigrams
from prompts import messages
from qa.answers.answer import Answer, Citation, without_markers
from qa.answers.excerpts import (
    ASKS_FIGURE,
    ASKS_PARTS,
    FIGURE,
    QUOTED,
    excerpt,
    words_of,
)
from qa.answers.naming import period_told
from qa.answers.off_topic import refuse_off_topic
from qa.answers.refusals import refuse_absent, refuse_missing, refuse_not_stated
from qa.answers.sentences import Sentence, rank_sentences
from qa.answers.sufficiency import (
    absent_term,
    announces,
    counts_of,
    defined_term,
    is_foreign,
    is_only_planned,
    is_unclear,
    lacks_counted,
    lacks_figure,
    lacks_parts,
    refuse_unclear,
    refuse_wrong_status,
    says_it_done,
    told_by_kind,
    wrong_status,
)
from qa.answers.together import FAR, measures_together, parts_told_alike
from qa.facts.lexicon import names_of
from qa.library.library import Library
from qa.questions import Question, question_core
from qa.ranking import Hit, wanted_kinds
from qa.reports.clean_text import fold
from qa.reports.periods import span_of, years_in
from qa.reports.report import Report
from qa.search import Findings

_MAX_SENTENCES = 3
# Of 409 answerable development questions that share words with a sentence none is less sure than this.
_LEAST_CONFIDENCE = 0.07
# A sentence this near to the best one (in log-odds) is quoted beside it.
_NEARLY_AS_GOOD = 0.7
# What a report says of a place below it answers if it holds so many of the question's other words.
_TOLD_FROM_ABOVE = 0.4
# Sentences so alike in confidence tell the same, of two times.
_ALIKE = 0.05
# A part of a question is told where this much of its own words is, beside what the whole is like.
_OWN_PART = 12.0
_SAYS_BOTH = re.compile(
    r"(?:已经?|去年|上年|完成了|实际).*(?:计划|今年|还要|打算|目标)|(?:计划|今年|目标).*(?:已经|去年|上年|完成了)"
    # 现在比例有多高?2026年还想提到多少?
    r"|(?:现在|目前|眼下|如今|现有)[^,。?;]*[,。?;].*(?:还?想(?!知道|问|了解)|还?要[提增建达降]|打算|计划|目标|力争|争取)"
)
_THIS_YEAR = re.compile("今年|目前|现在|截至")
_ASKS_AMOUNT = re.compile(ASKS_FIGURE.pattern + "|增速|增幅|增长|目标|总额|总量|数额")
_ASKS = re.compile(r"多少|几|哪|谁|什么|何|怎|多[大高长快]|吗|呢|占比|比例")


def answer_with_quotes(findings: Findings, library: Library) -> Answer:
    """One to three quoted sentences, or a refusal with its reason. Never raises for a question."""
    question, reports = findings.question, library.reports
    if is_unclear(question):
        return refuse_unclear(question)
    if findings.scope.missing or not reports:
        return refuse_missing(findings, reports.values())
    ranked = rank_sentences(question, _telling(question, findings.hits))
    if not ranked or is_foreign(findings, max(one.told for one in ranked)):
        return refuse_off_topic(question)
    if question.spoken_of:
        ranked = [one for one in ranked if _speaks_of(question, one)]
        if findings.scope.absent and not any(_tells_of_it(question, one) for one in ranked):
            return refuse_missing(_not_held(findings), reports.values())
    if term := absent_term(findings, library):
        return refuse_absent(findings, reports, term)
    if not ranked:
        return refuse_not_stated(findings, reports)
    told = told_by_kind(ranked) if _is_specific(question) else {}
    reason = wrong_status(told, _one_kind(findings))
    done = says_it_done(question, [one.text for one in ranked[:_MAX_SENTENCES]])
    if reason and not done and not _tells_of_this_year(question, ranked[0]):
        return _sure(refuse_wrong_status(question, reason), ranked[0])
    timely = _of_the_time(question, ranked, _reports_of(findings, reports))
    prose = _result_first(question, _prose(timely))
    chosen = _choose(question, prose) if timely else []
    if not chosen or _tells_too_little(question, timely, chosen):
        return _sure(refuse_not_stated(findings, reports), ranked[0])
    if not done and is_only_planned(question, chosen):
        return _sure(refuse_wrong_status(question, "only_target_stated"), chosen[0])
    return _sure(_quote(question, findings, chosen), timely[0])


def _not_held(findings: Findings) -> Findings:
    """The findings of a place that the report above it says nothing of."""
    scope = replace(findings.scope, report_ids=frozenset(), missing="place_not_held")
    return replace(findings, scope=scope)


def _tells_of_it(question: Question, one: Sentence) -> bool:
    """True if a sentence that names the place tells of what is asked, too: that 东莞 is named somewhere
    does not say what one eats there."""
    if question.indicators:
        return bool(one.features["indicator"])
    asked = set(bigrams(question.rest)) - set(bigrams(" ".join(question.spoken_of)))
    told = asked & set(bigrams(fold(one.text)))
    return bool(asked) and len(told) >= _TOLD_FROM_ABOVE * len(asked)


def _speaks_of(question: Question, one: Sentence) -> bool:
    """True if the sentence names the place that the report is to speak of, and as the subject of the
    indicator if one is asked for: the province's figure is not that of its city, nor 成都平原 成都."""
    text = fold(one.text)
    if not question.indicators or not _ASKS_AMOUNT.search(question.text):
        return any(name in text for name in question.spoken_of)
    told = "|".join(re.escape(name) for i in question.indicators for name in names_of(i))
    subject = "|".join(map(re.escape, question.spoken_of))
    return bool(re.search(f"(?:{subject})[市县区州省]?的?(?:\\d{{4}}年)?(?:{told})", text))


def _tells_too_little(
    question: Question, ranked: Sequence[Sentence], chosen: Sequence[Sentence]
) -> bool:
    """True if the best sentence is not sure enough, or lacks the parts or the figure asked for."""
    return (
        ranked[0].confidence < _LEAST_CONFIDENCE
        or lacks_parts(question, [_with_tail(question, one) for one in ranked[:_SENTENCES_READ]])
        or lacks_figure(question, [one.text for one in chosen])
        or (not ranked[0].is_faint and lacks_counted(question, [one.text for one in chosen]))
    )


# Sentences that tell the parts of a term of numbers, beside the one that names it.
_PARTS = 3
# Sentences among which the parts of a thing (哪六张名片) are looked for.
_SENTENCES_READ = 8


def _with_tail(question: Question, one: Sentence) -> str:
    """A sentence that names a term of numbers (“456”产业链群), or announces the one asked about, with those
    behind it, which tell it."""
    announced = any(announces(fold(one.text), term) for term in QUOTED.findall(fold(question.text)))
    if not announced and not re.search(r"“[^”]*\d{2}[^”]*”", one.text):
        return one.text
    passage = one.hit.passage
    return passage.text[one.span[0] - passage.start :]


def _sure(answer: Answer, best: Sentence) -> Answer:
    return replace(answer, confidence=best.confidence)


def _telling(question: Question, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that may hold a figure: the title, date and speaker lines state no indicator."""
    figure = question.indicators or "多少" in question.text
    return [hit for hit in hits if hit.passage.kind != "other" or not figure]


def _prose(ranked: list[Sentence]) -> list[Sentence]:
    """The sentences without headings and titles, unless nothing else was found."""
    return [one for one in ranked if not one.is_heading] or ranked


def _result_first(question: Question, ranked: list[Sentence]) -> list[Sentence]:
    """The sentences with what was done before what is planned, where a figure of neither is asked for
    and both tell of it alike: 有多少人能上岗 asks for people, not for a target."""
    says_when = question.status or question.relative or question.years or question.spans
    if says_when or not ranked or not ASKS_FIGURE.search(question.text):
        return ranked
    if ranked[0].hit.passage.kind != "plan":
        return ranked
    best = ranked[0]
    twin = next((one for one in ranked[1:] if _tells_as_much(one, best)), None)
    return [twin, *(one for one in ranked if one is not twin)] if twin else ranked


def _tells_as_much(one: Sentence, best: Sentence) -> bool:
    return (
        one.hit.passage.kind == "review"
        and one.told >= best.told > 0
        and one.confidence >= best.confidence - _ALIKE
        and one.features["figure"] >= best.features["figure"]
    )


def _of_the_time(
    question: Question, ranked: list[Sentence], reports: Iterable[Report]
) -> list[Sentence]:
    """The sentences without those about another year than the one asked about."""
    if len(question.years) != 1 or question.spans or question.years_are_bases:
        return ranked
    if _SAYS_BOTH.search(fold(question.text)):
        # 现在多高?2026年还想提到多少? names one year and asks about two.
        return ranked
    year = question.years[0]
    own = {report.place for report in reports if _is_of(year, report)}
    return [one for one in ranked if _may_be_of(year, one, own)]


def _reports_of(findings: Findings, reports: Mapping[str, Report]) -> list[Report]:
    return [reports[report_id] for report_id in findings.scope.report_ids]


def _is_of(year: int, report: Report) -> bool:
    return year == report.year or any(s.period == str(year) for s in report.sections)


def _may_be_of(year: int, sentence: Sentence, own: Collection[str | None]) -> bool:
    """False in a section about another year, unless the sentence prints the year, or says 今年 in the
    report of that year. Only of a place without a report of its ``own`` of that year may a span tell
    that includes it, or an earlier plan that looks ahead to it."""
    passage, report = sentence.hit.passage, sentence.hit.report
    if passage.period in (None, str(year)) or year in years_in(fold(sentence.text)):
        return True
    if _says_this_year(year, sentence):
        return True
    first, last = span_of(passage.period or str(year))
    if report.place in own:
        return _is_of(year, report) and first <= year <= last
    return (first < last and first - 1 <= year <= last + 1) or (
        passage.kind == "plan" and report.year is not None and year > report.year
    )


def _says_this_year(year: int, sentence: Sentence) -> bool:
    return sentence.hit.report.year == year and bool(_THIS_YEAR.search(sentence.text))


def _tells_of_this_year(question: Question, sentence: Sentence) -> bool:
    """True if a review tells of the report's own year (到今年上半年), which its plan would else tell of."""
    return any(_says_this_year(year, sentence) for year in question.years)


def _is_specific(question: Question) -> bool:
    """True if the question has words enough, about one place, to tell its status by them."""
    return len(question.places) < 2 and len(set(bigrams(question.rest))) >= 2


def _one_kind(findings: Findings) -> set[str]:
    """The kind of section that alone may answer, if the question leaves no doubt of it."""
    kinds = [wanted_kinds(findings.question, hit.report) for hit in findings.hits[:1]]
    return kinds[0] if kinds else set()


def _choose(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence, one for each place, term or part asked about, and others nearly as good."""
    if each := parts_told_alike(question, ranked):
        return each
    several = (
        _of_moments(question, ranked) or _of_terms(question, ranked) or _of_parts(question, ranked)
    )
    if len(several) > 1:
        return several
    if each := _of_reports(question, ranked):
        return each
    if measures := measures_together(question, ranked):
        return measures
    if ranked[0].is_faint:
        near = ranked[0].score - FAR
        return [one for one in ranked[:_MAX_SENTENCES] if one.score >= near]
    if len(question.places) > 1:
        first = (
            next((one for one in ranked if one.hit.report.place == mention.place.name), None)
            for mention in question.places
        )
        return [one for one in first if one][:_MAX_SENTENCES] or list(ranked[:1])
    best = ranked[0]
    chosen = [best, *_completing(question, best, ranked)]
    for one in ranked[1:_MAX_SENTENCES]:
        near = one.score >= best.score - _NEARLY_AS_GOOD and one.hit.features["status"] >= 0
        if near and one not in chosen:
            chosen.append(one)
    return chosen[:_MAX_SENTENCES]


# Reports of so many years are quoted side by side, each if it tells this much of what the best tells.
_MAX_REPORTS, _TELLS_IT_TOO = 6, 0.6


def _of_reports(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence of each report where those of several years are asked about, oldest first;
    empty if fewer than two tell of it."""
    if len(question.report_years) < 2:
        return []
    best: dict[int, Sentence] = {}
    for one in ranked:
        year = one.hit.report.year
        if year in question.report_years and one.told >= _TELLS_IT_TOO * ranked[0].told:
            best.setdefault(year, one)
    each = [best[year] for year in sorted(best)]
    return each[:_MAX_REPORTS] if len(each) > 1 else []


def _completing(question: Question, best: Sentence, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The sentence that tells what the best one leaves untold of a question for two things."""
    left = set(bigrams(question.rest)) - set(bigrams(fold(best.text)))
    if len(left) < _LEAST_PART:
        return []
    others = [one for one in ranked[1:] if one.hit.features["status"] >= 0]
    told = [(len(left & set(bigrams(fold(one.text)))) / len(left), one) for one in others]
    share, other = max(told, key=lambda pair: (pair[0], pair[1].score), default=(0.0, best))
    return [other] if share >= _COMPLETES else []


def _of_moments(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence of the review and of the plan, where 去年 and 今年, or what was done and what is
    planned, are both asked about."""
    both = len(set(question.relative)) > 1 or _SAYS_BOTH.search(fold(question.text))
    if not both or len(question.places) > 1:
        return []
    firsts = (
        next((one for one in ranked if one.hit.passage.kind == kind), None)
        for kind in ("review", "plan")
    )
    return [one for one in firsts if one]


def _of_terms(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """A sentence for each of several terms that the question quotes; behind a sentence that only
    names a term of numbers (“456”产业链群), those that tell its parts."""
    text = fold(question.text)
    defined = defined_term(question)
    terms = list(dict.fromkeys(QUOTED.findall(text))) or ([defined] if defined else [])
    if len(terms) > 1:
        first = (next((s for s in ranked if term in fold(s.text)), None) for term in terms)
        return list({one.span: one for one in first if one}.values())[:_MAX_SENTENCES]
    if not terms or not (defined or ASKS_PARTS.search(text)):
        return []
    named = [one for one in ranked if terms[0] in fold(one.text)]
    explained = [one for one in named if _is_entry(fold(one.text), terms[0])]
    naming = next(iter(explained or named), None)
    if naming is None:
        return []
    behind = [
        one
        for one in ranked
        if one.hit.passage.start == naming.hit.passage.start and one.span[0] > naming.span[0]
    ]
    if explained:
        return [naming, *sorted(behind, key=lambda one: one.span)[:2]]
    if _explains(fold(naming.text), terms[0]):
        return [naming]
    if not re.search(r"\d", terms[0]):
        # ——我们将全力建设“一河五片”主要平台。 announces what the next sentences explain.
        is_short = len(naming.text) <= _ANNOUNCES
        return [naming, *sorted(behind, key=lambda one: one.span)[:2]] if is_short else []
    telling = [one for one in behind if counts_of(terms[0], fold(one.text))]
    return [naming, *sorted(telling, key=lambda one: one.span)[:_PARTS]]


def _is_entry(text: str, term: str) -> bool:
    """True for the head of a glossary's entry, whose explanation follows: 11.“五统一、一开放”:"""
    return bool(
        re.fullmatch(rf"[\d.、(): ]*[“《]?{re.escape(term)}[”》]?[^,。:]{{0,8}}[::]\s*", text)
        or re.fullmatch(rf"[\d.、(): ]*[“《]?{re.escape(term)}[”》]?\s*", text)
    )


def _explains(text: str, term: str) -> bool:
    """True for an entry that holds its own explanation: 1.“两重”:是指国家重大战略实施…"""
    entry = rf"[\d.、(): ]*[“《]?{re.escape(term)}[”》]?[^,。:]{{0,8}}(?::|是?指(?:的是)?)"
    told = re.match(entry, text)
    return told is not None and len(text) - told.end() >= _EXPLANATION


def _of_parts(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence for each of several things asked in one breath, each by its own words."""
    clauses = [clause for clause in re.split("[?,;]", fold(question.text)) if _ASKS.search(clause)]
    asked = set(words_of(question))
    parts = [(clause, asked & set(bigrams(question_core(clause)))) for clause in clauses]
    parts = [(clause, words) for clause, words in parts if len(words) >= _LEAST_PART]
    if len(parts) < 2 or len(question.places) > 1:
        return []
    chosen = [_best_for(clause, words, ranked) for clause, words in parts[:_MAX_SENTENCES]]
    return list({one.span: one for one in chosen}.values())


def _best_for(clause: str, words: set[str], ranked: Sequence[Sentence]) -> Sentence:
    """The sentence that tells most of one part of a question; one with a figure if it asks for one."""
    telling = [one for one in ranked if FIGURE.search(fold(one.text))]
    among = telling if telling and ASKS_FIGURE.search(clause) else ranked
    return max(
        among,
        key=lambda one: (
            _OWN_PART * len(words & set(bigrams(fold(one.text)))) / len(words) + one.score
        ),
    )


# A second sentence is quoted if it tells this much of what the first one leaves untold.
_COMPLETES = 0.5
# A sentence of so few signs that names a term announces it only.
_ANNOUNCES = 40
# Signs behind the name of a term that explain it.
_EXPLANATION = 6
# Terms that a part must have of its own to be looked for by itself.
_LEAST_PART = 3


def _quote(question: Question, findings: Findings, chosen: Sequence[Sentence]) -> Answer:
    said = messages("answers", question.language)
    citations, lines = [], []
    for n, candidate in enumerate(chosen, 1):
        hit = candidate.hit
        part = excerpt(candidate, question)
        citations.append(Citation.of(n, hit.report, hit.passage, candidate.span))
        lines.append(
            said["quote"].format(
                place=_place(hit.report, said),
                period=period_told(hit.passage, hit.report, question.language, part),
                quote=without_markers(part),
                n=n,
            )
        )
    notes = [] if findings.dense else [said["no_vectors"]]
    if any(one.is_faint for one in chosen):
        notes.append(said["own_words"])
    if findings.scope.absent:
        places = said["separator"].join(place.name for place in findings.scope.absent)
        notes.append(said["absent_places"].format(places=places))
    return Answer(
        status="partial" if findings.scope.absent else "answered",
        text="\n".join(lines),
        question=question.text,
        citations=tuple(citations),
        notes=tuple(notes),
    )


def _place(report: Report, said: dict[str, str]) -> str:
    return report.place or said["unnamed"].format(title=report.title)
