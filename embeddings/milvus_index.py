"""The one door to Milvus: vectors in a server's collection, beside what filters need.

Search is by a flat index, so that what a filter leaves is searched to its end. Written against Milvus 2.3
and later, and milvus-lite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import numpy as np
from pymilvus import DataType, MilvusException
from pymilvus import MilvusClient as MilvusClient

from embeddings.errors import IndexMismatchError, IndexUnavailableError
from embeddings.vector_index import VectorBatch
from embeddings.vectors import Ids, Vectors, best_first

P = ParamSpec("P")
T = TypeVar("T")
# Rows of one insertion: some 2 MB of 384 dimensions, where the server takes 64 MB.
_ROWS_AT_A_TIME = 1000
# What one search may give back, and how many numbers one filter may name.
_MOST_HITS, _MOST_NAMED = 16_384, 2_000
_CONNECT_SECONDS = 10.0
_CALL_SECONDS = 60.0


class Labels(NamedTuple):
    """What filters may ask of a vector: its report's place code and year, and whether it is told of as done
    or as planned (``review``, ``plan``); empty and 0 where that is not known. Years are partitions."""

    place_code: str = ""
    year: int = 0
    status: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A filter by labels: the beginning of the place code, the years, the status; empty for all."""

    place_prefix: str = ""
    years: tuple[int, ...] = ()
    status: str = ""

    def terms(self) -> Iterator[str]:
        if self.place_prefix:
            yield f'place_code like "{_plain(self.place_prefix)}%"'
        if self.years:
            yield f"year in {sorted(map(int, self.years))}"
        if self.status:
            yield f'status == "{_plain(self.status)}"'


ANYWHERE = Where()


def connect(uri: str, token: str = "") -> MilvusClient:
    """A client of the server at ``uri``, or of milvus-lite where that is a file's path.

    Raises:
        IndexUnavailableError: the server does not answer.
    """
    try:
        return MilvusClient(uri=uri, token=token, timeout=_CONNECT_SECONDS)
    except (MilvusException, OSError, ValueError) as error:
        # It repeats an address that it cannot read, with the password that may stand in it.
        raise _unavailable(error, unshown=uri) from None


def _translated(
    call: Callable[Concatenate[MilvusIndex, P], T],
) -> Callable[Concatenate[MilvusIndex, P], T]:
    def inner(self: MilvusIndex, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(self, *args, **kwargs)
        except MilvusException as error:
            raise _unavailable(error) from error

    return inner


class MilvusIndex:
    """A `VectorIndex` that changes in place. Safe to search from threads."""

    def __init__(
        self, client: MilvusClient, collection: str, *, model_id: str, dimension: int
    ) -> None:
        """Open the collection, which is made if it is not there.

        Raises:
            IndexMismatchError: its vectors come from another model or have another dimension.
            IndexUnavailableError: the server does not answer.
        """
        self.model_id = model_id
        self.dimension = dimension
        self.collection = collection
        self._client = client
        # milvus-lite keeps no description: the field's name tells the model.
        self._vector = f"vector_{hashlib.sha256(model_id.encode()).hexdigest()[:16]}"
        self._open()

    @_translated
    def _open(self) -> None:
        if not self._client.has_collection(self.collection):
            self._make()
        described = self._client.describe_collection(self.collection)
        held = {field["name"]: field["params"].get("dim") for field in described["fields"]}
        if int(held.get(self._vector) or 0) != self.dimension:
            raise IndexMismatchError(
                f"the collection {self.collection} was made with another model than "
                f"{self.model_id!r} ({self.dimension} dimensions)",
                "rebuild the index, or set the embedding model it was made with",
            )
        self._client.load_collection(self.collection, timeout=_CALL_SECONDS)
        self.settle()

    def _make(self) -> None:
        schema = self._client.create_schema(auto_id=False, description=self.model_id)
        schema.add_field("key", DataType.INT64, is_primary=True)
        schema.add_field("grp", DataType.INT64)
        schema.add_field("place_code", DataType.VARCHAR, max_length=16)
        schema.add_field("year", DataType.INT64, is_partition_key=True)
        schema.add_field("status", DataType.VARCHAR, max_length=16)
        schema.add_field(self._vector, DataType.FLOAT_VECTOR, dim=self.dimension)
        index = self._client.prepare_index_params()
        index.add_index(self._vector, index_type="FLAT", metric_type="IP")
        self._client.create_collection(
            self.collection, schema=schema, index_params=index, consistency_level="Strong"
        )

    def settle(self) -> None:
        """Wait until all that was written before is found. Searches do not wait: a server that they would
        have ask for the latest makes each wait for its next tick, a fifth of a second."""
        self._count()

    @_translated
    def _count(self) -> int:
        rows = self._client.query(
            self.collection,
            filter="key >= 0",
            output_fields=["count(*)"],
            consistency_level="Strong",
        )
        return int(rows[0]["count(*)"])

    def __len__(self) -> int:
        return self._count()

    # --- searching -----------------------------------------------------------------------------

    def search(
        self, vector: Vectors, k: int, groups: Ids | None = None, where: Where = ANYWHERE
    ) -> tuple[Ids, Vectors]:
        """See `VectorIndex.search`; ``where`` limits it further."""
        row = self._row(vector)
        if k < 1 or (groups is not None and not len(groups)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parts: Iterable[Ids | None] = [None] if groups is None else _parts(np.unique(groups))
        found = [self._nearest(row, min(k, _MOST_HITS), _filter(part, where)) for part in parts]
        ids = np.concatenate([np.array([one[0] for one in part], np.int64) for part in found])
        scores = np.concatenate([np.array([one[1] for one in part], np.float32) for part in found])
        return best_first(ids, scores, k)

    @_translated
    def _nearest(self, row: Vectors, k: int, expression: str) -> list[tuple[int, float]]:
        """The ``k`` nearest, and all that are as near as the last of them: which of these come first
        is not for the server to choose."""
        limit = k + 1
        while True:
            limit = min(limit, _MOST_HITS)
            hits = self._client.search(
                self.collection,
                data=[row.tolist()],
                anns_field=self._vector,
                filter=expression,
                limit=limit,
                output_fields=["key"],
                search_params={"metric_type": "IP"},
                consistency_level="Eventually",
                timeout=_CALL_SECONDS,
            )[0]
            found = [(int(hit["entity"]["key"]), float(hit["distance"])) for hit in hits]
            if len(found) < limit or limit == _MOST_HITS or found[-1][1] < found[k - 1][1]:
                return found
            limit *= 4

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """See `VectorIndex.similarities`."""
        row = self._row(vector)
        held = self.vectors(ids)
        scores = [float(held[one] @ row) if one in held else np.nan for one in ids.tolist()]
        return np.array(scores, np.float32)

    def vectors(self, ids: Ids) -> dict[int, Vectors]:
        """The vectors of those ids that are held."""
        return {
            int(row["key"]): np.array(row[self._vector], np.float32)
            for part in _parts(np.unique(ids), _ROWS_AT_A_TIME)
            for row in self._rows(f"key in {part.tolist()}", ["key", self._vector])
        }

    @_translated
    def _rows(self, expression: str, fields: list[str]) -> list[dict[str, Any]]:
        return list(
            self._client.query(
                self.collection,
                filter=expression,
                output_fields=fields,
                consistency_level="Strong",
                timeout=_CALL_SECONDS,
            )
        )

    def _row(self, vector: Vectors) -> Vectors:
        row = np.asarray(vector, dtype=np.float32)
        if row.shape != (self.dimension,):
            raise IndexMismatchError(
                f"a vector of shape {row.shape} was searched in an index of {self.dimension}",
                "use the model the index was made with, or rebuild the index",
            )
        return row

    # --- changing ------------------------------------------------------------------------------

    def add(self, batch: VectorBatch, labels: Sequence[Labels] = ()) -> None:
        """Add vectors, all or, where the server fails, the first of them; ``settle`` makes them found.

        Raises:
            ValueError: shapes disagree, an id is held already or occurs twice, or a vector is not
                finite.
        """
        told = labels or [Labels()] * len(batch.ids)
        self._check(batch, told)
        rows = [
            {"key": key, "grp": group, self._vector: vector, **label._asdict()}
            for key, group, vector, label in zip(
                batch.ids.tolist(), batch.groups.tolist(), batch.vectors.tolist(), told, strict=True
            )
        ]
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            self._insert(rows[start : start + _ROWS_AT_A_TIME])

    @_translated
    def _insert(self, rows: list[dict[str, Any]]) -> None:
        self._client.insert(self.collection, rows, timeout=_CALL_SECONDS)

    def _check(self, batch: VectorBatch, labels: Sequence[Labels]) -> None:
        count = len(batch.vectors)
        if batch.vectors.ndim != 2 or not len(batch.ids) == len(batch.groups) == count:
            raise ValueError(f"{len(batch.ids)} ids, {len(batch.groups)} groups, {count} vectors")
        if len(labels) != count:
            raise ValueError(f"{len(labels)} labels for {count} vectors")
        if len(np.unique(batch.ids)) != count or (batch.ids < 0).any():
            raise ValueError("ids must be unique and not negative")
        if not np.isfinite(batch.vectors).all():
            raise ValueError("a vector has a component that is not a finite number")
        for part in _parts(batch.ids):
            if self._rows(f"key in {part.tolist()}", ["key"]):
                raise ValueError("some of the ids are held already")

    def remove(self, groups: Ids) -> None:
        """Remove the vectors of groups; one that is not held is removed without complaint."""
        for part in _parts(np.unique(groups)):
            self._delete(f"grp in {part.tolist()}")

    def remove_between(self, first: int, last: int) -> int:
        """Remove the vectors of all groups from ``first`` up to, not including, ``last``; returns how many
        there were."""
        expression = f"grp >= {first} and grp < {last}"
        rows = self._rows_counted(expression)
        if rows:
            self._delete(expression)
        return rows

    def _rows_counted(self, expression: str) -> int:
        return int(self._rows(expression, ["count(*)"])[0]["count(*)"])

    @_translated
    def _delete(self, expression: str) -> None:
        # Servers before 2.3.2 delete by key alone, and later ones no more than a message holds.
        self._client.delete(self.collection, filter=expression, timeout=_CALL_SECONDS)

    @_translated
    def drop(self) -> None:
        """Delete the collection."""
        self._client.drop_collection(self.collection)


def _filter(groups: Ids | None, where: Where) -> str:
    terms = [] if groups is None else [f"grp in {groups.tolist()}"]
    return " and ".join([*terms, *where.terms()])


def _plain(text: str) -> str:
    if not text.isalnum():
        raise ValueError(f"{text!r} is no label")
    return text


def _parts(numbers: Ids, most: int = _MOST_NAMED) -> Iterator[Ids]:
    for start in range(0, len(numbers), most):
        yield numbers[start : start + most]


def _unavailable(error: Exception, unshown: str = "") -> IndexUnavailableError:
    said = str(getattr(error, "message", "") or error)
    if unshown:
        said = said.replace(unshown, "the address")
    return IndexUnavailableError(
        f"Milvus cannot be used ({said})", "check its address and that it runs, then try again"
    )
