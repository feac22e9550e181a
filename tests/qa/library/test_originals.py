"""Files as they came: kept by content, named by versions, gone with the last of these."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from qa.library import storage
from qa.library.backup import back_up, restore
from qa.library.doctor import examine
from qa.library.ingest import ingest, remove
from qa.library.library import Library
from qa.library.originals import missing_originals, remove_unnamed
from qa.library.repair import repair
from qa.reports.limits import ReadLimits
from qa.reports.origin import Origin
from qa.settings import Settings
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.conftest import Take
from tests.qa.library.test_forms import TEXT, another, page
from tests.qa.reports.readers.made import document, packed, put, read, report_pdf

PDF = report_pdf(TEXT)


def kept(library: Path) -> set[str]:
    folder = library / "originals"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def origin(library: Path, number: int = 0) -> Origin:
    opened = Library(library)
    try:
        return opened.origin_of(opened.held[number].report.report_id)
    finally:
        opened.close()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "data", "form", "pages"),
    [
        ("a.pdf", PDF, "pdf", True),
        ("a.docx", document(*TEXT.splitlines()), "docx", False),
        ("a.html", page(), "html", False),
    ],
)
def test_a_parsed_file_is_kept_as_it_came(
    take: Take, library_dir: Path, tmp_path: Path, name: str, data: bytes, form: str, pages: bool
) -> None:
    take(put(tmp_path, name, data))
    assert kept(library_dir) == {sha256(data)}
    assert (library_dir / "originals" / sha256(data)).read_bytes() == data
    found = origin(library_dir)
    assert (found.form, found.original) == (form, sha256(data))
    assert bool(found.pages) == pages


def test_of_plain_text_and_data_sets_nothing_is_kept(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    row = another("杭州市").replace('"', '""')
    take(
        put(tmp_path, "a.txt", TEXT.encode()),
        put(tmp_path, "b.csv", f'year,full_text\r\n2026,"{row}"\r\n'.encode()),
    )
    assert not (library_dir / "originals").exists()
    assert origin(library_dir).original is None


def test_members_of_an_archive_are_kept_each_for_itself(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    word = document(*another("杭州市").splitlines())
    members = {"in/a.pdf": PDF, "b.docx": word, "c.txt": another("宁波市").encode()}
    take(put(tmp_path, "a.zip", packed(members)))
    assert kept(library_dir) == {sha256(PDF), sha256(word)}


def test_what_is_too_large_or_no_report_is_not_kept(
    take: Take, library_dir: Path, tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    paths = [put(tmp_path, "a.pdf", PDF), put(tmp_path, "b.docx", document("会议通知"))]
    for most in (0, len(PDF) - 1):
        ingest(
            library_dir,
            paths,
            vector_maker(),
            passage_max_chars=450,
            progress=no_progress,
            limits=ReadLimits(original_max_bytes=most),
        )
        assert kept(library_dir) == set()
        assert origin(library_dir).form == "pdf"
    # What was not kept then is kept when the same file comes again.
    summary = take(*paths)
    assert (summary.added, len(summary.unchanged)) == ([], 1)
    assert origin(library_dir).original == sha256(PDF)
    assert kept(library_dir) == {sha256(PDF)}
    before = storage.version_in_force(library_dir)
    take(*paths)
    assert storage.version_in_force(library_dir) == before


def test_a_text_gets_the_pages_of_a_file_and_keeps_them(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    text = read(PDF, "a.pdf").text
    take(put(tmp_path, "a.txt", text.encode()))
    assert origin(library_dir).marks == ()
    take(put(tmp_path, "b.pdf", PDF))
    found = origin(library_dir)
    assert (found.form, found.original) == ("pdf", sha256(PDF))
    assert found.marks == read(PDF, "a.pdf").origin.marks
    # Its pages are those that its boxes are of.
    take(put(tmp_path, "c.docx", document(*text.split("\n"))))
    assert origin(library_dir) == found
    assert kept(library_dir) == {sha256(PDF)}


def test_a_file_goes_with_the_last_version_that_names_it(
    take: Take, library_dir: Path, tmp_path: Path, vector_maker: MakeVectorMaker, yuecheng: Path
) -> None:
    (report_id,) = take(put(tmp_path, "a.pdf", PDF)).added
    take(yuecheng)
    remove(library_dir, report_id, vector_maker(), no_progress)
    # Versions that readers may still have open answer from it.
    assert kept(library_dir) == {sha256(PDF)}
    for place in ("杭州市", "宁波市", "温州市"):
        take(put(tmp_path, f"{place}.txt", another(place).encode()))
    assert kept(library_dir) == set()


def test_what_a_version_that_cannot_be_read_may_name_stays(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    take(put(tmp_path, "a.pdf", PDF))
    stray = put(library_dir / "originals", sha256(b"?"), b"?")
    (storage.version_in_force(library_dir) / storage.DATABASE).write_bytes(b"broken")
    remove_unnamed(library_dir)
    assert stray.exists()


def test_what_killed_runs_left_goes_after_a_day(
    take: Take, library_dir: Path, tmp_path: Path, yuecheng: Path
) -> None:
    take(put(tmp_path, "a.pdf", PDF))
    for name, age in (("incoming-old", 2), ("incoming-new", 0)):
        folder = library_dir / "originals" / name
        folder.mkdir()
        put(folder, "coming.part", b"%PDF")
        os.utime(folder, (time.time() - age * 86400,) * 2)
    take(yuecheng)
    assert kept(library_dir) == {sha256(PDF), "incoming-new"}


def test_an_ingest_that_fails_leaves_what_was_held(
    take: Take, library_dir: Path, tmp_path: Path, yuecheng: Path
) -> None:
    take(yuecheng)

    def fail(stage: str, done: int, total: int) -> None:
        if stage == "index":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(put(tmp_path, "a.pdf", PDF), progress=fail)
    assert [name for name in kept(library_dir) if len(name) != 64] == []
    take(put(tmp_path, "b.txt", another("杭州市").encode()))
    assert kept(library_dir) == set()


def test_a_file_in_the_place_of_the_folder_fails_the_file_alone(
    take: Take, library_dir: Path, tmp_path: Path, yuecheng: Path
) -> None:
    take(yuecheng)
    (library_dir / "originals").write_bytes(b"")
    summary = take(put(tmp_path, "a.pdf", PDF), put(tmp_path, "b.txt", another("杭州市").encode()))
    assert [failure.error.key for failure in summary.failed] == ["original_unwritable"]
    assert len(summary.added) == 1


def test_a_backup_and_a_repair_know_them(
    take: Take, library_dir: Path, tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    path = put(tmp_path, "a.pdf", PDF)
    take(path)
    new = tmp_path / "new"
    restore(new, back_up(library_dir, tmp_path).path)
    assert kept(new) == {sha256(PDF)}
    assert origin(new) == origin(library_dir)

    (new / "originals" / sha256(PDF)).unlink()
    assert missing_originals(new, storage.version_in_force(new)) == [sha256(PDF)]
    told = {f.name: f.key for f in examine(Settings(library=new, cache=tmp_path, embedding="hash"))}
    assert told["originals"] == "originals_missing"
    summary = repair(new, vector_maker(), passage_max_chars=450, progress=no_progress)
    assert summary.originals_saved == [sha256(PDF)]
    assert kept(new) == {sha256(PDF)}


def test_a_database_made_anew_still_names_them(
    take: Take, library_dir: Path, tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    take(put(tmp_path, "a.pdf", PDF))
    before = origin(library_dir)
    (storage.version_in_force(library_dir) / storage.DATABASE).write_bytes(b"broken")
    repair(library_dir, vector_maker(), passage_max_chars=450, progress=no_progress)
    assert origin(library_dir) == before
    assert kept(library_dir) == {sha256(PDF)}


def test_a_missing_file_is_put_back_by_the_next_ingest(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    path = put(tmp_path, "a.pdf", PDF)
    take(path)
    (library_dir / "originals" / sha256(PDF)).unlink()
    take(path)
    assert kept(library_dir) == {sha256(PDF)}
