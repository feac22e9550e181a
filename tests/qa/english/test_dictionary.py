import pytest

from qa.english.dictionary import Dictionary


@pytest.fixture(scope="module")
def whole() -> Dictionary:
    return Dictionary(lambda word: True)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("museum", "博物馆"),
        ("Canals", "运河"),
        ("renovated", "装修"),
        ("study abroad", "留学"),
    ],
)
def test_words_and_phrases_are_looked_up_in_any_form(
    whole: Dictionary, phrase: str, expected: str
) -> None:
    found, sure = whole.look_up(phrase)
    assert expected in found
    assert sure == 1.0


def test_a_noun_of_action_is_found_by_its_verb_and_less_sure() -> None:
    found, sure = Dictionary(lambda word: word == "拆除").look_up("demolition")
    assert found == ("拆除",)
    assert 0 < sure < 1


def test_words_that_the_library_does_not_print_are_left_out() -> None:
    held = Dictionary(lambda word: word == "博物馆")
    assert held.look_up("museum") == (("博物馆",), 1.0)
    assert held.look_up("canal") == ((), 0.0)


def test_an_unknown_word_has_no_translation(whole: Dictionary) -> None:
    assert whole.look_up("qwertyuiop") == ((), 0.0)


def test_single_signs_and_names_are_no_translations(whole: Dictionary) -> None:
    assert "狗" not in whole.look_up("dog")[0]
    assert "北京" not in whole.look_up("capital")[0]
