import pytest

from qa.places import THE_NATION, Place, by_full_name, by_nickname, by_short_name, resolve
from qa.questions import understand
from tests.qa.test_questions import asked, places


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


def test_places_that_a_report_is_to_speak_of_are_not_whose_report_is_asked() -> None:
    question = asked("1998年国务院报告里写澳门哪天回归?")
    assert places(question) == ["全国"]
    assert question.spoken_of == ("澳门",)
    assert places(asked("上城区和越城区2023年GDP增长多少?")) == ["上城区", "越城区"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“海曙经验”是什么?", []),
        ("“越城区”2023年GDP增长多少?", ["越城区"]),
        ("“海曙”2022年GDP增长多少?", ["海曙区"]),
    ],
)
def test_a_place_in_quotes_is_one_if_nothing_follows_it_there(
    text: str, expected: list[str]
) -> None:
    assert places(asked(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("魔都2025年外贸怎么样?", ["上海市"]),
        ("羊城今年的GDP目标", ["广州市"]),
        ("羊城晚报报道了什么?", []),
        ("鹏城实验室取得了什么突破?", []),
        ("榕城区2023年GDP", ["榕城区"]),
    ],
)
def test_a_nickname_is_the_name_of_its_city(text: str, expected: list[str]) -> None:
    assert places(asked(text)) == expected


def test_no_nickname_is_the_name_of_another_division() -> None:
    assert not {*by_nickname()} & {*by_short_name(), *by_full_name()}


@pytest.mark.parametrize("rank", ["第一个", "首个", "首批", "唯一的", "最大的", "率先"])
def test_the_nation_that_something_is_ranked_in_is_not_the_place_asked(rank: str) -> None:
    assert not asked(f"全国{rank}友好乡镇是哪里?").places
    assert places(asked("全国第三产业增长多少?")) == [THE_NATION.name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("粤2025年GDP增速", ["广东省"]),
        ("去年粤GDP增长多少", ["广东省"]),
        ("粤的一般公共预算收入", ["广东省"]),
        ("浙粤两省2026年GDP目标哪个高", ["浙江省", "广东省"]),
        ("浙、粤、川三省谁的GDP高", ["浙江省", "广东省", "四川省"]),
        ("京沪2025年GDP增速各是多少", ["北京市", "上海市"]),
        ("贵省2025年GDP", ["贵州省"]),
        ("内蒙今年煤炭产量目标", ["内蒙古自治区"]),
        ("沪苏湖高铁什么时候通车", []),
        ("京津冀2025年协同发展", []),
        ("新增加值是多少", []),
        ("今年新一般公共预算", []),
        ("陕甘宁革命老区", []),
        ("京东集团2025年的投资", []),
    ],
)
def test_one_letter_is_a_province_where_it_can_be_nothing_else(
    text: str, expected: list[str]
) -> None:
    assert [mention.place.name for mention in understand(text, held=[]).places] == expected


def test_letters_are_cut_out_of_the_words_looked_for() -> None:
    question = understand("浙粤两省2026年机器人产量", held=[])
    assert "两省" not in question.core
    assert "粤" not in question.core


def test_short_names_that_are_everyday_words_are_no_places() -> None:
    assert not understand("西部陆海新通道", held=[]).places
    assert not understand("公安打掉多少团伙", held=[]).places
    assert understand("路桥区2025年GDP", held=[]).places


def test_a_short_name_before_a_full_one_is_no_word_to_look_for() -> None:
    question = asked("浙江越城区 固定资产投资 2023")
    assert places(question) == ["越城区"]
    assert "浙江" not in question.rest
