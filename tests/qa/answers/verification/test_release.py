"""What leaves: nothing unsupported, and citations that are numbered without gaps."""

import re

from qa.answers.answer import Answer, Cell, Check, Table
from qa.answers.verification import released
from tests.qa.answers.verification.made import answer, evidence

KNOWN = {
    1: evidence("地区生产总值增长7.6%。", 1),
    2: evidence("地区生产总值增长4.3%。", 2, "上城区"),
    3: evidence("地区生产总值增长6%。", 3, "海曙区"),
}
TRUE = [
    "越城区2023年地区生产总值增长7.6%[1]",
    "上城区2023年地区生产总值增长4.3%[2]",
    "海曙区2023年地区生产总值增长6%[3]",
]


def release(
    lines: list[str], table: Table | None = None, notes: tuple[str, ...] = ()
) -> Answer | None:
    return released(
        answer("\n".join(lines), *KNOWN.values(), table=table, notes=notes), KNOWN, "zh"
    )


def test_a_supported_answer_leaves_unaltered_with_its_checks() -> None:
    kept = release(TRUE)
    assert kept is not None
    assert kept.text.splitlines() == TRUE
    assert kept.status == "answered"
    assert kept.notes == ()
    assert kept.withheld == 0
    assert kept.checks == (
        Check("7.6%", True, 1), Check("4.3%", True, 2), Check("6%", True, 3),
    )  # fmt: skip


def test_an_unsupported_line_falls_and_the_rest_is_numbered_anew() -> None:
    kept = release([TRUE[0].replace("7.6", "7.7"), *TRUE[1:]])
    assert kept is not None
    assert kept.text.splitlines() == [
        "上城区2023年地区生产总值增长4.3%[1]",
        "海曙区2023年地区生产总值增长6%[2]",
    ]
    assert [(c.n, c.place) for c in kept.citations] == [(1, "上城区"), (2, "海曙区")]
    assert [c.citation for c in kept.checks] == [1, 2]
    assert kept.status == "partial"
    assert kept.notes == ("有1处内容与所引原文不符,已删去。",)
    assert "7.7" not in str(kept.as_json())
    assert kept.withheld == 1
    assert "withheld" not in kept.as_json()


def test_the_note_speaks_english_to_the_english() -> None:
    made = answer("\n".join(["越城区2023年地区生产总值增长9%[1]", TRUE[1]]), *KNOWN.values())
    kept = released(made, KNOWN, "en")
    assert kept is not None
    assert kept.notes[0].endswith("do not support them: 1.")


def test_only_the_unsupported_sentence_of_a_line_falls() -> None:
    kept = release([f"{TRUE[0]}。{TRUE[1].replace('4.3', '9.3')}。"])
    assert kept is not None
    assert kept.text == f"{TRUE[0]}。"


def test_a_verdict_falls_with_what_it_was_computed_from() -> None:
    verdict = "越城区(7.7%)比上城区(4.3%)高3.4个百分点(计算)。"
    kept = release([TRUE[0].replace("7.6", "7.7"), TRUE[1], verdict])
    assert kept is not None
    assert kept.text == "上城区2023年地区生产总值增长4.3%[1]"


def test_a_heading_falls_with_the_last_of_its_lines() -> None:
    heads = ["地区生产总值:", TRUE[0], "其余:", TRUE[1].replace("4.3", "9.3")]
    kept = release(heads)
    assert kept is not None
    assert kept.text.splitlines() == ["地区生产总值:", TRUE[0]]


def test_nothing_leaves_where_nothing_is_supported() -> None:
    assert release(["共3份报告:", "越城区2023年地区生产总值增长8%[1]"]) is None


def test_an_unsupported_cell_is_emptied_and_its_citation_goes() -> None:
    rows = (
        (Cell("越城区"), Cell("2023年增长7.6%", 1)),
        (Cell("上城区"), Cell("2023年增长9.3%", 2)),
        (Cell("海曙区"), Cell("2023年增长6%", 3)),
    )
    kept = release([TRUE[0]], table=Table(("报告", "地区生产总值"), rows))
    assert kept is not None
    assert kept.table is not None
    assert [row[1] for row in kept.table.rows] == [
        Cell("2023年增长7.6%", 1),
        Cell("未通过核对"),
        Cell("2023年增长6%", 2),
    ]
    assert [c.place for c in kept.citations] == ["越城区", "海曙区"]
    assert set(re.findall(r"\[(\d+)\]", kept.text)) == {"1"}


def test_a_line_that_is_a_note_is_the_programs_own() -> None:
    note = "应有6项,这里只列出5项。"
    kept = release([TRUE[0], note], notes=(note,))
    assert kept is not None
    assert kept.text.splitlines() == [TRUE[0], note]
