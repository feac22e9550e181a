"""Does the verification accept what is true and reject what is not: answers, and the same altered.

Every alteration makes one figure of an answer false in one way and leaves everything else as it is.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tabulate import tabulate

from eval.mutations import alter_unit
from eval.questions import QuestionCase
from qa.answers.answer import Answer, Cell
from qa.answers.claims import read_claims
from qa.answers.verification import Evidence, Judged, Verification, evidence_of, verify_answer
from qa.answers.verification.sentences import split_lines

if TYPE_CHECKING:
    from qa.chain import Chain

# A stretch of text with one figure in it → the same made false, or None where that cannot be.
_Alter = Callable[["Spot", random.Random], str | None]
_DIGIT = re.compile(r"[1-9]")
_QUALIFIERS = re.compile(r"不低于|不少于|超过|突破|超|近|约|(?:左右|以上|以内|以下)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年|\D*$)")
_TURNS = {
    "增长": "下降", "下降": "增长", "增加": "减少", "减少": "增加", "提高": "降低", "上升": "下降",
    "up ": "down ", "down ": "up ",
}  # fmt: skip
_COMPARED = {"高": "低", "低": "高", "多": "少", "少": "多"}
_IS_TARGET = re.compile("目标|target")
_STATUS = (
    ("的目标是", "为"), ("年计划)", "年)"), ("目标", ""), ("预计", ""), ("计划", ""),
    ("target for ", ""), ("plan for ", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A figure in a sentence or cell: ``text[start:end]`` prints it with its qualifiers."""

    text: str
    start: int
    end: int
    place: str
    other_place: str

    @property
    def figure(self) -> str:
        return self.text[self.start : self.end]

    def told(self, figure: str) -> str:
        """The text with another figure in its place."""
        return self.text[: self.start] + figure + self.text[self.end :]


@dataclass(frozen=True, slots=True)
class Alteration:
    """An answer with one thing wrong, in the sentence or cell at ``where``."""

    kind: str
    answer: Answer
    altered: Answer
    where: tuple[int, int]
    in_table: bool
    told: str


@dataclass
class Tally:
    """What the verification did: figures of true answers accepted and rejected, alterations
    rejected and missed by kind, milliseconds for each true answer."""

    answers: int = 0
    accepted: int = 0
    rejected: list[str] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    missed: list[Alteration] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        return median(self.milliseconds) if self.milliseconds else 0.0

    @property
    def high_ms(self) -> float:
        """The 95th percentile."""
        return quantiles(self.milliseconds, n=20)[-1] if len(self.milliseconds) > 1 else 0.0


def measure(answers: Iterable[tuple[Answer, Mapping[int, Evidence]]], seed: int = 0) -> Tally:
    """Verify the answers as they are, and every alteration of them; the same for the same seed."""
    tally = Tally()
    rng = random.Random(seed)
    known = [pair for pair in answers if pair[0].refusal is None]
    places = sorted({e.place for _, evidence in known for e in evidence.values() if e.place})
    for answer, evidence in known:
        started = time.perf_counter()
        found = verify_answer(answer, evidence)
        tally.milliseconds.append((time.perf_counter() - started) * 1000)
        tally.answers += 1
        tally.accepted += sum(f.check.supported for f in found.findings)
        tally.rejected += [
            f"{finding.reason}: {one.text}"
            for one in found.judged
            for finding in one.findings
            if not finding.check.supported
        ]
        for alteration in alterations(answer, found, evidence, places, rng):
            tally.tried[alteration.kind] += 1
            if _is_missed(alteration, evidence):
                tally.missed.append(alteration)
    return tally


def drafts(
    chain: Chain, cases: Iterable[QuestionCase]
) -> Iterator[tuple[Answer, Mapping[int, Evidence]]]:
    """The answers to the cases as they are before verification, with what their citations are
    known to hold."""
    for case in cases:
        answer = chain.draft(chain.search(case.question, turns=case.turns))
        yield answer, evidence_of(answer, chain.searcher.library)


def verification_table(tally: Tally) -> str:
    """Accepted and rejected by kind, and the time it takes."""
    missed = Counter(alteration.kind for alteration in tally.missed)
    whole = tally.accepted + len(tally.rejected)
    rows = [("nothing", whole, tally.accepted, len(tally.rejected))]
    rows += [
        (kind, tally.tried[kind], missed[kind], tally.tried[kind] - missed[kind])
        for kind in ALTERATIONS
    ]
    table = tabulate(rows, ("altered", "figures", "accepted", "rejected"))
    times = f"milliseconds for an answer: median {tally.median_ms:.2f}, 95 % {tally.high_ms:.2f}"
    return f"{table}\n\n{tally.answers} answers; {times}"


def _is_missed(alteration: Alteration, evidence: Mapping[int, Evidence]) -> bool:
    found = verify_answer(alteration.altered, evidence)
    row, column = alteration.where
    judged = found.cells[row, column] if alteration.in_table else found.lines[row][column]
    return judged.is_supported


# --- alterations -------------------------------------------------------------------------------


def alterations(
    answer: Answer,
    found: Verification,
    evidence: Mapping[int, Evidence],
    places: Sequence[str],
    rng: random.Random,
) -> Iterator[Alteration]:
    """Each supported figure of the answer altered in each way that applies to it."""
    for i, line in enumerate(found.lines):
        for j, sentence in enumerate(line):
            for kind, text in _altered(sentence, evidence, places, rng):
                changed = [one.text for one in line]
                changed[j] = text
                yield Alteration(
                    kind, answer, _with_line(answer, i, "".join(changed)), (i, j), False, text
                )
    for (i, j), cell in found.cells.items():
        printed = answer.table.rows[i][j].text if answer.table else ""
        for kind, text in _altered(replace(cell, text=printed), evidence, places, rng):
            yield Alteration(kind, answer, _with_cell(answer, i, j, text), (i, j), True, text)


def _altered(
    judged: Judged, evidence: Mapping[int, Evidence], places: Sequence[str], rng: random.Random
) -> Iterator[tuple[str, str]]:
    for finding in judged.findings:
        known = evidence.get(finding.check.citation)
        spot = _spot(judged.text, finding.check.figure, known, places, rng)
        if spot is None or not finding.check.supported:
            continue
        for kind, alter in ALTERATIONS.items():
            text = alter(spot, rng)
            if text is not None and text != judged.text:
                yield kind, text


def _spot(
    text: str, figure: str, known: Evidence | None, places: Sequence[str], rng: random.Random
) -> Spot | None:
    """Where the figure stands as a whole; None if it is spelled otherwise (in full width)."""
    match = re.search(rf"(?<![\d.\[A-Za-z]){re.escape(figure)}(?![\d.\]])", text)
    others = [place for place in places if known is None or place != known.place]
    if match is None or not others:
        return None
    place = (known.place or "") if known else ""
    return Spot(text, match.start(), match.end(), place, rng.choice(others))


def _digit(spot: Spot, rng: random.Random) -> str | None:
    at = [match.start() for match in _DIGIT.finditer(spot.figure)]
    if not at:
        return None
    chosen = rng.choice(at)
    other = rng.choice([d for d in "123456789" if d != spot.figure[chosen]])
    return spot.told(spot.figure[:chosen] + other + spot.figure[chosen + 1 :])


def _unit(spot: Spot, rng: random.Random) -> str | None:
    figure = alter_unit(spot.figure, rng)
    return None if figure is None else spot.told(figure)


def _sign(spot: Spot, rng: random.Random) -> str | None:
    """The word of direction right before the figure turned; of a comparison its verdict."""
    before = spot.text[: spot.start]
    for word, other in _TURNS.items():
        if before.endswith(word):
            return before.removesuffix(word) + other + spot.text[spot.start :]
    for word, other in _COMPARED.items():
        if before.endswith(word) and "比" in before and "(计算)" in spot.text:
            return before.removesuffix(word) + other + spot.text[spot.start :]
    return None


def _qualifier(spot: Spot, rng: random.Random) -> str | None:
    """The qualifier left out, or one of another class added (余 and 高于 are an 以上 already)."""
    bare = _QUALIFIERS.sub("", spot.figure)
    if bare != spot.figure and read_claims(bare):
        return spot.told(bare)
    told = read_claims(spot.figure)
    is_least = bool(told) and told[0].qualifier == "least"
    return spot.told(f"{spot.figure}{'以内' if is_least else '以上'}")


def _period(spot: Spot, rng: random.Random) -> str | None:
    """The year told of the figure: a year before or after. Years of titles and quotes are others."""
    masked = re.sub(r"《[^》]*》|“.*|\(\d+年报告\)", lambda m: "□" * len(m.group()), spot.text)
    years = list(_YEAR.finditer(masked, 0, spot.start)) or list(_YEAR.finditer(masked))
    if not years:
        return None
    match = years[-1]
    year = int(match.group()) + rng.choice((-2, -1, 1))
    return spot.text[: match.start()] + str(year) + spot.text[match.end() :]


def _place(spot: Spot, rng: random.Random) -> str | None:
    """The place before the figure, or a report without one, called otherwise."""
    own = re.escape(spot.place) if spot.place else "地名未写明的报告《[^》]*》"
    found = list(re.finditer(own, spot.text[: spot.start]))
    if not found or "“" in spot.text[: found[-1].start()]:
        return None
    match = found[-1]
    return spot.text[: match.start()] + spot.other_place + spot.text[match.end() :]


def _status(spot: Spot, rng: random.Random) -> str | None:
    """A target told as achieved, or a result told as a target."""
    lead, quote, rest = spot.text.partition("“")
    for word, other in _STATUS:
        if word in lead[: spot.start]:
            altered = lead.replace(word, other)
            return None if _IS_TARGET.search(altered) else altered + quote + rest
    if "年)" in lead[: spot.start]:
        return lead.replace("年)", "年计划)", 1) + quote + rest
    if "(计算)" in rest + lead or "(computed)" in lead:
        label = re.search(r"年(?=\()", lead)
        return f"{lead[: label.end()]}目标{lead[label.end() :]}" if label else None
    match = re.search(r"(?<=年)(?=增长|下降|\d)", lead[: spot.start + 1])
    match = match or re.search(r"(?=(?:增长|下降)\d)", lead[: spot.end])
    return f"{lead[: match.start()]}的目标是{lead[match.start() :]}{quote}{rest}" if match else None


ALTERATIONS: Mapping[str, _Alter] = {
    "digit": _digit,
    "unit": _unit,
    "sign": _sign,
    "qualifier": _qualifier,
    "period": _period,
    "place": _place,
    "status": _status,
}


def _with_line(answer: Answer, index: int, text: str) -> Answer:
    lines = split_lines(answer.text)
    lines[index] = text
    return replace(answer, text="\n".join(lines))


def _with_cell(answer: Answer, i: int, j: int, text: str) -> Answer:
    assert answer.table is not None
    rows = [list(row) for row in answer.table.rows]
    rows[i][j] = Cell(text, rows[i][j].citation)
    return replace(answer, table=replace(answer.table, rows=tuple(map(tuple, rows))))
