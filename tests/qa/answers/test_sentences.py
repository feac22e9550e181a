import pytest

from qa.answers.sentences import FAINT, Weights, rank_sentences
from qa.chain import Chain


def _best(chain: Chain, text: str) -> str:
    findings = chain.search(text)
    return rank_sentences(findings.question, findings.hits)[0].text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("海曙区2022年拆掉的违章建筑面积是多少?", "拆除违章建筑167万平方米"),
        ("海曙区哪个乡镇成了全国首个生物多样性友好乡镇?", "龙观乡"),
        ("荔湾推动注册的“永庆坊”系列商标有多少个?", "58个"),
    ],
)
def test_the_sentence_that_answers_comes_first(
    bundled_chain: Chain, question: str, told: str
) -> None:
    assert told in _best(bundled_chain, question)


def test_the_unit_asked_for_decides_between_figures(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("荔湾区“三大平台”今年完工多少个项目?")
    ranked = rank_sentences(findings.question, findings.hits)
    assert ranked[0].features["unit"] == 1.0


def test_a_question_in_its_own_words_is_faint(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("洪楼那一片的区,去年帮多少进城打工的把拖着没给的工钱要了回来?")
    ranked = rank_sentences(findings.question, findings.hits)
    assert ranked[0].is_faint
    assert any("农民工欠薪" in sentence.text for sentence in ranked[:3])


def test_a_faint_question_is_answered_with_a_note(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("洪楼那一片的区,去年帮多少进城打工的把拖着没给的工钱要了回来?")
    assert "1.6万人" in answer.text
    assert any("意思最接近" in note for note in answer.notes)


def test_confidence_lies_between_0_and_1_and_falls_without_the_words(bundled_chain: Chain) -> None:
    sure = bundled_chain.ask("海曙区2022年拆掉的违章建筑面积是多少?").confidence
    unsure = bundled_chain.ask("上城区2023年末的天文台有几座望远镜?").confidence
    assert sure is not None
    assert unsure is not None
    assert 0 <= unsure < sure <= 1


def test_weights_may_be_given(bundled_chain: Chain) -> None:
    findings = bundled_chain.search("海曙区2022年拆掉的违章建筑面积是多少?")
    nothing = Weights(**dict.fromkeys(Weights.__dataclass_fields__, 0.0))
    ranked = rank_sentences(findings.question, findings.hits, nothing)
    assert {sentence.score for sentence in ranked} == {0.0}
    assert FAINT.sense > Weights().sense


def test_no_passage_gives_no_sentence(bundled_chain: Chain) -> None:
    question = bundled_chain.searcher.understand("越城区GDP")
    assert rank_sentences(question, []) == []
