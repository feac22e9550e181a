import re

import pytest

from qa.chain import Chain
from qa.library.library import Library
from qa.scope import find_scope
from qa.search import Searcher


@pytest.fixture(scope="module")
def lexical(bundled_library: Library) -> Searcher:
    return Searcher(bundled_library, None)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("城镇新增就业", "城镇新增就业|新增城镇就业"),
        ("粮食产量", "粮食总?产量"),
        ("高新技术企业", "高新技术企业"),
        ("一般公共预算收入", "一般公共预算收入"),
    ],
)
def test_the_lexical_leg_alone_finds_chinese_keywords(
    lexical: Searcher, query: str, named: str
) -> None:
    findings = lexical.search(query, k=3)
    assert not findings.dense
    assert len(findings.hits) == 3
    for hit in findings.hits:
        assert re.search(named, hit.passage.text)


def test_every_hit_is_a_slice_of_its_source(bundled_chain: Chain) -> None:
    library = bundled_chain.searcher.library
    for query in ("老旧小区改造", "GDP", "哪几个区提到了亚运", "垃圾分类"):
        for hit in bundled_chain.search(query, k=20).hits:
            source = library.source_text(hit.passage.report_id)
            assert source[hit.passage.start : hit.passage.end] == hit.passage.text


def test_hits_come_best_first(bundled_chain: Chain) -> None:
    scores = [hit.score for hit in bundled_chain.search("老旧小区改造", k=10).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 10


def test_a_place_is_a_filter(bundled_chain: Chain) -> None:
    hits = bundled_chain.search("海曙区老旧小区", k=20).hits
    assert {hit.report.place for hit in hits} == {"海曙区"}


def test_a_place_that_is_not_held_finds_nothing_and_says_so(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("柯桥区2023年GDP增长多少")
    assert findings.hits == ()
    assert findings.scope.missing == "place_not_held"
    assert [place.name for place in findings.scope.absent] == ["柯桥区"]


def test_a_year_that_no_report_speaks_of_finds_nothing_and_says_so(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("越城区1999年GDP增长多少")
    assert findings.hits == ()
    assert findings.scope.missing == "period_not_held"


def test_a_loose_place_reaches_the_districts_below_it(bundled_chain: Chain) -> None:
    hits = bundled_chain.search("绍兴儿童公园的改造是跟谁合作的").hits
    assert "儿童公园" in hits[0].passage.text
    assert hits[0].report.place == "越城区"


def test_the_plan_and_the_review_are_told_apart(bundled_chain: Chain) -> None:
    target = bundled_chain.search("荔湾区今年一般公共预算收入目标").hits[0].passage
    result = bundled_chain.search("荔湾区去年一般公共预算收入完成多少").hits[0].passage
    assert (target.kind, result.kind) == ("plan", "review")


def test_compared_places_take_turns(bundled_chain: Chain) -> None:
    hits = bundled_chain.search("2023年固定资产投资,上城区和越城区哪个增得快?", k=4).hits
    assert [hit.report.place for hit in hits].count("上城区") == 2


def test_surveys_hear_every_report_before_any_twice(bundled_chain: Chain) -> None:
    hits = bundled_chain.search("哪几份报告提到了老旧小区?", k=8).hits
    assert len({hit.report.report_id for hit in hits}) == 8


@pytest.mark.parametrize(
    "question",
    [
        "荔湾、临淄、“吴越名城”那个区和洪楼、唐冶那个区,哪几个给今年的社会消费品零售总额定了增长目标?",
        "洪楼、唐冶那个区和“吴越名城”那个区,去年固定资产投资哪个增得快?和荔湾、临淄比呢?",
    ],
)
def test_every_report_that_words_stand_for_is_searched(bundled_chain: Chain, question: str) -> None:
    findings = bundled_chain.search(question, k=20)
    held = bundled_chain.searcher.library.reports
    places = [held[report_id].place or "" for report_id in findings.scope.report_ids]
    assert sorted(places) == ["", "", "临淄区", "荔湾区"]


def test_words_and_sense_find_more_than_words_alone(
    bundled_chain: Chain, lexical: Searcher
) -> None:
    question = "上城为了让老楼住户不用爬楼,2024年要装几部电梯?"
    ranks = [
        next(
            i
            for i, h in enumerate(s.search(question, 20).hits)
            if "加装电梯100台" in h.passage.text
        )
        for s in (bundled_chain.searcher, lexical)
    ]
    assert ranks[0] <= ranks[1]


def test_scope_is_everything_where_nothing_is_named(bundled_library: Library) -> None:
    searcher = Searcher(bundled_library, None)
    scope = find_scope(searcher.understand("老旧小区"), bundled_library.reports.values())
    assert scope.report_ids == frozenset(bundled_library.reports)
    assert scope.missing is None


@pytest.mark.parametrize(
    ("question", "held"),
    [
        # Reports look ahead to 2030; none is on its work.
        ("2030年重点工作", False),
        ("2030年的主要任务有哪些", False),
        ("What are the key tasks of 2030?", False),
        ("上城区2024年重点工作", True),
        ("海曙区2022年工作回顾", True),
        ("2030年的人口目标是多少", True),
    ],
)
def test_the_work_of_a_year_is_asked_of_reports_on_that_year(
    lexical: Searcher, question: str, held: bool
) -> None:
    assert (lexical.search(question).scope.missing is None) is held
