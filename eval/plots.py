"""Plots as inline SVG, drawn from data by hand: bars with intervals, lines. Text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from eval.scores import Score

_COLOURS = ("#1f5fa8", "#c8602a", "#3a8f4d", "#7a4fa3")
_WIDTH, _ROW, _LEFT, _RIGHT = 640, 22, 190, 60


def bars(rows: Sequence[tuple[str, Score]], title: str) -> str:
    """Horizontal bars from 0 to 1, each with its 95 % interval and number of cases."""
    height = _ROW * len(rows) + 10
    drawn = "".join(_bar(i, name, score) for i, (name, score) in enumerate(rows))
    return _svg(title, height, drawn)


def _bar(row: int, name: str, score: Score) -> str:
    y = row * _ROW + 5
    middle = y + _ROW / 2 - 3
    return (
        _text(_LEFT - 8, middle + 4, name, "end")
        + f'<rect x="{_LEFT}" y="{y}" width="{_x(score.mean) - _LEFT:.1f}" height="{_ROW - 6}" fill="{_COLOURS[0]}"/>'
        + f'<path d="M{_x(score.low):.1f} {middle}H{_x(score.high):.1f}" stroke="#222" stroke-width="2"/>'
        + _text(_WIDTH - _RIGHT + 6, middle + 4, f"{score.mean:.2f} ({score.cases})", "start")
    )


def lines(series: Mapping[str, Sequence[tuple[float, float]]], title: str, unit: str) -> str:
    """Lines through (x, share) points; x is scaled to the widest series."""
    widest = max((x for points in series.values() for x, _ in points), default=1.0) or 1.0
    drawn = "".join(
        _line(i, name, points, widest) for i, (name, points) in enumerate(series.items())
    )
    ticks = "".join(
        f'<path d="M{_LEFT} {_y(share)}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        + _text(_LEFT - 8, _y(share) + 4, f"{share:.1f}", "end")
        for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    end = _text(_WIDTH - _RIGHT, 222, f"{widest:.0f} {unit}", "end") + _text(
        _LEFT, 222, "0", "start"
    )
    return _svg(title, 230, ticks + end + drawn)


def _line(number: int, name: str, points: Sequence[tuple[float, float]], widest: float) -> str:
    colour = _COLOURS[number % len(_COLOURS)]
    at = " ".join(f"{_x(x / widest):.1f},{_y(share):.1f}" for x, share in points)
    label = _text(8, 20 + 18 * number, name, "start", colour)
    return f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"/>{label}'


def _svg(title: str, height: float, drawn: str) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg role="img" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" aria-label="{escape(title, quote=True)}">{drawn}</svg></figure>'
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="12">{escape(text)}</text>'


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return 205 - share * 195
