import pytest

from qa.chain import Chain
from tests.conftest import ChainOver, Invented
from tests.qa.reports.written import PLAN


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "海曙区2023年政府工作报告全文是几月几号挂到网上的,来源是哪家媒体?",
            {"2023年2月8日": "发布时间: 2023-02-08 09:22:59", "海曙新闻网": "来源: 海曙新闻网"},
        ),
        ("绍兴市2021年政府工作报告什么时候发布的?", {"2021年2月3日": "发布日期:2021-02-03 11:57"}),
        (
            "绍兴市的政府工作报告是几号挂到网上的,来源是哪家媒体?",
            {
                "2021年2月3日": "发布日期:2021-02-03 11:57",
                "绍兴市政府门户网站": "信息来源:绍兴市政府门户网站",
            },
        ),
        (
            "When was Haishu District's 2023 work report published?",
            {"2023-02-08": "发布时间: 2023-02-08 09:22:59"},
        ),
    ],
)
def test_day_and_publisher_are_told_with_the_page_s_line(
    bundled_chain: Chain, question: str, told: dict[str, str]
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.status == "answered"
    assert all(value in answer.text for value in told)
    assert [citation.quote for citation in answer.citations] == list(told.values())
    for citation in answer.citations:
        text = bundled_chain.searcher.library.source_text(citation.report_id)
        assert text[citation.start : citation.end] == citation.quote


def test_what_the_page_does_not_print_is_a_note(chain_over: ChainOver) -> None:
    chain = chain_over(Invented("绍兴市", 2026, PLAN, above="来源\uff1a绍兴日报"))
    answer = chain.ask("绍兴市的政府工作报告是几号挂到网上的,来源是哪家媒体?")
    assert answer.status == "partial"
    assert "绍兴日报" in answer.text
    assert any("发布日期" in note for note in answer.notes)


def test_the_line_is_among_what_a_search_finds_for_such_a_question_alone(
    bundled_chain: Chain,
) -> None:
    asked = bundled_chain.search("海曙区政府工作报告的来源是哪家媒体?")
    assert asked.hits[0].passage.text == "来源: 海曙新闻网"
    others = bundled_chain.search("海曙区的财政收入来源是什么?")
    assert all(hit.passage.headings for hit in others.hits)


@pytest.mark.parametrize(
    "question", ["海曙区报告中提到的民生实事何时公布?", "报告里的资金来源是哪家媒体?"]
)
def test_what_a_report_tells_of_other_publications_is_left_to_search(
    bundled_chain: Chain, question: str
) -> None:
    answer = bundled_chain.ask(question)
    assert "发布于" not in answer.text
    assert "网页来源" not in answer.text
