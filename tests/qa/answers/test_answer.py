from qa.answers.answer import Answer, Cell, Check, Citation, Refusal, Table
from qa.reports.report import Passage, Report

TEXT = "全市生产总值增长7%。财政收入增长5%。"
REPORT = Report("r-1", "2024年越城区政府工作报告", "a.txt", 0, 40, place="越城区", year=2024)
PASSAGE = Passage(
    "r-1",
    "a.txt",
    10,
    10 + len(TEXT),
    TEXT,
    ("一、回顾",),
    "review",
    "2023",
    ((10, 21), (21, 10 + len(TEXT))),
)


def test_a_citation_quotes_the_source_at_its_offsets() -> None:
    citation = Citation.of(2, REPORT, PASSAGE, (21, 30))
    assert citation.quote == TEXT[11:20]
    assert (citation.n, citation.place, citation.year) == (2, "越城区", 2024)


def test_json_has_exactly_the_contract_keys() -> None:
    answer = Answer(
        "answered",
        "增长7%[1]",
        "问",
        citations=(Citation.of(1, REPORT, PASSAGE, (10, 21)),),
        table=Table(("地区", "增速"), ((Cell("越城区"), Cell("7%", 1)),)),
        checks=(Check("7%", supported=True, citation=1),),
        timings_ms={"search": 1.2345},
    )
    assert answer.identified("q1").as_json() == {
        "id": "q1",
        "question": "问",
        "status": "answered",
        "answer": "增长7%[1]",
        "citations": [
            {
                "n": 1,
                "report_id": "r-1",
                "report_title": "2024年越城区政府工作报告",
                "place": "越城区",
                "year": 2024,
                "source": "a.txt",
                "start": 10,
                "end": 21,
                "quote": TEXT[:11],
                "headings": ["一、回顾"],
            }
        ],
        "refusal": None,
        "table": {
            "columns": ["地区", "增速"],
            "rows": [[{"text": "越城区", "citation": None}, {"text": "7%", "citation": 1}]],
        },
        "checks": [{"figure": "7%", "supported": True, "citation": 1}],
        "notes": [],
        "generator": "extractive",
        "timings_ms": {"search": 1.23},
    }


def test_a_refusal_carries_reason_and_detail() -> None:
    answer = Answer("refused", "没有", "问", refusal=Refusal("not_stated", "没有"))
    assert answer.as_json()["refusal"] == {"reason": "not_stated", "detail": "没有"}
