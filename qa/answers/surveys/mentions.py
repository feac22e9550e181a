"""Which reports print the words asked about, each with the clause that does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qa.answers.answer import Answer, Cell, Table
from qa.answers.citing import Citations
from qa.answers.refusals import refuse
from qa.answers.surveys.citing import compose
from qa.answers.surveys.sightings import Sighting, clause_around, look_for
from qa.answers.surveys.subjects import printed_forms, subject_of
from qa.answers.surveys.survey import LINES, Phrase, Survey
from qa.facts.lexicon import canonical, names_of
from qa.reports.report import Report

_ANY = re.compile(r"或者?|\bor\b")
_ALL = re.compile(r"以及|还有|[和与及、]|\band\b")
_IN_BRACKETS = re.compile(r"^(.{2,30})\(([^()]{1,20})\)(.{0,10})$")
# 要创建示范区 may be printed as 争创示范区 or 示范区创建.
_AIMS = re.compile(r"^(?:要|想|打算|准备|计划|争取?|正在)*(?:争创|创建|创成|申创|申报)了?(?=.{4})")
# A phrase of more signs may be the asker's wording, not the reports'.
_SURE = 6
_PAIR = 2
# 给中小学生放春假: for whom it is done is not what is looked for.
_FOR_WHOM = re.compile(
    r"^(?:要|想|会)*(?:给|为|让)[^,。、]{0,6}(?:学生|居民|老年?人|孩子|儿童|群众|农民|职工|企业|市民|村民|家庭|教师)"
    r"(?:放|发放?|办|建|送|提供|安排|配)(?=.{2})"
)
_DOES = re.compile(
    r"^(?:要|想|已经?|打算|准备|计划|争取?)*(?:新?建设?成?|争?创建?|获得|获评|荣获|举办|承办|打造|开展|实施|推[进行广]|设立|成立|引进|拥有|开通|入选|出台)+了?"
)


def answer_with_mentions(survey: Survey) -> Answer | None:
    """Which reports print the phrase; a refusal if it is short and none does."""
    phrase = survey.phrase
    if phrase is None:
        return None
    for columns in _readings(phrase):
        seen = look_for(survey, columns)
        if any(len(found) == len(columns) for found in seen.values()):
            if phrase.without and not _is_sure(survey, phrase.without):
                return None
            if phrase.without:
                return _say_with_but_without(survey, columns, seen)
            return _say_mentions(survey, columns, seen)
    if not phrase.quoted and not _is_sure(survey, phrase.words):
        return None
    detail = survey.said["mention_none"].format(count=len(survey.reports), words=phrase.words)
    return refuse(survey.question, "not_stated", detail)


def _is_sure(survey: Survey, words: str) -> bool:
    """True if reports that do not print the words do not speak of it: an English word says nothing,
    a long phrase may be the asker's wording."""
    return len(words) <= _SURE and survey.question.language == "zh"


def _readings(phrase: Phrase) -> Iterator[list[tuple[str, ...]]]:
    """Ways to read the phrase, the most literal first: columns, each of words of which one will do.

    和 parts two things only where no report prints the whole (城市管理和服务 is one).
    """
    yield [_all_names((phrase.words, _AIMS.sub("", phrase.words)))]
    if phrase.quoted:
        yield [(quoted,) for quoted in phrase.quoted]
    if _ANY.search(phrase.words):
        yield [tuple(name for part in _parts(_ANY, phrase.words) for name in _names(part))]
    thing = _DOES.sub("", _FOR_WHOM.sub("", phrase.words))
    if len(thing) > 1:
        yield [_all_names((thing,))]
    parts = _parts(_ALL, phrase.words)
    if len(parts) > 1 and phrase.negated:
        # 没提A和B: neither is printed.
        yield [tuple(dict.fromkeys((phrase.words, *(n for part in parts for n in _names(part)))))]
    elif len(parts) > 1:
        yield [_names(part) for part in parts]
    joined = _joined(_parts(_ALL, thing))
    if joined:
        yield [(joined,)]


def _joined(parts: Sequence[str]) -> str:
    """春假、秋假 as 春秋假: two names with one end, as reports print them together; empty for others."""
    if len(parts) != _PAIR or parts[0][-1] != parts[1][-1]:
        return ""
    first, second = parts
    end = next(
        length
        for length in range(min(len(first), len(second)) - 1, 0, -1)
        if first[-length:] == second[-length:]
    )
    heads = first[:-end], second[:-end]
    return f"{heads[0]}{second}" if len(heads[0]) == len(heads[1]) else ""


def _all_names(forms: Sequence[str]) -> tuple[str, ...]:
    spelled = (one for form in forms for one in _spellings(form) if len(one) > 1)
    return tuple(dict.fromkeys(name for one in spelled for name in _names(one)))


def _spellings(words: str) -> tuple[str, ...]:
    """夜间经济(夜经济) is two names of one thing, 示范区(县) two ends of one name."""
    match = _IN_BRACKETS.match(words)
    if match is None:
        return (words,)
    before, inside, after = match.groups()
    other = inside if len(inside) > 1 else f"{before[:-1]}{inside}"
    return f"{before}{after}", f"{other}{after}"


def _parts(separator: re.Pattern[str], words: str) -> list[str]:
    return [part for part in map(str.strip, separator.split(words)) if len(part) > 1]


def _names(words: str) -> tuple[str, ...]:
    """The words, and where they are an indicator's name its other names."""
    indicator = canonical(words)
    return tuple(dict.fromkeys([words, *(names_of(indicator) if indicator else ())]))


def answer_with_subject(survey: Survey) -> Answer | None:
    """Which reports print the subject of 哪几个区建了…; None if none prints it as asked."""
    if survey.phrase is not None:
        return None
    words = "".join(subject_of(survey.text).split())
    for reading in dict.fromkeys((_DOES.sub("", words), *printed_forms(words))):
        if len(reading) < 2:
            continue
        columns = [(reading,)]
        seen = look_for(survey, columns)
        if seen:
            return _say_mentions(survey, columns, seen)
    return None


def _say_mentions(
    survey: Survey,
    columns: Sequence[tuple[str, ...]],
    seen: Mapping[str, Mapping[int, Sighting]],
) -> Answer:
    telling = [r for r in survey.reports if len(seen.get(r.report_id, {})) == len(columns)]
    silent = [report for report in survey.reports if report not in telling]
    table, lines, citations = _lay_out(survey, columns, seen, telling)
    words = survey.said["separator"].join(column[0] for column in columns)
    text = _mention_text(survey, words, lines, silent)
    return compose(survey, text, table, citations, notes=_aliases(survey, columns))


def _say_with_but_without(
    survey: Survey,
    columns: Sequence[tuple[str, ...]],
    seen: Mapping[str, Mapping[int, Sighting]],
) -> Answer:
    """The reports that print the words and not those they must not print; the others by name."""
    assert survey.phrase is not None
    columns = [*columns, _all_names((survey.phrase.without,))]
    more = look_for(survey, columns[-1:])
    last = len(columns) - 1
    seen = {
        report.report_id: {
            **seen.get(report.report_id, {}),
            **{
                last + index: sighting for index, sighting in more.get(report.report_id, {}).items()
            },
        }
        for report in survey.reports
    }
    wanted = set(range(last))
    telling = [r for r in survey.reports if set(seen[r.report_id]) == wanted]
    both = [r for r in survey.reports if set(seen[r.report_id]) > wanted]
    neither = [r for r in survey.reports if not wanted <= set(seen[r.report_id])]
    table, lines, citations = _lay_out(survey, columns, seen, telling)
    said = survey.said
    words = said["separator"].join(column[0] for column in columns[:-1])
    head = said["mention_without"].format(count=len(telling), words=words, other=columns[-1][0])
    closing = [said["mention_both"].format(names=survey.names(both))] if both else []
    closing += (
        [said["silent_of"].format(words=words, names=survey.names(neither))] if neither else []
    )
    text = [head, *lines, *closing]
    return compose(survey, text, table, citations, notes=_aliases(survey, columns))


def _lay_out(
    survey: Survey,
    columns: Sequence[tuple[str, ...]],
    seen: Mapping[str, Mapping[int, Sighting]],
    telling: Sequence[Report],
) -> tuple[Table, list[str], Citations]:
    """The table of what was seen, and a line for each of the ``telling`` reports."""
    said, citations = survey.said, Citations()
    rows, lines = [], []
    for report in sorted(survey.reports, key=lambda one: one not in telling):
        found = seen.get(report.report_id, {})
        quotes = []
        cells_of_row = [Cell(survey.name(report))]
        for index in range(len(columns)):
            if index not in found:
                cells_of_row.append(Cell(said["cell_silent"]))
                continue
            sighting = found[index]
            citation = citations.cite(report, sighting.passage, sighting.sentence)
            quotes.append((clause_around(sighting), citation.n))
            cells_of_row.append(Cell(quotes[-1][0], citation.n))
        rows.append(tuple(cells_of_row))
        if report in telling:
            lines.append(_mention_line(survey, report, quotes, short=len(telling) > LINES))
    return (
        Table((said["report"], *(column[0] for column in columns)), tuple(rows)),
        lines,
        citations,
    )


def _aliases(survey: Survey, columns: Sequence[tuple[str, ...]]) -> list[str]:
    aliases = [name for column in columns for name in column if len(column) > 1]
    names = survey.said["separator"].join(aliases)
    return [survey.said["aliases"].format(names=names)] if aliases else []


def _mention_line(
    survey: Survey, report: Report, quotes: Sequence[tuple[str, int]], *, short: bool
) -> str:
    said = survey.said
    if short:
        return said["short"].format(
            place=survey.name(report),
            n="][".join(str(n) for n in dict.fromkeys(n for _, n in quotes)),
        )
    quoted = said["separator"].join(said["quote"].format(quote=q, n=n) for q, n in quotes)
    return said["line"].format(place=survey.name(report), quotes=quoted)


def _mention_text(
    survey: Survey, words: str, lines: Sequence[str], silent: Sequence[Report]
) -> list[str]:
    said = survey.said
    listed = [said["separator"].join(lines)] if len(lines) > LINES else list(lines)
    counts = {"count": len(lines), "words": words, "silent": len(silent)}
    if not silent:
        return [said["mention_all"].format(**counts), *listed]
    names = survey.names(silent)
    if survey.phrase and survey.phrase.negated:
        return [said["mention_not"].format(**counts, names=names), *listed]
    head = said["mention"].format(**counts)
    return [head, *listed, said["silent"].format(names=names)]
