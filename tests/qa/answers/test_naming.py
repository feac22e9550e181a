from dataclasses import replace

from qa.answers.naming import place_name, report_name, title_of
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
