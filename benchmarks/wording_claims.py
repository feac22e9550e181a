"""True and false claims without figures, made of the sample reports, the cases and hand-written ones.

True: reference answers beside their evidence; report sentences with clauses dropped, reordered,
reworded, framed, or freed of their numbers; ``eval/cases/wording/claims.jsonl``. False: the same
claims beside the nearest other sentences of their report, and with one thing altered. Seeded: two
runs make the same claims.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from embeddings import Embedder
from embeddings.terms import bigrams
from eval.case_lines import read_objects
from eval.questions import QuestionCase, read_case_set
from qa.facts.figures import find_figures
from qa.reports.clean_text import fold
from qa.reports.decoding import decode
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source

ROOT = Path(__file__).parent.parent
HAND_WRITTEN = ROOT / "eval" / "cases" / "wording" / "claims.jsonl"
# Thresholds are chosen on these reports and measured on the others.
FIT_REPORTS = ("330602-2024", "330203-2023", "440103-2023", "unnamed-2023-ef8cfe8b")
_PER_REPORT = 60
_SHORTEST = 8
# A sentence that prints so much of a claim is no other sentence: it tells the same.
_WHOLE = 0.95
_FRAMES = (
    "报告指出,{}",
    "根据报告,{}",
    "此外,报告还提到{}",
    "该地区{}",
    "主要包括:{}",
    "在这方面,{}",
)
# Words that say the same in a work report.
_ALIKE = (
    ("推进", "推动"), ("加快", "加速"), ("提升", "提高"), ("完善", "健全"), ("强化", "加强"),
    ("打造", "建设"), ("入选", "被列入"), ("获评", "被评为"), ("确保", "保证"), ("支持", "扶持"),
)  # fmt: skip
_OPPOSED = (
    ("提升", "降低"), ("提高", "降低"), ("增加", "减少"), ("增强", "削弱"), ("扩大", "缩小"),
    ("加强", "放松"), ("加快", "放缓"), ("严格", "放宽"), ("促进", "抑制"), ("支持", "限制"),
    ("鼓励", "禁止"), ("新增", "减少"), ("首个", "第二个"), ("首次", "再次"), ("改善", "恶化"),
    ("稳定", "波动"), ("持续", "停止"), ("巩固", "放弃"), ("完成", "取消"), ("启动", "暂停"),
)  # fmt: skip
_LEVELS = ("全国", "全省", "全市", "全区"), ("国家级", "省级", "市级", "区级")
_NAME = re.compile(
    r"“[^”]{2,12}”|《[^》]{2,20}》|[一-龥]{2,6}(?:大学|学院|医院|公司|集团|实验室|博物馆|公园|园区|小镇|新城|街道|镇|村|路)"
)
_ITEM = re.compile(r"(?<=、)[一-龥]{2,6}(?=[、,。;等和])")
_VERB = re.compile(
    "推进|推动|加快|加强|完善|建设|打造|实施|开展|建立|入选|获评|举办|完成|启动|健全"
)


@dataclass(frozen=True)
class Claim:
    """A claim beside what it cites. ``context`` are the report's title and the headings above;
    ``similarity`` is the cosine to the source, None until embedded."""

    text: str
    source: str
    is_true: bool
    kind: str
    report_id: str
    passage: str
    context: tuple[str, ...] = ()
    is_plan: bool | None = None
    similarity: float | None = None

    @property
    def is_fit(self) -> bool:
        return self.report_id.startswith(FIT_REPORTS)

    @property
    def is_english(self) -> bool:
        return not re.search("[一-龥]", self.text)


@dataclass(frozen=True)
class Line:
    """A sentence of a report with what stands above it."""

    text: str
    source: str
    start: int
    end: int
    report_id: str
    passage: str
    context: tuple[str, ...]
    is_plan: bool | None


@cache
def sample_lines() -> tuple[Line, ...]:
    """All sentences of the sample reports."""
    paths = sorted((ROOT / "samples").glob("*.txt"))
    sources = [Source(path.name, decode(path.read_bytes())) for path in paths]
    return tuple(
        line for one in sources for report in parse_reports(one) for line in _lines(one, report)
    )


def _lines(source: Source, report: Report) -> Iterator[Line]:
    for passage in report.passages:
        for start, end in passage.sentences:
            yield Line(
                text=source.text[start:end].replace("\n", ""),
                source=source.name,
                start=start,
                end=end,
                report_id=report.report_id,
                passage=passage.text,
                context=(report.title, report.place or "", *passage.headings),
                is_plan={"plan": True, "government": True, "review": False}.get(passage.kind),
            )


def hand_written() -> list[Claim]:
    """The claims of ``eval/cases/wording``, as a language model would write them or get them wrong."""
    by_place = {(line.source, line.start): line for line in sample_lines()}
    claims = []
    for _, data in read_objects(HAND_WRITTEN):
        line = by_place[data["source"], data["start"]]
        kind = ("hand: " if data["language"] == "zh" else "english: ") + data["kind"]
        claims.append(_claim(data["claim"], line, data["is_true"], kind))
    return claims


def _claim(text: str, line: Line, is_true: bool, kind: str) -> Claim:
    return Claim(
        text, line.text, is_true, kind, line.report_id, line.passage, line.context, line.is_plan
    )


def reference_answers(names: Sequence[str] = ("shipped",)) -> list[Claim]:
    """Answers of cases without a figure beside the sentences that hold their evidence."""
    cases = [case for name in names for case in read_case_set(name)]
    return [claim for case in cases for claim in _answers(case)]


def _answers(case: QuestionCase) -> Iterator[Claim]:
    if not case.is_answerable or case.type in ("english", "aggregate", "compare"):
        return
    if find_figures(fold(case.answer)) or re.search(r"\d", case.answer):
        return
    spans = [span for evidence in case.evidence for span in evidence.spans[:1]]
    lines = [
        line
        for line in sample_lines()
        if any(s.source == line.source and s.start < line.end and line.start < s.end for s in spans)
    ]
    if lines and len({line.report_id for line in lines}) == 1:
        text = "".join(line.text for line in lines)
        yield replace(_claim(case.answer, lines[0], True, "reference answer"), source=text)


# --- made by rule ------------------------------------------------------------------------------


def made_claims(seed: int = 7) -> tuple[list[Claim], list[Claim]]:
    """True and false claims made of report sentences."""
    rng = random.Random(seed)
    true: list[Claim] = []
    false: list[Claim] = []
    for lines in _by_report().values():
        long = [line for line in lines if len(_clauses(line.text)) >= 2]
        for line in rng.sample(long, min(_PER_REPORT, len(long))):
            near = lines[max(0, lines.index(line) - 6) : lines.index(line) + 7]
            others = "".join(one.text for one in near if one is not line)
            made = _paraphrases(line, rng)
            true += made
            false += [one for claim in made[:1] for one in _altered(claim, others, rng)]
    return true, false


def _by_report() -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in sample_lines():
        found.setdefault(line.report_id, []).append(line)
    return found


def _clauses(text: str) -> list[str]:
    return [one for one in re.split("[,;:,;:。]", text) if len(one) >= _SHORTEST]


def _without_figures(text: str) -> str:
    for figure in reversed(find_figures(text)):
        text = text[: figure.start] + text[figure.end :]
    return text


def _paraphrases(line: Line, rng: random.Random) -> list[Claim]:
    clauses = [_without_figures(fold(one)) for one in _clauses(line.text)]
    clauses = [one for one in clauses if len(one) >= _SHORTEST and not re.search(r"\d", one)]
    if len(clauses) < 2:
        return []
    kept = rng.sample(range(len(clauses)), rng.randint(1, min(3, len(clauses))))
    dropped = ",".join(clauses[i] for i in sorted(kept))
    mixed = ",".join(clauses[i] for i in kept)
    framed = rng.choice(_FRAMES).format(mixed)
    made = {"clauses dropped": dropped, "reordered and framed": framed}
    reworded = _reworded(framed)
    if reworded != framed:
        made["reworded"] = reworded
    if line.is_plan is not None:
        made["in its tense"] = _in_tense(dropped, line.is_plan)
    return [_claim(f"{text}。", line, True, kind) for kind, text in made.items()]


def _in_tense(text: str, is_plan: bool) -> str:
    return f"计划{text}" if is_plan else f"去年已{text}"


def _reworded(text: str) -> str:
    for one, other in _ALIKE:
        text = text.replace(one, other)
    return text


def _altered(claim: Claim, others: str, rng: random.Random) -> Iterator[Claim]:
    others = fold(others)
    for kind, alter in _ALTERATIONS.items():
        text = alter(claim, others, rng)
        if text is not None and text != claim.text:
            yield replace(claim, text=text, is_true=False, kind=kind)


def _swapped(pattern: re.Pattern[str]) -> Callable[[Claim, str, random.Random], str | None]:
    """One of what the pattern finds in the claim against one of the sentences around."""

    def swap(claim: Claim, others: str, rng: random.Random) -> str | None:
        own = pattern.findall(claim.text)
        printed = fold(claim.source)
        strange = [one for one in pattern.findall(others) if one.strip("“”《》") not in printed]
        if not own or not strange:
            return None
        return claim.text.replace(rng.choice(own), rng.choice(strange), 1)

    return swap


def _opposed(claim: Claim, others: str, rng: random.Random) -> str | None:
    pairs = [*_OPPOSED, *((b, a) for a, b in _OPPOSED)]
    found = [(a, b) for a, b in pairs if a in claim.text]
    return claim.text.replace(*rng.choice(found), 1) if found else None


def _negated(claim: Claim, others: str, rng: random.Random) -> str | None:
    found = _VERB.search(claim.text)
    if not found:
        return None
    return (
        claim.text[: found.start()]
        + rng.choice(["未", "没有", "不再"])
        + claim.text[found.start() :]
    )


def _other_level(claim: Claim, others: str, rng: random.Random) -> str | None:
    found = [(one, row) for row in _LEVELS for one in row if one in claim.text]
    if not found:
        return None
    one, row = rng.choice(found)
    return claim.text.replace(one, rng.choice([level for level in row if level != one]), 1)


def _other_status(claim: Claim, others: str, rng: random.Random) -> str | None:
    return None if claim.is_plan is None else _in_tense(claim.text, not claim.is_plan)


def _other_object(claim: Claim, others: str, rng: random.Random) -> str | None:
    """The last four signs of a clause against those of a clause around."""
    own = re.findall("([一-龥]{4})(?=[,。])", claim.text)
    printed = fold(claim.source)
    tails = re.findall("([一-龥]{4})(?=[,。;])", others)
    strange = [t for t in tails if t[:2] not in printed and t[2:] not in printed]
    return claim.text.replace(rng.choice(own), rng.choice(strange), 1) if own and strange else None


_ALTERATIONS: Mapping[str, Callable[[Claim, str, random.Random], str | None]] = {
    "name swapped": _swapped(_NAME),
    "noun swapped": _swapped(_ITEM),
    "object swapped": _other_object,
    "antonym": _opposed,
    "negation": _negated,
    "level swapped": _other_level,
    "status turned": _other_status,
}


# --- beside other sentences --------------------------------------------------------------------


def beside_others(claims: Sequence[Claim], embedder: Embedder) -> list[Claim]:
    """Each claim beside the two other sentences of its report that are nearest by words and by sense;
    where another sentence prints the whole claim there is nothing false in it."""
    made: list[Claim] = []
    reports = _by_report()
    for report_id, lines in reports.items():
        own = [claim for claim in claims if claim.report_id == report_id and not claim.is_english]
        if not own:
            continue
        vectors = np.asarray(embedder.encode_documents([line.text for line in lines]))
        asked = np.asarray(embedder.encode_documents([claim.text for claim in own]))
        words = [set(bigrams(line.text)) for line in lines]
        for claim, cosines in zip(own, asked @ vectors.T, strict=True):
            terms = set(bigrams(claim.text))
            by_words = [len(terms & one) / len(terms) for one in words]
            for kind, scores in (("nearest words", by_words), ("nearest sense", cosines)):
                line = _best_other(claim, lines, scores, by_words)
                if line:
                    made.append(_claim(claim.text, line, False, kind))
    return made


def _best_other(
    claim: Claim, lines: Sequence[Line], scores: Iterable[float], by_words: Sequence[float]
) -> Line | None:
    ranked = sorted(zip(scores, by_words, lines, strict=True), key=lambda one: -one[0])
    return next(
        (one for _, held, one in ranked if one.text not in claim.source and held < _WHOLE), None
    )


def embedded(claims: Sequence[Claim], embedder: Embedder) -> list[Claim]:
    """The claims with the cosine to their source's nearest sentence (sources are one sentence each,
    but for answers)."""
    texts = list(dict.fromkeys([t for claim in claims for t in (claim.text, *split(claim.source))]))
    vectors = np.asarray(embedder.encode_documents(texts))
    at = {text: index for index, text in enumerate(texts)}

    def cosine(claim: Claim) -> float:
        own = vectors[at[claim.text]]
        return max(float(own @ vectors[at[one]]) for one in split(claim.source))

    return [replace(claim, similarity=cosine(claim)) for claim in claims]


def split(text: str) -> list[str]:
    return [one for one in re.split("(?<=。)", text) if one] or [text]
