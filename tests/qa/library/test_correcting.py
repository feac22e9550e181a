"""Corrections in real libraries: what follows from them, and what they outlive."""

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings import Embedder
from qa.errors import CorrectionError, LibraryNotFoundError, ReportNotFoundError
from qa.library.correcting import correct
from qa.library.holdings import HeldReport
from qa.library.ingest import remove
from qa.library.library import Library
from qa.reports.correcting import read_changes
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.qa.library.conftest import Take, copy_to
from tests.qa.library.reading import as_of_format_1, has_vectors, held, state, versions

REPORT = "330602-2024-27cca5e8"
MOVED = {"place": "宁波市江北区", "year": "2022"}


@pytest.fixture
def put_right(library_dir: Path, vector_maker: MakeVectorMaker) -> "PutRight":
    return PutRight(library_dir, vector_maker)


class PutRight:
    """Corrects a report of the test's library, as the command does."""

    def __init__(self, library: Path, vector_maker: MakeVectorMaker) -> None:
        self._library, self._vectors = library, vector_maker

    def __call__(
        self, report_id: str, given: Mapping[str, str], max_chars: int = 450
    ) -> HeldReport:
        notes = correct(
            self._library,
            {report_id: read_changes(given)},
            self._vectors(load=no_embedder),
            passage_max_chars=max_chars,
            progress=no_progress,
        )
        assert notes == []
        return self.held(report_id)

    def held(self, report_id: str) -> HeldReport:
        (found,) = [one for one in held(self._library) if one.report.report_id == report_id]
        return found


def no_embedder() -> Embedder:
    raise AssertionError("a correction that leaves the passages as they are embeds nothing")


# --- what follows ------------------------------------------------------------------------------


def test_everything_follows_and_the_id_stays(made: Path, put_right: PutRight) -> None:
    found = put_right(REPORT, MOVED).report
    assert (found.place, found.place_code, found.year) == ("江北区", "330205", 2022)
    assert (found.title, found.delivered) == ("2022年江北区政府工作报告", None)
    assert found.warnings == ("人工更正:地区(原文越城区)、年份(原文2024)",)
    assert found.correction is not None
    assert dict(found.correction.read) == {"place": "越城区", "year": 2024}
    library = Library(made)
    facts = [one.fact for one in library.facts()]
    assert {fact.place for fact in facts} == {"江北区"}
    assert library.place_codes == {REPORT: "330205"}
    # A heading's 2023年 stays what is printed; a section that prints no year moves.
    assert found.reviewed_period == "2023"
    assert [s.period for s in found.sections if s.kind == "government"] == ["2022"]
    library.close()


def test_passages_keep_their_rows_and_vectors(made: Path, put_right: PutRight) -> None:
    before = Library(made)
    put_right(REPORT, MOVED)
    after = Library(made)
    assert after.version != before.version
    assert has_vectors(made)
    assert after.passage_keys != before.passage_keys
    assert [key.id for key in after.passage_keys] == [key.id for key in before.passage_keys]
    ids = [key.id for key in before.passage_keys]
    told = [[one.sentences for one in of.entries(ids)] for of in (before, after)]
    assert told[0] == told[1]
    assert len(after.facts()) == len(before.facts())
    assert all(one.passage is not None for one in after.facts())
    for library in (before, after):
        library.close()


def test_where_passages_change_the_indexes_follow(
    take: Take, library_dir: Path, vector_maker: MakeVectorMaker, collection: Path
) -> None:
    (first, *_) = take(collection).added
    # Another length of passages stands for whatever splits a text otherwise than it once did.
    correct(
        library_dir,
        {first: read_changes({"year": "2024"})},
        vector_maker(),
        passage_max_chars=200,
        progress=no_progress,
    )
    library = Library(library_dir)
    counts = {one.report.report_id: one.passages for one in library.held}
    assert counts[first] > 60
    assert library.reports[first].year == 2024
    assert library.manifest.has_vectors
    assert len(library.lexical.ids) == len(library.passage_keys) == sum(counts.values())
    assert set(library.lexical.ids.tolist()) == {key.id for key in library.passage_keys}
    library.close()


def test_an_empty_value_takes_a_correction_back(made: Path, put_right: PutRight) -> None:
    plain = put_right.held(REPORT)
    put_right(REPORT, {**MOVED, "speaker": "-"})
    assert put_right(REPORT, {"place": "", "speaker": ""}).report.place == "越城区"
    assert put_right(REPORT, {"year": "原文"}) == plain


def test_what_is_so_already_makes_no_version(made: Path, put_right: PutRight) -> None:
    put_right(REPORT, MOVED)
    before = state(made)
    put_right(REPORT, {"year": "2022"})
    put_right(REPORT, {"title": ""})
    assert state(made) == before


def test_a_failure_leaves_the_library_as_it_was(made: Path, put_right: PutRight) -> None:
    put_right(REPORT, {"year": "2022"})
    before = state(made)
    with pytest.raises(ReportNotFoundError):
        put_right("330602-2024-00000000", MOVED)
    with pytest.raises(CorrectionError):
        put_right(REPORT, {"delivered": "2024-01-16"})
    assert state(made) == before


def test_without_a_library_there_is_nothing_to_correct(
    library_dir: Path, put_right: PutRight
) -> None:
    with pytest.raises(LibraryNotFoundError):
        put_right(REPORT, MOVED)
    assert not library_dir.exists()


def test_one_report_of_a_file_is_corrected_alone(
    take: Take, put_right: PutRight, library_dir: Path, collection: Path
) -> None:
    added = take(collection).added
    put_right(added[1], {"place": "赣州市章贡区"})
    places = {one.report.report_id: one.report.place for one in held(library_dir)}
    assert [places[report_id] for report_id in added] == ["荔湾区", "章贡区", None, "临淄区"]


# --- what corrections outlive ------------------------------------------------------------------


def test_the_same_content_again_stays_corrected(
    made: Path, take: Take, put_right: PutRight, yuecheng: Path, tmp_path: Path
) -> None:
    moved = put_right(REPORT, MOVED)
    assert take(yuecheng).unchanged == [REPORT]
    take(copy_to(tmp_path / "elsewhere.txt", yuecheng))
    again = put_right.held(REPORT).report
    assert [copy.name for copy in again.copies] == ["elsewhere.txt"]
    assert replace(again, copies=()) == moved.report


def test_vectors_made_anew_leave_corrections_alone(
    made: Path, take: Take, put_right: PutRight, yuecheng: Path
) -> None:
    moved = put_right(REPORT, MOVED)
    take(yuecheng, reembed=True)
    assert put_right.held(REPORT) == moved


def test_a_report_that_is_deleted_comes_back_corrected(
    made: Path,
    take: Take,
    put_right: PutRight,
    yuecheng: Path,
    shangcheng: Path,
    vector_maker: MakeVectorMaker,
) -> None:
    moved = put_right(REPORT, MOVED)
    take(shangcheng)
    remove(made, REPORT, vector_maker(), no_progress)
    assert take(yuecheng).added == [REPORT]
    assert put_right.held(REPORT) == moved


def mended(path: Path) -> Path:
    """The file with some of its text changed: another content, the same report."""
    text = path.read_text("utf-8").replace(
        "全年实现地区生产总值增长7.6%", "全年地区生产总值增长7.6%"
    )
    path.write_text(f"(更新版)\n{text}", "utf-8")
    return path


def test_a_file_that_was_mended_stays_corrected(
    take: Take, put_right: PutRight, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "yuecheng.txt", yuecheng)
    (added,) = take(path).added
    put_right(added, MOVED)
    (again,) = take(mended(path)).added
    assert again != added
    (found,) = held(library_dir)
    assert (found.report.place, found.report.year) == ("江北区", 2022)
    # Taken back, it is gone for good: what was kept of the older text does not return.
    put_right(again, {"place": "", "year": ""})
    copy_to(path, yuecheng)
    take(path)
    (found,) = held(library_dir)
    assert (found.report.place, found.report.correction) == ("越城区", None)


def test_reports_that_change_their_rank_in_a_file_keep_their_own_corrections(
    take: Take, put_right: PutRight, library_dir: Path, collection: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "four.txt", collection)
    added = take(path).added
    put_right(added[1], {"place": "赣州市章贡区"})
    put_right(added[3], {"year": "2022"})
    library = Library(library_dir)
    first, text = library.reports[added[0]], library.source_text(added[0])
    library.close()
    path.write_text(text[first.end :], "utf-8")
    take(path)
    reports = sorted((one.report for one in held(library_dir)), key=lambda report: report.start)
    assert [(report.place, report.year) for report in reports] == [
        ("章贡区", 2023), (None, 2023), ("临淄区", 2022),
    ]  # fmt: skip


def test_another_report_under_the_same_path_is_not_corrected_and_that_is_told(
    take: Take,
    put_right: PutRight,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    tmp_path: Path,
) -> None:
    path = copy_to(tmp_path / "report.txt", yuecheng)
    (added,) = take(path).added
    put_right(added, MOVED)
    copy_to(path, shangcheng)
    summary = take(path)
    (found,) = held(library_dir)
    assert (found.report.place, found.report.correction) == ("上城区", None)
    assert [note.key for note in summary.notes] == ["correction_lost"]
    assert "2022年江北区政府工作报告" in summary.notes[0].said("zh")
    assert take(path).notes == []


# --- libraries made before ---------------------------------------------------------------------


def _as_made_before(library: Path) -> None:
    """Take the tables away that libraries had not, once."""
    for database in library.glob("versions/*/library.sqlite"):
        with sqlite3.connect(database) as connection:
            for table in ("corrections", "samples", "kin", "origin_columns"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.close()
    as_of_format_1(library)


def test_a_library_made_before_is_read_and_corrected(
    made: Path, put_right: PutRight, take: Take, yuecheng: Path
) -> None:
    _as_made_before(made)
    assert put_right.held(REPORT).report.place == "越城区"
    assert put_right(REPORT, MOVED).report.place == "江北区"


def test_a_library_made_before_compares_its_reports_with_the_next_ingest(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "copy.txt", yuecheng)
    take(yuecheng, mended(path))
    assert len([one for one in held(library_dir) if one.duplicate_of]) == 1
    _as_made_before(library_dir)
    assert [one.duplicate_of for one in held(library_dir)] == [None, None]
    take(yuecheng)
    assert len([one for one in held(library_dir) if one.duplicate_of]) == 1
    before = versions(library_dir)
    take(yuecheng)
    assert versions(library_dir) == before


@pytest.mark.parametrize("before", [False, True])
def test_what_columns_of_a_data_set_told_is_not_lost(
    take: Take, put_right: PutRight, library_dir: Path, tmp_path: Path, before: bool
) -> None:
    text = Invented("某县", 2024, "生产总值增长6%。", "生产总值增长5%。").text
    text = text.replace("2024年某县政府工作报告\n", "").replace("某县人民政府", "县人民政府")
    text = text.replace("2023年", "").replace("2024年", "")
    quoted = text.replace('"', '""')
    path = tmp_path / "data.csv"
    path.write_text(f'county,year,full_text\n新昌县,2024,"{quoted}"\n', "utf-8")
    (added,) = take(path).added
    assert (put_right.held(added).report.place, put_right.held(added).report.year) == (
        "新昌县",
        2024,
    )
    if before:
        _as_made_before(library_dir)
    found = put_right(added, {"speaker": "张三"}).report
    assert (found.place, found.year, found.speaker) == ("新昌县", 2024, "张三")
    assert put_right(added, {"year": "2023"}).report.warnings == (
        "人工更正:年份(原文2024)、报告人(原文未写明)",
    )
    assert put_right(added, {"year": "", "speaker": ""}).report.year == 2024


def test_a_copied_library_keeps_its_corrections(
    made: Path, put_right: PutRight, tmp_path: Path
) -> None:
    put_right(REPORT, MOVED)
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    (found,) = held(copy)
    assert found.report.place == "江北区"
