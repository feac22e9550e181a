from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.errors import InputError
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.tables import STATUSES, Comparison, compare, making, subjects_of
from tests.conftest import ChainOver, Invented


def words(comparison: Comparison) -> list[list[str]]:
    return [[cell.text for cell in row] for row in comparison.table("zh").rows]


def by_place(comparison: Comparison) -> dict[str, list[str]]:
    return {row[0]: row[2:] for row in words(comparison)}


# --- figures -----------------------------------------------------------------------------------


def test_figures_stand_as_printed_with_result_and_target_apart(small_library: Library) -> None:
    found = compare(small_library, ["越城", "上城区"], ["GDP"], ["2023", "2024"])
    assert found.table("zh").columns == ("地区", "指标", "时期", "实绩", "目标")
    assert words(found) == [
        ["越城区", "地区生产总值", "2023", "增长7.6%", "未收录"],
        ["上城区", "地区生产总值", "2023", "2668.5亿元、增长4.3%", "未收录"],
        ["越城区", "地区生产总值", "2024", "未收录", "增长7%以上"],
        ["上城区", "地区生产总值", "2024", "未收录", "增长4%以上"],
    ]


def test_cells_for_programs_have_the_shape_of_the_rows(small_library: Library) -> None:
    found = compare(small_library, ["上城"], ["GDP"], ["2023"], computed=["rank"])
    (row,), (cells,) = found.table("zh").rows, found.cells()
    assert len(row) == len(cells)
    assert cells[:3] == [None] * 3
    assert cells[3] == {
        "place": "上城区",
        "indicator": "地区生产总值",
        "period": "2023",
        "status": "actual",
        "told": "stated",
        "value": "2668.5",
        "unit": "亿元",
        "growth_percent": 4.3,
        "basis": "yoy",
        "qualifier": None,
        "report_id": "330102-2024-3f8dd1a5",
        "citations": [1],
    }
    # One place alone has no rank.
    assert cells[-1] is None


def test_estimates_have_a_column_where_there_are_some(small_library: Library) -> None:
    found = compare(small_library, indicators=["GDP"], periods=["2023"])
    assert found.statuses == STATUSES
    (row,) = [row for row in words(found) if "篇3》" in row[0]]
    assert row[2:] == ["2023", "未提及", "1265亿元", "增长6%"]
    assert compare(small_library, ["越城"], ["GDP"], statuses=["estimate"]).statuses == (
        "estimate",
    )


def test_a_silent_report_and_a_report_not_held_are_told_apart(small_library: Library) -> None:
    found = compare(small_library, ["越城", "深圳"], ["规模以上工业增加值"], ["2023", "2019"])
    assert words(found) == [
        ["越城区", "规模以上工业增加值", "2023", "未提及", "未收录"],
        ["深圳市", "规模以上工业增加值", "2023", "未收录", "未收录"],
        ["越城区", "规模以上工业增加值", "2019", "未收录", "未收录"],
        ["深圳市", "规模以上工业增加值", "2019", "未收录", "未收录"],
    ]
    assert found.citations == ()
    assert found.notes("zh") == ("没有收录深圳市的报告。",)


def test_the_growth_of_the_year_is_told_beside_an_average_of_several(
    small_library: Library,
) -> None:
    found = compare(small_library, ["绍兴"], ["GDP"], ["2020"], ["actual"])
    assert words(found) == [["绍兴市", "地区生产总值", "2020", "6001亿元、年均增长6%、增长3.3%[2]"]]
    (cell,) = found.cells()[0][3:]
    assert cell
    assert (cell["growth_percent"], cell["basis"], cell["citations"]) == (3.3, "yoy", [1, 2])
    assert "3.3%" in found.citations[1].quote


def test_a_figure_told_twice_is_told_once(chain_over: ChainOver) -> None:
    review = "全年地区生产总值增长6%。经济稳中向好,地区生产总值增长6%。"
    library = chain_over(Invented("越城区", 2024, review)).searcher.library
    found = compare(library, ["越城"], ["GDP"], ["2023"], ["actual"])
    assert words(found) == [["越城区", "地区生产总值", "2023", "增长6%"]]
    assert len(found.citations) == 1


def test_the_report_about_the_year_goes_before_a_later_one(chain_over: ChainOver) -> None:
    library = chain_over(
        Invented("越城区", 2023, "2022年,地区生产总值增长5.1%。"),
        Invented("越城区", 2024, "2022年地区生产总值增长5.3%,2023年地区生产总值增长6%。"),
    ).searcher.library
    found = compare(library, ["越城"], ["GDP"], ["2022"], ["actual"])
    assert [cell.text for cell in found.table("zh").rows[0]][3] == "增长5.1%"


def test_falls_are_told_as_such(chain_over: ChainOver) -> None:
    library = chain_over(Invented("越城区", 2024, "全年固定资产投资下降3.2%。")).searcher.library
    found = compare(library, [], ["固投"], ["2023"], ["actual"])
    assert words(found)[0][3] == "下降3.2%"
    assert (found.cells()[0][3] or {})["growth_percent"] == -3.2


def test_a_fact_outside_every_passage_is_cited_by_its_own_clause(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [HeldFact(one.fact, None) for one in small_library.facts()]
    monkeypatch.setattr(Library, "facts", lambda self, report_ids=None: held)
    library = Library(small_library.path)
    (citation,) = compare(library, ["越城"], ["GDP"], ["2023"]).citations
    assert (citation.n, citation.quote) == (1, "全年实现地区生产总值增长7.6%")
    library.close()


# --- what is asked -----------------------------------------------------------------------------


def test_periods_default_to_those_of_each_places_reports(small_library: Library) -> None:
    found = compare(small_library, ["海曙", "绍兴"], ["GDP"])
    assert [(row[0], row[2]) for row in words(found)] == [
        ("绍兴市", "2020"), ("绍兴市", "2021"), ("海曙区", "2022"), ("海曙区", "2023"),
    ]  # fmt: skip


def test_places_default_to_all_held_those_without_a_name_included(small_library: Library) -> None:
    found = compare(small_library, indicators=["GDP"], periods=["2023"])
    assert len(found.rows) == len(subjects_of(small_library)) == 8
    unnamed = [row for row in found.rows if row.subject.place_name is None]
    assert len(unnamed) == 2
    alone = compare(small_library, [unnamed[0].subject.name], ["GDP"], ["2019"])
    assert alone.rows[0].subject == unnamed[0].subject
    # Its empty cells, too, say which report they are about.
    silent = [cell for cell in alone.cells()[0][3:] if cell and cell["told"] != "stated"]
    assert {cell["report_id"] for cell in silent} == {unnamed[0].subject.name}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("越城", ["越城区"]),
        ("绍兴市越城区", ["越城区"]),
        ("绍兴", ["绍兴市"]),
        ("浙江省", ["上城区", "海曙区", "绍兴市", "越城区"]),
        ("杭州", ["上城区"]),
        ("鼓楼区", ["鼓楼区"]),
        ("全国", ["全国"]),
    ],
)
def test_a_place_stands_for_those_below_only_where_it_has_no_report_of_its_own(
    small_library: Library, name: str, expected: list[str]
) -> None:
    found = compare(small_library, [name], ["GDP"], ["2023"])
    assert [row.subject.place_name for row in found.rows] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("经济总量", ["地区生产总值"]),
        ("城乡居民人均可支配收入", ["城镇居民人均可支配收入", "农村居民人均可支配收入"]),
        ("retail sales", ["社会消费品零售总额"]),
    ],
)
def test_indicators_go_by_any_name(small_library: Library, name: str, expected: list[str]) -> None:
    found = compare(small_library, ["上城"], [name], ["2023"])
    assert [row.indicator.name for row in found.rows] == expected


def test_an_indicator_outside_the_lexicon_goes_by_the_name_its_facts_bear(
    chain_over: ChainOver,
) -> None:
    library = chain_over(Invented("越城区", 2024, "全年建成口袋公园12个。")).searcher.library
    (name,) = {held.fact.indicator for held in library.facts()}
    found = compare(library, [], [name], ["2023"], ["actual"])
    assert words(found) == [["越城区", name, "2023", "12个"]]


@pytest.mark.parametrize(
    ("asked", "key", "told"),
    [
        ({"places": ["火星"], "indicators": ["GDP"]}, "unknown_place", "越城区"),
        ({"places": ["越成区"], "indicators": ["GDP"]}, "unknown_place", "已收录:越城区、"),
        ({"indicators": ["固定资产"]}, "unknown_indicator", "固定资产投资"),
        ({"indicators": ["GPP"]}, "unknown_indicator", "GDP"),
        ({"indicators": []}, "no_indicator", "GDP"),
        ({"indicators": [" "]}, "no_indicator", "GDP"),
        ({"indicators": ["GDP"], "periods": ["23"]}, "wrong_period", "23"),
        ({"indicators": ["GDP"], "periods": ["2025-2021"]}, "wrong_period", "2025-2021"),
        ({"indicators": ["GDP"], "statuses": ["done"]}, "unknown_status", "actual"),
    ],
)
def test_what_nothing_is_called_by_is_an_error_that_tells_what_is_known(
    small_library: Library, asked: dict[str, Any], key: str, told: str
) -> None:
    with pytest.raises(InputError) as raised:
        compare(small_library, **asked)
    assert raised.value.key == key
    assert told in raised.value.said("zh")
    assert raised.value.said("en")


def test_a_table_that_nobody_reads_is_refused_before_it_is_made(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST_CELLS", 23)
    with pytest.raises(InputError, match="24 cells"):
        compare(small_library, indicators=["GDP"], periods=["2023"])
    monkeypatch.setattr(making, "MOST_CELLS", 24)
    assert compare(small_library, indicators=["GDP"], periods=["2023"])


# --- computing ---------------------------------------------------------------------------------


def test_ranks_and_differences_are_computed_and_say_so(small_library: Library) -> None:
    computed: Sequence[Any] = ["rank", "difference_to_target"]
    found = compare(small_library, [], ["GDP"], ["2023"], computed=computed)
    assert found.table("zh").columns[-2:] == ("排名(计算)", "与目标之差(计算)")
    rows = by_place(found)
    assert rows["越城区"][-2:] == ["1/5(按增速)", ""]
    assert rows["上城区"][-2:] == ["2/5(按增速)", ""]
    # 4 - 5.5, 1.1 - 6.5
    assert rows["临淄区"][-2:] == ["3/5(按增速)", "低1.5个百分点"]
    assert rows["荔湾区"][-2:] == ["4/5(按增速)", "低5.4个百分点"]
    assert rows["海曙区"][-2:] == ["", ""]
    difference = next(row for row in found.rows if row.subject.name == "荔湾区").computed
    assert str(difference["difference_to_target"].value) == "-5.4"
    assert any("只按所列数字计算" in note for note in found.notes("zh"))


def test_amounts_are_told_from_their_target_in_their_unit(small_library: Library) -> None:
    found = compare(
        small_library, ["荔湾"], ["一般公共预算收入"], ["2023"], computed=["difference_to_target"]
    )
    # 53.43 - 53.5
    assert words(found)[0][-1] == "少0.07亿元"
    cell = found.cells()[0][-1]
    assert cell
    assert (cell["value"], cell["unit"], cell["by"]) == ("-7000000", "元", "amount")


def test_equal_figures_share_a_rank(chain_over: ChainOver) -> None:
    library = chain_over(
        Invented("越城区", 2024, "全年地区生产总值增长6%。"),
        Invented("上城区", 2024, "全年地区生产总值增长6.0%。"),
        Invented("海曙区", 2024, "全年地区生产总值下降1%。"),
    ).searcher.library
    found = by_place(compare(library, [], ["GDP"], ["2023"], ["actual"], ["rank"]))
    assert [found[place][-1] for place in ("越城区", "上城区", "海曙区")] == [
        "1/3(按增速)", "1/3(按增速)", "3/3(按增速)",
    ]  # fmt: skip


def test_other_bases_are_not_ranked_and_told(chain_over: ChainOver) -> None:
    library = chain_over(
        Invented("越城区", 2024, "全年地区生产总值增长6%。"),
        Invented("上城区", 2024, "全年地区生产总值增长5%。"),
        Invented("海曙区", 2024, "2023年地区生产总值年均增长7.1%。"),
    ).searcher.library
    found = compare(library, [], ["GDP"], ["2023"], ["actual"], ["rank"])
    assert by_place(found)["海曙区"][-1] == ""
    assert found.notes("zh") == (
        "地区生产总值的增速口径不同(同比、年均),不宜直接比较。",
        "口径、单位或统计门槛不同,或只写了区间,未参与排名:海曙区(2023, 地区生产总值)。",
    )


def test_targets_are_ranked_where_there_are_no_results(small_library: Library) -> None:
    found = by_place(compare(small_library, ["越城", "上城"], ["GDP"], ["2024"], computed=["rank"]))
    assert (found["越城区"][-1], found["上城区"][-1]) == ("1/2(按增速)", "2/2(按增速)")


# --- forms -------------------------------------------------------------------------------------


def test_records_tell_each_figure_with_its_source(small_library: Library) -> None:
    found = compare(small_library, ["越城", "上城"], ["GDP"], ["2023"], computed=["rank"])
    records = list(found.records())
    assert len(records) == 4
    stated = [record for record in records if record["told"] == "stated"]
    assert [record["rank"] for record in stated] == ["1", "2"]
    assert all(record["rank"] is None for record in records if record not in stated)
    record = stated[0]
    text = small_library.source_text(record["report_id"])
    assert text[record["start"] : record["end"]] == record["quote"]


def test_english_readers_get_english_words(small_library: Library) -> None:
    found = compare(small_library, ["上城"], ["GDP"], ["2023"])
    table = found.table("en")
    assert table.columns == ("place", "indicator", "period", "result", "target")
    assert [cell.text for cell in table.rows[0]] == [
        "Shangcheng District (上城区)",
        "gross regional product",
        "2023",
        "2668.5亿元 (266.85 billion yuan), up 4.3%",
        "no report held",
    ]


@given(
    places=st.lists(
        st.sampled_from(["越城", "上城", "浙江", "荔湾", "深圳", "临淄区"]), max_size=3
    ),
    indicators=st.lists(
        st.sampled_from(["GDP", "固投", "社零", "城乡居民人均可支配收入", "老旧小区改造", "PM2.5"]),
        min_size=1,
        max_size=3,
    ),
    periods=st.lists(st.sampled_from(["2020", "2022", "2023", "2024", "2021-2025"]), max_size=3),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_citation_is_the_sources_slice_and_every_figure_has_one(
    small_library: Library, places: list[str], indicators: list[str], periods: list[str]
) -> None:
    found = compare(
        small_library, places, indicators, periods, computed=["rank", "difference_to_target"]
    )
    for citation in found.citations:
        source = small_library.source_text(citation.report_id)
        assert source[citation.start : citation.end] == citation.quote
    numbers = [citation.n for citation in found.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    table, cells = found.table("zh"), found.cells()
    assert [len(row) for row in table.rows] == [len(row) for row in cells]
    cited = {n for row in cells for cell in row if cell for n in cell.get("citations", ())}
    assert cited == set(numbers)
    for row, own in zip(table.rows, cells, strict=True):
        for cell, figure in zip(row, own, strict=True):
            if figure and figure["told"] == "stated":
                quote = found.citations[figure["citations"][0] - 1].quote
                assert cell.citation == figure["citations"][0]
                assert figure["value"] is None or figure["value"].split("—")[0] in quote
