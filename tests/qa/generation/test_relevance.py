import pytest

from qa.chain import Chain
from qa.generation.checking import Checker
from qa.generation.exhibits import choose_exhibits
from qa.generation.relevance import shares_words
from qa.questions import understand


@pytest.mark.parametrize(
    ("question", "text", "shares"),
    [
        ("上城区要改造多少老旧小区?", "老旧小区完成全域改造。", True),
        ("上城区要改造多少老旧小区?", "努力实现平安建设“十九连创”。", False),
        ("越城区GDP增长多少?", "地区生产总值增长7.6%。", True),
        ("How much did GDP grow?", "地区生产总值增长7.6%。", True),
    ],
)
def test_an_answer_shares_words_with_its_question(question: str, text: str, shares: bool) -> None:
    assert shares_words(understand(question), [text]) is shares


def test_a_true_sentence_on_another_matter_is_no_answer_unless_an_overview_is_asked_for(
    bundled_chain: Chain,
) -> None:
    library = bundled_chain.searcher.library
    findings = bundled_chain.search("上城区2024年要改造多少老旧小区?")
    exhibits = choose_exhibits(findings, library, (), 6000)
    copied = "打赢回迁安置收官战,建设安置房项目12个124万平方米"
    exhibit = next(one for one in exhibits if copied in one.text)
    span = next(s for s in exhibit.spans if copied in exhibit.quote(s))
    sentence = f"{copied}[{exhibit.n}]。"
    assert Checker(findings.question, exhibits, library).check(sentence).failure
    for given in ({"takes_all": True}, {"exact": [span]}):
        assert (
            Checker(findings.question, exhibits, library, **given).check(sentence).failure is None
        )
