import pytest

from qa.errors import CorrectionError
from qa.places import Place, bearers, full_path
from qa.reports.correcting import (
    AS_PRINTED,
    Change,
    Correction,
    Field,
    changed,
    read_assignments,
    read_change,
)
from qa.reports.parsing import parse_reports
from tests.qa.reports.written import report_source


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("place", "越城区", "330602越城区"),
        ("place", "绍兴越城", "330602越城区"),
        ("place", "浙江省绍兴市越城区", "330602越城区"),
        ("place", "北京市朝阳区", "110105朝阳区"),
        ("place", "330602", "330602越城区"),
        ("place", "全国", "000000全国"),
        ("year", "2024", 2024),
        ("year", " 2024年 ", 2024),
        ("delivered", "2024-1-16", "2024-01-16"),
        ("delivered", "2024年1月16日", "2024-01-16"),
        ("delivered", "2024/01/16", "2024-01-16"),
        ("speaker", "嘎玛·泽登", "嘎玛·泽登"),
        ("reviewed_period", "2023年", "2023"),
        ("planned_period", "2021—2025年", "2021-2025"),
        ("planned_period", "2024-2024", "2024"),
        ("year", "", AS_PRINTED),
        ("place", "原文", AS_PRINTED),
        ("title", "document", AS_PRINTED),
        ("speaker", "-", None),
        ("delivered", "无", None),
    ],
)
def test_values_are_read_as_people_write_them(field: Field, text: str, value: Change) -> None:
    assert read_change(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "key", "named"),
    [
        ("place", "鼓楼区", "ambiguous_place", "福建省福州市鼓楼区(350102)"),
        ("place", "吉林", "ambiguous_place", "吉林省吉林市(220200)"),
        ("place", "宁波上城区", "no_such_place", "浙江省杭州市上城区(330102)"),
        ("place", "火星", "no_place_like_it", "火星"),
        ("year", "24", "wrong_year", "24"),
        ("year", "1024", "wrong_year", "1949"),
        ("delivered", "2024-02-30", "wrong_day", "2024-02-30"),
        ("delivered", "1月16日", "wrong_day", "1月16日"),
        ("speaker", "张\n三", "wrong_words", "speaker"),
        ("title", "长" * 201, "wrong_words", "200"),
        ("reviewed_period", "2025-2021", "wrong_span", "2025-2021"),
        ("planned_period", "去年", "wrong_span", "去年"),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_write(
    field: Field, text: str, key: str, named: str
) -> None:
    with pytest.raises(CorrectionError) as caught:
        read_change(field, text)
    assert caught.value.key == key
    assert all(named in caught.value.said(language) for language in ("zh", "en"))


def test_assignments_name_fields_in_either_language() -> None:
    assert read_assignments(["地区=越城区", "year=2024", "speaker＝", "title=a=b"]) == {
        "place": "330602越城区",
        "year": 2024,
        "speaker": AS_PRINTED,
        "title": "a=b",
    }


@pytest.mark.parametrize(
    ("given", "key"),
    [(["yaer=2024"], "unknown_field"), (["year"], "wrong_assignment"), ([], "no_changes")],
)
def test_assignments_that_say_nothing_are_told(given: list[str], key: str) -> None:
    with pytest.raises(CorrectionError) as caught:
        read_assignments(given)
    assert caught.value.key == key


def test_changes_add_to_what_was_corrected_and_take_it_back() -> None:
    first = changed(None, {"year": 2024, "speaker": None})
    assert changed(first, {"place": "330602越城区", "year": AS_PRINTED}).values == {
        "speaker": None,
        "place": "330602越城区",
    }
    assert not changed(first, {"year": AS_PRINTED, "speaker": AS_PRINTED})


def test_a_day_outside_the_year_is_refused_also_where_one_was_corrected_before() -> None:
    with pytest.raises(CorrectionError, match="not in the year"):
        changed(Correction({"year": 2024}), {"delivered": "2023-01-16"})


def test_a_short_name_stands_for_every_division_that_bears_it() -> None:
    assert {full_path(place) for place in bearers("朝阳")} == {
        "辽宁省朝阳市(211300)",
        "北京市朝阳区(110105)",
        "辽宁省朝阳市朝阳县(211321)",
        "吉林省长春市朝阳区(220104)",
    }
    assert bearers("杭州市鼓楼区") == ()
    assert bearers("") == ()


# --- what it makes of a report -----------------------------------------------------------------

SOURCE = report_source(
    "2026年某县政府工作报告", "(2026年1月5日在某县第一届人民代表大会上)", "某县县长 张三"
)
(READ,) = parse_reports(SOURCE)


def test_a_correction_overrules_the_document_and_keeps_the_id() -> None:
    correction = changed(None, {"place": "330683嵊州市", "year": 2025, "speaker": "李四"})
    (report,) = parse_reports(SOURCE, corrections={READ.mark: correction})
    assert report.report_id == READ.report_id
    assert (report.place, report.place_code, report.province, report.level) == (
        "嵊州市", "330683", "浙江省", "县",
    )  # fmt: skip
    assert (report.year, report.speaker, report.title) == (2025, "李四", "2025年嵊州市政府工作报告")
    assert report.correction is not None
    assert report.correction.place == Place("330683", "嵊州市")
    assert report.correction.read == {"place": READ.place, "year": 2026, "speaker": "张三"}
    assert report.warnings[0].startswith("人工更正:地区(原文")


def test_a_year_drops_a_day_of_another_year_and_a_day_brings_its_year() -> None:
    (moved,) = parse_reports(SOURCE, corrections={READ.mark: Correction({"year": 2025})})
    assert (READ.delivered, moved.delivered) == ("2026-01-05", None)
    (dated,) = parse_reports(
        SOURCE, corrections={READ.mark: Correction({"delivered": "2024-12-30"})}
    )
    assert (dated.year, dated.delivered) == (2024, "2024-12-30")


def test_sections_that_name_no_year_move_with_the_year_and_others_stay() -> None:
    body = SOURCE.text.split("一、")[1].replace("2025年工作回顾", "工作回顾")
    source = report_source("2026年某县政府工作报告", body=f"一、{body}")
    (read,) = parse_reports(source)
    (moved,) = parse_reports(source, corrections={read.mark: Correction({"year": 2024})})
    assert [(s.kind, s.period) for s in moved.sections if s.kind != "other"] == [
        ("review", "2023"),
        ("plan", "2026"),
        ("government", "2024"),
    ]


def test_periods_that_are_corrected_move_the_sections_that_bore_them() -> None:
    correction = changed(None, {"reviewed_period": "2021-2025", "planned_period": None})
    (report,) = parse_reports(SOURCE, corrections={READ.mark: correction})
    assert (report.reviewed_period, report.planned_period) == ("2021-2025", None)
    assert [(s.kind, s.period) for s in report.sections if s.kind in ("review", "plan")] == [
        ("review", "2021-2025"),
        ("plan", None),
    ]
    assert {p.period for p in report.passages if p.kind == "review"} == {"2021-2025"}
