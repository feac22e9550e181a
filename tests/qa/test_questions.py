import pytest

from qa.places import THE_NATION, Place, resolve
from qa.questions import Question, understand

NAMES = ("越城区", "上城区", "海曙区", "绍兴市", "荔湾区", "临淄区")
HELD = tuple(place for name in NAMES if (place := resolve(name)))


def asked(text: str, *turns: str) -> Question:
    return understand(text, turns, HELD)


def places(question: Question) -> list[str]:
    return [mention.place.name for mention in question.places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("越城区2023年GDP增长多少?", ["越城区"]),
        ("杭州上城区2023年GDP多少亿", ["上城区"]),
        ("绍兴市越城区去年GDP", ["越城区"]),
        ("绍兴市和越城区哪个增得快?", ["绍兴市", "越城区"]),
        ("2024年未来社区建设计划,越城、上城各几个?", ["越城区", "上城区"]),
        ("海曙区哪个乡镇成了全国首个友好乡镇?", ["海曙区"]),
        ("2022年拿到宁波全市首家资格的海曙区会计师事务所", ["海曙区"]),
        ("柯桥区2023年GDP增长多少", ["柯桥区"]),
        ("2012年国务院报告:2011年公共财政收入", [THE_NATION.name]),
        ("报告里写了哪些资源和合作项目?", []),
    ],
)
def test_places_are_those_asked_about(text: str, expected: list[str]) -> None:
    assert places(asked(text)) == expected


def test_a_short_name_before_another_noun_may_mean_a_part_of_the_place() -> None:
    (mention,) = asked("绍兴儿童公园的改造是跟谁合作的").places
    assert mention.place == resolve("绍兴市")
    assert mention.loose
    assert not asked("绍兴2020年财政收入").places[0].loose


def test_a_held_place_wins_over_a_namesake() -> None:
    nanjing = Place("320106", "鼓楼区")
    (mention,) = understand("鼓楼区去年GDP", held=[nanjing]).places
    assert mention.place == nanjing


@pytest.mark.parametrize(
    ("text", "years", "report_years", "relative"),
    [
        ("海曙区2022年固投增速", (2022,), (), ()),
        ("去年和今年各多少", (), (), (-1, 0)),
        ("绍兴市2020年GDP比上年增长了多少", (2020,), (), ()),
        ("2026年上海政府工作报告里,GDP去年增长多少", (), (2026,), (-1,)),
        ("2012年国务院报告:2011年公共财政收入", (2011,), (2012,), ()),
        ("2013—2015年年均增长多少", (2013, 2015, 2014), (), ()),
        ("“十三五”末达到多少", (2020,), (), ()),
        ("According to the State Council's 2010 report, income in 2009?", (2009,), (2010,), ()),
    ],
)
def test_years_of_figures_and_of_reports_are_told_apart(
    text: str, years: tuple[int, ...], report_years: tuple[int, ...], relative: tuple[int, ...]
) -> None:
    question = asked(text)
    assert (question.years, question.report_years) == (years, report_years)
    assert question.relative == relative


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("上城区今年GDP目标是多少", "target"),
        ("荔湾区打算出让多少宗地", "target"),
        ("荔湾区去年完成了多少", "actual"),
        ("荔湾区一般公共预算收入", None),
    ],
)
def test_status_is_told_by_cues_and_left_open_without(text: str, status: str | None) -> None:
    assert asked(text).status == status


def test_indicators_are_found_under_colloquial_names() -> None:
    question = asked("海曙区2022年固投增速")
    assert [indicator.name for indicator in question.indicators] == ["固定资产投资"]
    assert "固投" not in question.rest


def test_search_words_lose_places_years_and_question_words() -> None:
    assert asked("请问越城区2023年的老旧小区是多少?").core == "老旧小区 ?"


def test_a_follow_up_takes_place_and_subject_from_the_turns_before() -> None:
    question = asked("支出呢?", "荔湾区去年一般公共预算收入是多少?")
    assert places(question) == ["荔湾区"]
    assert question.relative == (-1,)
    assert "一般公共预算收入" in question.context


def test_a_follow_up_keeps_its_own_year() -> None:
    question = asked("那2023年打算增长几个点?", "海曙区2022年的一般公共预算收入是多少?")
    assert question.years == (2023,)
    assert question.status == "target"


def test_a_question_that_stands_alone_forgets_the_place_before() -> None:
    question = asked("上城区2024年要装几部电梯?", "越城区去年GDP?")
    assert places(question) == ["上城区"]
    assert question.context == ""


def test_questions_over_all_reports_are_surveys() -> None:
    assert asked("哪几份报告提到了亚运?").survey
    assert asked("把给出零售总额的区从高到低排一下").survey
    assert not asked("越城区哪几个区块要改造?").survey


@pytest.mark.parametrize(("text", "language"), [("GDP多少", "zh"), ("GDP of Yuecheng?", "en")])
def test_language_is_that_of_the_question(text: str, language: str) -> None:
    assert asked(text).language == language


@pytest.mark.parametrize("text", ["", "?", "   ", "\n"])
def test_nothing_asked_is_understood_as_nothing(text: str) -> None:
    question = asked(text)
    assert question.places == ()
    assert question.core.strip("? ") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What was Yuecheng's GDP growth in 2023?", ["越城区"]),
        ("GDP target of Shangcheng District", ["上城区"]),
        ("How fast did Inner Mongolia grow?", ["内蒙古自治区"]),
        ("What was the GDP growth of 越城区 in 2023?", ["越城区"]),
        ("How many people found work?", []),
    ],
)
def test_places_named_in_english_are_found(text: str, expected: list[str]) -> None:
    question = asked(text)
    assert question.language == "en"
    assert places(question) == expected
