import pytest

from qa.errors import TooLargeError, UnreadableFormError
from qa.reports.origin import spot_of
from qa.reports.readers import pdf
from qa.reports.readers.protocol import Read
from tests.qa.reports.readers.made import outcomes, printed, read

LINE = "创新能力跃上新台阶深入推进科技创新行动计划全年实现增长七"
PAGES = [
    [(72, 40, "政府工作报告汇编"), (96, 120, LINE), (72, 140, LINE), (72, 160, "增长7.6%。"), (290, 810, "1")],
    [(72, 40, "政府工作报告汇编"), (96, 120, "二、2024年工作安排"), (96, 140, LINE), (290, 810, "2")],
]  # fmt: skip


def test_text_page_and_box_are_read() -> None:
    found = read(printed(*PAGES), "a.pdf")
    assert found.text == f"{LINE}{LINE}增长7.6%。\n二、2024年工作安排\n{LINE}"
    at = found.text.index("增长7.6%")
    spot = spot_of(found.origin.marks, at, at + 6)
    assert spot.page == 1
    assert spot.box is not None
    assert spot.box[0] == pytest.approx(72, abs=2)
    assert spot.box[1] < 160 < spot.box[3] + 2
    at = found.text.index("二、")
    assert spot_of(found.origin.marks, at, at + 2).page == 2


def test_the_same_file_gives_the_same_text() -> None:
    data = printed(*PAGES)
    assert read(data, "a.pdf") == read(data, "a.pdf")


def test_a_locked_file_is_refused_by_name() -> None:
    with pytest.raises(UnreadableFormError, match=r"^a\.pdf is locked by a password"):
        read(printed(*PAGES, password="sesame"), "a.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\0" * 999])
def test_a_broken_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(UnreadableFormError, match=r"^a\.pdf is damaged"):
        read(data, "a.pdf")


def test_a_truncated_file_is_read_or_refused() -> None:
    data = printed(*PAGES)
    for share in (4, 2):
        (outcome,) = outcomes(data[: -len(data) // share], "a.pdf")
        if isinstance(outcome.read, Read):
            assert LINE in outcome.read.text
        else:
            assert outcome.read.key in ("damaged", "no_text")


def test_blank_pages_are_refused() -> None:
    with pytest.raises(UnreadableFormError, match=r"^a\.pdf holds no text"):
        read(printed([], []), "a.pdf")


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_MOST_PAGES", 1)
    with pytest.raises(TooLargeError, match="more than 1 pages"):
        read(printed(*PAGES), "a.pdf")
