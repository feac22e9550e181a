"""Evidence made by hand: the facts are those extracted from the sentence itself."""

from qa.answers.answer import Answer, Citation, Table
from qa.answers.verification import Evidence
from qa.facts.extraction import extract_facts
from qa.reports.report import Passage, Report, Section, SectionKind, Source

REVIEW = "全年实现地区生产总值增长7.6%,固定资产投资增长9.9%,进出口总额下降1.3%,新增企业114家。"
PLAN = "2024年主要预期目标是:地区生产总值增长7%以上,PM2.5平均浓度控制在29微克/立方米以内。"


def evidence(
    quote: str,
    n: int = 1,
    place: str | None = "越城区",
    kind: SectionKind = "review",
    period: str | None = "2023",
    year: int = 2024,
) -> Evidence:
    """What a library would know of the sentence in a report of one section."""
    report = _report(quote, place, kind, period, year)
    facts = extract_facts(Source("a.txt", quote), report)
    citation = Citation.of(n, report, report.passages[0], (0, len(quote)))
    return Evidence.of(citation, report, facts)


def _report(
    quote: str, place: str | None, kind: SectionKind, period: str | None, year: int
) -> Report:
    span = (0, len(quote))
    title = f"{year}年{place or '某地'}政府工作报告"
    passage = Passage("r", "a.txt", *span, quote, ("一、",), kind, period, (span,))
    section = Section(kind, period, "一、", *span)
    return Report(
        "r", title, "a.txt", *span, place=place, year=year, sections=(section,), passages=(passage,)
    )


def cited(known: Evidence) -> Citation:
    """The citation that the evidence is known of."""
    return Citation(
        known.n, "r", known.title, known.place, known.year, "a.txt", 0, len(known.quote),
        known.quote, ("一、",),
    )  # fmt: skip


def answer(
    text: str, *known: Evidence, table: Table | None = None, notes: tuple[str, ...] = ()
) -> Answer:
    """An answer with these citations."""
    citations = tuple(map(cited, known))
    return Answer("answered", text, "问", citations=citations, table=table, notes=notes)
