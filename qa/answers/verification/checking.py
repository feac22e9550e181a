"""Every figure of an answer held against the sentence it cites.

What counts as a figure is what ``qa.facts.figures`` reads, less what no report need state: years and
dates, numbers inside names (“9610”), counts of reports made by code (5份报告), the asker's own
numbers repeated in a heading (超过6%的有…:), and lines that repeat a note of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.answers.answer import Answer, Check, Table
from qa.answers.claims import Claim
from qa.answers.verification.computed import (
    Supported,
    derived_from,
    is_in_order,
    is_labelled,
    is_sum,
    is_told_twice,
    is_true_course,
    must_follow,
    repeated,
)
from qa.answers.verification.equations import Equation, operands_of, read_equation
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.quotations import (
    NO_CITATION,
    Finding,
    head_findings,
    quotation_findings,
    quoted_figures,
    subject_findings,
)
from qa.answers.verification.sentences import (
    Told,
    read_sentence,
    split_lines,
    split_sentences,
)
from qa.answers.verification.support import (
    Figure,
    Reason,
    figures_of,
    is_announced,
    is_bare,
    last_named,
    measured_as,
    reasons,
    told_period,
    told_status,
)
from qa.facts.lexicon import find_indicators
from qa.reports.clean_text import fold

_COUNTED = re.compile(r"\d+份(?:报告|都|见表)|\d+_?(?:reports?|more are in)")
_BARE_PERIOD = re.compile(r"(?:19|20)\d\d(?:-(?:19|20)\d\d)?")


@dataclass(frozen=True, slots=True)
class Context:
    """What a sentence leans on: the question, the indicators that a heading above it names, the
    supported figures before it, and those that are quoted there. ``tells_status`` is False for a table's cell that is a bare figure:
    its status stands in the lines."""

    question: str = ""
    indicators: tuple[str, ...] = ()
    figures: tuple[Supported, ...] = ()
    tells_status: bool = True
    quoted: tuple[Supported, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence with its findings and the figures others may be computed from."""

    text: str
    findings: tuple[Finding, ...]
    figures: tuple[Supported, ...] = ()
    is_heading: bool = False
    quoted: tuple[Supported, ...] = ()

    @property
    def is_supported(self) -> bool:
        return all(finding.check.supported for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Verification:
    """``lines`` are the answer's lines in sentences, ``cells`` the findings of the table's cells
    by row and column."""

    lines: tuple[tuple[Judged, ...], ...]
    cells: Mapping[tuple[int, int], Judged] = field(default_factory=dict)

    @property
    def judged(self) -> tuple[Judged, ...]:
        return (*(one for line in self.lines for one in line), *self.cells.values())

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for one in self.judged for finding in one.findings)


def verify_answer(answer: Answer, evidence: Mapping[int, Evidence]) -> Verification:
    """Verify every sentence and every cell; ``evidence`` is what is known of each citation.

    Computed figures are looked at once more at the end: what they follow from may stand below.
    """
    cells = _judge_cells(answer.table, evidence)
    lines = [split_sentences(line) or [line] for line in split_lines(answer.text)]
    context = Context(answer.question, figures=_figures_of(cells.values()))
    judged: list[list[tuple[Judged, Context]]] = []
    for line in lines:
        judged.append([])
        for sentence in line:
            if sentence in answer.notes:
                judged[-1].append((Judged(sentence, ()), context))
                continue
            one, following = _judge_next(sentence, evidence, context)
            judged[-1].append((one, context))
            context = following
    return Verification(
        tuple(
            tuple(_with_all(one, before, evidence, context) for one, before in line)
            for line in judged
        ),
        cells,
    )


def _with_all(
    judged: Judged, before: Context, evidence: Mapping[int, Evidence], whole: Context
) -> Judged:
    if all(finding.reason != "computed" for finding in judged.findings):
        return judged
    return _judge_next(judged.text, evidence, replace(before, figures=whole.figures))[0]


def _figures_of(judged: Iterable[Judged]) -> tuple[Supported, ...]:
    return tuple(figure for one in judged for figure in one.figures)


def _judge_next(
    sentence: str, evidence: Mapping[int, Evidence], context: Context
) -> tuple[Judged, Context]:
    told = _read(sentence, evidence)
    judged = _judge(told, sentence, evidence, context)
    named = () if told.quotations else last_named(told.text)
    return judged, replace(
        context,
        indicators=named or context.indicators,
        figures=(*context.figures, *judged.figures),
        quoted=(*context.quoted, *judged.quoted),
    )


def verify_sentence(
    sentence: str, evidence: Mapping[int, Evidence], context: Context | None = None
) -> list[Finding]:
    """Verify one sentence with its markers, as a generator releases it.

    A marker that cites nothing supports nothing: its figures fail with ``marker``.
    """
    return list(judge_sentence(sentence, evidence, context).findings)


def judge_sentence(
    sentence: str, evidence: Mapping[int, Evidence], context: Context | None = None
) -> Judged:
    """``verify_sentence`` with the figures that it found supported."""
    return _judge(_read(sentence, evidence), sentence, evidence, context or Context())


def _read(sentence: str, evidence: Mapping[int, Evidence]) -> Told:
    def holds(words: str, markers: Sequence[int]) -> bool:
        return any(evidence[n].holds(words) for n in markers if n in evidence)

    return read_sentence(sentence, holds, [known.title for known in evidence.values()])


def _judge(told: Told, sentence: str, evidence: Mapping[int, Evidence], context: Context) -> Judged:
    equation = None if told.runs else read_equation(sentence)
    if equation is not None:
        return _judge_equation(equation, sentence, context)
    findings: list[Finding] = []
    figures: list[Supported] = []
    findings += head_findings(told, evidence)
    for quotation in told.quotations:
        findings += quotation_findings(quotation, evidence)
    derived: list[tuple[Claim, Finding]] = []
    for figure in figures_of(told, context.indicators, context.tells_status):
        if _is_no_figure(figure.claim, told, context):
            continue
        finding, supported = _look_up(figure, evidence)
        if not supported and _is_announced(figure, evidence):
            finding = Finding(Check(figure.claim.text, True, told.markers[0]))
        may_follow = told.is_computed and not told.is_alone_cited(figure.claim)
        if may_follow and not finding.check.supported:
            derived.append((figure.claim, finding))
            continue
        findings.append(finding)
        figures += supported
    computed, sums = _computed_findings(derived, told, context)
    findings += computed
    figures += sums
    if not is_true_course(told, figures, context.figures):
        findings.append(Finding(Check(told.text, False, next(iter(told.markers), 0)), "computed"))
    tells_nothing_else = not figures and all(f.check.supported for f in findings)
    if told.runs and told.head is None and tells_nothing_else:
        findings += subject_findings(told, sentence, evidence)
    quoted = (one for quotation in told.quotations for one in quoted_figures(quotation, evidence))
    return Judged(sentence, tuple(findings), tuple(figures), told.is_heading, tuple(quoted))


def _judge_equation(equation: Equation, sentence: str, context: Context) -> Judged:
    """The result stands on the citation of the first figure that it is computed of."""
    basis = operands_of(equation, (*context.quoted, *context.figures))
    told = equation.result.text
    if not basis:
        return Judged(sentence, (Finding(Check(told, False, NO_CITATION), "computed"),))
    return Judged(sentence, (Finding(Check(told, True, basis[0].evidence.n)),))


# --- what is no figure -------------------------------------------------------------------------


def _is_no_figure(claim: Claim, told: Told, context: Context) -> bool:
    """Counts of reports, and in a heading or beside a computed verdict the asker's own numbers:
    12345热线办理量最多的是… repeats the name that was asked for."""
    end = claim.at + len(claim.text)
    if any(m.start() <= claim.at < m.end() for m in _COUNTED.finditer(told.text)):
        return True
    if claim.kind in ("bare", "count") and _is_in_a_name(claim, told.text):
        return True
    may_repeat = told.is_heading or (told.is_computed and claim.kind == "bare")
    around = told.text[max(0, claim.at - 1) : end].strip("“”(:,")
    return may_repeat and around[-len(claim.text) :] in fold(context.question)


def _is_in_a_name(claim: Claim, text: str) -> bool:
    """True in the name of an indicator: invention patents per 10,000 people."""
    # The lexicon knows names in clean form, without the signs that keep numbers and words apart.
    at = claim.at - text.count("_", 0, claim.at)
    return any(one.start <= at < one.end for one in find_indicators(text.replace("_", "")))


# --- figures -----------------------------------------------------------------------------------


def _look_up(
    figure: Figure, evidence: Mapping[int, Evidence]
) -> tuple[Finding, tuple[Supported, ...]]:
    """The figure held against the citations of its marker: one that supports it is enough."""
    text = figure.claim.text
    cited = [n for n in figure.told.markers_of(figure.claim.at) if n in evidence]
    if not cited:
        return Finding(Check(text, supported=False, citation=NO_CITATION), "marker"), ()
    failures: list[tuple[list[Reason], int]] = []
    for n in cited:
        found = reasons(figure, evidence[n])
        if not found:
            return Finding(Check(text, True, n)), (_supported(figure, evidence[n]),)
        failures.append((found, n))
    found, n = min(failures, key=lambda failure: len(failure[0]))
    return Finding(Check(text, supported=False, citation=n), found[0]), ()


def _is_announced(figure: Figure, evidence: Mapping[int, Evidence]) -> bool:
    """True if the figure stands in the subject of a list, 在16个预选项目中确定12项:甲[1]、乙[2], and
    the report prints it right above the first item."""
    told, at = figure.told, figure.claim.at
    first = told.runs[0] if told.runs else (0, ())
    if told.head is None or at > first[0] or ":" not in told.text[at : first[0]]:
        return False
    return any(is_announced(figure, evidence[n]) for n in first[1] if n in evidence)


def _supported(figure: Figure, evidence: Evidence) -> Supported:
    owners = [fact for fact in evidence.facts if fact.printed_indicator in figure.before]
    period = told_period(figure, evidence)
    status, measure = told_status(figure, owners), measured_as(figure.claim, evidence)
    return Supported(figure.claim, evidence, figure.indicators, period, status, measure)


def _computed_findings(
    failed: Sequence[tuple[Claim, Finding]], told: Told, context: Context
) -> tuple[list[Finding], list[Supported]]:
    """Figures that no citation supports, in a sentence that says it is computed: each must follow
    from supported figures; where nothing is cited it may also repeat one. Sums may be computed with.

    They rest on the citation of the first figure they follow from.
    """
    labelled = sum(is_labelled(one, told) for one, _ in failed)
    found = [
        None
        if told.runs or must_follow(one, told, labelled)
        else repeated(one, told, context.figures)
        for one, _ in failed
    ]
    again = [one for one in found if one is not None]
    in_order = is_in_order(told, again) and not is_told_twice([one for one, _ in failed], told)
    findings: list[Finding] = []
    sums: list[Supported] = []
    for (claim, finding), one in zip(failed, found, strict=True):
        basis = (one,) if one else derived_from(claim, told, again, context.figures)
        if not basis or not in_order:
            reason = finding.reason if told.runs else "computed"
            findings.append(Finding(finding.check, reason))
            continue
        findings.append(Finding(Check(claim.text, True, basis[0].evidence.n)))
        if one is None and is_sum(told):
            sums.append(replace(basis[0], claim=claim))
    return findings, sums


# --- tables ------------------------------------------------------------------------------------


def _judge_cells(
    table: Table | None, evidence: Mapping[int, Evidence]
) -> dict[tuple[int, int], Judged]:
    """A cell is read as a sentence that begins with the cells before it without a citation; its
    column names the indicator."""
    if table is None:
        return {}
    judged = {}
    for i, row in enumerate(table.rows):
        lead = ""
        for j, cell in enumerate(row):
            if cell.citation is None:
                lead += _lead(cell.text)
            else:
                judged[i, j] = _judge_cell(
                    lead, cell.text, cell.citation, table.columns[j], evidence
                )
    return judged


_TIME = re.compile(r"(?:19|20)\d\d|目标|预计|target|estimate", re.I)
_STATUS = re.compile(r"\((?:(?P<target>目标|target)|实绩|result)\)$")


def _judge_cell(
    lead: str, text: str, n: int, column: str, evidence: Mapping[int, Evidence]
) -> Judged:
    status = _STATUS.search(column) if text and not _TIME.search(text) else None
    tells_status = bool(status or _TIME.search(text))
    # A bare figure below 目标 is told as a target, and one below 实绩 is not.
    # The blank keeps an amount explained in English apart: 2018年,目标 5.5%以内 (5.5% or less).
    lead += f"{status['target'] or ''} " if status else ""
    context = Context(indicators=last_named(column), tells_status=tells_status)
    # A figure alone is told of its row and column, not quoted: 7% stands in 增长7%以上,财政收入增长7%.
    is_quoted = n in evidence and not is_bare(text) and evidence[n].holds(text)
    sentence = f"{lead}:“{text}”[{n}]" if is_quoted else f"{lead}{text}[{n}]"
    judged = _judge(_read(sentence, evidence), sentence, evidence, context)
    return judged if context.tells_status else replace(judged, figures=())


def _lead(text: str) -> str:
    """The cell as a part of the row's sentence; a period of its own is read as a year: 2023年."""
    return f"{text}年," if _BARE_PERIOD.fullmatch(text) else f"{text},"
