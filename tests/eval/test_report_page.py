import json
from dataclasses import replace
from html.parser import HTMLParser

from eval.outcomes import Outcome, Run
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


def test_the_json_holds_the_same_of_each_failed_case() -> None:
    (failed,) = json.loads(json.dumps(run_json(RUN)))["failed"]
    assert (failed["id"], failed["fault"], failed["question"]) == ("q", "wrong", HOSTILE)
    assert failed["citations"][0]["span"] == {"source": "a", "start": 10, "end": 20}
    assert failed["gold"]["evidence"][0]["spans"] == [{"source": "a", "start": 10, "end": 20}]


def given(outcome: Outcome, **changed: object) -> Outcome:
    assert outcome.answer
    return replace(outcome, answer=replace(outcome.answer, **changed))


def test_tokens_are_shown_when_a_system_gives_them() -> None:
    run = Run("ours", "c", (given(WRONG, tokens=1234), RUN.outcomes[1]))
    assert "<td>tokens</td><td>1</td><td>1234</td>" in report_page([run])
    assert "tokens: median 1234" in run_table(run)
    assert run_json(run)["costs"]["tokens"]["highest"] == 1234
    assert "tokens" not in report_page([RUN]) + run_table(RUN)


def test_confidence_is_told_where_a_system_gives_it() -> None:
    run = Run("ours", "c", (given(WRONG, confidence=0.9), given(RUN.outcomes[1], confidence=0.2)))
    # answerable: .9 and yes, .2 and no; right: .9 and no.
    assert "confidence (answerable): AUC 1.000, Brier 0.025, calibration error 0.150" in run_table(
        run
    )
    assert "confidence (right): AUC –, Brier 0.810, calibration error 0.900 (1 cases)" in run_table(
        run
    )
    told = run_json(run)["reliability"]
    assert [b["cases"] for b in told["answerable"]["bins"]] == [1, 1]
    assert report_page([run]).count("<circle") == 3
    assert "confidence" not in report_page([RUN]) + run_table(RUN)
    assert run_json(RUN)["reliability"] == {}


def test_a_system_that_finds_nothing_has_a_page_too() -> None:
    assert "<h1>" in report_page([Run("none", "c", ())])


def test_the_summary_tells_classes_and_scores() -> None:
    told = run_table(RUN)
    assert "1 wrong" in told
    assert "1 right" in told
    assert run_json(RUN)["scores"]["correct"]["mean"] == 0.5
    assert run_json(RUN)["generated"] == {}
    assert "no metric" in comparison_table([], "a", "b")
