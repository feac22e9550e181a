"""The nearest sentences of one version, by Milvus; which vectors count is the database's to say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from qa.library.server import schema
from qa.library.server.address import ServerAddress
from qa.library.server.keys import group_key, sentence_of, vector_key

if TYPE_CHECKING:
    from embeddings import MilvusIndex, Where
    from embeddings.vectors import Ids, Vectors
    from qa.library.server.library import ServerLibrary

# A filter by partitions pays where it leaves most of them out.
_MOST_YEARS = 10


def open_index(
    server: ServerAddress,
    connection: Connection,
    model_id: str,
    dimension: int,
    *,
    makes: bool = False,
) -> MilvusIndex:
    """The collection of the library's vectors by a model: one for each, so that a library that is embedded
    anew answers from the old ones until it is done. Only who publishes ``makes`` one."""
    from embeddings import MilvusIndex

    name = f"{_prefix(connection)}{_model_part(model_id, dimension)}"
    client = server.milvus()
    return MilvusIndex(client, name, model_id=model_id, dimension=dimension, makes=makes)


def require_whole(index: MilvusIndex, sentences: int) -> None:
    """Raise ``IndexUnavailableError`` if Milvus has lost vectors: what it finds nothing of is no answer."""
    from embeddings import IndexUnavailableError

    if (held := len(index)) < sentences:
        raise IndexUnavailableError(
            f"Milvus holds {held} vectors of {sentences} sentences",
            "check its address; if its data are lost, ingest anything to store them again",
        )


def drop_others(
    server: ServerAddress, connection: Connection, kept: Iterable[tuple[str, int]]
) -> None:
    """Delete the collections of models other than those ``kept``, which no version is read with any more."""
    from embeddings.milvus_index import drop_collections

    prefix = _prefix(connection)
    names = {f"{prefix}{_model_part(*model)}" for model in kept}
    drop_collections(server.milvus(), prefix, names)


def _prefix(connection: Connection) -> str:
    library = connection.execute(select(schema.identity.c.id)).scalar_one()
    return f"wenzheng_{library[:12]}_"


def _model_part(model_id: str, dimension: int) -> str:
    return hashlib.sha256(f"{model_id} {dimension}".encode()).hexdigest()[:12]


class ServerVectors:
    """A ``VectorIndex`` over the sentences of a version, by row id. Safe to search from threads."""

    def __init__(self, index: MilvusIndex, library: ServerLibrary) -> None:
        self._index = index
        self._library = library
        self.model_id = index.model_id
        self.dimension = index.dimension

    def __len__(self) -> int:
        return self._library.sentence_count

    def search(self, vector: Vectors, k: int, groups: Ids | None = None) -> tuple[Ids, Vectors]:
        """See ``VectorIndex.search``; ``groups`` are row ids of reports."""
        import numpy as np

        held = self._library.years
        rows = list(held) if groups is None else [row for row in groups.tolist() if row in held]
        within = [group for row in rows for group in self._library.vector_groups.get(row, ())]
        years = {held[row] for row in rows}
        keys, scores = self._index.search(vector, k, np.array(within, np.int64), _partitions(years))
        return np.array([sentence_of(key) for key in keys.tolist()], np.int64), scores

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """See ``VectorIndex.similarities``."""
        import numpy as np

        added = self._library.added_in(ids.tolist())
        keys = [vector_key(added.get(one, 0), one) for one in ids.tolist()]
        return self._index.similarities(vector, np.array(keys, np.int64))


def _partitions(years: set[int]) -> Where:
    from embeddings import Where

    return Where(years=tuple(years)) if len(years) <= _MOST_YEARS else Where()


def groups_by_report(connection: Connection) -> Mapping[int, list[int]]:
    """Row id of a report → the groups of its vectors, in the version of the connection."""
    sentence, passage = schema.OF_TABLE["sentences"].c, schema.OF_TABLE["passages"].c
    at = schema.version_at()
    query = (
        select(passage.report, sentence.added)
        .distinct()
        .where(passage.id == sentence.passage)
        .where(schema.is_there(sentence, at), schema.is_there(passage, at))
    )
    found: dict[int, list[int]] = {}
    for report, added in connection.execute(query):
        found.setdefault(report, []).append(group_key(added, report))
    return found
