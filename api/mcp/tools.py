"""The tools: each takes validated arguments and gives an object and the same as a readable text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from api.comparison_tables import comparison_text
from api.fact_tables import conflict_lines, facts_table
from api.http.facts import offset_of, page_of
from api.http.figure_schemas import CompareReply, FactsReply
from api.http.reports import held_report, passages_of, reports_page, stretch_of
from api.http.schemas import AnswerBody, Question, ReportBody, SearchBody, SearchReply, TextBody
from api.mcp.arguments import CompareAsked, FactsAsked, PassageAsked, ReportsAsked
from api.mcp.calls import Call
from api.rendering import answer_text, report_json, report_line, search_json, search_text
from prompts import messages
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.chain import Searched
from qa.errors import InputError
from qa.facts.conflicts import find_conflicts
from qa.library.library import Library
from qa.tables import choose_subjects, compare

# What a language model can read at once: a report has some 20,000 characters.
PASSAGE_CHARS = 8000
MOST_ROWS = 300


class ReportsReply(BaseModel):
    """Reports held; ``next`` is the cursor of those behind."""

    reports: list[ReportBody]
    next: str | None


class PassageReply(TextBody):
    """Exactly the characters of the file from `start` to `end`."""

    report_title: str
    place: str | None
    year: int | None
    headings: list[str] = Field(description="path of the section in which the stretch asked begins")


@dataclass(frozen=True, slots=True)
class Given:
    """What a tool gives: ``value`` for programs, ``text`` for whoever reads."""

    value: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the model of its arguments, the model of what it gives, and what it does."""

    asked: type[BaseModel]
    given: type[BaseModel]
    run: Callable[[Call, Any], Awaitable[Given]]


# --- questions ---------------------------------------------------------------------------------


async def _ask(call: Call, asked: Question) -> Given:
    chain, steps = await call.chain(), 0
    async with aclosing(chain.stream(asked.question, asked.turns)) as events:
        async for event in events:
            if isinstance(event, Answer):
                answer = call.leaves(event)
            else:
                steps += 1
                await call.progress(steps, _step(event))
    ids = {f"[{one.n}]": one.report_id for one in answer.citations}
    return Given(answer.as_json(), _with_ids(answer_text(answer), ids))


def _step(event: Searched | Told) -> str:
    if isinstance(event, Told):
        return event.text
    return "; ".join(dict.fromkeys(hit.report.title for hit in event.findings.hits))


async def _search(call: Call, asked: SearchBody) -> Given:
    chain = await call.chain()
    findings = await chain.threads.run(chain.search, asked.question, asked.k, asked.turns)
    value = search_json(findings)
    nothing = messages("mcp", findings.question.language)["no_hits"]
    ids = {f"{hit['rank']}.": hit["report_id"] for hit in value["hits"]}
    return Given(value, _with_ids(search_text(findings) or nothing, ids))


def _with_ids(text: str, ids: Mapping[str, str]) -> str:
    """A text with the ids of its sources: what a model is shown may be the text alone, and the tool
    that reads on asks for an id."""
    told = "  ".join(f"{label} {report_id}" for label, report_id in ids.items())
    return f"{text}\n\nreport_id: {told}" if ids else text


# --- figures -----------------------------------------------------------------------------------


async def _facts(call: Call, asked: FactsAsked) -> Given:
    chain = await call.chain()
    return await chain.threads.run(_facts_of, chain.searcher.library, asked)


def _facts_of(library: Library, asked: FactsAsked) -> Given:
    _require_places(library, asked.place)
    language = asked.language
    offset = offset_of(asked, library, language)
    page = page_of(asked.select(library), offset, asked, library)
    said = messages("mcp", language)
    if not page.total:
        return Given(page.as_json(language), said["no_facts"])
    last = offset + len(page.facts)
    count = said["more" if page.next else "all"].format(
        total=page.total, first=offset + 1, last=last, next=page.next
    )
    conflicts = conflict_lines(find_conflicts(page.facts), language)
    text = "\n".join([facts_table(page.facts, language), *conflicts, count])
    ids = {f"{fact.source} =": fact.report_id for fact in page.facts}
    return Given(page.as_json(language), _with_ids(text, ids))


async def _compare(call: Call, asked: CompareAsked) -> Given:
    chain = await call.chain()
    return await chain.threads.run(_comparison_of, chain.searcher.library, asked)


def _comparison_of(library: Library, asked: CompareAsked) -> Given:
    made = compare(
        library, asked.place, asked.indicator, asked.period, asked.status, asked.computed
    )
    if len(made.rows) > MOST_ROWS:
        raise InputError("table_too_large", cells=f"{len(made.rows):,}", most=f"{MOST_ROWS:,}")
    ids = {f"[{one.n}]": one.report_id for one in made.citations}
    text = _with_ids(comparison_text(made, asked.language), ids)
    return Given(made.as_json(asked.language), text)


def _require_places(library: Library, names: Sequence[str]) -> None:
    """Raise ``InputError`` for a name that no division has: its empty list would read as silence."""
    if names:
        choose_subjects(library, names)


# --- reports -----------------------------------------------------------------------------------


async def _list_reports(call: Call, asked: ReportsAsked) -> Given:
    chain = await call.chain()
    return await chain.threads.run(_reports_of, chain.searcher.library, asked)


def _reports_of(library: Library, asked: ReportsAsked) -> Given:
    _require_places(library, [asked.place] if asked.place else [])
    language = asked.language
    page, behind = reports_page(
        library, asked.place, asked.year, asked.limit, asked.cursor, language
    )
    lines = [report_line(one, language) for one in page]
    if behind:
        lines.append(f"next: {behind}")
    text = "\n".join(lines) or messages("mcp", language)["no_reports"]
    return Given({"reports": [report_json(one) for one in page], "next": behind}, text)


async def _read_passage(call: Call, asked: PassageAsked) -> Given:
    chain = await call.chain()
    return await chain.threads.run(_passage_of, chain.searcher.library, asked)


def _passage_of(library: Library, asked: PassageAsked) -> Given:
    held = held_report(library, asked.report_id)
    report = held.report
    start = report.start if asked.start is None else asked.start
    end = report.end if asked.end is None else asked.end
    # What surrounds a quote is its report's: the same file may go on with another place's.
    first = min(start, max(report.start, start - asked.around))
    last = max(end, min(report.end, end + asked.around))
    if start > end:
        # Widened it could be a range after all, but not the one that was meant.
        first, last = start, end
    told = stretch_of(library, held, first, last, PASSAGE_CHARS, asked.language)
    headings = _headings_at(library, asked.report_id, start)
    where = {"report_title": report.title, "place": report.place, "year": report.year}
    path = " › ".join((report.title, *headings))
    lines = [f"{path}  ({report.source}:{told['start']}-{told['end']})", told["text"]]
    if told["next"] is not None:
        lines.append(messages("mcp", asked.language)["goes_on"].format(next=told["next"]))
    return Given({**told, **where, "headings": headings}, "\n".join(lines))


def _headings_at(library: Library, report_id: str, offset: int) -> list[str]:
    """The path of sections at an offset: that of the last passage which begins before it."""
    passages = passages_of(library, report_id)
    before = [one for one in passages if one.start <= offset] or passages[:1]
    return list(before[-1].headings) if before else []


TOOLS: dict[str, Tool] = {
    "ask": Tool(Question, AnswerBody, _ask),
    "search": Tool(SearchBody, SearchReply, _search),
    "facts": Tool(FactsAsked, FactsReply, _facts),
    "compare": Tool(CompareAsked, CompareReply, _compare),
    "list_reports": Tool(ReportsAsked, ReportsReply, _list_reports),
    "read_passage": Tool(PassageAsked, PassageReply, _read_passage),
}
