import math
from pathlib import Path

import numpy as np
import pytest

from embeddings.bm25_index import Bm25Index
from embeddings.errors import IndexDamagedError, IndexMismatchError

# Terms: 生产 产总 总值 | 生产 增长 | 财政 政收 收入 增长 增长: lengths 3, 2 and 5, mean 10/3.
IDS = np.array([30, 10, 20])
TEXTS = ["生产总值", "生产 增长", "财政收入,增长,增长"]


def score(frequency: int, length: int, documents: int) -> float:
    """Lucene's BM25 of one term, written out: N 3, mean length 10/3, k1 1.5, b 0.75."""
    idf = math.log(1 + (3 - documents + 0.5) / (documents + 0.5))
    return idf * frequency / (frequency + 1.5 * (1 - 0.75 + 0.75 * length / (10 / 3)))


@pytest.fixture
def index() -> Bm25Index:
    return Bm25Index.build(IDS, TEXTS)


def test_scores_are_lucene_bm25(index: Bm25Index) -> None:
    expected = [0.0, score(1, 2, 2), score(2, 5, 2)]
    np.testing.assert_allclose(index.scores("增长"), expected, rtol=1e-6)


def test_the_scores_of_terms_add_up(index: Bm25Index) -> None:
    expected = [score(1, 3, 2), score(1, 2, 2) + score(1, 2, 2), score(2, 5, 2)]
    np.testing.assert_allclose(index.scores("生产,增长"), expected, rtol=1e-6)


def test_a_term_asked_twice_counts_twice(index: Bm25Index) -> None:
    np.testing.assert_allclose(index.scores("增长 增长"), 2 * index.scores("增长"))


def test_terms_can_have_weights(index: Bm25Index) -> None:
    expected = 2 * index.scores("生产") + 0.5 * index.scores("增长")
    np.testing.assert_allclose(index.scores({"生产": 2, "增长": 0.5}), expected, rtol=1e-6)


def test_the_best_come_first_under_their_ids(index: Bm25Index) -> None:
    ids, scores = index.search("生产增长", 5)
    assert ids.tolist() == [10, 20, 30]
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_finds_no_more_than_asked_for(index: Bm25Index) -> None:
    assert index.search("增长", 1)[0].tolist() == [20]
    assert len(index.search("增长", 0)[0]) == 0


def test_documents_without_a_term_are_not_found(index: Bm25Index) -> None:
    assert index.search("总值", 5)[0].tolist() == [30]


@pytest.mark.parametrize("query", ["", "，", "天气", {}, {"天气": 2.0}])
def test_a_query_without_a_known_term_finds_nothing(
    index: Bm25Index, query: str | dict[str, float]
) -> None:
    ids, scores = index.search(query, 5)
    assert (len(ids), len(scores)) == (0, 0)


def test_only_groups_asked_for_are_found(index: Bm25Index) -> None:
    assert index.search("增长", 5, np.array([20, 30]))[0].tolist() == [20]


def test_asking_for_no_group_finds_nothing(index: Bm25Index) -> None:
    assert len(index.search("增长", 5, np.array([], np.int64))[0]) == 0


@pytest.mark.parametrize("texts", [[], ["", "，。"]])
def test_texts_without_terms_make_an_index_that_finds_nothing(
    texts: list[str], tmp_path: Path
) -> None:
    Bm25Index.build(np.arange(len(texts)), texts).save(tmp_path)
    index = Bm25Index.load(tmp_path)
    assert len(index) == len(texts)
    assert len(index.search("增长", 5)[0]) == 0


def test_a_text_without_terms_beside_others_scores_nothing() -> None:
    index = Bm25Index.build(np.array([1, 2]), ["", "增长"])
    assert index.scores("增长").tolist()[0] == 0
    assert index.search("增长", 5)[0].tolist() == [2]


@pytest.mark.parametrize("ids", [[1, 1, 2], [1, 2]])
def test_refuses_ids_that_do_not_fit_the_texts(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="ids"):
        Bm25Index.build(np.array(ids), TEXTS)


def test_building_and_saving_print_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Bm25Index.build(IDS, TEXTS).save(tmp_path)
    Bm25Index.load(tmp_path).search("增长", 3)
    assert capfd.readouterr() == ("", "")


def test_a_loaded_index_scores_as_the_saved_one(index: Bm25Index, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = Bm25Index.load(tmp_path)
    assert loaded.ids.tolist() == IDS.tolist()
    np.testing.assert_array_equal(loaded.scores("生产增长"), index.scores("生产增长"))


@pytest.mark.parametrize("name", ["000001/ids.bin", "000001/rows.bin", "000001/letters.bin"])
def test_notices_damaged_files(index: Bm25Index, tmp_path: Path, name: str) -> None:
    index.save(tmp_path)
    (tmp_path / name).write_bytes(b"\x00")
    with pytest.raises(IndexDamagedError, match="altered"):
        Bm25Index.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(IndexDamagedError, match="lacks"):
        Bm25Index.load(tmp_path)


def test_refuses_an_index_of_another_format(index: Bm25Index, tmp_path: Path) -> None:
    index.save(tmp_path)
    metadata = (tmp_path / "metadata.json").read_text()
    for other in (1, 9):
        altered = metadata.replace('"format_version": 2', f'"format_version": {other}')
        (tmp_path / "metadata.json").write_text(altered)
        with pytest.raises(IndexMismatchError):
            Bm25Index.load(tmp_path)


def test_knows_which_terms_some_text_has() -> None:
    index = Bm25Index.build(np.array([1], dtype=np.int64), ["GDP增长"])
    assert "增长" in index
    assert "gdp" in index
    assert "下降" not in index
    assert "增长" not in Bm25Index.build(np.empty(0, dtype=np.int64), [])


def test_a_group_may_hold_several_texts_apart_from_each_other() -> None:
    index = Bm25Index.build(np.array([1, 2, 3]), ["增长", "增长", "增长"], np.array([7, 8, 7]))
    assert index.search("增长", 5, np.array([7]))[0].tolist() == [1, 3]
    assert index.search("增长", 5, np.array([9]))[0].tolist() == []


def test_a_text_scores_in_its_group_as_in_the_whole(index: Bm25Index) -> None:
    view = index.within(np.array([20, 30]))
    whole = dict(zip(index.ids.tolist(), index.scores("生产增长").tolist(), strict=True))
    assert dict(zip(view.ids.tolist(), view.scores("生产增长").tolist(), strict=True)) == {
        number: whole[number] for number in (20, 30)
    }
