import pytest

from qa.answers.parts import parts_of
from qa.questions import understand


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "海曙区搞“拔钉清零”,2022年清掉多少个地块,2023年又计划清掉多少个?",
            ["海曙区搞“拔钉清零”,2022年清掉多少个地块", "2023年又计划清掉多少个"],
        ),
        (
            "浙江粮食是“几连丰”了?去年产了多少,今年定的目标是多少?",
            ["浙江粮食是“几连丰”了", "去年产了多少", "今年定的目标是多少"],
        ),
        (
            "艺术中心当初定的是几月竣工、几月开馆?后来省里的报告说建成了没有?",
            ["艺术中心当初定的是几月竣工、几月开馆", "后来省里的报告说建成了没有"],
        ),
        (
            "2022年和2024年两份国务院报告,城镇新增就业的当年目标各是多少?各自前一年实际完成了多少?",
            [
                "2022年的国务院报告,城镇新增就业的今年的目标是多少",
                "去年实际完成了多少",
                "2024年的国务院报告,城镇新增就业的今年的目标是多少",
                "去年实际完成了多少",
            ],
        ),
        (
            "How many lifts were fitted in 2025, and how many are planned for 2026?",
            ["How many lifts were fitted in 2025", "and how many are planned for 2026?"],
        ),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_of_another_time_or_report(
    question: str, parts: list[str]
) -> None:
    assert [part.text for part in parts_of(understand(question))] == parts


@pytest.mark.parametrize(
    "question",
    [
        "越城区2023年GDP多少亿,增速多少?",
        "越城区2023年接待了多少游客,比上年涨了多少?",
        "荔湾想把工业的份额提到多高,打算花几年?",
        "绍兴市2021年要给哪两位名人办活动?各是多少周年?",
        "农业税是怎么取消的?按国务院几次报告梳理一下。",
        "甘肃“十四五”期间哪块地方的经济总量翻了一番,过了多少亿?",
    ],
)
def test_what_one_sentence_tells_is_not_taken_apart(question: str) -> None:
    assert parts_of(understand(question)) == []


def test_a_part_leans_on_the_turns_and_the_parts_before_it() -> None:
    parts = parts_of(understand("去年建了多少公里?今年计划建多少公里?", ("越城区的绿道?",)))
    assert [part.turns for part in parts] == [
        ("越城区的绿道?",),
        ("越城区的绿道?", "去年建了多少公里"),
    ]


def test_what_points_back_asks_for_the_difference_of_the_two_turns_before() -> None:
    question = understand("2024年的报告定的是多少?比刚才那个多了多少?", ("2022年的就业目标?",))
    last = parts_of(question)[-1]
    assert last.text == "相差多少?"
    assert last.words == "比刚才那个多了多少"
