from html.parser import HTMLParser

from eval.outcomes import Run
from eval.report_page import report_page
from eval.summary import comparison_table, run_json, run_table
from tests.eval.outcomes import A, answered, case, cited, refused, searched

HOSTILE = "<script>alert('x')</script>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not {"src", "href", "onload"} & {name for name, _ in attrs}


WRONG = answered(case(A, must=(("7.6%",),), question=HOSTILE), HOSTILE, cited(1, A, HOSTILE))
RUN = Run("ours", "c", (WRONG, refused(case(id="r"))))
OTHER = Run(HOSTILE, "c", (searched(case(A), A),))


def test_the_page_stands_alone_and_escapes_what_it_shows() -> None:
    page = report_page([RUN, OTHER])
    tags = Tags()
    tags.feed(page)
    assert {"table", "svg", "details"} <= tags.seen
    assert not {"script", "link", "img", "iframe"} & tags.seen
    assert "&lt;script&gt;" in page


def test_a_failed_case_is_shown_with_question_answer_citation_and_gold() -> None:
    page = report_page([RUN])
    assert page.count("<details>") == 1
    assert "a:10" in page


def test_a_system_that_finds_nothing_has_a_page_too() -> None:
    assert "<h1>" in report_page([Run("none", "c", ())])


def test_the_summary_tells_classes_and_scores() -> None:
    told = run_table(RUN)
    assert "1 wrong" in told
    assert "1 right" in told
    assert run_json(RUN)["scores"]["correct"]["mean"] == 0.5
    assert run_json(RUN)["generated"] == {}
    assert "no metric" in comparison_table([], "a", "b")
