import pytest

from qa.answers.comparisons.sides import asks_to_compare, read_sides, topic_of
from qa.chain import Chain
from qa.questions import understand


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("越城和上城差多少个百分点?", True),
        ("哪个区增得快?", True),
        ("2025年和2020年相比还要增加多少亿元?", True),
        ("今年的目标比去年多几个?", True),
        ("两项加起来一共多少件?", True),
        ("GDP比上年增长了多少?", False),
        ("越城区GDP是多少?", False),
        ("城乡居民收入比缩小到几了?", False),
        ("民生支出占比多高?", False),
    ],
)
def test_comparisons_are_told_from_plain_questions(text: str, asked: bool) -> None:
    assert asks_to_compare(text) is asked


def test_the_frame_of_a_comparison_is_no_part_of_its_topic() -> None:
    question = understand("区重点项目今年的计划比去年多几个?")
    assert "重点项目" in topic_of(question)
    assert "多几" not in topic_of(question)


def _sides(chain: Chain, text: str, turns: tuple[str, ...] = ()) -> list[list[tuple[str, ...]]]:
    """Place, periods and statuses of each side."""
    findings = chain.search(text, turns=turns)
    return [
        [
            (side.reports[0].place or "", " ".join(side.periods), " ".join(side.statuses))
            for side in sides
        ]
        for sides in read_sides(findings, chain.searcher.library)
    ]


def test_places_are_sides_in_the_order_asked(bundled_chain: Chain) -> None:
    sides = _sides(bundled_chain, "2023年固定资产投资,上城区和越城区哪个增得快?")
    assert [[place for place, *_ in one] for one in sides] == [["上城区", "越城区"]]


def test_plan_and_result_of_one_report_are_sides(bundled_chain: Chain) -> None:
    sides = _sides(bundled_chain, "临淄区今年固定资产投资的增长目标比去年实际增速高几个点?")
    assert sides == [[("临淄区", "", "target"), ("临淄区", "", "actual estimate")]]


def test_two_years_are_sides_with_the_status_said_beside_each(bundled_chain: Chain) -> None:
    sides = _sides(bundled_chain, "绍兴市2020年的生产总值和2025年的目标相比差多少?")
    assert sides == [[("绍兴市", "2020", ""), ("绍兴市", "2025", "target")]]


def test_two_indicators_are_sides(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("2023年上城区财政总收入和一般公共预算收入差多少?")
    (sides,) = read_sides(findings, bundled_chain.searcher.library)
    assert [side.question.indicators[0].name for side in sides] == [
        "财政总收入",
        "一般公共预算收入",
    ]


def test_a_year_said_of_one_place_does_not_bind_the_other(bundled_chain: Chain) -> None:
    sides = _sides(bundled_chain, "生产安全事故起数的降幅,荔湾区和海曙区(2022年)哪个更大")
    assert [(place, period) for place, period, _ in sides[0]] == [
        ("荔湾区", ""),
        ("海曙区", "2022"),
    ]


def test_a_bare_follow_up_compares_the_turns_before(bundled_chain: Chain) -> None:
    turns = ("上城区2023年新增省级“专精特新”企业多少家?", "国家级“小巨人”呢?")
    sides = _sides(bundled_chain, "两个差多少家?", turns)
    assert [len(one) for one in sides] == [2]


def test_a_plain_question_has_no_sides(bundled_chain: Chain) -> None:
    assert _sides(bundled_chain, "越城区2023年GDP增长多少?") == []
