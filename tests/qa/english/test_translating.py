import numpy as np
import pytest

from embeddings import Bm25Index
from qa.english.terms import Term
from qa.english.translating import Translator
from qa.places import resolve
from qa.questions import understand

TEXTS = [
    "浙东运河博物馆累计接待游客超20万人次",
    "改造老旧小区30个,新建5G基站1270个",
    "洪楼商圈被认定为首批市级智慧商圈,唐冶片区加快建设",
    "引进50亿元以上项目5个",
]
HELD = tuple(p for name in ("越城区", "海曙区") if (p := resolve(name)))


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator(Bm25Index.build(np.arange(len(TEXTS), dtype=np.int64), TEXTS))


def terms(translator: Translator, text: str, *turns: str) -> dict[str, Term]:
    question = translator.translate(understand(text, turns, HELD))
    return {term.said: term for term in question.terms}


def test_terms_of_the_genre_and_words_of_the_dictionary(translator: Translator) -> None:
    found = terms(translator, "How many visitors has the Canal Museum in Yuecheng received?")
    assert "运河" in found["canal"].printed
    assert "博物馆" in found["museum"].printed
    assert "接待游客" in found["visitors"].printed
    assert "yuecheng" not in found


def test_dictionary_words_are_those_of_the_library(translator: Translator) -> None:
    assert terms(translator, "canal")["canal"].printed == ("运河",)


def test_rare_terms_weigh_more(translator: Translator) -> None:
    found = terms(translator, "visitors of projects")
    assert found["visitors"].weight == pytest.approx(np.log(1 + 4 / 1))


def test_a_word_that_nothing_translates_is_kept_as_not_told(translator: Translator) -> None:
    found = terms(translator, "How many cinemas and qwertyuiops are there in Haishu?")
    assert not found["cinemas"].told_in("改造老旧小区")
    assert found["qwertyuiops"].printed == ()
    assert 0 < found["qwertyuiops"].weight < found["cinemas"].weight


def test_latin_words_of_reports_stay(translator: Translator) -> None:
    assert "5g基站" in terms(translator, "How many 5G base stations?")["5g base stations"].printed


def test_amounts_are_put_as_reports_print_them(translator: Translator) -> None:
    found = terms(translator, "projects above 5 billion yuan, 200 thousand visits, 3 thousand jobs")
    assert found["5 billion"].printed == ("50亿",)
    assert found["200 thousand"].printed == ("20万",)
    assert found["3 thousand"].printed == ("3000",)


def test_names_that_stand_for_an_unnamed_place_are_the_anchor(translator: Translator) -> None:
    question = understand("How many schools are in the district of Honglou and Tangye?", (), HELD)
    assert translator.translate(question).anchor == "洪楼 唐冶"


def test_words_of_the_turn_before_count_less(translator: Translator) -> None:
    alone = terms(translator, "How many old residential compounds did Haishu renovate?")
    after = terms(
        translator, "And this year?", "How many old residential compounds did Haishu renovate?"
    )
    said = "old residential compounds"
    assert 0 < after[said].weight < alone[said].weight


def test_times_are_no_terms(translator: Translator) -> None:
    assert set(terms(translator, "canal last year, in 2023, in the 14th Five-Year Plan")) == {
        "canal"
    }


def test_an_empty_library_translates_to_nothing_told() -> None:
    empty = Translator(Bm25Index.build(np.empty(0, dtype=np.int64), []))
    found = terms(empty, "How many museums did Haishu build?")
    assert found["museums"].weight == 0
