"""Values of ``qa`` in the forms of the doors: JSON objects and lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from qa.harmless import harmless
from qa.reports.report import copies_json

if TYPE_CHECKING:
    from qa.answers.answer import Answer, Citation
    from qa.library.holdings import HeldReport
    from qa.library.ingest import IngestSummary
    from qa.ranking import Hit
    from qa.search import Findings


def report_json(held: HeldReport) -> dict[str, Any]:
    """The report object of the public contract; the last keys are there if they say anything."""
    report = held.report
    correction = report.correction
    kin = {"duplicate_of": held.duplicate_of, "abridged_of": held.abridged_of}
    return {
        "report_id": report.report_id,
        "title": report.title,
        "place": report.place,
        "place_code": report.place_code,
        "province": report.province,
        "level": report.level,
        "year": report.year,
        "delivered": report.delivered,
        "speaker": report.speaker,
        "reviewed_period": report.reviewed_period,
        "planned_period": report.planned_period,
        "sources": list(held.sources),
        "warnings": list(report.warnings),
        "passages": held.passages,
        "facts": held.facts,
        **({"url": report.url} if report.url else {}),
        **copies_json(report.copies),
        **{name: other for name, other in kin.items() if other},
        **({"corrected": dict(correction.read)} if correction else {}),
    }


def report_line(held: HeldReport, language: str) -> str:
    """A report on one line of a terminal, its warnings below it."""
    report = held.report
    told = [report.title, report.speaker or "", report.delivered or str(report.year or "")]
    words = "{}段 {}条数据" if language == "zh" else "{} passages, {} facts"
    counts = words.format(held.passages, held.facts)
    lines = [f"{report.report_id}  {'  '.join(filter(None, told))}  {counts}"]
    lines += [f"    = {line}" for line in _kin_lines(held, language)]
    lines += [f"    ! {warning}" for warning in report.warnings]
    return "\n".join(lines)


def _kin_lines(held: HeldReport, language: str) -> Iterator[str]:
    """Which report answers in this one's stead, and from where else it is held."""
    zh = language == "zh"
    if held.duplicate_of:
        yield (
            f"与 {held.duplicate_of} 为同一报告,由它作答"
            if zh
            else (f"the same report as {held.duplicate_of}, which answers for it")
        )
    elif held.report.copies:
        names = "、".join(copy.name for copy in held.report.copies)
        yield f"另见于 {names}" if zh else f"also in {names}"
    if held.abridged_of:
        yield (
            f"是 {held.abridged_of} 的摘要,全文没有的才由它作答"
            if zh
            else (f"abridged from {held.abridged_of}; answers what that one does not say")
        )


def summary_json(summary: IngestSummary, language: str) -> dict[str, Any]:
    return {
        "added": summary.added,
        "unchanged": summary.unchanged,
        "failed": [
            {"path": str(failure.path), "error": failure.error.said(language)}
            for failure in summary.failed
        ],
        **_meta_json(summary, language),
    }


def _meta_json(summary: IngestSummary, language: str) -> dict[str, Any]:
    """What a table of metadata did, where there was one that did anything."""
    if not (summary.corrected or summary.meta_failed):
        return {}
    faults = [{"line": one.line, "error": one.error.said(language)} for one in summary.meta_failed]
    return {"corrected": summary.corrected, "meta_failed": faults}


def summary_line(summary: IngestSummary, language: str) -> str:
    counts = (len(summary.added), len(summary.unchanged), len(summary.failed))
    meta = (len(summary.corrected), len(summary.meta_failed))
    if language == "zh":
        told = "新收录 {} 份报告,已有 {} 份,失败 {} 个文件".format(*counts)
        return told + (",更正 {} 份,{} 行未用".format(*meta) if any(meta) else "")
    told = "{} reports added, {} unchanged, {} files failed".format(*counts)
    return told + (", {} corrected, {} rows not used".format(*meta) if any(meta) else "")


def hit_json(rank: int, hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "rank": rank,
        "score": round(hit.score, 4),
        "report_id": passage.report_id,
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "headings": list(passage.headings),
        **copies_json(hit.report.copies),
    }


def search_json(findings: Findings) -> dict[str, Any]:
    hits = [hit_json(rank, hit) for rank, hit in enumerate(findings.hits, 1)]
    return {"question": findings.question.text, "hits": hits}


def search_text(findings: Findings) -> str:
    blocks = []
    for rank, hit in enumerate(findings.hits, 1):
        path = " › ".join((hit.report.title, *hit.passage.headings))
        where = f"{hit.passage.source}:{hit.passage.start}-{hit.passage.end}"
        blocks.append(f"{rank}. {path}  ({where}, {hit.score:.2f})\n{hit.passage.text}\n")
    return harmless("\n".join(blocks))


def answer_text(answer: Answer) -> str:
    """An answer for a terminal: the text, then its numbered sources."""
    return f"{answer.text}\n{sources_text(answer)}".rstrip("\n")


def sources_text(answer: Answer) -> str:
    """What stands below an answer in a terminal: its numbered sources and its notes."""
    from qa.questions import language_of

    language = language_of(answer.question)
    lines = source_lines(answer.citations, answer.notes, answer.text, language)
    return harmless("\n".join(lines))


def source_lines(
    citations: Iterable[Citation], notes: Iterable[str], told: str = "", language: str = "zh"
) -> Iterator[str]:
    """Numbered sources, then notes; a quote that was told already is not repeated."""
    for citation in citations:
        path = " › ".join((citation.report_title, *citation.headings))
        yield from ("", f"[{citation.n}] {path}")
        where = _spot_words(citation, language)
        yield f"    {citation.source}:{citation.start}-{citation.end}{where}"
        for copy in citation.also_in:
            yield f"    = {' '.join(filter(None, (copy.name, copy.url)))}"
        if harmless(citation.quote) not in told:
            yield f"    {citation.quote}"
    yield from (f"* {note}" for note in notes)


_PAGE = {"zh": "见第{}页", "en": "p. {}"}
_PARAGRAPH = {"zh": "见第{}段", "en": "para. {}"}


def _spot_words(citation: Citation, language: str) -> str:
    """The page, paragraph and address of a citation, as far as its file tells them."""
    spot = citation.spot
    words = [_PAGE[language].format(spot.page)] if spot.page else []
    words += [_PARAGRAPH[language].format(spot.paragraph)] if spot.paragraph else []
    words += [citation.url] if citation.url else []
    return f"  ({', '.join(words)})" if words else ""
