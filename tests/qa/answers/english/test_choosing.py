from qa.answers.english.choosing import candidates, terms_to_tell
from qa.chain import Chain
from qa.english.terms import Term
from qa.questions import Question


def test_the_sentence_with_the_words_asked_for_comes_first(bundled_chain: Chain) -> None:
    findings = bundled_chain.search(
        "How many visits has the Eastern Zhejiang Canal Museum received?"
    )
    best = candidates(findings.question, findings.hits)[0]
    assert "浙东运河博物馆" in best.text
    assert best.told > 0.9
    assert 0.7 < best.near < 0.9


def test_no_hits_no_candidates() -> None:
    assert candidates(Question("How many?", "en"), ()) == []


def test_names_that_chose_the_report_need_not_be_told_again() -> None:
    schools, name = Term("schools", ("学校",), 1.0), Term("honglou", ("洪楼", "红楼"), 5.0)
    asked = Question("…", "en", terms=(schools, name))
    assert terms_to_tell(asked) == (schools, name)
    anchored = Question("…", "en", terms=(schools, name), anchor="洪楼 红楼")
    assert terms_to_tell(anchored) == (schools,)
