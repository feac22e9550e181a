"""An equation leaves only if its figures are told or quoted in the answer, and it comes out."""

import pytest

from qa.answers.verification import verify_answer
from tests.qa.answers.verification.made import answer, evidence

SENTENCE = (
    "拨付稳岗资金1.2亿元,发放贷款3.4亿元,绿地扩大至86.5平方公里,比上年增加12.3平方公里,"
    "投资增长4%、高于全市7.8个百分点,进出口增长6%、低于全市1.5个百分点,占比从40%提高到55%。"
)
KNOWN = {1: evidence(SENTENCE)}
QUOTE = f"越城区(2023年):“{SENTENCE}”[1]"


def reasons(*lines: str) -> list[str | None]:
    found = verify_answer(answer("\n".join(lines), *KNOWN.values()), KNOWN)
    return [f.reason for line in found.lines for one in line for f in one.findings if f.reason]


@pytest.mark.parametrize(
    "equation",
    [
        "合计:1.2亿元加3.4亿元等于4.6亿元(计算)。",
        "占比:1.2亿元除以3.4亿元等于35.3%(计算)。",
        "2022年:86.5平方公里减12.3平方公里等于74.2平方公里(计算)。",
        "全市:4%减7.8个百分点等于-3.8%(计算)。",
        "全市:6%加1.5个百分点等于7.5%(计算)。",
        "增加:55%减40%等于15个百分点(计算)。",
        "Together: 1.2亿元 plus 3.4亿元 is 4.6亿元 (computed).",
    ],
)
def test_a_true_equation_of_quoted_figures_is_supported(equation: str) -> None:
    assert reasons(QUOTE, equation) == []


@pytest.mark.parametrize(
    "equation",
    [
        # It does not come out.
        "合计:1.2亿元加3.4亿元等于4.7亿元(计算)。",
        "占比:1.2亿元除以3.4亿元等于34.3%(计算)。",
        "全市:4%减7.8个百分点等于3.8%(计算)。",
        # A figure that nothing tells.
        "合计:1.2亿元加3.5亿元等于4.7亿元(计算)。",
        # A figure added to itself.
        "合计:1.2亿元加1.2亿元等于2.4亿元(计算)。",
        # Against the way the sentence tells.
        "2022年:86.5平方公里加12.3平方公里等于98.8平方公里(计算)。",
        "全市:4%加7.8个百分点等于11.8%(计算)。",
        "全市:6%减1.5个百分点等于4.5%(计算)。",
        # Another unit.
        "合计:1.2亿元加3.4亿元等于4.6万元(计算)。",
        "增加:55%减40%等于15%(计算)。",
    ],
)
def test_a_false_equation_falls(equation: str) -> None:
    assert reasons(QUOTE, equation) == ["computed"]


def test_an_equation_without_its_quote_falls() -> None:
    assert reasons("合计:1.2亿元加3.4亿元等于4.6亿元(计算)。") == ["computed"]


def test_figures_of_a_quote_that_is_not_printed_support_nothing() -> None:
    forged = "越城区(2023年):“拨付稳岗资金9.2亿元,发放贷款3.4亿元”[1]"
    equation = "合计:9.2亿元加3.4亿元等于12.6亿元(计算)。"
    assert "computed" in reasons(forged, equation)
