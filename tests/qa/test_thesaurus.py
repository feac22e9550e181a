import pytest

from qa.questions import understand
from qa.thesaurus import find_sayings


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("打工的保住饭碗", "稳岗"),
        ("不到三岁的娃没人带", "托位"),
        ("老楼住户不用爬楼", "加装电梯"),
        ("花在了老百姓身上", "民生支出"),
    ],
)
def test_what_people_say_finds_what_reports_print(said: str, printed: str) -> None:
    assert printed in " ".join(saying.printed for saying in find_sayings(said))


def test_a_saying_that_names_an_indicator_asks_for_it() -> None:
    question = understand("乡下人和城里人的钱包谁鼓得更快?")
    names = [indicator.name for indicator in question.indicators]
    assert names == ["城镇居民人均可支配收入", "农村居民人均可支配收入"]


def test_words_as_printed_stay_among_the_search_words() -> None:
    assert "违章建筑" in understand("拆了多少违章建筑?").rest


def test_plain_words_are_no_sayings() -> None:
    assert find_sayings("地区生产总值增长多少") == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("外贸总盘子有多大", "进出口总额"),
        ("财政盘子有多大", "一般公共预算收入"),
        ("经济总盘子多大", "地区生产总值"),
    ],
)
def test_a_total_said_colloquially_is_that_of_what_stands_before(said: str, name: str) -> None:
    assert [one.name for one in understand(said).indicators][:1] == [name]
