import pytest

from qa.places import resolve
from qa.questions import Question, understand

NAMES = ("越城区", "上城区", "海曙区", "绍兴市", "荔湾区", "临淄区")
HELD = tuple(place for name in NAMES if (place := resolve(name)))


def asked(text: str, *turns: str) -> Question:
    return understand(text, turns, HELD)


def places(question: Question) -> list[str]:
    return [mention.place.name for mention in question.places]


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
        ("2010、2012和2014年国务院报告里的财政补助", (), (2010, 2012, 2014), ()),
        ("2022年与2024年的报告里的财政补助", (), (2022, 2024), ()),
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
        ("GDP增长目标从多少调到了多少", "target"),
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


def test_quoted_terms_are_neither_cut_nor_places() -> None:
    assert "“浙里办”" in asked("什么是“浙里办”").core
    assert places(asked("获评“全国乡村特色产业超十亿元镇”的是哪个街道?")) == []


def test_a_quoted_name_of_a_district_is_an_anchor() -> None:
    assert "吴越名城" in asked("“吴越名城”区城镇居民人均可支配收入多少元?").anchor
    assert "天目" in asked("“天目”“吴越”那份区报告里,哪三个镇街成了样板?").anchor


def test_the_year_in_the_name_of_games_is_not_asked_about() -> None:
    assert asked("哪一年赢得2008年奥运会举办权?").years == ()
    assert asked("2008年GDP增长多少?").years == (2008,)


def test_a_follow_up_that_names_another_thing_forgets_the_indicator() -> None:
    other = asked("蔬菜呢?", "广东2026年粮食产量目标是多少?")
    assert other.indicators == ()
    assert other.context == "产量"
    assert [i.name for i in asked("目标呢?", "越城区2023年GDP增长多少?").indicators] == [
        "地区生产总值"
    ]
    assert [i.name for i in asked("农村呢?", "海曙区2022年城镇居民收入增长多少?").indicators] == [
        "农村居民人均可支配收入"
    ]


def test_an_echo_at_the_end_asks_a_second_indicator() -> None:
    for text in (
        "海曙区2022年城镇居民收入增长多少,农村呢?",
        "城镇居民人均可支配收入是农村居民的多少倍?",
    ):
        assert [i.name for i in asked(text).indicators] == [
            "城镇居民人均可支配收入",
            "农村居民人均可支配收入",
        ]
    assert len(asked("五年累计民生支出有多少,占比多高?").indicators) == 1
    assert "农村" not in asked("海曙区2022年城镇居民收入增长多少,农村呢?").rest


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("上城区信访总量降了百分之几?", "actual"),
        ("出让了几宗地?", "actual"),
        ("2023年外贸想增长多少?", "target"),
        ("新认定的高新技术企业有多少家?", None),
    ],
)
def test_verbs_tell_what_was_done_from_what_is_wished(text: str, status: str | None) -> None:
    assert asked(text).status == status


def test_a_follow_up_with_a_year_of_its_own_leaves_the_report_named_before() -> None:
    question = understand("2018年那次安排的是多少?", ["2024年国务院政府工作报告里赤字率是多少?"])
    assert question.years == (2018,)
    assert question.report_years == ()


def test_in_which_respects_is_not_asked_of_all_places() -> None:
    assert not understand("提出建设“吴越名城”的区还有哪些地方做得不够?").survey
    assert understand("哪些地方还没有通地铁?").survey


def test_places_within_a_place_told_by_its_own_words_are_no_survey() -> None:
    question = understand("提出建设“吴越名城”的区,哪几个地方成了省级样板?")
    assert "吴越名城" in question.anchor
    assert not question.survey
    assert understand("哪几个地方提出建设“吴越名城”?").survey


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("农村居民人均纯收入增长多少,城镇呢", ["农村居民人均纯收入", "城镇居民人均可支配收入"]),
        (
            "城镇居民人均可支配收入增长多少,农村呢",
            ["城镇居民人均可支配收入", "农村居民人均可支配收入"],
        ),
        ("农村居民人均纯收入增长多少,全省呢", ["农村居民人均纯收入"]),
    ],
)
def test_an_echo_names_what_stands_beside_the_indicator(text: str, named: list[str]) -> None:
    assert [indicator.name for indicator in understand(text).indicators] == named


@pytest.mark.parametrize("text", ["各区2023年GDP增速列个表", "各区呢"])
def test_a_question_over_all_reports_takes_no_place_from_the_turn_before(text: str) -> None:
    question = understand(text, ["2023年固定资产投资,上城区和越城区哪个增得快?"])
    assert question.survey
    assert question.places == ()


def test_a_survey_that_names_its_subject_takes_none_from_the_turn_before() -> None:
    question = understand("各区2023年GDP增速列个表", ["2023年固定资产投资,上城区增长多少?"])
    assert [indicator.name for indicator in question.indicators] == ["地区生产总值"]
    assert question.context == ""
    assert [i.name for i in understand("各区呢", ["上城区2023年固投增速?"]).indicators] == [
        "固定资产投资"
    ]


def test_years_of_the_turns_before_are_known_to_be_theirs() -> None:
    earlier = ["越城区2023年GDP增长多少?"]
    assert understand("目标呢?", earlier).years_are_inherited
    assert not understand("2023年目标呢?", earlier).years_are_inherited
    assert not understand("今年目标呢?", earlier).years_are_inherited
    assert not understand("目标呢?", ["越城区GDP增长多少?"]).years_are_inherited


@pytest.mark.parametrize(
    "text", ["绍兴市2024年增长目标是多少", "绍兴市今年定了多少的增长目标", "绍兴市2023年增速是多少"]
)
def test_growth_of_nothing_named_is_that_of_the_economy(text: str) -> None:
    assert [indicator.name for indicator in asked(text).indicators] == ["地区生产总值"]


@pytest.mark.parametrize(
    "text", ["2023年增长了多少", "绍兴市2023年游客增长了多少", "绍兴市增长的动力是什么"]
)
def test_growth_of_something_or_of_nowhere_is_not(text: str) -> None:
    assert not [i for i in asked(text).indicators if i.name == "地区生产总值"]


@pytest.mark.parametrize("text", ["绍兴市体育彩票卖了多少亿元?", "绍兴市体育彩票卖了多少万元"])
def test_the_unit_asked_for_is_no_word_to_look_for(text: str) -> None:
    assert asked(text).core.rstrip("? ") == "体育彩票卖"


def test_years_say_when_and_not_what() -> None:
    assert asked("绍兴市2023年房价怎么样").sense == "房价怎么样"
