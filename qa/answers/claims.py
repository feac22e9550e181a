"""Figures as a strict reader takes them: value, unit, sign, qualifier, period, status.

The same reading is made of a reference, of an answer and of a quote, so that what differs between
them differs in meaning, not in spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from qa.answers.printed import in_print
from qa.facts.figures import Figure, UnitKind, find_figures
from qa.reports.clean_text import fold

Aspect = Literal["value", "unit", "sign", "qualifier", "period", "status", "place"]

_MARKER = re.compile(r"\[\d+\]")
_QUOTATION = re.compile(r"[::]\s*“(.+)”(?=\[\d+\]|\s*$)")
_ISO_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?: \d\d:\d\d(?::\d\d)?)?")
# 分别下降16.9%、30.6%: what stands in a list takes the direction of what stands before it.
_IN_A_LIST = re.compile(r"[、和及与]")
_POINTS = re.compile(r" percentage points?")
# Cleaning closes the gap in "up 7.6%", and p7.6 would be a model number.
_BESIDE_A_WORD = re.compile(r"(?<=[A-Za-z]) (?=\d)|(?<=\d) (?=[A-Za-z])")
_COMPUTED = re.compile(r"[((](?:计算|computed)")
_CLAUSE_BREAK = re.compile(r"[,;。!?:\n(]")
_FALL = (
    r"负增长|下降|减少|降低|回落|下跌|下滑|收窄|缩减|压减|压降|降幅|减幅|跌"
    r"|减(?![税负免排灾速费轻])|降(?![费本碳水税])|fell|falls?|declin|decreas|down"
)
_RISE = r"增长|增加|提高|上升|增幅|增速|涨|升|grew|grows?|ris(?:e|en|ing)|rose|increas|up"
_TO = r"(?:下降|减少|降低|回落|下跌|压减|降)(?:到|至|为)"
_DIRECTION = re.compile(rf"(?P<to>{_TO})|(?P<fall>{_FALL})|(?P<rise>{_RISE})", re.I)
_MINUS = re.compile(r"[-−]$")
# 比2022年增长 names the base of a comparison, not the period of the figure.
_YEAR = re.compile(
    r"(?<![比较\d])((?:19|20)\d\d)(?:年?[-—~至到]((?:19|20)\d\d))?(?=年|[\s,:)]|$)|(?<=\()((?:19|20)\d\d)"
)
_IS_NEAR = re.compile(r"[^,;。0-9]{0,5}")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d(?:—(?:19|20)\d\d)?")
_TARGET = re.compile(
    r"(?<!”)目标(?=[是为:值,在达定(\d])|力争|预期(?!寿命)|确保|争取(?!财政)|力求|target|aim|plan"
    r"|(?<!年度)计划(?![投为”单])",
    re.I,
)
_ACTUAL = re.compile(r"已|实绩|完成了|实现了|达到了|actual", re.I)
_CLASS_OF_QUALIFIER = {
    "least": "不低于|不少于|不小于|至少达到|至少|最低|超过|超出|突破|高于|多于|大于|超|逾|达到或超过|破|以上|之上|及以上|或以上|余|多",
    "most": "不超过|不高于|不多于|不足|最高|低于|少于|小于|以内|以下|之内",
    "about": "大约|约为|约|近|接近|将近|左右|上下|来",
}
_QUALIFIERS = {
    word: name for name, words in _CLASS_OF_QUALIFIER.items() for word in words.split("|")
}
_MULTIPLIER = re.compile(r"^[万亿千百十]+")
_SAME_UNIT = {"户": "家", "个百分点": "百分点", "名": "人", "位": "人"} | {
    "标准箱": "标箱",
    "TEU": "标箱",
}
# A ratio is printed as 2.27 and as 2.27:1.
_SAME_UNIT |= {":1": "", "∶1": ""}
_COUNTABLE = {"count", "weak", "bare"}
_EXACT = 1e-9
_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure with what a reader takes from the words around it.

    ``low``/``high`` are in the base unit (元, 人, %) without sign; ``sign`` is -1 for falls.
    ``qualifier`` is least, most, about or None; ``period`` a year or span, ``status`` actual or
    target, each None if the text does not say. ``is_computed`` on a line that says so (计算).
    ``at`` is where the figure with its qualifiers begins in the plain line.
    """

    low: float
    high: float
    kind: UnitKind
    unit: str
    sign: int
    qualifier: str | None
    period: str | None
    status: str | None
    text: str
    line: int = 0
    is_computed: bool = False
    at: int = 0


def read_claims(text: str) -> list[Claim]:
    """The figures of a text, line by line; years, dates and citation markers are none."""
    lines = text.split("\n")
    return [claim for n, line in enumerate(lines) for claim in claims_in(_unquoted(line), n)]


def _unquoted(line: str) -> str:
    """Without quotation marks around a whole quote (short names in quotes hold no figures)."""
    return plain(_MARKER.sub("", _QUOTATION.sub(r":\1", in_print(line))))


def plain(text: str) -> str:
    """The clean form of a text without markers, as its figures are read: dates of pages (2023-02-08)
    are left out, and a number stays apart from the Latin words beside it."""
    text = _POINTS.sub("个百分点", _ISO_DATE.sub("", text)).replace(" percent", "%")
    return fold(_BESIDE_A_WORD.sub("_", text))


def claims_in(line: str, number: int = 0) -> list[Claim]:
    """The figures of one plain line (see ``plain``)."""
    claims: list[Claim] = []
    before = 0
    for figure in find_figures(line):
        if not _is_year(figure):
            listed = claims and _IN_A_LIST.fullmatch(line[before : figure.left])
            claim = _claim(line, figure, before, number)
            claims.append(replace(claim, sign=claims[-1].sign) if listed else claim)
            before = figure.right
    return claims


def _is_year(figure: Figure) -> bool:
    return figure.kind == "bare" and bool(_BARE_YEAR.fullmatch(figure.number))


def _claim(line: str, figure: Figure, before: int, number: int) -> Claim:
    lead = line[before : figure.left]
    computed = bool(_COMPUTED.search(line))
    unit = _MULTIPLIER.sub("", figure.unit) if figure.kind != "percent" else figure.unit
    scale = (
        100.0
        if figure.kind == "multiple" and _DIRECTION.search(_CLAUSE_BREAK.split(lead)[-1])
        else 1.0
    )
    return Claim(
        low=figure.low * scale,
        high=figure.high * scale,
        kind="percent" if scale != 1.0 else figure.kind,
        unit="%" if scale != 1.0 else _SAME_UNIT.get(unit, unit),
        sign=_sign(lead, line[: figure.start], figure.kind),
        qualifier=qualifier_class(figure.qualifier),
        period=None if computed else period_at(line, figure.left, figure.right),
        status=status_in(line[: figure.left]),
        text=line[figure.left : figure.right],
        line=number,
        is_computed=computed,
        at=figure.left,
    )


def qualifier_class(word: str | None) -> str | None:
    """least, most or about for a word like 以上; None for none."""
    return _QUALIFIERS.get(word or "")


def _sign(lead: str, before: str, kind: UnitKind) -> int:
    """-1 if the nearest word of direction is a fall, or a minus stands before the digits.

    An amount falls only if the word stands right before it: 减少3万人, but 压减的资金为5亿元.
    """
    if _MINUS.search(before):
        return -1
    clause = _CLAUSE_BREAK.split(lead)[-1]
    directions = list(_DIRECTION.finditer(clause))
    if not directions or not directions[-1]["fall"]:
        return 1
    is_rate = kind in ("percent", "point", "multiple")
    return -1 if is_rate or len(clause) - directions[-1].end() <= 1 else 1


def period_at(line: str, position: int, end: int) -> str | None:
    """The last year before the figure in its line, else one that follows at once (7.6% in 2023)."""
    years = list(_YEAR.finditer(line))
    before = [match for match in years if match.end() <= position]
    behind = [m for m in years if m.start() >= end and _IS_NEAR.fullmatch(line[end : m.start()])]
    chosen = before[-1:] or behind[:1]
    if not chosen:
        return None
    first, last, alone = chosen[0].groups()
    return f"{first}-{last}" if last else first or alone


def status_in(before: str) -> str | None:
    """Target after a word that says so in its sentence; 实现 and 达到 alone are said of both."""
    sentence = before.rpartition("。")[2]
    if _TARGET.search(sentence):
        return "target"
    return "actual" if _ACTUAL.search(sentence) else None


# What each is worth in kilograms: exact by law, so weights are of one unit.
_KILOGRAMS = {"吨": 1000.0, "公斤": 1.0, "千克": 1.0, "斤": 0.5}


def common_scale(unit: str) -> tuple[str, float]:
    """The unit that figures in ``unit`` are compared in, and what one of them is worth in it."""
    scale = _KILOGRAMS.get(unit)
    return (unit, 1.0) if scale is None else ("公斤", scale)


# --- comparison --------------------------------------------------------------------------------


def differences(wanted: Claim, given: Claim) -> frozenset[Aspect]:
    """What differs in meaning between two claims.

    Periods differ only if both name one; a target must be told as one, whatever is not wanted as
    a target must not.
    """
    found: set[Aspect] = set()
    if not _same_unit(wanted, given):
        found.add("unit")
    if not _equal(wanted, given):
        found.add("value")
    if wanted.sign != given.sign:
        found.add("sign")
    if wanted.qualifier != given.qualifier:
        found.add("qualifier")
    if wanted.period and given.period and wanted.period != given.period:
        found.add("period")
    if wanted.status and (wanted.status == "target") != (given.status == "target"):
        found.add("status")
    return frozenset(found)


def is_near(wanted: Claim, given: Claim) -> bool:
    """True if the value lies within 1 % of the one wanted, unit and sign being equal.

    The tolerance that number scorers allow for rounding; beside the exact score, never instead.
    """
    return (
        _same_unit(wanted, given)
        and wanted.sign == given.sign
        and abs(wanted.low - given.low) <= _TOLERANCE * abs(wanted.low)
        and abs(wanted.high - given.high) <= _TOLERANCE * abs(wanted.high)
    )


def _equal(one: Claim, other: Claim) -> bool:
    """Equal as printed: only the spelling may differ (1244万, 12440000)."""
    pairs = ((one.low, other.low), (one.high, other.high))
    return all(abs(a - b) <= _EXACT * max(abs(a), abs(b), _EXACT) for a, b in pairs)


def _same_unit(one: Claim, other: Claim) -> bool:
    if one.unit == other.unit:
        return True
    # A number without a unit counts what the other counts: 24.5万 is 24.5万宗, 172亿 is 172亿元.
    kinds = {one.kind, other.kind}
    unnamed = "" in (one.unit, other.unit)
    return unnamed and (kinds <= _COUNTABLE or kinds == {"count", "money"})
