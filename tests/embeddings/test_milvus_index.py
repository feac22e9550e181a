"""Milvus held to the contract of all indexes: the lite one, and a server."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pymilvus import MilvusClient

from embeddings.errors import IndexMismatchError, IndexUnavailableError
from embeddings.milvus_index import Labels, MilvusIndex, Where, connect
from embeddings.vector_index import VectorBatch, VectorIndex
from embeddings.vectors import Ids
from tests.embeddings.index_contract import (
    NONE,
    QUERY,
    VectorIndexContract,
)


@pytest.fixture(scope="module")
def lite_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusClient]:
    client = connect(str(tmp_path_factory.mktemp("milvus") / "lite.db"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def server_client(milvus_uri: str) -> Iterator[MilvusClient]:
    client = connect(milvus_uri)
    yield client
    client.close()


class MilvusContract(VectorIndexContract):
    """The contract, and what Milvus has beside it."""

    client: MilvusClient

    def emptied(self, dimension: int) -> MilvusIndex:
        """A collection without vectors; a server takes seconds to make a new one, so it is used again."""
        index = MilvusIndex(self.client, f"test_{dimension}", model_id="m", dimension=dimension)
        if index.remove_between(0, 1 << 62):
            index.settle()
        return index

    def make(self, folder: Path, batches: Sequence[VectorBatch], dimension: int) -> VectorIndex:
        return self.change(self.emptied(dimension), batches, NONE)

    def change(self, index: VectorIndex, added: Sequence[VectorBatch], removed: Ids) -> VectorIndex:
        assert isinstance(index, MilvusIndex)
        index.remove(removed)
        for batch in added:
            index.add(batch)
        index.settle()
        return index

    def reopen(self, index: VectorIndex) -> VectorIndex:
        assert isinstance(index, MilvusIndex)
        return MilvusIndex(
            self.client, index.collection, model_id=index.model_id, dimension=index.dimension
        )

    @pytest.fixture
    def labelled(self) -> MilvusIndex:
        """Forty vectors that alternate between places, years and statuses."""
        index = self.emptied(2)
        angles = np.linspace(0, 1, 40)
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        labels = [
            Labels(("330602", "330603", "110101")[i % 3], 2020 + i % 5, ("review", "plan")[i % 2])
            for i in range(40)
        ]
        index.add(VectorBatch(np.arange(40), np.arange(40) % 7, vectors), labels)
        index.settle()
        return index

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (Where(place_prefix="3306"), lambda i: i % 3 < 2),
            (Where(years=(2021, 2024)), lambda i: i % 5 in (1, 4)),
            (Where(status="plan"), lambda i: i % 2 == 1),
            (
                Where("110101", (2022,), "review"),
                lambda i: i % 3 == 2 and i % 5 == 2 and i % 2 == 0,
            ),
            (Where(years=(1999,)), lambda i: False),
        ],
        ids=["place", "years", "status", "all three", "none"],
    )
    def test_labels_filter_exactly(
        self, labelled: MilvusIndex, where: Where, expected: object
    ) -> None:
        assert callable(expected)
        found, scores = labelled.search(np.array([1, 0], np.float32), 100, where=where)
        assert found.tolist() == [i for i in range(40) if expected(i)]
        np.testing.assert_allclose(scores, np.cos(np.linspace(0, 1, 40)[found]), atol=1e-5)

    def test_labels_and_groups_filter_together(self, labelled: MilvusIndex) -> None:
        where = Where(status="plan")
        found, _ = labelled.search(np.array([1, 0], np.float32), 100, np.array([3]), where)
        assert found.tolist() == [i for i in range(40) if i % 7 == 3 and i % 2]

    def test_vectors_come_back(self, labelled: MilvusIndex) -> None:
        held = labelled.vectors(np.array([0, 5, 99]))
        assert sorted(held) == [0, 5]
        np.testing.assert_allclose(held[0], [1, 0], atol=1e-6)

    def test_a_span_of_groups_is_removed(self, labelled: MilvusIndex) -> None:
        assert labelled.remove_between(2, 7) == 28
        assert labelled.remove_between(2, 7) == 0
        labelled.settle()
        found, _ = labelled.search(np.array([1, 0], np.float32), 100)
        assert found.tolist() == [i for i in range(40) if i % 7 < 2]

    def test_refuses_a_collection_of_another_model(self, labelled: MilvusIndex) -> None:
        for model, dimension in (("other", 2), ("m", 3)):
            with pytest.raises(IndexMismatchError, match="rebuild"):
                MilvusIndex(self.client, labelled.collection, model_id=model, dimension=dimension)

    def test_a_label_that_would_be_code_is_refused(self, labelled: MilvusIndex) -> None:
        with pytest.raises(ValueError, match="label"):
            labelled.search(QUERY, 1, where=Where(status='" or key > 0'))


class TestMilvusLite(MilvusContract):
    @pytest.fixture(autouse=True)
    def connected(self, lite_client: MilvusClient) -> None:
        self.client = lite_client


class TestMilvusServer(MilvusContract):
    @pytest.fixture(autouse=True)
    def connected(self, server_client: MilvusClient) -> None:
        self.client = server_client


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(IndexUnavailableError, match="check its address"):
        connect("http://127.0.0.1:9")


@pytest.mark.parametrize("uri", ["htp://u:sesame@127.0.0.1:9", "http//u:sesame@127.0.0.1:9"])
def test_a_mistyped_address_is_told_without_its_password(uri: str) -> None:
    with pytest.raises(IndexUnavailableError, match="check its address") as raised:
        connect(uri)
    assert "sesame" not in str(raised.value)
