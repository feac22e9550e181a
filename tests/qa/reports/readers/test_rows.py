import json

import pytest

from qa.errors import InputError
from qa.reports.parsing import parse_reports
from qa.reports.readers.protocol import Read
from qa.reports.report import Source
from tests.qa.reports.readers.made import outcomes
from tests.qa.reports.written import BODY, opening

REPORT = opening("人民政府") + BODY


def table(*rows: tuple[str, ...], separator: str = ",") -> bytes:
    lines = [("province", "city", "year", "title", "source_url", "full_text"), *rows]
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines]
    return ("\r\n".join(quoted) + "\r\n").encode("utf-8-sig")


def texts(data: bytes, name: str) -> dict[str, str]:
    return {
        o.name: o.read.text if isinstance(o.read, Read) else o.read.key
        for o in outcomes(data, name)
    }


def source(data: bytes, name: str) -> Source:
    (outcome,) = outcomes(data, name)
    assert isinstance(outcome.read, Read)
    return Source(outcome.name, outcome.read.text, outcome.read.origin)


def test_each_row_is_a_document_named_by_its_number() -> None:
    data = table(
        ("", "", "", "", "", '各位代表:\n"引"'),
        ("", "", "", "", "", " "),
        ("", "", "", "", "", "三"),
    )
    assert texts(data, "a.csv") == {
        "a.csv#1": '各位代表:\n"引"',
        "a.csv#2": "empty_row",
        "a.csv#3": "三",
    }


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_separator_is_what_the_header_uses(separator: str) -> None:
    assert texts(table(("浙江", "", "2024", "", "", "文"), separator=separator), "a.csv") == {
        "a.csv#1": "文"
    }


def test_a_table_in_gb18030_is_read() -> None:
    assert texts("年份,正文\n2024,各位代表\n".encode("gb18030"), "a.csv") == {"a.csv#1": "各位代表"}


def test_the_title_stands_first_unless_the_text_begins_with_it() -> None:
    assert texts(table(("", "", "", "越城区政府工作报告", "", "各位代表")), "a.csv") == {
        "a.csv#1": "越城区政府工作报告\n\n各位代表"
    }
    assert texts(
        table(("", "", "", "越城区政府工作报告", "", "越城区政府工作报告\n各位代表")), "a.csv"
    ) == {"a.csv#1": "越城区政府工作报告\n各位代表"}


def test_columns_fill_what_the_text_leaves_open() -> None:
    row = ("浙江", "杭州", "2026", "", "https://example.cn/1", REPORT)
    (report,) = parse_reports(source(table(row), "a.csv"))
    assert (report.place, report.year, report.url) == ("杭州市", 2026, "https://example.cn/1")
    assert report.source == "a.csv#1"


def test_columns_do_not_overrule_the_text() -> None:
    titled = "2026年绍兴市政府工作报告\n" + REPORT
    (report,) = parse_reports(source(table(("广东", "", "2019", "", "", titled)), "a.csv"))
    assert (report.place, report.year) == ("绍兴市", 2026)
    assert any("数据表写作2019年" in warning for warning in report.warnings)


def test_an_address_that_is_none_is_left_out() -> None:
    assert source(table(("", "", "", "", "javascript:1", "文")), "a.csv").origin.url is None


def test_lines_of_json_are_named_by_their_line() -> None:
    lines = [
        json.dumps({"year": 2024, "full_text": "各位代表"}),
        "",
        "{broken",
        '{"full_text": 5}',
        "[1]",
    ]
    assert texts("\n".join(lines).encode(), "a.jsonl") == {
        "a.jsonl#1": "各位代表",
        "a.jsonl#3": "damaged",
        "a.jsonl#4": "5",
        "a.jsonl#5": "empty_row",
    }


def test_deeply_nested_json_fails_alone() -> None:
    deep = '{"full_text": ' + "[" * 100_000 + "]" * 100_000 + "}"
    found = texts(f'{{"full_text": "文"}}\n{deep}\n'.encode(), "a.jsonl")
    assert found == {"a.jsonl#1": "文", "a.jsonl#2": "damaged"}


def test_a_row_of_a_report_longer_than_the_modules_own_limit_is_read() -> None:
    (outcome,) = outcomes(table(("", "", "", "", "", "报" * 200_000)), "a.csv")
    assert not isinstance(outcome.read, InputError)
