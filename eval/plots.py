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
svg .s2{stroke:var(--s2)}svg .s3{stroke:var(--s3)}svg circle{stroke:none}
svg .f0{fill:var(--s0)}svg .f1{fill:var(--s1)}svg .f2{fill:var(--s2)}svg .f3{fill:var(--s3)}
"""
_COLOURS = 4
_WIDTH, _ROW, _LEFT, _RIGHT = 720, 24, 170, 90
_TOP, _PLOT = 34, 200
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
    scaled = {name: [(x / widest, share) for x, share in p] for name, p in series.items()}
    drawn = "".join(_line(i, points) for i, points in enumerate(scaled.values()))
    return _svg(title, _TOP + _PLOT + 24, _frame(series, "0", f"{widest:.0f} {unit}") + drawn)


def points(series: Mapping[str, Sequence[Point]], title: str, unit: str) -> str:
    """Points with intervals and numbers of cases over x from 0 to 1; the diagonal is perfection."""
    diagonal = f'<path class="axis" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
    drawn = "".join(
        _line(i, [(p.x, p.share) for p in told]) + "".join(_point(i, p) for p in told)
        for i, told in enumerate(series.values())
    )
    return _svg(title, _TOP + _PLOT + 24, _frame(series, "0", f"1 {unit}") + diagonal + drawn)


def _point(number: int, point: Point) -> str:
    # Series that share their bins would else hide each other's intervals.
    x, colour = _x(point.x) + 4 * number, number % _COLOURS
    below = _y(point.share) + (14 if point.share > 0.1 else -6)
    return (
        f'<path class="line s{colour}" d="M{x:.1f} {_y(point.low):.1f}V{_y(point.high):.1f}"/>'
        f'<circle class="f{colour}" cx="{x:.1f}" cy="{_y(point.share):.1f}" r="4"/>'
        + _text(x + 6, below, f"{point.cases}", "start")
    )


def _frame(names: Sequence[str] | Mapping[str, object], first: str, last: str) -> str:
    """Horizontal rules with their shares, the ends of the x axis, and the series' names above."""
    rules = "".join(
        f'<path class="grid" d="M{_LEFT} {_y(share):.1f}H{_WIDTH - _RIGHT}"/>'
        + _text(_LEFT - 8, _y(share) + 4, f"{share:.1f}", "end")
        for share in _SHARES
    )
    foot = _TOP + _PLOT + 18
    ends = _text(_LEFT, foot, first, "start") + _text(_WIDTH - _RIGHT, foot, last, "end")
    return rules + ends + "".join(_legend(i, name) for i, name in enumerate(names))


def _legend(number: int, name: str) -> str:
    x = _LEFT + 150 * number
    return (
        f'<path class="line s{number % _COLOURS}" d="M{x} 12h22"/>'
        + _text(x + 28, 16, name, "start")
    )  # fmt: skip


def _line(number: int, points: Sequence[tuple[float, float]]) -> str:
    at = " ".join(f"{_x(x):.1f},{_y(share):.1f}" for x, share in points)
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


def _y(share: float) -> float:
    return _TOP + _PLOT - share * (_PLOT - 10)
