"""Plots as inline SVG, drawn from data by hand: bars with intervals, lines, points. Text is escaped.

Colours are classes of the page's style, so that they follow its light or dark scheme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from eval.scores import Score

STYLE = """
svg{font:12px system-ui,"Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:100%;height:auto}
svg text{fill:var(--ink)}svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--faint);stroke-dasharray:4 4}
svg .bar{fill:var(--s0);opacity:.75}svg .reach{stroke:var(--ink);stroke-width:1.5;fill:none}
svg .line{fill:none;stroke-width:2}svg .s0{stroke:var(--s0)}svg .s1{stroke:var(--s1)}
svg .s2{stroke:var(--s2)}svg .s3{stroke:var(--s3)}svg circle{fill:var(--s0)}
"""
_COLOURS = 4
_WIDTH, _ROW, _LEFT, _RIGHT = 560, 24, 140, 84
_MARGIN, _TOP, _PLOT = 44, 34, 200
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Point:
    """A share at ``x`` with its interval and number of cases; all but the last from 0 to 1."""

    x: float
    share: float
    low: float
    high: float
    cases: int


def bars(rows: Sequence[tuple[str, Score]], title: str) -> str:
    """Horizontal bars from 0 to 1, each with its 95 % interval and number of cases."""
    height = _ROW * len(rows) + 30
    ticks = "".join(
        f'<path class="grid" d="M{_x(share):.1f} 4V{height - 22}"/>'
        + _text(_x(share), height - 6, f"{share:.1f}", "middle")
        for share in _SHARES
    )
    drawn = "".join(_bar(i, name, score) for i, (name, score) in enumerate(rows))
    return _svg(title, height, ticks + drawn)


def _bar(row: int, name: str, score: Score) -> str:
    y = row * _ROW + 6
    middle = y + _ROW / 2 - 3
    return (
        _text(_LEFT - 8, middle + 4, name, "end")
        + f'<rect class="bar" x="{_LEFT}" y="{y}" width="{_x(score.mean) - _LEFT:.1f}" height="{_ROW - 6}"/>'
        + f'<path class="reach" d="M{_x(score.low):.1f} {middle}H{_x(score.high):.1f}'
        + "".join(f"M{_x(end):.1f} {middle - 4}v8" for end in (score.low, score.high))
        + '"/>'
        + _text(_WIDTH - _RIGHT + 10, middle + 4, f"{score.mean:.2f} (n={score.cases})", "start")
    )


def lines(series: Mapping[str, Sequence[tuple[float, float]]], title: str, unit: str) -> str:
    """Lines through (x, share) points; x is scaled to the widest series."""
    widest = max((x for points in series.values() for x, _ in points), default=1.0) or 1.0
    scaled = [[(x / widest, share) for x, share in points] for points in series.values()]
    drawn = "".join(_line(i, points) for i, points in enumerate(scaled))
    legend = "".join(_legend(i, name) for i, name in enumerate(series))
    return _svg(title, _TOP + _PLOT + 24, _frame(f"{widest:.0f} {unit}") + legend + drawn)


def points(told: Sequence[Point], title: str, unit: str) -> str:
    """Points with intervals and numbers of cases over x from 0 to 1; the diagonal is perfection."""
    diagonal = f'<path class="axis" d="M{_across(0)} {_y(0)}L{_across(1)} {_y(1)}"/>'
    drawn = _line(0, [(p.x, p.share) for p in told]) + "".join(map(_point, told))
    return _svg(title, _TOP + _PLOT + 24, _frame(f"1 {unit}") + diagonal + drawn)


def _point(point: Point) -> str:
    x = _across(point.x)
    return (
        f'<path class="reach" d="M{x:.1f} {_y(point.low):.1f}V{_y(point.high):.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{_y(point.share):.1f}" r="4"/>'
        + _text(x, _TOP - 12, f"{point.cases}", "middle")
    )


def _frame(last: str) -> str:
    """Horizontal rules with their shares, and the ends of the x axis."""
    rules = "".join(
        f'<path class="grid" d="M{_across(0)} {_y(share):.1f}H{_across(1)}"/>'
        + _text(_across(0) - 8, _y(share) + 4, f"{share:.1f}", "end")
        for share in _SHARES
    )
    foot = _TOP + _PLOT + 18
    return rules + _text(_across(0), foot, "0", "start") + _text(_across(1), foot, last, "end")


def _legend(number: int, name: str) -> str:
    x = _across(0) + 150 * number
    line = f'<path class="line s{number % _COLOURS}" d="M{x} 12h22"/>'
    return line + _text(x + 28, 16, name, "start")


def _line(number: int, points: Sequence[tuple[float, float]]) -> str:
    at = " ".join(f"{_across(x):.1f},{_y(share):.1f}" for x, share in points)
    return f'<polyline class="line s{number % _COLOURS}" points="{at}"/>'


def _svg(title: str, height: float, drawn: str) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg role="img" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" aria-label="{escape(title, quote=True)}">{drawn}</svg></figure>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _across(share: float) -> float:
    """As ``_x``, for plots without names at the left."""
    return _MARGIN + share * (_WIDTH - 2 * _MARGIN)


def _y(share: float) -> float:
    return _TOP + _PLOT - share * (_PLOT - 10)
