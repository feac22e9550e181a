"""Where sources came from and the files that hold them, as rows and back."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, inspect, select, update

from qa.library.tables import file_urls, files, origin_columns, origin_files, origins, sources
from qa.reports.origin import Origin, mark_rows, marks_of, page_sizes


def insert_origin(connection: Connection, source_id: int, origin: Origin) -> None:
    """Store where a source came from."""
    row = {
        "source_id": source_id,
        "url": origin.url,
        "title": origin.title,
        "published": origin.published,
        "marks": json.dumps(mark_rows(origin.marks)),
    }
    connection.execute(origins.insert().values(row))
    told = {
        "source_id": source_id,
        "place": json.dumps(origin.place, ensure_ascii=False),
        "year": origin.year,
        "warnings": json.dumps(origin.warnings, ensure_ascii=False),
    }
    connection.execute(origin_columns.insert().values(told))
    if origin.form:
        _insert_file_of_source(connection, source_id, origin)


def change_file(connection: Connection, source_id: int, origin: Origin) -> None:
    """Store another file that a source came as, with the marks of its text, in the place of the one
    before."""
    here = origins.c.source_id == source_id
    connection.execute(delete(origin_files).where(origin_files.c.source_id == source_id))
    if connection.execute(select(origins.c.source_id).where(here)).first() is None:
        insert_origin(connection, source_id, origin)
        return
    marks = json.dumps(mark_rows(origin.marks))
    connection.execute(update(origins).where(here).values(marks=marks))
    _insert_file_of_source(connection, source_id, origin)


def _insert_file_of_source(connection: Connection, source_id: int, origin: Origin) -> None:
    row = {
        "source_id": source_id,
        "form": origin.form,
        "original": origin.original,
        "pages": json.dumps(origin.pages),
    }
    connection.execute(origin_files.insert().values(row))


def file_of_source(connection: Connection, source_id: int) -> Origin:
    """The form, original and pages of a source, and nothing else; also of an earlier schema."""
    if not inspect(connection).has_table(origin_files.name):
        return Origin()
    here = origin_files.c.source_id == source_id
    row = connection.execute(select(origin_files).where(here)).first()
    if row is None:
        return Origin()
    return Origin(form=row.form, original=row.original, pages=page_sizes(json.loads(row.pages)))


def originals_of(connection: Connection) -> dict[str, str]:
    """sha256 of a source's text → that of its file's bytes, of those that are kept."""
    if not inspect(connection).has_table(origin_files.name):
        return {}
    query = select(sources.c.sha256, origin_files.c.original).join(origin_files)
    return {row.sha256: row.original for row in connection.execute(query) if row.original}


def origin_of(connection: Connection, source_id: int) -> Origin:
    """Where a source came from, as far as it is kept; in a database that has all tables."""
    found = [
        connection.execute(select(table).where(table.c.source_id == source_id)).first()
        for table in (origins, origin_columns)
    ]
    origin, columns = found
    told: dict[str, Any] = {}
    if origin is not None:
        told |= {"url": origin.url, "title": origin.title, "published": origin.published}
        told["marks"] = marks_of(json.loads(origin.marks))
    if columns is not None:
        told |= {"place": tuple(json.loads(columns.place)), "year": columns.year}
        told["warnings"] = tuple(json.loads(columns.warnings))
    file = file_of_source(connection, source_id)
    return Origin(**told, form=file.form, original=file.original, pages=file.pages)


def lacks_columns(connection: Connection, source_id: int) -> bool:
    """True if a source's origin was kept before columns of data sets were."""
    joined = origins.outerjoin(origin_columns, origin_columns.c.source_id == origins.c.source_id)
    query = select(origin_columns.c.place).select_from(joined)
    row = connection.execute(query.where(origins.c.source_id == source_id)).first()
    return row is not None and row.place is None


def insert_file(
    connection: Connection, source_id: int, name: str, path: str, url: str | None
) -> None:
    """Store a file that holds a source's text."""
    row = {"source_id": source_id, "name": name, "path": path}
    key = connection.execute(files.insert().values(row)).inserted_primary_key
    assert key is not None
    if url:
        connection.execute(file_urls.insert().values(file=key[0], url=url))


def urls_of_files(connection: Connection) -> dict[str, str]:
    """Name of a file → the address it names as its own, where it names one."""
    if not inspect(connection).has_table(file_urls.name):
        return {}
    query = select(files.c.name, file_urls.c.url).select_from(files.join(file_urls))
    return {row.name: row.url for row in connection.execute(query)}


def add_address(connection: Connection, source_id: int, origin: Origin) -> None:
    """Store the address of a source that is held already, if none is known of it."""
    here = origins.c.source_id == source_id
    known = connection.execute(select(origins.c.url).where(here)).first()
    if known is None:
        insert_origin(connection, source_id, origin)
    elif known.url is None:
        connection.execute(update(origins).where(here).values(url=origin.url))


def has_origins(connection: Connection) -> bool:
    """False in a library made before origins were kept."""
    return bool(inspect(connection).has_table(origins.name))


def urls_of_sources(connection: Connection) -> dict[int, str]:
    """Source id → the address that the source names as its own, where it names one."""
    if not has_origins(connection):
        return {}
    query = select(origins.c.source_id, origins.c.url)
    return {row.source_id: row.url for row in connection.execute(query) if row.url}
