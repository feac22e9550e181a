"""The seed reports: exact offsets, and the scores against the hand-made facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa.facts.binding import bind
from qa.facts.clocks import Clock, read_time
from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.reports.clean_text import fold
from qa.reports.decoding import decode
from qa.reports.parsing import parse_reports
from qa.reports.report import Source

_ROOT = Path(__file__).resolve().parents[3]
_SAMPLES = sorted((_ROOT / "samples").glob("*.txt"))
_GOLD = sorted((_ROOT / "eval" / "cases" / "facts").glob("*.jsonl"))


def _source(name: str) -> Source:
    path = _ROOT / "samples" / name
    return Source(name, decode(path.read_bytes(), name))


def _facts(source: Source) -> list[Fact]:
    return [fact for report in parse_reports(source) for fact in extract_facts(source, report)]


@pytest.mark.parametrize("path", _SAMPLES, ids=lambda path: path.name[:3])
def test_every_quote_is_a_slice_of_the_source_and_holds_its_figures(path: Path) -> None:
    source = _source(path.name)
    facts = _facts(source)
    assert facts
    for fact in facts:
        assert source.text[fact.start : fact.end] == fact.quote
        for measure in (fact.level, fact.growth):
            if measure is not None:
                assert fact.start <= measure.start < measure.end <= fact.end
                printed = fold(source.text[measure.start : measure.end])
                assert measure.text.startswith(printed.replace("\n", ""))


@pytest.mark.parametrize("path", _GOLD, ids=lambda path: path.stem)
def test_nine_of_ten_hand_made_facts_are_found(path: Path) -> None:
    golds = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    facts = _facts(_source(golds[0]["source"]))
    found = [gold for gold in golds if any(_is(fact, gold) for fact in facts)]
    assert len(found) >= 0.9 * len(golds)


def _is(fact: Fact, gold: dict[str, object]) -> bool:
    overlaps = fact.start < int(str(gold["end"])) and int(str(gold["start"])) < fact.end
    keys = ("value", "growth_percent", "period", "status")
    return overlaps and all(getattr(fact, key) == gold[key] for key in keys)


@pytest.mark.parametrize(
    "unit", ["7", "增长", "增长5%", "1,234", "百分之", "新增", "全面完成", "、", "("]
)
def test_no_sentence_of_a_hundred_thousand_signs_hangs_the_reader(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    read_time(text, Clock("review", "2023", 2024))
    assert len(bind(text)) <= len(text)


def test_a_megabyte_of_text_is_read() -> None:
    body = (
        "地区生产总值达到5.67万亿元、增长5.4%,新增学位300个。" + "我们坚持稳中求进。" * 200 + "\n"
    )
    lines = [
        "政府工作报告",
        "2024年1月16日在某某区第十届人民代表大会第三次会议上",
        "各位代表:",
        "现在,我代表区人民政府,向大会报告工作,请予审议。",
        "一、2023年工作回顾",
        body * (1_000_000 // len(body)),
        "二、2024年主要工作任务",
        "地区生产总值增长5%。",
    ]
    source = Source("big.txt", "\n".join(lines))
    assert len(_facts(source)) == 2 * (1_000_000 // len(body)) + 1
