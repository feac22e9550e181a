from qa.english.romanised import printed_forms


def test_a_name_is_read_by_the_pairs_that_are_printed() -> None:
    held = {"洪楼", "唐冶", "青山", "山湖"}
    assert printed_forms("Honglou", held.__contains__) == ("洪楼",)
    assert printed_forms("Tangye", held.__contains__) == ("唐冶",)
    assert printed_forms("Qingshanhu", held.__contains__) == ("青山湖",)


def test_every_printed_reading_is_given() -> None:
    assert set(printed_forms("Honglou", {"洪楼", "红楼"}.__contains__)) == {"洪楼", "红楼"}


def test_a_name_may_be_read_in_two_ways() -> None:
    assert printed_forms("Xian", {"西安"}.__contains__) == ("西安",)


def test_no_form_for_one_syllable_other_languages_or_unprinted_names() -> None:
    assert printed_forms("Lou", lambda pair: True) == ()
    assert printed_forms("Stratford", lambda pair: True) == ()
    assert printed_forms("Honglou", lambda pair: False) == ()
    assert printed_forms("", lambda pair: True) == ()


def test_a_name_of_many_readings_gives_a_few() -> None:
    assert len(printed_forms("Shishi", lambda pair: True)) <= 6
