"""Questions about reports that are held more than once: answered once, from the best, with a note."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.answers.answer import Answer
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.search import Searcher
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.test_copies import misread, page_of

GDP = "越城区2023年GDP增长多少?"

Over = Callable[..., Chain]


@pytest.fixture
def over(tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[Over]:
    """Makes a chain over files, which finds by words alone."""
    libraries: list[Library] = []

    def make(*paths: Path) -> Chain:
        folder = tmp_path / "library"
        ingest(folder, paths, vector_maker(), passage_max_chars=450, progress=no_progress)
        libraries.append(Library(folder))
        return Chain(Searcher(libraries[-1], None))

    yield make
    for library in libraries:
        library.close()


@pytest.fixture
def yuecheng(samples_dir: Path) -> Path:
    return next(samples_dir.glob("000_*"))


@pytest.fixture
def shangcheng(samples_dir: Path) -> Path:
    return next(samples_dir.glob("001_*"))


def abridged(path: Path, text: str, *, gdp: str = "7.6%", more: str = "") -> Path:
    """Every other line of the text under a title that says so."""
    head, body = text.split("一、", 1)
    lines = [line for line in f"一、{body}".splitlines() if line.strip()]
    kept = [
        line
        for number, line in enumerate(lines)
        if len(line) < 40 or number % 2 == 0 or "7.6%" in line
    ]
    told = "\n".join(kept).replace("增长7.6%", f"增长{gdp}")
    path.write_text(f"2024年越城区政府工作报告(摘要)\n{head}{told}\n{more}", "utf-8")
    return path


def plain(answer: Answer) -> dict[str, object]:
    told = answer.as_json()
    return {name: told[name] for name in ("status", "answer", "table", "notes")}


# --- copies ------------------------------------------------------------------------------------


def test_a_report_from_two_sources_is_answered_once_and_both_are_named(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    page = page_of(tmp_path / "page.html", yuecheng.read_text("utf-8"))
    scan = tmp_path / "scan.txt"
    scan.write_text(f"(扫描)\n{misread(yuecheng.read_text('utf-8'))}", "utf-8")
    answer = over(yuecheng, page, scan).ask(GDP)
    assert "7.6%" in answer.text
    (citation,) = answer.citations
    assert citation.source == yuecheng.name
    assert [copy["name"] for copy in citation.as_json()["also_in"]] == ["page.html", "scan.txt"]
    assert citation.as_json()["also_in"][0]["url"] == "https://www.example.gov.cn/bg/1.html"


@pytest.mark.parametrize(
    "question",
    [
        "哪几个区的报告提到了老旧小区?",
        "各区2023年GDP增速排名",
        "越城区和上城区2023年GDP增速哪个高?",
        "有几份报告提到了数字经济?",
        "越城区历年GDP增速",
        "各区报告的报告人是谁?",
    ],
)
def test_copies_change_no_count_list_comparison_or_trend(
    over: Over, yuecheng: Path, shangcheng: Path, tmp_path: Path, question: str
) -> None:
    alone = over(yuecheng, shangcheng)
    before, hits = alone.ask(question), alone.search(question).hits
    scan = tmp_path / "scan.txt"
    scan.write_text(f"(扫描)\n{misread(yuecheng.read_text('utf-8'))}", "utf-8")
    short = abridged(tmp_path / "short.txt", yuecheng.read_text("utf-8"))
    chain = over(yuecheng, shangcheng, scan, short)
    assert len(chain.searcher.library.held) == 4
    assert plain(chain.ask(question)) == plain(before)
    found = chain.search(question).hits
    assert {hit.report.source for hit in found} <= {yuecheng.name, shangcheng.name}
    assert len(found) == len(hits)


def test_a_figure_misread_in_the_other_copy_is_noted(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    text = yuecheng.read_text("utf-8").replace("地区生产总值增长7.6%", "地区生产总值增长1.6%")
    other = tmp_path / "other.txt"
    other.write_text(text, "utf-8")
    answer = over(yuecheng, other).ask(GDP)
    assert "7.6%" in answer.text
    assert any("other.txt" in note and "1.6%" in note for note in answer.notes)


# --- abridged versions -------------------------------------------------------------------------


def test_the_full_report_answers_before_its_abridged_version(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    short = abridged(tmp_path / "short.txt", yuecheng.read_text("utf-8"), gdp="7.9%")
    chain = over(short, yuecheng)
    by_name = {one.report.source: one for one in chain.searcher.library.held}
    assert by_name["short.txt"].abridged_of == by_name[yuecheng.name].report.report_id
    answer = chain.ask(GDP)
    assert "7.6%" in answer.text
    assert "7.9%" not in answer.text
    assert [citation.source for citation in answer.citations] == [yuecheng.name]
    assert any("short.txt" in note and "7.9%" in note for note in answer.notes)
    english = chain.ask("What was Yuecheng's GDP growth in 2023?")
    assert any("short.txt" in note and "otherwise" in note for note in english.notes)


def test_what_the_full_report_does_not_say_the_abridged_one_may(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    more = "2023年全区新建口袋公园1234个。"
    short = abridged(tmp_path / "short.txt", yuecheng.read_text("utf-8"), more=more)
    answer = over(yuecheng, short).ask("越城区新建口袋公园多少个?")
    assert "1234个" in answer.text
    assert {citation.source for citation in answer.citations} == {"short.txt"}
    assert any("摘要版(short.txt)" in note and yuecheng.name in note for note in answer.notes)


def test_what_neither_says_is_refused_as_the_full_report_alone_would(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    question = "越城区2023年渔业产值是多少?"
    before = over(yuecheng).ask(question)
    short = abridged(tmp_path / "short.txt", yuecheng.read_text("utf-8"))
    after = over(yuecheng, short).ask(question)
    assert before.status == "refused"
    assert plain(after) == plain(before)
    assert after.refusal == before.refusal


def test_an_abridged_version_without_its_full_one_answers_like_any_report(
    over: Over, yuecheng: Path, tmp_path: Path
) -> None:
    answer = over(abridged(tmp_path / "short.txt", yuecheng.read_text("utf-8"))).ask(GDP)
    assert "7.6%" in answer.text
    assert not any("short.txt" in note for note in answer.notes)
