import re
from dataclasses import replace

import pytest

import qa.chain
from eval.questions import read_case_set
from qa.answers.answer import Answer
from qa.answers.figures import answer_with_facts
from qa.chain import Chain
from qa.library.library import Library
from qa.search import Findings


def test_every_citation_is_a_slice_of_its_source_and_has_a_marker(bundled_chain: Chain) -> None:
    library = bundled_chain.searcher.library
    for case in read_case_set("questions-1"):
        answer = bundled_chain.ask(case.question, case.turns)
        for citation in answer.citations:
            source = library.source_text(citation.report_id)
            assert source[citation.start : citation.end] == citation.quote
        assert _markers(answer) == {citation.n for citation in answer.citations}
        assert (answer.status == "refused") == (not answer.citations)


def _markers(answer: Answer) -> set[int]:
    """Markers in the text and in the table's cells."""
    cells = [cell for row in answer.table.rows for cell in row] if answer.table else []
    in_text = {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)}
    return in_text | {cell.citation for cell in cells if cell.citation is not None}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("越城区2023年GDP增长多少?", "7.6%"),
        ("海曙区2022年固投增速", "13.3%"),
        ("荔湾推动注册的“永庆坊”系列商标有多少个?", "58个"),
        ("上城区哪条河获评市级美丽河湖", "引水河"),
    ],
)
def test_simple_questions_are_answered_with_the_figure_as_printed(
    bundled_chain: Chain, question: str, expected: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.status == "answered"
    assert expected in answer.text


def test_the_answer_prints_place_and_year(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区去年GDP增长多少?")
    assert "越城区" in answer.text
    assert "2023年" in answer.text


@pytest.mark.parametrize(
    ("question", "reason", "told"),
    [
        ("柯桥区2023年GDP增长多少", "place_not_held", "越城区"),
        ("越城区1999年GDP增长多少?", "period_not_held", "1999年"),
        ("", "unclear", "写明"),
        ("荔湾区这份政府工作报告是由哪位区长作的?", "not_stated", "荔湾区"),
    ],
)
def test_refusals_have_a_reason_and_say_what_is_held(
    bundled_chain: Chain, question: str, reason: str, told: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == reason
    assert told in answer.refusal.detail


def test_a_refusal_speaks_the_language_of_the_question(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("What does the 1999 State Council report say about GDP in 1998?")
    assert answer.refusal is not None
    assert answer.refusal.detail.isascii() or "held" in answer.refusal.detail


def test_a_missing_place_among_several_makes_the_answer_partial(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("2023年固定资产投资,越城区和柯桥区哪个增得快?")
    assert answer.status == "partial"
    assert any("柯桥区" in note for note in answer.notes)


def test_a_follow_up_is_answered_from_its_context(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("支出呢?", ["荔湾区去年一般公共预算收入是多少?"])
    assert "117.24亿元" in answer.text


# --- verification ------------------------------------------------------------------------------


def _lying(monkeypatch: pytest.MonkeyPatch, true: str, false: str) -> None:
    """The way of figures says something else than its citations."""

    def lie(findings: Findings, library: Library) -> Answer | None:
        answer = answer_with_facts(findings, library)
        return answer and replace(answer, text=answer.text.replace(true, false))

    monkeypatch.setattr(qa.chain, "WAYS", (lie,))


def test_a_line_that_its_citation_does_not_support_is_removed_and_said(
    bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lying(monkeypatch, "5.8%", "6.8%")
    answer = bundled_chain.ask("越城区2023年城乡居民人均可支配收入增长多少?")
    assert answer.text == "越城区2023年农村居民人均可支配收入增长7.3%[1]。"
    assert answer.status == "partial"
    assert answer.notes == ("有1处内容与所引原文不符,已删去。",)
    assert [check.figure for check in answer.checks] == ["7.3%"]
    assert _markers(answer) == {1} == {citation.n for citation in answer.citations}


def test_quotes_stand_in_for_an_answer_of_which_nothing_is_left(
    bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lying(monkeypatch, "7.6%", "7.1%")
    answer = bundled_chain.ask("越城区2023年GDP增长多少?")
    assert "7.1%" not in answer.text
    assert "“" in answer.text
    assert "地区生产总值增长7.6%" in answer.text
    assert answer.status == "partial"
    assert answer.notes == ("原拟的回答与所引原文不符,已改为直接引用原文。",)
    assert answer.withheld == 1
    assert all(check.supported for check in answer.checks)


def test_without_quotes_nothing_is_said(
    bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lying(monkeypatch, "7.6%", "7.1%")
    monkeypatch.setattr(qa.chain, "release", lambda *_: None)
    answer = bundled_chain.ask("越城区2023年GDP增长多少?")
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"
    assert answer.withheld == 1


def test_every_figure_that_leaves_has_its_check(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("上城区2023年GDP是多少?")
    assert [(c.figure, c.citation) for c in answer.checks] == [("2668.5亿元", 1), ("4.3%", 1)]
    assert all(check.supported for check in answer.checks)


def test_what_was_asked_lately_is_recalled_with_its_turns(bundled_chain: Chain) -> None:
    chain = Chain(bundled_chain.searcher, kept=2)
    question, turns = "支出呢?", ["荔湾区去年一般公共预算收入是多少?"]
    first = chain.ask(question, turns)
    again = chain.ask(question, turns)
    assert replace(again, timings_ms={}) == replace(first, timings_ms={})
    assert set(first.timings_ms) == {"understand", "search", "answer"}
    assert set(again.timings_ms) == {"recall"}
    assert chain.ask(question).text != first.text


def test_what_was_asked_long_ago_is_made_anew(bundled_chain: Chain) -> None:
    chain = Chain(bundled_chain.searcher, kept=1)
    for question in ("越城区2023年GDP增长多少?", "你好"):
        chain.ask(question)
    assert "recall" not in chain.ask("越城区2023年GDP增长多少?").timings_ms
