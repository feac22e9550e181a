from dataclasses import replace

import pytest

from qa.chain import Chain
from qa.questions import Question
from qa.ranking import Hit, Ranker, Weights, with_quotas
from qa.reports.report import Passage, Report
from qa.search import Searcher
from tests.conftest import ChainOver, Invented

SURVEY = Question("哪几份报告提到了亚运", "zh", survey=True)


def hit(report: str, score: float) -> Hit:
    start = int(score * 1000)
    passage = Passage(report, f"{report}.txt", start, start + 1, "x", (), "review", None, ())
    return Hit(passage, Report(report, report, f"{report}.txt", 0, 2000), score)


def order(hits: list[Hit], question: Question, k: int = 10) -> list[tuple[str, float]]:
    return [(one.report.report_id, one.score) for one in with_quotas(hits, question, k)]


def test_a_second_passage_waits_for_another_report_of_like_score() -> None:
    hits = [hit("a", 1.4), hit("a", 1.3), hit("b", 1.2), hit("c", 1.1)]
    # The second of a counts 1.3 - .3.
    assert order(hits, SURVEY) == [("a", 1.4), ("b", 1.2), ("c", 1.1), ("a", 1.3)]


def test_a_report_far_behind_takes_no_turn_in_a_survey() -> None:
    hits = [hit("a", 1.4), hit("b", 1.3), hit("a", 1.2), hit("c", 0.3)]
    assert order(hits, SURVEY) == [("a", 1.4), ("b", 1.3), ("a", 1.2), ("c", 0.3)]
    assert order(hits, SURVEY, 2) == [("a", 1.4), ("b", 1.3)]


def test_the_third_passage_of_a_report_waits_longer_than_its_second() -> None:
    hits = [hit("a", 1.9), hit("a", 1.8), hit("a", 1.7), hit("b", 1.2)]
    # 1.9, 1.8 - .3, 1.7 - .6.
    assert order(hits, SURVEY) == [("a", 1.9), ("a", 1.8), ("b", 1.2), ("a", 1.7)]


def test_places_compared_take_strict_turns(chain_over: ChainOver) -> None:
    chain = chain_over(
        Invented(
            "越城区", 2024, review="老旧小区改造30个。\n老旧小区改造提速。\n老旧小区加装电梯。"
        ),
        Invented("上城区", 2024, review="改造小区。"),
    )
    hits = chain.search("越城区和上城区老旧小区改造哪个多", k=2).hits
    assert {one.report.place for one in hits} == {"越城区", "上城区"}


@pytest.fixture
def told_and_spoken_of(chain_over: ChainOver) -> Chain:
    """The review speaks of an indicator without a figure, the plan states it once."""
    spoken = "固定资产投资是关键,固定资产投资要抓项目,抓固定资产投资就是抓发展。"
    filler = "我们加强绿化、教育、文化和养老工作,群众满意度不断提高。" * 12
    return chain_over(
        Invented(
            "越城区",
            2024,
            review=f"{spoken}\n{filler}\n{filler}",
            plan=f"{filler}\n{filler}\n粮食产量稳定,进出口稳中提质,城乡居民收入稳步提高,固定资产投资增长8%。",
        )
    )


def test_the_passage_that_states_the_figure_comes_before_one_that_only_speaks_of_it(
    told_and_spoken_of: Chain,
) -> None:
    library = told_and_spoken_of.searcher.library
    blind = Searcher(library, None, replace(Weights(), fact=0.0, name=0.0))
    question = "越城区固定资产投资增长多少"
    assert "是关键" in blind.search(question).hits[0].passage.text
    assert "增长8%" in told_and_spoken_of.search(question).hits[0].passage.text


def test_what_facts_add_is_told_apart_from_what_was_found(told_and_spoken_of: Chain) -> None:
    best = told_and_spoken_of.search("越城区固定资产投资增长多少").hits[0]
    weights = Weights()
    added = weights.fact * best.features["fact"] + weights.name * best.features["name"]
    assert best.features["fact"] == 1.0
    assert best.score == pytest.approx(best.features["found"] + added)


def test_facts_lift_no_passage_of_another_place(bundled_chain: Chain) -> None:
    ranker = Ranker(
        bundled_chain.searcher.library, None, replace(Weights(), fact=100.0, name=100.0)
    )
    question = bundled_chain.searcher.understand("海曙区GDP增长多少")
    held = bundled_chain.searcher.library.reports
    only = [report_id for report_id, one in held.items() if one.place == "海曙区"]
    assert {one.report.place for one in ranker.rank(question, only)} == {"海曙区"}
