"""What attempts leave behind, and what becomes of it."""

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, text, update

from embeddings import IndexMismatchError, IndexUnavailableError, VectorBatch
from qa.errors import LibraryFormatError, LibraryUnavailableError
from qa.library.ingest import ingest, remove
from qa.library.server import schema
from qa.library.server.address import ServerAddress, address_of
from qa.library.server.copying import changing, put_in
from qa.library.server.keys import group_key, vector_key
from qa.library.server.library import ServerLibrary
from qa.library.server.migrations import upgrade
from qa.library.server.originals import put_originals
from qa.library.server.publishing import sweep, writing
from qa.library.server.vectors import open_index
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.reports.readers.made import put, report_pdf


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> ServerAddress:
    return address_of(database_url, str(tmp_path / "milvus.db"), "", tmp_path / "cache")


@pytest.fixture
def filled(server: ServerAddress, tmp_path: Path, vector_maker: MakeVectorMaker) -> ServerAddress:
    """Two reports."""
    texts = tmp_path / "texts"
    texts.mkdir()
    for place in ("磐安县", "临海市"):
        text_of = Invented(place, 2031, review="石墨烯产值增长31%。").text
        (texts / f"{place}.txt").write_text(text_of, "utf-8")
    with changing(server, vector_maker(), no_progress) as folder:
        ingest(folder, [texts], vector_maker(), passage_max_chars=450, progress=no_progress)
    return server


def test_the_schema_is_that_of_the_tables(server: ServerAddress) -> None:
    """A table or column that was added to a library needs a migration of its own here."""
    engine = server.engine()
    with engine.begin() as connection:
        upgrade(connection)
        for table in schema.TABLES:
            query = text(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'wenzheng' AND table_name = :name"
            )
            for name, columns in (
                (table.name, set(table.columns.keys())),
                (f"{table.name}_rows", {*table.columns.keys(), "added", "removed", "digest"}),
            ):
                found = set(connection.execute(query, {"name": name}).scalars())
                assert found == columns, f"write a migration for {name}"
    engine.dispose()


def test_vectors_of_an_attempt_that_failed_are_never_found_and_are_swept(
    filled: ServerAddress,
) -> None:
    library = ServerLibrary(filled)
    embedder = HashEmbedder()
    (entry,) = library.entries([library.passage_keys[0].id])
    sentence, report = entry.sentences[0], min(library.years)
    stray = np.array([embedder.encode_query("石墨烯")])
    with writing(filled) as connection:
        index = open_index(filled, connection, embedder.model_id, embedder.dimension)
        attempt = connection.execute(select(schema.ATTEMPTS.next_value())).scalar_one()
        connection.execute(schema.begun.insert().values(version=attempt))
        connection.commit()
        key = np.array([vector_key(attempt, sentence)])
        index.add(VectorBatch(key, np.array([group_key(attempt, report)]), stray))
        index.settle()
        held = len(index)
        vectors = library.load_vectors(embedder)
        assert vectors is not None
        found, _ = vectors.search(stray[0], 10_000)
        assert len(found) == library.sentence_count == held - 1
        sweep(connection, filled)
        index.settle()
        assert len(index) == held - 1
    library.close()


def test_versions_that_nobody_reads_go_with_their_rows_and_vectors(
    filled: ServerAddress, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    library = ServerLibrary(filled)
    gone = library.held[0].report.report_id
    library.close()
    with changing(filled, vector_maker(), no_progress) as folder:
        remove(folder, gone, vector_maker(), no_progress)
    for number in range(3):
        path = tmp_path / f"{number}.txt"
        path.write_text(Invented("天台县", 2032 + number, review="增长3%。").text, "utf-8")
        with changing(filled, vector_maker(), no_progress) as folder:
            ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
    library = ServerLibrary(filled)
    with writing(filled) as connection:
        made = text("now() - interval '2 hours'")
        connection.execute(update(schema.versions).values(made=made))
        connection.commit()
        sweep(connection, filled)
        rows = schema.OF_TABLE["reports"]
        assert gone not in connection.execute(select(rows.c.report_id)).scalars().all()
        embedder = HashEmbedder()
        index = open_index(filled, connection, embedder.model_id, embedder.dimension)
        assert len(index) == library.sentence_count
        connection.commit()
    assert len(library.held) == 4
    library.close()


def test_a_file_is_kept_for_every_machine_and_goes_with_the_last_version_that_names_it(
    filled: ServerAddress,
    vector_maker: MakeVectorMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of more than one part.
    monkeypatch.setattr("qa.library.server.originals._PART_BYTES", 1000)
    data = report_pdf(Invented("天台县", 2033, review="增长3%。").text)
    path, sha256 = put(tmp_path, "a.pdf", data), hashlib.sha256(data).hexdigest()
    with changing(filled, vector_maker(), no_progress) as folder:
        added = ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
    elsewhere = replace(filled, cache=tmp_path / "elsewhere")
    library = ServerLibrary(elsewhere)
    found = library.originals.find(sha256)
    assert found
    assert found.read_bytes() == data
    found.write_bytes(b"altered")
    assert library.originals.find(sha256) == found
    assert found.read_bytes() == data
    library.close()
    # Another machine that changes the library brings it along.
    with changing(elsewhere, vector_maker(), no_progress) as folder:
        assert (folder / "originals" / sha256).read_bytes() == data
        remove(folder, added.added[0], vector_maker(), no_progress)
    with writing(filled) as connection:
        sweep(connection, filled)
        kept = select(schema.originals.c.sha256)
        assert connection.execute(kept).scalars().all() == [sha256]
        connection.commit()
        # An hour later, and three versions.
        for number in range(3):
            row = {"version": 100 + number, "manifest": '{"model_id": null, "dimension": null}'}
            connection.execute(schema.versions.insert().values(row))
        made = text("now() - interval '2 hours'")
        connection.execute(update(schema.versions).values(made=made))
        connection.commit()
        sweep(connection, filled)
        assert connection.execute(kept).scalars().all() == []
        assert connection.execute(select(schema.original_parts.c.part)).all() == []


def test_files_that_were_shown_give_way_to_newer_ones(
    filled: ServerAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("qa.library.server.originals._CACHED_BYTES", 25)
    files = [put(tmp_path, name, name.encode() * 10) for name in "abc"]
    named = [
        path.rename(tmp_path / hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    ]
    with writing(filled) as connection:
        put_originals(connection, tmp_path, [path.name for path in named])
    library = ServerLibrary(filled)
    found = []
    for age, path in zip((30, 20, 10), named, strict=True):
        found.append(library.originals.find(path.name))
        assert found[-1]
        when = time.time() - age
        os.utime(found[-1], (when, when))
    assert [path is not None and path.exists() for path in found] == [False, True, True]
    assert library.originals.find(named[0].name)
    library.close()


def test_a_milvus_that_is_gone_leaves_the_library_as_it_was(
    filled: ServerAddress, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    path = tmp_path / "new.txt"
    path.write_text(Invented("天台县", 2033, review="增长3%。").text, "utf-8")
    away = ServerAddress(filled.database, "http://127.0.0.1:9", "", tmp_path / "other")
    before = ServerLibrary(filled)
    with (
        pytest.raises(IndexUnavailableError),
        changing(away, vector_maker(), no_progress) as folder,
    ):
        ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
    assert before.is_current()
    before.close()


def test_a_restored_database_is_not_taken_for_what_it_was(
    filled: ServerAddress, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    """Its next version has a number that caches and Milvus know another version by."""
    for place in ("天台县", "仙居县"):
        path = put(tmp_path, f"{place}.txt", Invented(place, 2033, review="增长3%。").text.encode())
        with changing(filled, vector_maker(), no_progress) as folder:
            ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
        library = ServerLibrary(filled)
        assert bool(library.lexical.having(["天台"]).size) == (place == "天台县")
        assert place in {held.report.place for held in library.held}
        assert len(library.held) == 3
        found, held = _nearest(filled)
        assert found == held
        number = library.number
        library.close()
        # As a backup of the database from before this version would leave it.
        with writing(filled) as connection:
            for rows in schema.OF_TABLE.values():
                connection.execute(rows.delete().where(rows.c.added == number))
                connection.execute(
                    update(rows).where(rows.c.removed == number).values(removed=None)
                )
            connection.execute(schema.versions.delete().where(schema.versions.c.version == number))
            connection.execute(text(f"ALTER SEQUENCE attempts RESTART WITH {number}"))
            connection.commit()


def test_a_schema_of_a_later_program_is_told(server: ServerAddress) -> None:
    engine = server.engine()
    with engine.begin() as connection:
        upgrade(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with engine.begin() as connection, pytest.raises(LibraryFormatError, match="9999"):
        upgrade(connection)
    engine.dispose()


def test_who_may_only_read_and_write_rows_needs_no_more(server: ServerAddress) -> None:
    engine = server.engine()
    role = f"limited_{os.getpid()}"
    with engine.begin() as connection:
        upgrade(connection)
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA wenzheng TO {role}"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA wenzheng TO {role}"))
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        upgrade(connection)
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


def _sentences(library: ServerLibrary) -> list[int]:
    entries = library.entries([key.id for key in library.passage_keys])
    return sorted(one for entry in entries for one in entry.sentences)


def _nearest(server: ServerAddress) -> tuple[list[int], list[int]]:
    """The sentences that the newest version finds by their vectors, and those that it holds."""
    library = ServerLibrary(server)
    vectors = library.load_vectors(HashEmbedder())
    assert vectors is not None
    found, _ = vectors.search(HashEmbedder().encode_query("石墨烯"), 10_000)
    held = _sentences(library)
    library.close()
    return sorted(found.tolist()), held


def test_a_library_like_the_one_it_replaces_is_searched_without_its_vectors(
    server: ServerAddress, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    """Its rows have the same ids; most sentences of a report stay, with their vectors, and some do not."""
    for share in ("31%", "41%"):
        text = Invented("磐安县", 2031, review=f"石墨烯产值增长{share}。新建学校三所。").text
        path = put(tmp_path, f"{share}.txt", text.encode())
        folder = tmp_path / share.removesuffix("%")
        ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
        put_in(folder, server, vector_maker(), no_progress, replace=True)
        found, held = _nearest(server)
        assert found == held


def test_another_model_is_refused(filled: ServerAddress) -> None:
    """Its collection would be a new and empty one, and every answer by words alone."""

    class Other(HashEmbedder):
        model_id = "other"

    library = ServerLibrary(filled)
    with pytest.raises(IndexMismatchError, match="hash-8"):
        library.load_vectors(Other())
    library.close()
    assert len(filled.milvus().list_collections()) == 1


@pytest.mark.parametrize("elsewhere", [False, True])
def test_vectors_that_milvus_has_lost_are_told_of_and_stored_again(
    filled: ServerAddress, vector_maker: MakeVectorMaker, tmp_path: Path, elsewhere: bool
) -> None:
    client = filled.milvus()
    (name,) = client.list_collections()
    client.drop_collection(name)
    for _ in range(2):
        with pytest.raises(IndexUnavailableError, match="lacks the collection"):
            _nearest(filled)
    if elsewhere:
        filled = replace(filled, cache=tmp_path / "elsewhere")
    with changing(filled, vector_maker(), no_progress) as folder:
        ingest(folder, [], vector_maker(), passage_max_chars=450, progress=no_progress)
    found, held = _nearest(filled)
    assert found == held
    with writing(filled) as connection:
        index = open_index(filled, connection, HashEmbedder.model_id, HashEmbedder.dimension)
        index.remove(np.array([group_key(1, 1)]))
        index.settle()
    with pytest.raises(IndexUnavailableError, match="vectors of"):
        _nearest(filled)


def test_a_database_that_goes_away_is_told(server: ServerAddress) -> None:
    gone = ServerAddress(server.database.set(database="gone"), "", "", server.cache)
    with pytest.raises(LibraryUnavailableError, match="gone"):
        ServerLibrary(gone)
