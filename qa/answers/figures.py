"""Answers made of facts: a figure question first looks among the facts of the reports in scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prompts import messages
from qa.answers.answer import Answer, Check, Citation
from qa.facts.fact import Fact
from qa.facts.lexicon import Indicator, same_family
from qa.library.library import HeldFact, Library
from qa.places import Place
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.search import Findings

_WANTS_FIGURE = re.compile(
    r"多少|几[个家件台亩点成]|多大|多高|比例|增速|增幅|增长率|目标|情况|哪个|谁|更|快|how (?:many|much|fast)|what",
    re.I,
)
_ASKS_GROWTH = re.compile(r"增|涨|跌|降|快|慢|grow|rise|fell", re.I)
_ASKS_AVERAGE = re.compile(r"年均|平均每年|annual average", re.I)
_ASKS_REAL = re.compile(r"扣(?:除|掉)|实际增|物价后|in real terms", re.I)
# Words that name no other subject than the indicator: what is left beside them narrows the question.
_PLAIN_WORDS = re.compile(
    r"增长率?|增速|增幅|涨幅?|跌|下降|亿元?|万元?|元|%|百分之几|百分点|个?点|速度|多大?|快|慢|更|高|低|哪个|谁"
    r"|全年|年度|各|总额|金额|比|排|实际|预计|左右|水平|规模|数|人|还|又|那|这|年均|平均|十[一二三四五]五|期间|末|五年|[“”\"',。?!、;:()~\-—\s]"
)
_MOST_LEFT_OVER = 2


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a question asks of each place: an indicator in a period with a status, if it says."""

    indicator: Indicator
    periods: tuple[str, ...]
    statuses: tuple[str, ...]


def answer_with_facts(findings: Findings, library: Library) -> Answer | None:
    """The figures asked for, each with its sentence; None if the facts do not settle it."""
    question = findings.question
    if not _is_plain(question) or not findings.scope.report_ids:
        return None
    held = library.facts(findings.scope.report_ids)
    chosen = [
        fact
        for report in _reports(findings, library)
        for wanted in _wanted(question, report)
        for fact in _matching(held, report, wanted, question)
    ]
    if not chosen or not _is_complete(question, chosen):
        return None
    return _answer(findings, library, list(dict.fromkeys(chosen)))


def _is_plain(question: Question) -> bool:
    """True if the question names indicators and nothing that narrows them (50亿元以上的项目)."""
    if not question.indicators or question.survey or not _WANTS_FIGURE.search(question.text):
        return False
    if question.language == "en":
        return True
    return len(_PLAIN_WORDS.sub("", question.rest)) <= _MOST_LEFT_OVER


def _reports(findings: Findings, library: Library) -> list[Report]:
    """The reports to ask: of each place the latest, where no year was named."""
    reports = [library.reports[report_id] for report_id in findings.scope.report_ids]
    reports.sort(
        key=lambda report: (_rank_of_place(report, findings.question), -(report.year or 0))
    )
    if findings.question.years or findings.question.report_years:
        return reports
    latest: dict[str, Report] = {}
    for report in reports:
        latest.setdefault(report.place or report.report_id, report)
    return list(latest.values())


def _rank_of_place(report: Report, question: Question) -> int:
    names = [mention.place.name for mention in question.places]
    return names.index(report.place) if report.place in names else len(names)


def _wanted(question: Question, report: Report) -> Iterator[_Wanted]:
    for indicator in question.indicators:
        if question.relative:
            for offset in question.relative:
                yield _relative(indicator, offset, report)
        else:
            periods = tuple(str(year) for year in question.years)
            yield _Wanted(indicator, periods, _statuses(question.status))


def _relative(indicator: Indicator, offset: int, report: Report) -> _Wanted:
    reviewed, planned = report.reviewed_period, report.planned_period
    if offset < 0:
        return _Wanted(indicator, (reviewed,) if reviewed else (), ("actual", "estimate"))
    return _Wanted(indicator, (planned,) if planned else (), ("target",))


def _statuses(status: str | None) -> tuple[str, ...]:
    if status is None:
        return ()
    return ("target",) if status == "target" else ("actual", "estimate")


def _matching(
    held: Iterable[HeldFact], report: Report, wanted: _Wanted, question: Question
) -> list[HeldFact]:
    """The report's facts for what is wanted: the best one, and its other half if told apart."""
    candidates = [
        fact
        for fact in held
        if fact.fact.report_id == report.report_id
        and same_family(fact.fact.indicator, wanted.indicator.name)
        and _is_whole(fact.fact)
        and (not wanted.periods or fact.fact.period in wanted.periods)
        and (not wanted.statuses or fact.fact.status in wanted.statuses)
    ]
    if not wanted.statuses and any(f.fact.status == "actual" for f in candidates):
        candidates = [f for f in candidates if f.fact.status == "actual"]
    if not wanted.periods:
        candidates = _of_main_period(candidates, report)
    return _best(candidates, question)


def _is_whole(fact: Fact) -> bool:
    """True if the printed name is the indicator's own, not that of a part (白鹅潭固定资产投资)."""
    return (
        fact.printed_indicator == fact.indicator
        or len(fact.printed_indicator) <= len(fact.indicator) + 4
    )


def _of_main_period(candidates: list[HeldFact], report: Report) -> list[HeldFact]:
    main = [f for f in candidates if f.fact.period == report.reviewed_period]
    planned = [f for f in candidates if f.fact.period == report.planned_period]
    return main or planned or candidates


def _best(candidates: list[HeldFact], question: Question) -> list[HeldFact]:
    ranked = sorted(candidates, key=lambda held: -_fit(held.fact, question))
    if not ranked:
        return []
    first = ranked[0]
    asks_both = _ASKS_GROWTH.search(question.text) and re.search("多少亿|多少[,,、]", question.text)
    if asks_both and (first.fact.level is None or first.fact.growth is None):
        other = "growth" if first.fact.growth is None else "level"
        return [first, *[f for f in ranked[1:] if getattr(f.fact, other) is not None][:1]]
    return [first]


def _fit(fact: Fact, question: Question) -> float:
    """How well a fact's figures are those asked for: growth, average, real growth or amount."""
    score = 0.0
    if _ASKS_AVERAGE.search(question.text):
        score += 2.0 * (fact.basis in ("annual_avg", "annual_avg_real"))
    elif _ASKS_GROWTH.search(question.text):
        score += 2.0 * (fact.basis in ("yoy", "yoy_real")) + 0.5 * (fact.growth is not None)
    else:
        score += 1.0 * (fact.level is not None)
    if _ASKS_REAL.search(question.text):
        score += 1.0 * (fact.basis == "yoy_real")
    return score + 0.1 * (fact.level is not None) + 0.1 * (fact.growth is not None)


def _is_complete(question: Question, chosen: Sequence[HeldFact]) -> bool:
    """True if every place, indicator and status asked for has its fact."""
    asks_growth = _ASKS_GROWTH.search(question.text) and not re.search("多少亿", question.text)
    if asks_growth and any(held.fact.growth is None for held in chosen):
        return False
    places = {held.fact.place for held in chosen}
    if any(mention.place.name not in places for mention in question.places if not mention.loose):
        return False
    named = [
        any(same_family(held.fact.indicator, i.name) for held in chosen)
        for i in question.indicators
    ]
    years = {str(year) for year in question.years} <= {held.fact.period for held in chosen}
    kinds = len({held.fact.status == "target" for held in chosen}) >= len(question.relative)
    return all(named) and years and (kinds or len(question.relative) < 2)


# --- wording -----------------------------------------------------------------------------------


def _answer(findings: Findings, library: Library, chosen: Sequence[HeldFact]) -> Answer:
    question = findings.question
    passages = dict(
        zip(
            [held.passage for held in chosen],
            library.passages([held.passage or 0 for held in chosen]),
            strict=True,
        )
    )
    citations: dict[tuple[str, int, int], Citation] = {}
    lines, checks = [], []
    for held in chosen:
        passage = passages[held.passage]
        report = library.reports[held.fact.report_id]
        citation = _cited(citations, report, passage, held.fact)
        lines.append(_sentence(held.fact, report, citation.n, question.language))
        checks += _checked(held.fact, citation)
    said = messages("answers", question.language)
    notes = [] if findings.dense else [said["no_vectors"]]
    if findings.scope.absent:
        notes.append(_absent(findings.scope.absent, said))
    return Answer(
        status="partial" if findings.scope.absent else "answered",
        text="\n".join(lines),
        question=question.text,
        citations=tuple(citations.values()),
        checks=tuple(checks),
        notes=tuple(notes),
    )


def _absent(places: Iterable[Place], said: dict[str, str]) -> str:
    return said["absent_places"].format(places=said["separator"].join(p.name for p in places))


def _cited(
    citations: dict[tuple[str, int, int], Citation], report: Report, passage: Passage, fact: Fact
) -> Citation:
    """The citation of the fact's sentence; facts of one sentence share a marker."""
    start, end = next(
        ((a, b) for a, b in passage.sentences if a <= fact.start < b), (fact.start, fact.end)
    )
    key = (report.report_id, start, end)
    if key not in citations:
        citations[key] = Citation.of(len(citations) + 1, report, passage, (start, end))
    return citations[key]


def _sentence(fact: Fact, report: Report, n: int, language: str) -> str:
    said = messages("answers", language)
    figures = [fact.value_printed] if fact.value_printed else []
    if fact.growth_printed:
        falls = fact.growth_percent is not None and fact.growth_percent < 0
        verb = said["falls" if falls else "grows"]
        basis = said.get(f"basis_{fact.basis}", "")
        figures.append(verb.format(basis=basis, growth=fact.growth_printed))
    return said[f"figure_{fact.status}"].format(
        place=report.place or said["unnamed"].format(title=report.title),
        period=fact.period,
        indicator=_name(fact, language),
        figures=said["figures"].join(figures),
        n=n,
    )


def _name(fact: Fact, language: str) -> str:
    from qa.facts.lexicon import canonical

    indicator = canonical(fact.indicator)
    return indicator.english if language == "en" and indicator else fact.indicator


def _checked(fact: Fact, citation: Citation) -> list[Check]:
    quote = fold(citation.quote).replace("\n", "")
    printed = [text for text in (fact.value_printed, fact.growth_printed) if text]
    return [Check(text, _holds(quote, text), citation.n) for text in printed]


def _holds(quote: str, figure: str) -> bool:
    digits = re.findall(r"[\d.]+|[一二三四五六七八九十百千点]+", figure)
    return all(number in quote for number in digits)
