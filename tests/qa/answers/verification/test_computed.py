"""Computed figures follow from supported ones, or fall."""

import pytest

from qa.answers.answer import Cell, Table
from qa.answers.verification import verify_answer
from tests.qa.answers.verification.made import answer, evidence

GROWTH = (
    "越城区2023年固定资产投资增长9.9%[1]。",
    "上城区2023年固定资产投资增长11.1%[2]。",
)
AMOUNTS = ("越城区2023年地区生产总值1000亿元[1]。", "上城区2023年地区生产总值2500亿元[2]。")
KNOWN = {
    1: evidence("地区生产总值1000亿元,固定资产投资增长9.9%,进出口总额下降1%。", 1),
    2: evidence("地区生产总值2500亿元,固定资产投资增长11.1%,进出口总额下降3%。", 2, "上城区"),
}


def reasons(*lines: str) -> list[str | None]:
    found = verify_answer(answer("\n".join(lines), *KNOWN.values()), KNOWN)
    return [f.reason for line in found.lines for one in line for f in one.findings if f.reason]


@pytest.mark.parametrize(
    "verdict",
    [
        "上城区(11.1%)比越城区(9.9%)高1.2个百分点(计算)。",
        "越城区(9.9%)比上城区(11.1%)低1.2个百分点(计算)。",
        "上城区(11.1%)高于越城区(9.9%),相差1.2个百分点(计算)。",
        "从高到低:上城区(11.1%)、越城区(9.9%)(计算)。",
        "上城区 (11.1%) is above 越城区 (9.9%) by 1.2 percentage points (computed).",
    ],
)
def test_a_true_verdict_is_supported(verdict: str) -> None:
    assert reasons(*GROWTH, verdict) == []
    assert reasons(verdict, *GROWTH) == []


@pytest.mark.parametrize(
    "verdict",
    [
        "上城区(11.1%)比越城区(9.9%)高1.3个百分点(计算)。",
        "上城区(11.1%)比越城区(9.9%)高1.2%(计算)。",
        "上城区(11.1%)比越城区(9.9%)低1.2个百分点(计算)。",
        "上城区(11.1%)比越城区(9.9%)高1.2个百分点以上(计算)。",
        "越城区(11.1%)比上城区(9.9%)高1.2个百分点(计算)。",
        "海曙区(11.1%)比越城区(9.9%)高1.2个百分点(计算)。",
        "全国(11.1%)比越城区(9.9%)高1.2个百分点(计算)。",
        "上城区(11.5%)比越城区(9.9%)高1.6个百分点(计算)。",
        "上城区(11.1%)与越城区(9.9%)相同(计算)。",
        "从低到高:上城区(11.1%)、越城区(9.9%)(计算)。",
        "上城区(11.1%)比越城区(9.9%)高1.2个百分点。",
    ],
)
def test_a_false_verdict_is_not(verdict: str) -> None:
    assert reasons(*GROWTH, verdict)


@pytest.mark.parametrize(
    ("verdict", "right"),
    [
        ("合计3500亿元(计算)。", True),
        ("合计3600亿元(计算)。", False),
        ("上城区(2500亿元)是越城区(1000亿元)的2.5倍(计算)。", True),
        ("上城区(2500亿元)是越城区(1000亿元)的2.6倍(计算)。", False),
        ("上城区(2500亿元)比越城区(1000亿元)多1500亿元(计算)。", True),
        ("上城区(2500亿元)比越城区(1000亿元)多1500万元(计算)。", False),
        ("上城区(2500亿元)比越城区(1000亿元)多3500亿元(计算)。", False),
        # A side told again is no difference.
        ("上城区(2500亿元)比越城区(1000亿元)多1000亿元(计算)。", False),
        ("上城区比越城区多1500亿元(计算)。", True),
        ("上城区比越城区多1000亿元(计算)。", False),
    ],
)
def test_sums_and_ratios_are_followed_where_they_are_said(verdict: str, right: bool) -> None:
    assert (reasons(*AMOUNTS, verdict) == []) == right


@pytest.mark.parametrize(
    ("totals", "right"),
    [
        ("越城区合计380件|上城区合计356件|越城区比上城区多24件", True),
        ("越城区合计380件|上城区合计356件|上城区比越城区少24件", True),
        ("越城区合计380件|上城区合计356件|越城区比上城区少24件", False),
        ("越城区合计380件|上城区合计356件|上城区比越城区多24件", False),
        ("越城区合计380件|上城区合计356件|越城区比上城区多25件", False),
        ("越城区合计362件|上城区合计356件|越城区比上城区多6件", False),
        ("越城区合计380件|上城区合计356件|海曙区比上城区多24件", False),
    ],
)
def test_sums_are_of_one_place_and_may_be_compared(totals: str, right: bool) -> None:
    known = {
        1: evidence("办理人大代表建议152件、政协委员提案228件。", 1),
        2: evidence("办理人大代表建议210件、政协委员提案146件。", 2, "上城区"),
    }
    lines = [
        "越城区2023年办理人大代表建议152件[1]。",
        "上城区2023年办理人大代表建议210件[2]。",
        "越城区2023年办理政协委员提案228件[1]。",
        "上城区2023年办理政协委员提案146件[2]。",
        *(f"{total}(计算)。" for total in totals.split("|")),
    ]
    made = answer("\n".join(lines), *known.values())
    assert all(one.is_supported for one in verify_answer(made, known).judged) == right


def test_the_larger_fall_is_the_lower_number() -> None:
    lines = ("越城区2023年进出口总额下降1%[1]。", "上城区2023年进出口总额下降3%[2]。")
    label = "上城区(下降3%)的降幅比越城区(下降1%){}2个百分点(计算)。"
    assert reasons(*lines, label.format("大")) == []
    assert reasons(*lines, label.format("小"))


def test_labels_of_time_are_held_against_the_figures_they_repeat() -> None:
    known = {
        1: evidence("一般公共预算收入增长6%。", 1),
        2: evidence("一般公共预算收入增长8%。", 2, kind="plan", period="2024"),
    }
    lines = ["2023年一般公共预算收入增长6%[1]。", "2024年一般公共预算收入的目标是增长8%[2]。"]

    def is_right(verdict: str) -> bool:
        made = answer("\n".join([*lines, verdict]), *known.values())
        return all(one.is_supported for one in verify_answer(made, known).judged)

    assert is_right("2024年目标(8%)比2023年(6%)高2个百分点(计算)。")
    assert not is_right("2024年(8%)比2023年(6%)高2个百分点(计算)。")
    assert not is_right("2025年目标(8%)比2023年(6%)高2个百分点(计算)。")
    assert not is_right("2024年目标(8%)比2023年目标(6%)高2个百分点(计算)。")


def test_a_figure_behind_a_name_repeats_and_is_not_the_difference_of_others() -> None:
    plan = evidence(
        "新增科技型中小企业200家,新增高新技术企业100家。", 1, kind="plan", period="2024"
    )
    known = {1: plan, 2: evidence("新增高新技术企业116家。", 2)}
    lines = [
        "2024年新增科技型中小企业的目标是200家[1]。",
        "2024年新增高新技术企业的目标是100家[1]。",
        "2023年新增高新技术企业116家[2]。",
    ]

    def is_right(verdict: str) -> bool:
        made = answer("\n".join([*lines, verdict]), *known.values())
        return all(one.is_supported for one in verify_answer(made, known).judged)

    assert is_right("2024年目标(100家)比2023年(116家)少16家(计算)。")
    assert not is_right("2024年(100家)比2023年(116家)少16家(计算)。")
    assert not is_right("2021年目标(100家)比2023年(116家)少16家(计算)。")


def test_a_cell_that_is_a_figure_is_told_of_its_row() -> None:
    known = {1: evidence("地区生产总值增长7%以上,一般公共预算收入增长7%。", 1, kind="plan")}

    def cell(text: str) -> list[str | None]:
        row = (Cell("越城区"), Cell("地区生产总值"), Cell(text, 1))
        made = answer("越城区[1]", *known.values(), table=Table(("地区", "指标", "数值"), (row,)))
        return [f.reason for f in verify_answer(made, known).cells[0, 2].findings]

    assert cell("7%以上") == [None]
    assert cell("7%") == ["indicator"]


def test_cells_are_read_with_their_row_and_column() -> None:
    def cell(text: str, n: int = 1) -> list[str | None]:
        table = Table(("地区", "固定资产投资"), ((Cell("越城区"), Cell(text, n)),))
        made = answer("越城区[1]", *KNOWN.values(), table=table)
        return [f.reason for f in verify_answer(made, KNOWN).cells[0, 1].findings]

    assert cell("2023年增长9.9%") == [None]
    assert cell("增长9.9%") == [None]
    assert cell("2023年增长9.8%") == ["value"]
    assert cell("2022年增长9.9%") == ["period"]
    assert cell("2023年目标增长9.9%") == ["status"]
    assert cell("2023年增长11.1%", 2) == ["place"]


def test_a_verdict_beside_a_marker_needs_the_citation_not_another_figure() -> None:
    lines = [*GROWTH, "最高的是越城区2023年固定资产投资增长11.1%[1](计算)。"]
    assert reasons(*lines) == ["value"]
    # 1.2 would follow from the two above.
    assert reasons(*GROWTH, "最高的是越城区2023年固定资产投资增长1.2个百分点[1](计算)。")


def test_equals_are_two() -> None:
    known = {
        1: evidence("举办促消费活动100场以上。", 1, kind="plan", period="2024"),
        2: evidence("举办促消费活动不少于100场。", 2, "上城区", kind="plan", period="2024"),
    }
    lines = [
        "越城区2024年举办促消费活动的目标是100场以上[1]。",
        "上城区2024年举办促消费活动的目标是不少于100场[2]。",
    ]

    def is_right(verdict: str) -> bool:
        made = answer("\n".join([*lines, verdict]), *known.values())
        return all(one.is_supported for one in verify_answer(made, known).judged)

    assert is_right("越城区(100场以上)与上城区(不少于100场)相同(计算)。")
    assert not is_right("上城区(100场以上)与上城区(不少于100场)相同(计算)。")


def test_only_the_marker_of_one_citation_right_behind_a_figure_is_its_own() -> None:
    assert reasons(*GROWTH, "两者相差1.2个百分点,见固定资产投资[1](计算)。") == []
    assert reasons(*GROWTH, "上城区比越城区高1.2个百分点[2](计算)。") == ["value"]


YEARS = {
    1: evidence("今年地区生产总值增长8%。", 1, kind="plan", period="2012", year=2012),
    2: evidence("今年地区生产总值增长7%。", 2, kind="plan", period="2014", year=2014),
    3: evidence("今年地区生产总值增长7.5%。", 3, kind="plan", period="2016", year=2016),
}
BY_YEAR = Table(
    ("年份", "地区生产总值(目标)"),
    tuple((Cell(str(2010 + 2 * n)), Cell(f"增长{g}%", n)) for n, g in ((1, 8), (2, 7), (3, "7.5"))),
)
COURSE = (
    "越城区地区生产总值增长目标{way}(计算):2012年目标增长8%[1],{last};最高是{high},最低是{low}。"
)
LAST, HIGH, LOW = "2016年目标增长7.5%[3]", "2012年目标增长8%[1]", "2014年目标增长7%[2]"


def _course_is_supported(way: str, last: str = LAST, high: str = HIGH, low: str = LOW) -> bool:
    line = COURSE.format(way=way, last=last, high=high, low=low)
    made = answer(line, *YEARS.values(), table=BY_YEAR)
    return all(one.is_supported for one in verify_answer(made, YEARS).judged)


def test_a_course_is_that_of_the_figures_of_the_table() -> None:
    assert _course_is_supported("有升有降,总的看下降")


@pytest.mark.parametrize(
    "told",
    [
        {"way": "有升有降,总的看上升"},
        {"way": "只降不升"},
        {"way": "有升有降,首尾相同"},
        {"way": "有升有降,总的看下降", "high": LAST},
        {"way": "有升有降,总的看下降", "low": LAST},
        {"way": "有升有降,总的看下降", "last": LOW},
        {"way": "有升有降,总的看下降", "last": "2016年目标增长7.6%[3]"},
        {"way": "有升有降,总的看下降", "last": "2015年目标增长7.5%[3]"},
    ],
)
def test_a_false_course_is_not_supported(told: dict[str, str]) -> None:
    assert not _course_is_supported(**told)


def test_a_cell_below_results_is_no_target() -> None:
    table = Table(("年份", "地区生产总值(实绩)"), ((Cell("2012"), Cell("增长8%", 1)),))
    found = verify_answer(answer("见表[1]。", *YEARS.values(), table=table), YEARS)
    assert found.cells[0, 1].findings[0].reason == "status"
