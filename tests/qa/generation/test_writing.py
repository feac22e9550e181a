"""Answers written by a double over real HTTP: what it gets wrong never reaches the reader."""

import random
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.mutations import mutations
from eval.statements import Statement, state
from qa.answers.answer import Answer
from qa.chain import Chain
from qa.generation.assistant import ModelAssistant
from qa.library.library import Library
from qa.settings import Settings
from tests.qa.generation.assisted import MODEL, assisted, exhibit_with
from tests.qa.generation.openai_double import JSON, Reply

GDP = "越城区2023年GDP增长多少?"
TRUE = "越城区2023年地区生产总值增长7.6%[{n}]。"
_PRINTED = "全年实现地区生产总值增长7.6%"


def script(*sentences: str, printed: str = _PRINTED) -> Callable[[JSON], Reply]:
    """Says the sentences, {n} being the number under which the printed words were shown; asked to
    repair, it has nothing to say."""

    def reply(request: JSON) -> Reply:
        if _is_repair(request):
            return Reply("没有可以改写的。")
        n = exhibit_with(request, printed)
        assert n, "the evidence was not shown"
        return Reply("".join(sentences).format(n=n))

    return reply


def _is_repair(request: JSON) -> bool:
    """True also where a question shall be said anew."""
    return len(request["messages"]) != 2


AskOf = Callable[..., Answer]


@pytest.fixture
def ask(bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path) -> AskOf:
    """Asks a question of a chain whose model says what is scripted."""

    def answered(question: str, *said: Any, turns: tuple[str, ...] = (), **given: Any) -> Answer:
        with assisted(bundled_chain, bundled_settings, tmp_path, *said, **given) as (chain, _):
            return chain.ask(question, turns)

    return answered


def test_a_true_sentence_is_released_under_the_name_of_its_model(ask: AskOf) -> None:
    answer = ask(GDP, script(TRUE))
    assert answer.text == "越城区2023年地区生产总值增长7.6%[1]。"
    assert answer.generator == MODEL
    assert answer.status == "answered"


def test_a_citation_is_the_sentence_not_the_passage_shown(
    ask: AskOf, bundled_library: Library
) -> None:
    (citation,) = ask(GDP, script(TRUE)).citations
    assert citation.quote.startswith(_PRINTED)
    assert citation.quote.count("。") <= 1
    source = bundled_library.source_text(citation.report_id)
    assert source[citation.start : citation.end] == citation.quote


def test_figures_released_are_among_the_checks(ask: AskOf) -> None:
    answer = ask(GDP, script(TRUE))
    assert [(check.figure, check.supported, check.citation) for check in answer.checks] == [
        ("7.6%", True, 1)
    ]


@pytest.mark.parametrize(
    ("wrong", "betrays"),
    [
        ("越城区2023年地区生产总值增长9.6%[{n}]。", "9.6%"),
        ("越城区2023年地区生产总值下降7.6%[{n}]。", "下降"),
        ("越城区2022年地区生产总值增长7.6%[{n}]。", "2022年"),
        ("上城区2023年地区生产总值增长7.6%[{n}]。", "上城区"),
        ("越城区2023年固定资产投资增长7.6%[{n}]。", "固定资产投资增长7.6%"),
        ("越城区2023年地区生产总值目标是增长7.6%[{n}]。", "目标"),
        ("越城区2023年地区生产总值增长7.6亿元[{n}]。", "亿元"),
        ("越城区2023年地区生产总值增长7.6%左右[{n}]。", "左右"),
        ("越城区的增速位居全国第一[{n}]。", "第一"),
        ("报告说“经济增长世界领先”[{n}]。", "世界领先"),
        ("越城区2023年地区生产总值增长11.8%[88]。", "11.8%"),
        ("我认为越城区的经济会越来越好。", "越来越好"),
    ],
)
def test_a_wrong_sentence_is_dropped_and_said_so_while_the_right_one_stays(
    ask: AskOf, wrong: str, betrays: str
) -> None:
    answer = ask(GDP, script(wrong, TRUE))
    assert betrays not in answer.text
    assert "越城区2023年地区生产总值增长7.6%[1]。" in answer.text
    assert any("没有通过核对" in note for note in answer.notes)


def test_a_true_figure_under_a_wrong_number_is_cited_anew(ask: AskOf) -> None:
    answer = ask(GDP, script(TRUE.replace("{n}", "88")))
    assert answer.text == "越城区2023年地区生产总值增长7.6%[1]。"
    assert answer.citations[0].quote.startswith(_PRINTED)


def test_a_figure_of_another_indicator_is_no_answer_though_it_is_true(ask: AskOf) -> None:
    answer = ask(GDP, script("越城区2023年固定资产投资增长9.9%[{n}]。", TRUE))
    assert "9.9%" not in answer.text
    assert "7.6%" in answer.text


def test_two_sentences_never_support_one_figure_together(ask: AskOf) -> None:
    """50亿元以上 is printed of projects, 引进总部企业 of 50家以上: neither says the other's figure."""
    answer = ask(
        "上城区2024年要引进总部企业多少家?",
        script("上城区2024年引进总部企业的目标是50亿元以上[{n}]。", printed="引进总部企业50家以上"),
    )
    assert "亿元" not in answer.text
    assert "50家以上" in answer.text


def test_what_the_model_leaves_out_is_added_from_the_reports(ask: AskOf) -> None:
    answer = ask("越城区2023年GDP和社零分别增长多少?", script(TRUE))
    assert answer.text.startswith("越城区2023年地区生产总值增长7.6%[1]。\n")
    assert "社会消费品零售总额" in answer.text.split("\n", 1)[1]
    assert any("补足" in note for note in answer.notes)


def test_a_model_that_says_nothing_right_leaves_the_exact_answer(
    ask: AskOf, bundled_chain: Chain
) -> None:
    exact = bundled_chain.ask(GDP)
    answer = ask(GDP, script("越城区2023年地区生产总值增长9.6%[{n}]。"))
    assert (answer.text, answer.citations, answer.generator) == (
        exact.text,
        exact.citations,
        "extractive",
    )
    assert any("没有通过核对" in note for note in answer.notes)


def test_a_table_made_by_code_stays_beside_the_model_s_prose(
    ask: AskOf, bundled_chain: Chain
) -> None:
    question = "越城区和上城区2023年GDP增速哪个高?"
    exact = bundled_chain.ask(question)
    answer = ask(question, script(TRUE))
    assert exact.table is not None
    assert answer.table is not None
    assert [[cell.text for cell in row] for row in answer.table.rows] == [
        [cell.text for cell in row] for row in exact.table.rows
    ]
    numbers = {citation.n for citation in answer.citations}
    assert {c.citation for row in answer.table.rows for c in row if c.citation} <= numbers


def test_a_failed_sentence_may_be_repaired_once_with_its_problem_explained(
    bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path
) -> None:
    asked: list[str] = []

    def reply(request: JSON) -> Reply:
        n = exhibit_with(request, _PRINTED)
        if _is_repair(request):
            asked.append(request["messages"][-1]["content"])
            return Reply(TRUE.format(n=n))
        return Reply(f"越城区2023年地区生产总值增长9.6%[{n}]。")

    with assisted(bundled_chain, bundled_settings, tmp_path, reply) as (chain, double):
        answer = chain.ask(GDP)
        assert len(double.requests) == 2
        assert isinstance(chain.assistant, ModelAssistant)
        tally = chain.assistant.writer.tally
    assert answer.text == "越城区2023年地区生产总值增长7.6%[1]。"
    assert "增长9.6%" in asked[0]
    assert "数字与所引资料不符" in asked[0]
    assert (tally.released, tally.repaired) == (0, 1)
    assert not answer.notes


def test_what_repeats_itself_leaves_once(ask: AskOf) -> None:
    answer = ask(GDP, script(TRUE * 50))
    assert answer.text.count("7.6%") == 1


def test_an_answer_to_a_simple_question_stays_short(ask: AskOf) -> None:
    true = [
        f"越城区2023年地区生产总值{words}增长7.6%[{{n}}]。"
        for words in ("", "比上年", "全年", "实际", "共", "全年共", "同比")
    ]
    answer = ask(GDP, script(*true * 10))
    assert len(answer.text) <= 320


def test_tokens_are_counted_in_the_answer(ask: AskOf) -> None:
    answer = ask(GDP, script(TRUE))
    assert answer.usage is not None
    assert answer.usage.input_tokens > 100
    assert answer.as_json()["usage"]["output_tokens"] == answer.usage.output_tokens


def test_the_prompt_fits_the_context_and_cuts_no_sentence(
    bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path
) -> None:
    context = 1500
    with assisted(
        bundled_chain, bundled_settings, tmp_path, script(TRUE), llm_context_tokens=context
    ) as (chain, double):
        chain.ask(GDP)
        (request,) = double.requests
    shown = request.body["messages"][1]["content"]
    assert len(shown) < context
    library = bundled_chain.searcher.library
    printed = "".join(library.source_text(r).replace("\n", "") for r in library.reports)
    lines = re.findall(r"^\[\d+\] [^:]+:(.+)$", shown, re.M)
    assert len(lines) >= 2
    passages = [part for line in lines[1:] for part in line.split("…")]
    assert all(part.replace(" ", "") in printed.replace(" ", "") for part in passages)


def test_an_english_question_is_answered_in_english_and_checked(ask: AskOf) -> None:
    answer = ask(
        "How much did GDP grow in Yuecheng in 2023?",
        script(
            "The GDP of Yuecheng District grew by 9.6% in 2023 [{n}]. ",
            "The GDP of Yuecheng District grew by 7.6% in 2023 [{n}].",
        ),
    )
    assert "9.6%" not in answer.text
    assert "7.6%" in answer.text


# --- two hundred answers ------------------------------------------------------------------------

_ANSWERS = 200
_ALTERED_EACH = 3


def test_of_200_answers_with_wrong_figures_places_years_and_markers_none_leaves_and_the_right_parts_do(
    bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path
) -> None:
    true = _statements(bundled_chain.searcher.library)
    altered = defaultdict(list)
    for mutation in mutations(true, seed=1):
        altered[mutation.statement.text].append(mutation.altered.text)
    now: list[Statement] = []
    heard = 0

    def reply(request: JSON) -> Reply:
        nonlocal heard
        if _is_repair(request):
            return Reply("没有可以改写的。")
        heard += 1
        return _answer_of(now[-1], altered[now[-1].text][:_ALTERED_EACH], request)

    leaked, lost = [], []
    with assisted(bundled_chain, bundled_settings, tmp_path, reply) as (chain, _):
        for statement in true:
            if heard == _ANSWERS:
                break
            before = heard
            now.append(statement)
            fact = statement.fact
            answer = chain.ask(f"{fact.place}{fact.period[:4]}年{fact.printed_indicator}是多少")
            if heard == before:
                continue
            told = _sentences(answer.text)
            leaked += [text for text in altered[statement.text] if _bare(text) in told]
            lost += [statement.text] if _bare(statement.text) not in told else []
            assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} == {
                citation.n for citation in answer.citations
            }
    assert heard == _ANSWERS
    assert leaked == []
    assert len(lost) <= 0.01 * _ANSWERS, lost


def _statements(library: Library) -> list[Statement]:
    facts = [held.fact for held in library.facts() if held.fact.place]
    random.Random(3).shuffle(facts)
    return [state(fact) for fact in facts[: _ANSWERS + 20]]


def _answer_of(statement: Statement, altered: list[str], request: JSON) -> Reply:
    """Altered sentences, the true one, and one more false one under a number that was not shown."""
    n = exhibit_with(request, " ".join(statement.fact.quote.split("\n"))[:20])
    said = [*altered, statement.text]
    cited = [text.replace("[1]", f"[{n}]") for text in said]
    return Reply("".join(cited) + altered[0].replace("[1]", "[99]"), chunk_chars=16)


def _sentences(text: str) -> set[str]:
    return {_bare(sentence) for sentence in re.split("(?<=。)|\n", text)}


def _bare(sentence: str) -> str:
    return re.sub(r"\[\d+\]|。", "", sentence).strip()


def test_the_last_sentence_of_an_answer_cut_at_its_limit_is_none(ask: AskOf) -> None:
    """What stands there may be half a figure, and true by chance."""
    cut = "越城区2023年固定资产投资增长9.9%[1]"

    def reply(request: JSON) -> Reply:
        text = "".join(script(TRUE, cut)(request).text)
        return Reply(text, finish_reason="length")

    answer = ask("总结一下越城区2023年的经济增长", reply)
    assert "7.6%" in answer.text
    assert "9.9%" not in answer.text


def test_a_wrong_sentence_said_again_and_again_is_dropped_once(ask: AskOf) -> None:
    wrong = "越城区2023年地区生产总值增长9.6%[{n}]。"
    answer = ask(GDP, script(wrong, wrong, wrong, TRUE))
    # The other one is what the double says when it is asked to repair.
    assert [note for note in answer.notes if "没有通过核对" in note] == [
        "语言模型写的2句话没有通过核对,已删去。"
    ]


def test_figures_that_were_compared_stay_together(ask: AskOf, bundled_chain: Chain) -> None:
    """A difference says nothing without the two figures it is of, though one was told already."""
    question = "越城区和上城区2023年GDP增速哪个高?"
    answer = ask(question, script(TRUE))
    exact = bundled_chain.ask(question)
    assert answer.text.startswith("越城区2023年地区生产总值增长7.6%[1]。")
    assert re.sub(r"\[\d+\]", "", exact.text) in re.sub(r"\[\d+\]", "", answer.text)


def test_what_code_computed_is_added_to_the_figures_it_was_computed_from(ask: AskOf) -> None:
    def reply(request: JSON) -> Reply:
        if _is_repair(request):
            return Reply("没有可以改写的。")
        first, second = (
            exhibit_with(request, printed)
            for printed in (_PRINTED, "全年实现地区生产总值2668.5亿元")
        )
        return Reply(
            f"越城区2023年地区生产总值增长7.6%[{first}]。上城区2023年地区生产总值增长4.3%[{second}]。"
        )

    answer = ask("越城区和上城区2023年GDP增速哪个高,差多少个百分点?", reply)
    assert answer.generator == MODEL
    assert "高3.3个百分点(计算)" in answer.text


@pytest.mark.parametrize(
    ("question", "said", "printed", "held"),
    [
        # Told of one of two places.
        (
            "2024年未来社区建设计划,越城、上城各几个?",
            "越城区2024年计划创成省级未来社区5个[{n}]。",
            "创成省级未来社区5个",
            "创建未来社区22个",
        ),
        # A date was asked for, a heading was cited.
        (
            "海曙区2023年政府工作报告全文是几月几号挂到网上的,来源是哪家媒体?",
            "海曙区2023年政府工作报告全文来了[{n}]!",
            "政府工作报告全文来了",
            "2023年2月8日",
        ),
    ],
)
def test_what_is_sure_of_the_quotes_is_added(
    ask: AskOf, question: str, said: str, printed: str, held: str
) -> None:
    answer = ask(question, script(said, printed=printed))
    assert answer.generator == MODEL
    assert held in answer.text
    assert len(answer.text) <= 320
