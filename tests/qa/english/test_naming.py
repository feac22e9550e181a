import pytest

from qa.english.naming import place_in_english, title_in_english


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("越城区", "Yuecheng District (越城区)"),
        ("绍兴市", "Shaoxing (绍兴市)"),
        ("内蒙古自治区", "Inner Mongolia (内蒙古自治区)"),
        ("陕西省", "Shaanxi (陕西省)"),
        ("全国", "the nation (全国)"),
        ("无此区", "无此区"),
    ],
)
def test_places(name: str, expected: str) -> None:
    assert place_in_english(name) == expected


def test_titles_say_whose_report_it_is() -> None:
    title = title_in_english("2024年越城区政府工作报告")
    assert title == "the 2024 work report of Yuecheng District (越城区)"
    assert title_in_english("一份报告") == "一份报告"
    assert title_in_english("2024年无此区政府工作报告") == "2024年无此区政府工作报告"
