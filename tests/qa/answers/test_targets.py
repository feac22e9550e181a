import pytest

from qa.answers.targets import answer_with_targets
from qa.chain import Chain
from tests.conftest import ChainOver, Invented


@pytest.mark.parametrize(
    "question",
    [
        "把越城区2024年的主要预期目标都列一下。",
        "越城区2024年经济社会发展的主要预期目标是什么?",
        "越城区今年定了哪些目标?",
    ],
)
def test_all_targets_of_a_year_are_quoted_whole(bundled_chain: Chain, question: str) -> None:
    answer = bundled_chain.ask(question)
    assert "地区生产总值增长7%以上" in answer.text
    assert "完成上级下达的能源环境任务。" in answer.text
    assert len(answer.citations) == 1


def test_targets_set_line_by_line_are_quoted_with_what_announces_them(
    chain_over: ChainOver,
) -> None:
    lines = "今年发展的主要预期目标是:\n生产总值增长6%;城镇新增就业3万人。\n粮食产量达到20万吨。\n下面报告重点工作。"
    chain = chain_over(Invented("绍兴市", 2022, plan=lines))
    text = chain.ask("绍兴市2022年的主要预期目标有哪些?").text
    assert "增长6%" in text
    assert "20万吨" in text
    assert "重点工作" not in text


def test_the_targets_of_a_year_never_stand_for_those_of_a_plan(chain_over: ChainOver) -> None:
    plan = "2022年主要预期目标是:生产总值增长6%,城镇新增就业3万人。"
    chain = chain_over(Invented("绍兴市", 2022, plan=plan))
    assert "6%" not in chain.ask("绍兴市“十四五”的主要目标有哪些?").text


@pytest.mark.parametrize(
    "question", ["主要预期目标有哪些?", "越城区有哪些环保目标?", "越城区GDP目标是什么?"]
)
def test_targets_of_one_thing_or_of_no_place_are_left_to_other_ways(
    bundled_chain: Chain, question: str
) -> None:
    findings = bundled_chain.search(question)
    assert answer_with_targets(findings, bundled_chain.searcher.library) is None
