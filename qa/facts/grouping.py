"""Which figures of a sentence are values, and which of them share their words.

5亿元以上项目46个 holds one value: 5亿元以上 is an attribute of the projects. A group is what only 、 or
和 separates: 分别增长5.8%、7.3%.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from qa.facts.figures import Figure, find_figures
from qa.facts.wording import starts_predicate

_BETWEEN = re.compile(r"^(?:、|和|及|以及|与|,和)$")
_HAN = re.compile(r"[一-龥“《A-Za-z]")
_MULTIPLIERS = "万亿千百十"
# Between two figures these make the second a value of its own, not a count of what the first marks.
_VERBS = re.compile("达|为|增|完成|惠及|实施|涉及|带动|支持|培训|共")
_BREAK = re.compile("[,;、。:]")


def figure_groups(text: str) -> list[list[Figure]]:
    """The values of a clean sentence, in groups that share the words before them."""
    return list(_groups(text, _table_figures(text)))


def _table_figures(text: str) -> list[Figure]:
    """The figures that are values, not attributes of a noun (5亿元以上项目46个)."""
    figures = find_figures(text)
    kept = []
    for index, figure in enumerate(figures):
        following = figures[index + 1] if index + 1 < len(figures) else None
        if not _is_attribute(text, figure, following):
            kept.append(figure)
    return kept


def _is_attribute(text: str, figure: Figure, following: Figure | None) -> bool:
    """True if the figure marks a noun behind it (10亿元以上企业) and is no value itself."""
    behind = text[figure.right : figure.right + 1]
    if behind == "级" or (behind == "的" and following and _is_bound(figure)):
        return True
    if following is not None and figure.right == following.left:
        return figure.qualifier in ("以上", "以下")
    if behind == "的" or not _HAN.match(behind) or starts_predicate(text, figure.right):
        return False
    if figure.kind in ("percent", "point", "multiple", "count", "bare"):
        return False
    return figure.qualifier in ("以上", "以下", "及以上") or _marks_counted(text, figure, following)


def _is_bound(figure: Figure) -> bool:
    """占比超过10%的有44种: a share that picks what is counted."""
    return figure.kind == "percent" and figure.qualifier is not None


def _marks_counted(text: str, figure: Figure, following: Figure | None) -> bool:
    """产值10亿元企业5家: the noun behind the figure is counted by the next one."""
    if following is None or following.kind != "count":
        return False
    between = text[figure.right : following.left]
    return len(between) <= 12 and not _BREAK.search(between) and not _VERBS.search(between)


def _groups(text: str, figures: list[Figure]) -> Iterator[list[Figure]]:
    group: list[Figure] = []
    for figure in figures:
        if group and not _joins(text, group[-1], figure):
            yield group
            group = []
        group.append(figure)
    if group:
        yield group


def _joins(text: str, before: Figure, figure: Figure) -> bool:
    if before.unit != figure.unit and before.unit.strip(_MULTIPLIERS):
        return False
    between = text[before.right : figure.left]
    if between == ",":
        return "分别" in text[max(0, before.left - 12) : before.left]
    return bool(_BETWEEN.match(between))


def shared_by_group(figure: Figure, group: list[Figure]) -> Figure:
    """A figure with what the last of its list says for all: one 左右, one 人次 (1409万、1305万人次)."""
    last = group[-1]
    if figure is last:
        return figure
    if figure.kind != last.kind or len(figure.unit) < len(last.unit):
        figure = replace(figure, unit=figure.unit + last.unit.lstrip(_MULTIPLIERS), kind=last.kind)
    if figure.qualifier or not last.qualifier:
        return figure
    return replace(figure, qualifier=last.qualifier)
