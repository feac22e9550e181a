from dataclasses import replace

from qa.answers.naming import period_told, place_name, report_name, title_of
from qa.reports.report import Report


def test_names_are_in_the_language_of_the_question(sample_reports: list[Report]) -> None:
    report = next(r for r in sample_reports if r.place == "越城区")
    assert place_name("越城区", "zh") == "越城区"
    assert place_name("越城区", "en") == "Yuecheng District (越城区)"
    assert report_name(report, "zh") == "越城区"
    assert title_of(report, "zh") == report.title
    assert title_of(report, "en") == "the 2024 work report of Yuecheng District (越城区)"


def test_a_report_without_a_place_is_called_by_its_title(sample_reports: list[Report]) -> None:
    report = replace(sample_reports[0], place=None, title="某地政府工作报告")
    assert report_name(report, "en") == "the report without a named place, 某地政府工作报告"


def test_the_head_of_a_quote_tells_plans_from_results(sample_reports: list[Report]) -> None:
    report = next(r for r in sample_reports if r.place == "越城区")
    kinds = {passage.kind: passage for passage in report.passages}
    assert period_told(kinds["review"], report, "zh") == "(2023年)"
    assert period_told(kinds["plan"], report, "zh") == "(2024年计划)"
    unknown = replace(kinds["plan"], period=None)
    assert period_told(unknown, replace(report, year=None), "en") == ""
