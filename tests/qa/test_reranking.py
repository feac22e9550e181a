from collections.abc import Callable, Sequence

import numpy as np
import pytest

from embeddings.errors import EmbeddingError, ModelFailedError
from embeddings.vectors import Vectors
from qa.chain import Chain
from qa.questions import Question, understand
from qa.ranking import Hit
from qa.reports.report import Passage, Report
from qa.reranking import asked, rerank, told
from qa.search import Searcher
from tests.conftest import ChainOver, Invented

QUESTION = Question("老旧小区改造多少个", "zh")


class KnownScores:
    """A cross-encoder's double: the score of a text by a function of it, and what it was asked."""

    def __init__(self, score: Callable[[str], float]) -> None:
        self.score = score
        self.questions: list[str] = []
        self.texts: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        self.questions.append(question)
        self.texts += texts
        return np.array([self.score(text) for text in texts], np.float32)


class Failing:
    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        raise ModelFailedError("out of memory", "use another")


def hit(text: str, score: float, status: float = 0.0, period: float = 0.0) -> Hit:
    passage = Passage(
        "r", "r.txt", 0, len(text), text, ("一、回顾", "(一)民生"), "review", None, ()
    )
    report = Report("r", "r", "r.txt", 0, 100)
    return Hit(passage, report, score, {"status": status, "period": period})


def order(hits: list[Hit], scores: dict[str, float]) -> list[tuple[str, float]]:
    double = KnownScores(lambda text: scores[text.rsplit("\n", 1)[-1]])
    return [(one.passage.text, one.score) for one in rerank(hits, QUESTION, double)]


def test_half_the_order_is_the_models_half_the_first_rankings() -> None:
    hits = [hit("a", 3.0), hit("b", 2.0), hit("c", 1.0)]
    # First: 1, .5, 0. Model: 0, 1, .6. Together: .5, .75, .3.
    assert order(hits, {"a": -4.0, "b": 6.0, "c": 2.0}) == [("b", 3.0), ("a", 2.0), ("c", 1.0)]


def test_a_model_that_agrees_changes_nothing() -> None:
    hits = [hit("a", 3.0), hit("b", 2.0), hit("c", 1.0)]
    assert order(hits, {"a": 3.0, "b": 2.0, "c": 1.0}) == [("a", 3.0), ("b", 2.0), ("c", 1.0)]


def test_a_model_that_scores_all_alike_changes_nothing() -> None:
    hits = [hit("a", 3.0), hit("b", 2.0)]
    assert order(hits, {"a": 0.5, "b": 0.5}) == [("a", 3.0), ("b", 2.0)]


def test_only_passages_that_fit_as_well_trade_places() -> None:
    hits = [
        hit("result", 3.0, status=1.0),
        hit("plan", 2.5, status=-1.0),
        hit("other result", 2.0, status=1.0),
        hit("last", 1.0),
    ]
    scores = {"result": -9.0, "plan": 9.0, "other result": 8.0, "last": 9.0}
    # The plan is liked best and stays second; the results trade places.
    assert order(hits, scores) == [
        ("other result", 3.0),
        ("plan", 2.5),
        ("result", 2.0),
        ("last", 1.0),
    ]


def test_another_period_is_never_lifted() -> None:
    hits = [hit("2023", 1.0, period=1.0), hit("2021", 0.9, period=0.0)]
    assert [text for text, _ in order(hits, {"2023": -5.0, "2021": 5.0})] == ["2023", "2021"]


def test_the_best_24_are_read_and_the_rest_stay() -> None:
    hits = [hit(str(number), 100.0 - number) for number in range(30)]
    double = KnownScores(lambda text: float(text.rsplit("\n", 1)[-1]))
    ranked = rerank(hits, QUESTION, double)
    assert len(double.texts) == 24
    assert ranked[24:] == hits[24:]
    assert {one.passage.text for one in ranked[:24]} == {str(number) for number in range(24)}
    assert [one.score for one in ranked] == [one.score for one in hits]


def test_nothing_found_is_nothing_to_order() -> None:
    assert rerank([], QUESTION, KnownScores(len)) == []


def test_the_models_score_is_kept_among_the_features() -> None:
    (only,) = rerank([hit("a", 1.0)], QUESTION, KnownScores(lambda _: 7.5))
    assert only.features["reranker"] == 7.5


def test_a_passage_is_read_below_its_headings() -> None:
    assert told(hit("改造30个。", 1.0)) == "一、回顾\n(一)民生\n改造30个。"


def test_a_question_is_read_after_the_turn_it_leans_on() -> None:
    turns = ("绍兴老旧小区改造多少个?", "越城区老旧小区改造多少个?")
    assert asked(understand("上城呢?", turns)) == "越城区老旧小区改造多少个? 上城呢?"
    assert asked(understand("海曙区生产总值增长多少?")) == "海曙区生产总值增长多少?"


@pytest.fixture
def two_places(chain_over: ChainOver) -> Chain:
    return chain_over(
        Invented("越城区", 2024, review="老旧小区改造30个。", plan="老旧小区改造40个。"),
        Invented("上城区", 2024, review="老旧小区改造50个。", plan="老旧小区改造60个。"),
    )


def searching(chain: Chain, score: Callable[[str], float]) -> Searcher:
    return Searcher(chain.searcher.library, None, reranker=KnownScores(score))


def test_the_searcher_reads_with_the_model(two_places: Chain) -> None:
    double = KnownScores(len)
    searcher = Searcher(two_places.searcher.library, None, reranker=double)
    hits = searcher.search("越城区老旧小区改造多少个").hits
    assert double.questions == ["越城区老旧小区改造多少个"]
    assert all("reranker" in one.features for one in hits)


def test_a_place_that_was_not_asked_for_is_never_lifted(two_places: Chain) -> None:
    liking = searching(two_places, lambda text: 100.0 if "50个" in text else 0.0)
    hits = liking.search("越城区老旧小区改造多少个", k=20).hits
    assert {one.report.place for one in hits} == {"越城区"}


def test_a_plan_is_not_lifted_over_the_result_asked_for(two_places: Chain) -> None:
    liking = searching(two_places, lambda text: 100.0 if "40个" in text else 0.0)
    best = liking.search("越城区去年老旧小区改造多少个").hits[0]
    assert "30个" in best.passage.text


def test_places_compared_still_take_turns(two_places: Chain) -> None:
    liking = searching(two_places, lambda text: 100.0 if "60个" in text else 0.0)
    hits = liking.search("越城区和上城区老旧小区改造哪个多", k=2).hits
    assert {one.report.place for one in hits} == {"越城区", "上城区"}


def test_nothing_in_scope_asks_no_model(two_places: Chain) -> None:
    double = KnownScores(len)
    searcher = Searcher(two_places.searcher.library, None, reranker=double)
    assert searcher.search("柯桥区老旧小区改造多少个").hits == ()
    assert double.questions == []


def test_a_model_that_fails_is_an_error_not_the_old_order(two_places: Chain) -> None:
    searcher = Searcher(two_places.searcher.library, None, reranker=Failing())
    with pytest.raises(EmbeddingError, match="out of memory"):
        searcher.search("越城区老旧小区改造多少个")
