"""Trends over invented reports of several years; courses are worked out by hand."""

import pytest

from qa.answers.answer import Answer, Table
from tests.conftest import ChainOver, Invented

# Delivered in 2012, 2014, 2016 and 2020: grain in two units, a plan without a target, a range.
REPORTS = (
    Invented(
        "全国",
        2012,
        "国内生产总值47万亿元,比上年增长9.2%。粮食产量57000万吨。",
        "国内生产总值增长7.5%。单位国内生产总值能耗下降3%以上。拟安排财政赤字8000亿元。",
    ),
    Invented(
        "全国",
        2014,
        "国内生产总值增长7.7%。粮食产量1.2万亿斤。",
        "国内生产总值增长7.5%左右。单位国内生产总值能耗下降4%。",
    ),
    Invented(
        "全国",
        2016,
        "五年国内生产总值年均增长7.8%。",
        "国内生产总值增长6.5%—7%。",
    ),
    Invented(
        "全国",
        2020,
        "国内生产总值增长6.1%。粮食产量1.32万亿斤。",
        "扎实做好稳就业工作。",
    ),
)
DISTRICT = Invented("越城区", 2024, "地区生产总值增长7.6%。", "地区生产总值增长7%以上。")


def ask(chain_over: ChainOver, question: str, *reports: Invented) -> Answer:
    return chain_over(*(reports or REPORTS)).ask(question)


def table_of(answer: Answer) -> Table:
    assert answer.table is not None
    return answer.table


def column(answer: Answer, number: int) -> dict[str, str]:
    """Year → cell."""
    return {row[0].text: row[number].text for row in table_of(answer).rows}


@pytest.mark.parametrize(
    "question",
    [
        "国务院报告历年GDP增长目标",
        "GDP增速目标逐年走势",
        "近几年国务院报告里国内生产总值增长目标有什么变化",
        "2012年到2020年经济增长目标是怎么变的?",
        "2012年以来GDP增长目标有过哪些调整",
        "How has the GDP growth target changed since 2012?",
    ],
)
def test_a_row_a_year_and_a_citation_a_figure(chain_over: ChainOver, question: str) -> None:
    answer = ask(chain_over, question)
    rows = table_of(answer).rows
    assert [row[0].text for row in rows] == ["2012", "2014", "2016", "2020"]
    assert [row[1].citation is not None for row in rows] == [True, True, True, False]
    assert rows[3][1].text in ("未提及", "not mentioned")
    assert answer.status == "partial"
    assert any("2020" in note for note in answer.notes)
    for citation in answer.citations:
        assert citation.year in (2012, 2014, 2016)
    assert all(check.supported for check in answer.checks)


def test_the_course_is_computed_from_the_figures_of_the_table(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "国务院报告历年GDP增长目标")
    assert "国内生产总值增长目标只降不升(计算)" in answer.text
    assert "2012年目标增长7.5%[1],2016年目标增长6.5%—7%[2]" in answer.text
    assert "区间按下限比较。" in answer.notes


def test_results_and_targets_have_columns_of_their_own(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "全国GDP增速这些年走势如何")
    assert table_of(answer).columns[:3] == ("年份", "国内生产总值(实绩)", "国内生产总值(目标)")
    assert column(answer, 1)["2013"] == "增长7.7%"
    assert column(answer, 2)["2013"] == "未收录"
    assert column(answer, 2)["2014"] == "增长7.5%左右"
    assert "2011年增长9.2%" in answer.text
    assert "2019年增长6.1%" in answer.text


def test_the_average_of_several_years_is_not_set_in_the_row_of_growths(
    chain_over: ChainOver,
) -> None:
    answer = ask(chain_over, "全国GDP增速历年走势")
    assert "增长7.8%" not in column(answer, 1).values()
    assert "7.8%" not in answer.text


def test_weights_are_compared_in_one_unit_and_it_is_said(chain_over: ChainOver) -> None:
    # 57000万吨 are 1.14万亿斤.
    answer = ask(chain_over, "全国历年粮食产量的变化")
    assert "只升不降(计算):2011年57000万吨[1],2019年1.32万亿斤[2]" in answer.text
    assert any("1公斤等于2斤" in note for note in answer.notes)


def test_other_units_stand_apart(chain_over: ChainOver) -> None:
    amount = Invented(
        "全国", 2018, "国内生产总值82.7万亿元,增长6.9%。", "国内生产总值增长6.5%左右。"
    )
    ratio = Invented("全国", 2020, "国内生产总值99万亿元。", "国内生产总值增长6%。")
    answer = ask(chain_over, "全国历年国内生产总值", *REPORTS[:2], amount, ratio)
    assert "47万亿元" in answer.text
    assert column(answer, 3)["2013"] == "增长7.7%"
    assert any("2013年的数字口径或单位不同" in note for note in answer.notes)


def test_falls_are_compared_by_their_size(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "单位GDP能耗下降目标的历年变化")
    assert "降幅目标只升不降(计算):2012年目标下降3%以上[1],2014年目标下降4%[2]" in answer.text
    assert "最高是2014年目标下降4%[2]" in answer.text


def test_what_is_no_fact_is_quoted_and_not_compared(chain_over: ChainOver) -> None:
    unread = Invented("全国", 2018, "", "国内生产总值增长拟再高0.5个百分点。")
    later = Invented("全国", 2022, "", "国内生产总值增长5.5%左右。")
    answer = ask(chain_over, "国务院报告历年GDP增长目标", *REPORTS[:3], unread, later)
    cell = next(row[1] for row in table_of(answer).rows if row[0].text == "2018")
    assert cell.text == "国内生产总值增长拟再高0.5个百分点"
    assert cell.citation is not None
    assert "只降不升(计算,不含2018年)" in answer.text


def test_one_year_is_told_and_no_course_made_of_it(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "越城区GDP增速这几年走势如何", DISTRICT, *REPORTS)
    assert answer.status == "partial"
    assert "越城区2023年地区生产总值增长7.6%" in answer.text
    assert "计算" not in answer.text
    assert any("馆藏中越城区有2024年的报告" in note for note in answer.notes)


def test_where_no_place_is_named_the_one_with_several_reports_is_meant(
    chain_over: ChainOver,
) -> None:
    answer = ask(chain_over, "历年GDP增长目标", DISTRICT, *REPORTS)
    assert any("按全国的报告作答" in note for note in answer.notes)
    assert {citation.place for citation in answer.citations} == {"全国"}


def test_years_named_one_by_one_are_owed(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "国务院2012年、2014年、2018年的GDP增长目标分别是多少,列成表")
    assert [row[0].text for row in table_of(answer).rows] == ["2012", "2014"]
    assert answer.status == "partial"
    assert any("2018" in note for note in answer.notes)


def test_a_part_of_the_indicator_is_not_told_as_the_whole(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "国务院历年中央财政赤字目标")
    assert answer.table is None


def test_two_moments_are_compared_not_listed(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "国务院2012年和2016年的GDP增长目标相差多少?")
    assert answer.table is None


def test_years_that_no_report_tells_of_are_refused(chain_over: ChainOver) -> None:
    answer = ask(chain_over, "越城区2001年到2009年GDP增速的变化", DISTRICT)
    assert answer.status == "refused"
    assert answer.refusal is not None
    assert answer.refusal.reason == "period_not_held"
