"""Tables of metadata: `wenzheng ingest --meta`, from the file to the library."""

from pathlib import Path

import pytest

from qa.errors import InputError, SourceVanishedError
from qa.library.ingest import IngestSummary, ingest
from qa.library.meta_table import read_meta
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.conftest import copy_to
from tests.qa.library.reading import held, state


@pytest.fixture
def take_with(library_dir: Path, tmp_path: Path, vector_maker: MakeVectorMaker) -> "TakeWith":
    return TakeWith(library_dir, tmp_path / "meta.csv", vector_maker)


class TakeWith:
    """Takes files in with a table of metadata, given as text."""

    def __init__(self, library: Path, table: Path, vector_maker: MakeVectorMaker) -> None:
        self.library, self.table, self._vectors = library, table, vector_maker

    def __call__(self, text: str, *paths: Path, encoding: str = "utf-8") -> IngestSummary:
        self.table.write_bytes(text.encode(encoding))
        return ingest(
            self.library,
            paths,
            self._vectors(),
            passage_max_chars=450,
            progress=no_progress,
            meta=read_meta(self.table),
        )

    def places(self) -> dict[str, tuple[str | None, int | None]]:
        return {
            one.report.source: (one.report.place, one.report.year) for one in held(self.library)
        }


def told(summary: IngestSummary) -> list[tuple[int, str]]:
    return [(fault.line, fault.error.key) for fault in summary.meta_failed]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_corrects_the_reports_it_names(
    take_with: TakeWith, yuecheng: Path, shangcheng: Path, encoding: str
) -> None:
    table = f"文件名,地区,年份,报告人\r\n{yuecheng.name},宁波市江北区,2022,\r\n{shangcheng.name},,2020,张三\r\n"
    summary = take_with(table, yuecheng, shangcheng, encoding=encoding)
    assert (len(summary.added), len(summary.corrected), told(summary)) == (2, 2, [])
    assert take_with.places() == {
        yuecheng.name: ("江北区", 2022),
        shangcheng.name: ("上城区", 2020),
    }


def test_a_table_corrects_what_is_held_and_again_changes_nothing(
    take_with: TakeWith, yuecheng: Path, shangcheng: Path
) -> None:
    take_with("file,year\nnone.txt,2020\n", yuecheng, shangcheng)
    table = f"source,year\n{yuecheng.name},2022\n"
    assert len(take_with(table, shangcheng).corrected) == 1
    before = state(take_with.library)
    again = take_with(table, shangcheng)
    assert (again.corrected, told(again)) == ([], [])
    assert state(take_with.library) == before


def test_every_row_that_cannot_be_used_is_told_and_the_others_count(
    take_with: TakeWith, yuecheng: Path, shangcheng: Path, collection: Path
) -> None:
    table = "\n".join(
        (
            "file,report_id,place,yaer,year",
            f"{yuecheng.name},,鼓楼区,,2022",
            "missing.txt,,,,2022",
            "",
            f"{collection.name},,,,2022",
            ",,,,2022",
            f"{shangcheng.name},,,,二〇二二",
            f"{shangcheng.name},,,,2022,,,",
            f"{shangcheng.name},,,,2021",
        )
    )
    summary = take_with(table, yuecheng, shangcheng, collection)
    assert told(summary) == [
        (1, "unknown_column"),
        (2, "ambiguous_place"),
        (3, "row_matches_none"),
        (5, "row_matches_several"),
        (6, "row_names_none"),
        (7, "wrong_year"),
        (8, "too_many_cells"),
    ]
    assert "yaer" in summary.meta_failed[0].error.said("zh")
    assert take_with.places()[shangcheng.name] == ("上城区", 2021)
    assert take_with.places()[yuecheng.name] == ("越城区", 2024)


def test_reports_of_one_file_are_told_apart_by_their_number_or_id(
    take_with: TakeWith, collection: Path
) -> None:
    added = take_with(f"file,number,place\n{collection.name},2,赣州市章贡区\n", collection).added
    take_with(f"report_id,place\n{added[2]},赣州市南康区\n", collection)
    reports = sorted((one.report for one in held(take_with.library)), key=lambda r: r.start)
    assert [report.place for report in reports] == ["荔湾区", "章贡区", "南康区", "临淄区"]


def test_files_of_one_name_are_told_apart_by_their_folders(
    take_with: TakeWith, tmp_path: Path, yuecheng: Path, shangcheng: Path
) -> None:
    paths = (
        copy_to(tmp_path / "a" / "r.txt", yuecheng),
        copy_to(tmp_path / "b" / "r.txt", shangcheng),
    )
    summary = take_with("file,year\nr.txt,2020\nb/r.txt,2021\n", *paths)
    assert told(summary) == [(2, "row_matches_several")]
    assert sorted(take_with.places().values()) == [("上城区", 2021), ("越城区", 2024)]


def test_a_page_is_named_by_its_address(
    take_with: TakeWith, tmp_path: Path, yuecheng: Path
) -> None:
    lines = yuecheng.read_text("utf-8").splitlines()
    body = "".join(f"<p>{line}</p>" for line in lines)
    link = '<link rel="canonical" href="https://www.example.gov.cn/a/1.html">'
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><html><head>{link}</head><body>{body}</body></html>", "utf-8")
    summary = take_with("网址,年份\nhttps://www.example.gov.cn/a/1.html,2023\n", page)
    assert told(summary) == []
    assert take_with.places() == {"page.html": ("越城区", 2023)}


def test_of_rows_for_one_report_the_later_counts_and_a_contradiction_is_told(
    take_with: TakeWith, yuecheng: Path
) -> None:
    name = yuecheng.name
    take_with(f"file,year,speaker\n{name},2020,张三\n{name},2021,\n", yuecheng)
    (found,) = held(take_with.library)
    assert (found.report.year, found.report.speaker) == (2021, "张三")
    summary = take_with(f"file,delivered\n{name},2020-01-05\n", yuecheng)
    assert told(summary) == [(2, "date_not_in_year")]


def test_a_cell_may_take_a_correction_back_or_say_that_there_is_nothing(
    take_with: TakeWith, yuecheng: Path
) -> None:
    name = yuecheng.name
    take_with(f"file,year,speaker\n{name},2020,-\n", yuecheng)
    (found,) = held(take_with.library)
    assert (found.report.year, found.report.speaker) == (2020, None)
    take_with(f"file,year,speaker\n{name},原文,document\n", yuecheng)
    (found,) = held(take_with.library)
    assert (found.report.year, found.report.speaker) == (2024, "钱林江")
    assert found.report.correction is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name,year\na.txt,2024\n", "no_meta_columns"),
        ("file,report\na.txt,2024\n", "no_meta_columns"),
        ("number,year\n1,2024\n", "no_meta_columns"),
        ('file,year\n"a.txt,2024\n', "wrong_csv"),
        ("", "empty"),
    ],
)
def test_a_table_that_says_nothing_is_refused(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "meta.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_meta(path)
    assert caught.value.key == key


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceVanishedError):
        read_meta(tmp_path / "none.csv")


def test_columns_that_mean_the_same_are_told(take_with: TakeWith, yuecheng: Path) -> None:
    summary = take_with(f"file,年份,year\n{yuecheng.name},2020,2021\n", yuecheng)
    assert told(summary) == [(1, "columns_twice")]
