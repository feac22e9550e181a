"""One report from several sources: which of them answers, and what becomes of the others."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qa.library.copies import Pair, relate
from qa.library.correcting import correct
from qa.library.ingest import remove
from qa.library.library import Library
from qa.reports.correcting import Correction, read_changes
from qa.reports.likeness import Overlap
from qa.reports.origin import RECOGNISED
from qa.reports.report import Copy, Report
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.conftest import Take
from tests.qa.library.reading import held

# --- relations, by hand ------------------------------------------------------------------------

ALIKE = Overlap(0.9, 0.92)
# The first stands in the second for the most part, and is a third of its length.
PART = Overlap(0.9, 0.3)


def report(name: str, end: int = 1000, **fields: object) -> Report:
    return replace(
        Report(f"000000-2024-{name}", name, f"{name}.txt", 0, end),
        **fields,  # type: ignore[arg-type]
    )


def pair(one: Report, other: Report, overlap: Overlap = ALIKE) -> Pair:
    return Pair(one.report_id, other.report_id, overlap)


def test_the_copy_that_was_held_first_answers_where_all_are_equal() -> None:
    z, a = report("z"), report("a")
    assert relate([z, a], [pair(z, a)]).duplicate_of == {a.report_id: z.report_id}


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (report("a", end=900), report("b")),
        (report("a", warnings=(RECOGNISED,)), report("b", warnings=("x", "y"))),
        (report("a", warnings=("报告未写明年份",)), report("b", end=990)),
        (report("a"), report("b", end=500, correction=Correction({"year": 2024}, {"year": 2023}))),
    ],
)
def test_the_best_copy_answers(worse: Report, better: Report) -> None:
    relations = relate([worse, better], [pair(worse, better)])
    assert relations.duplicate_of == {worse.report_id: better.report_id}
    assert relations.group(worse.report_id) == (better.report_id, worse.report_id)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ({"year": 2023}, {"year": 2024}, False),
        ({"year": 2023}, {"year": None}, True),
        ({"place": "越城区", "place_code": "330602"}, {"place": "上城区", "place_code": "330102"}, False),
        ({"place": "鼓楼区", "place_code": "320106"}, {"place": "鼓楼区", "place_code": "350102"}, False),
        ({"place": "某县"}, {"place": "某市"}, False),
        # A person put one right: the other says what its text says.
        ({"year": 2023, "correction": Correction({"year": 2023}, {"year": 2024})}, {"year": 2024}, True),
        ({"year": 2024, "correction": Correction({"year": 2024}, {"year": 2023})}, {"year": 2024}, True),
        ({"year": 2023, "correction": Correction({"year": 2023}, {"year": 2022})}, {"year": 2024}, False),
        (
            {"year": 2023, "correction": Correction({"year": 2023}, {"year": None})},
            {"year": 2022, "correction": Correction({"year": 2022}, {"year": None})},
            False,
        ),
    ],
)  # fmt: skip
def test_reports_of_two_places_or_years_are_two(
    one: dict[str, object], other: dict[str, object], are_one: bool
) -> None:
    for overlap, end in ((ALIKE, 1000), (PART, 3000)):
        a, b = report("a", **one), report("b", end=end, **other)
        relations = relate([a, b], [pair(a, b, overlap)])
        assert bool(relations.duplicate_of or relations.abridged_of) is are_one


def test_a_copy_that_names_no_place_does_not_join_two_that_do() -> None:
    a, b = report("a", place="越城区"), report("b", place="上城区")
    unnamed = report("c")
    near, far = pair(a, unnamed, Overlap(0.99, 0.99)), pair(b, unnamed, ALIKE)
    assert relate([a, b, unnamed], [far, near]).duplicate_of == {unnamed.report_id: a.report_id}


def test_an_abridged_version_of_a_copy_is_one_of_the_copy_that_answers() -> None:
    full, scan = report("full", end=3000), report("scan", end=3000, warnings=(RECOGNISED,))
    short, page = report("short"), report("page")
    relations = relate(
        [scan, full, short, page],
        [pair(full, scan), pair(short, page), pair(short, scan, PART)],
    )
    assert relations.duplicate_of == {
        scan.report_id: full.report_id,
        page.report_id: short.report_id,
    }
    assert relations.abridged_of == {short.report_id: full.report_id}


def test_of_several_fuller_versions_the_longest_is_the_full_one() -> None:
    full, middle, short = report("full", end=9000), report("middle", end=3000), report("short")
    relations = relate(
        [short, middle, full],
        [pair(short, middle, PART), pair(short, full, PART), pair(middle, full, PART)],
    )
    assert relations.abridged_of == {
        short.report_id: full.report_id,
        middle.report_id: full.report_id,
    }


# --- in a library ------------------------------------------------------------------------------


def page_of(path: Path, text: str) -> Path:
    """The text as a page with an address of its own, furniture around it, and other line breaks."""
    lines = [line for line in text.splitlines() if line.strip()]
    body = "".join(f"<p>  {line}</p>\n" for line in lines)
    head = '<link rel="canonical" href="https://www.example.gov.cn/bg/1.html">'
    menu = '<nav><ul><li><a href="/">首页</a></li></ul></nav>'
    foot = "<footer>版权所有 某某人民政府办公室</footer>"
    path.write_text(
        f"<!DOCTYPE html><html><head>{head}</head><body>{menu}{body}{foot}</body></html>", "utf-8"
    )
    return path


def misread(text: str) -> str:
    """The text with one sign in a hundred misread and its figures full-width."""
    rng = random.Random(3)
    signs = ["口" if sign >= "\u4e00" and rng.random() < 0.01 else sign for sign in text]
    wide = str.maketrans("0123456789%", "０１２３４５６７８９％")
    return "".join(signs).translate(wide)


@pytest.fixture
def two_sources(take: Take, yuecheng: Path, tmp_path: Path) -> tuple[str, str]:
    """Ids of 越城区's report as it was recognised with faults, and as a page: held in this order."""
    text = yuecheng.read_text("utf-8")
    scan = tmp_path / "scan.txt"
    scan.write_text(f"(扫描)\n{misread(text)}", "utf-8")
    (first,) = take(scan).added
    (second,) = take(page_of(tmp_path / "page.html", text)).added
    return first, second


@pytest.fixture
def library(library_dir: Path, two_sources: tuple[str, str]) -> Iterator[Library]:
    library = Library(library_dir)
    yield library
    library.close()


def test_a_copy_from_another_source_is_recognised(
    library: Library, two_sources: tuple[str, str]
) -> None:
    first, second = two_sources
    by_id = {one.report.report_id: one for one in library.held}
    assert by_id[second].duplicate_of == first
    assert by_id[first].duplicate_of is None
    address = "https://www.example.gov.cn/bg/1.html"
    assert by_id[first].report.copies == (Copy("page.html", address, second),)
    assert by_id[second].report.copies == (Copy("scan.txt", None, first),)


def test_what_answers_holds_each_report_once(
    library: Library, two_sources: tuple[str, str]
) -> None:
    first, second = two_sources
    assert list(library.reports) == [first]
    assert {one.fact.report_id for one in library.facts()} == {first}
    assert library.reports[second].source == "page.html"
    assert library.facts([second])
    assert library.passages([key.id for key in library.passage_keys if key.report_id == second])


def test_where_the_one_that_answers_is_deleted_the_other_does(
    library_dir: Path, two_sources: tuple[str, str], vector_maker: MakeVectorMaker
) -> None:
    first, second = two_sources
    remove(library_dir, first, vector_maker(), no_progress)
    library = Library(library_dir)
    assert list(library.reports) == [second]
    assert (library.held[0].duplicate_of, library.reports[second].copies) == (None, ())
    library.close()


def test_a_correction_makes_a_copy_the_one_that_answers(
    library_dir: Path, two_sources: tuple[str, str], vector_maker: MakeVectorMaker
) -> None:
    first, second = two_sources
    put_right(library_dir, vector_maker, second, year="2023")
    library = Library(library_dir)
    assert list(library.reports) == [second]
    assert library.reports[second].year == 2023
    library.close()
    # Both put right, and differently: two reports.
    put_right(library_dir, vector_maker, first, year="2024", place="绍兴越城")
    put_right(library_dir, vector_maker, first, year="2022")
    assert [one.duplicate_of for one in held(library_dir)] == [None, None]


def put_right(library: Path, vector_maker: MakeVectorMaker, report_id: str, **given: str) -> None:
    correct(
        library,
        {report_id: read_changes(given)},
        vector_maker(),
        passage_max_chars=450,
        progress=no_progress,
    )


def test_the_same_text_for_another_year_or_place_is_another_report(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    text = yuecheng.read_text("utf-8")
    (tmp_path / "next.txt").write_text(
        text.replace("2024", "2025").replace("2023", "2024").replace("7.6%", "7.7%"), "utf-8"
    )
    (tmp_path / "other.txt").write_text(text.replace("越城", "柯桥"), "utf-8")
    take(yuecheng, tmp_path / "next.txt", tmp_path / "other.txt")
    assert [one.duplicate_of for one in held(library_dir)] == [None] * 3
    assert {one.report.place for one in held(library_dir)} == {"越城区", "柯桥区"}


def test_the_samples_are_eight_reports(small_library: Library) -> None:
    assert len(small_library.reports) == len(small_library.held) == 8
    assert small_library.of_abridged is None
