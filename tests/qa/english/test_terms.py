import math

import numpy as np
import pytest

from embeddings import Bm25Index
from qa.english.terms import Term, folded, holding, scores, share_told


@pytest.fixture
def index() -> Bm25Index:
    texts = ["改造老旧小区30个", "新建幼儿园12所", "老旧的厂房和小区的路"]
    return Bm25Index.build(np.array([4, 5, 6], dtype=np.int64), texts)


def test_a_passage_holds_a_word_if_it_has_all_its_pairs(index: Bm25Index) -> None:
    assert holding("老旧小区", index).tolist() == [0]
    assert holding("老旧", index).tolist() == [0, 2]
    assert holding("博物馆", index).tolist() == []


def test_wordings_of_a_term_count_once_and_terms_by_weight(index: Bm25Index) -> None:
    terms = [
        Term("old compounds", ("老旧小区", "小区"), 2.0),
        Term("kindergarten", ("幼儿园",), 0.5),
    ]
    assert scores(terms, index).tolist() == [2.0, 0.5, 2.0]


def test_the_share_told_is_that_of_the_weights() -> None:
    terms = [Term("old compounds", ("老旧小区",), 3.0), Term("cinemas", (), 1.0)]
    assert share_told(terms, "改造老旧小区") == 0.75
    assert share_told(terms, "没有") == 0.0
    assert share_told([], "改造老旧小区") == 0.0


def test_full_width_print_is_folded() -> None:
    term = Term("PM2.5", ("pm2.5",), 1.0)
    assert term.told_in(folded("ＰＭ２.５平均浓度"))
    assert math.isclose(share_told([term], "ＰＭ２.５平均浓度"), 1.0)
