import pytest

from qa.english.words import base_forms, is_empty, is_plain, verbs_behind, words_in


def test_words_keep_their_offsets_and_lose_the_possessive() -> None:
    text = "Haishu's R&D platforms, in 2022?"
    words = list(words_in(text))
    assert [word.text for word in words] == ["Haishu", "R&D", "platforms", "in", "2022"]
    assert all(text[word.start : word.end] == word.text for word in words)
    assert [word.text for word in words if word.is_name] == ["Haishu", "R&D"]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("visits", "visit"),
        ("Cities", "city"),
        ("renovating", "renovate"),
        ("planned", "plan"),
        ("built", "build"),
        ("carried", "carry"),
        ("cleanest", "clean"),
        ("newly", "new"),
    ],
)
def test_the_base_form_is_among_those_tried(word: str, base: str) -> None:
    assert base_forms(word)[0] == word.lower()
    assert base in base_forms(word)


def test_a_double_s_is_no_plural() -> None:
    assert base_forms("glass") == ("glass",)


def test_a_noun_of_action_has_its_verb_behind_it() -> None:
    assert "demolish" in verbs_behind("Demolition")
    assert "renovate" in verbs_behind("renovation")
    assert verbs_behind("museum") == ()


def test_words_of_asking_and_of_figures_are_told_from_content() -> None:
    assert is_empty("How")
    assert is_plain("Growth")
    assert not is_empty("museum")
    assert not is_plain("museum")
