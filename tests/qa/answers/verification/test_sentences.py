from dataclasses import replace

import pytest

from qa.answers.verification import Evidence, verify_sentence
from qa.answers.verification.sentences import split_lines, split_sentences
from tests.qa.answers.verification.made import REVIEW, evidence

NESTED = "推进“一老一小”服务,建成“幸福邻里坊”62个,惠及2400个家庭,覆盖率85%以上。"
KNOWN = {1: evidence(NESTED), 2: evidence(REVIEW, 2)}


def reasons(sentence: str, known: dict[int, Evidence] = KNOWN) -> list[str | None]:
    return [finding.reason for finding in verify_sentence(sentence, known)]


def test_a_quotation_that_stands_in_its_sentence_is_supported() -> None:
    assert reasons(f"越城区(2023年):“{NESTED}”[1]") == [None, None, None]


@pytest.mark.parametrize(
    ("true", "false"),
    [("62个", "63个"), ("62个", "62家"), ("85%以上", "85%"), ("建成", "拟建"), ("62个", "162个")],
)
def test_a_quotation_altered_anywhere_falls_whole(true: str, false: str) -> None:
    told = f"越城区(2023年):“{NESTED.replace(true, false)}”[1]"
    assert set(reasons(told)) == {"quote"}


@pytest.mark.parametrize("cut", ["惠及2400个家庭", "…惠及2400个家庭…", "覆盖率85%以上"])
def test_a_cut_that_leaves_figures_whole_is_supported(cut: str) -> None:
    assert set(reasons(f"越城区:“{cut}”[1]")) == {None}


@pytest.mark.parametrize("cut", ["00个家庭", "惠及24", "覆盖率85%", "建成“幸福邻里坊”6"])
def test_a_cut_through_a_figure_is_not(cut: str) -> None:
    assert "quote" in reasons(f"越城区:“{cut}”[1]")


@pytest.mark.parametrize(
    "told",
    [
        "越城区, 2023: “惠及2400个家庭” [1]",
        "Yuecheng District (越城区), 2023: “惠及2400个家庭” [1]",
        "Yuecheng District (越城区), 2023: “累计接待超20万人次” (超20万人次 = more than 200,000 visits or person-times) [3]",
        "Yuecheng District (越城区), 2023: visitors 超20万人次 (more than 200,000 visits or person-times) [3].",
    ],
)
def test_english_words_around_what_is_printed_are_read(told: str) -> None:
    known = {**KNOWN, 3: evidence("累计接待超20万人次。", 3)}
    assert set(reasons(told, known)) == {None}


@pytest.mark.parametrize(
    "told",
    [
        "Haishu District (海曙区), 2023: “惠及2400个家庭” [1]",
        "Yuecheng District (越城区), plan for 2023: “惠及2400个家庭” [1]",
        "Yuecheng District (越城区), 2022: “惠及2400个家庭” [1]",
        "Yuecheng District (越城区), 2023: “累计接待超20万人次” (超20万人次 = more than 300,000 visits or person-times) [3]",
        "Yuecheng District (越城区), 2023: visitors 超20万人次 (more than 2 million visits or person-times) [3].",
    ],
)
def test_english_words_that_say_something_else_are_not_supported(told: str) -> None:
    known = {**KNOWN, 3: evidence("累计接待超20万人次。", 3)}
    assert set(reasons(told, known)) != {None}


def test_a_report_that_is_named_by_its_title_is_no_figure() -> None:
    told = "Not stated by 越城区, the report without a named place, 2023年报告多篇篇2."
    assert reasons(told) == []


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("上城区(2023年)", "place"),
        ("越城区(2022年)", "period"),
        ("越城区(2023年计划)", "status"),
        ("越城区, plan for 2023", "status"),
    ],
)
def test_a_head_is_true_of_what_it_introduces(head: str, reason: str) -> None:
    assert reasons(f"{head}:“惠及2400个家庭”[1]")[0] == reason


def test_a_head_may_not_lend_its_place_to_another_report() -> None:
    known = {1: evidence("建成公园3个。"), 2: evidence("建成公园5个。", 2, place="上城区")}
    assert "place" in reasons("越城区(2023年)公园:建成公园3个[1]、建成公园5个[2]。", known)


def test_items_of_a_list_are_held_against_the_marker_behind_them() -> None:
    known = {1: evidence("筹措指标3000亩、出地供地4000亩。", kind="plan", period="2024")}
    told = "越城区(2024年计划)目标:筹措指标{}亩、出地供地{}亩[1]。"
    assert reasons(told.format(3000, 4000), known) == [None, None]
    assert reasons(told.format(3000, 3000), known) == [None, "indicator"]
    assert reasons(told.format(3001, 4000), known) == ["value", None]


def test_the_subject_of_a_list_may_repeat_what_announces_it() -> None:
    made = evidence("(1)交通便民改革", kind="plan", period="2021", year=2021)
    known = {1: replace(made, read_above=lambda: "在16个预选项目中确定5项候选项目。另有3个项目。")}
    told = "越城区(2021年计划)在{}个预选项目中确定5项候选项目:交通便民改革[1]。"
    assert reasons(told.format(16), known) == [None, None]
    assert reasons(told.format(15), known) == ["value", None]
    assert reasons(told.format(3), known) == ["value", None]


def test_a_number_in_a_name_that_the_source_does_not_print_is_a_figure() -> None:
    assert "value" in reasons("越城区推进“覆盖率95%”行动[1]。")


def test_a_line_is_split_behind_its_full_stops_but_not_in_quotes() -> None:
    assert split_sentences("甲[1]。乙。[2]丙[3]") == ["甲[1]。", "乙。[2]", "丙[3]"]
    assert split_sentences("甲:“一。二。”[1]") == ["甲:“一。二。”[1]"]
    assert split_sentences("甲:“一”。》二。”[1]") == ["甲:“一”。》二。”[1]"]
    assert split_lines("甲:“一\n二”[1]\n乙[2]") == ["甲:“一\n二”[1]", "乙[2]"]
    assert split_lines("甲:“一“”[1]\n乙[2]") == ["甲:“一“”[1]", "乙[2]"]
    assert split_sentences("Up 7.6% [1]. Down 2.5% [2].") == ["Up 7.6% [1].", " Down 2.5% [2]."]


def test_a_number_in_an_indicators_name_is_no_figure() -> None:
    known = {1: evidence("每万人口发明专利拥有量达到70件。")}
    told = "越城区, 2023: invention patents per 10,000 people {} [1]."
    assert reasons(told.format("70件 (70 items)"), known) == [None]
    assert reasons(told.format("71件 (71 items)"), known) == ["value"]
