import pytest

from qa.chain import Chain


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("越城区2024年政府工作报告的报告人是谁?", ["钱林江"]),
        ("上城区报告是哪位区长作的,什么时候在人代会上作的?", ["惠海涛", "2024年2月3日"]),
        ("海曙区的报告是哪天作的?", ["2023年2月1日"]),
        ("绍兴市的政府工作报告是什么时候在人代会上作的?", ["2021年2月2日"]),
    ],
)
def test_speaker_and_day_are_told_with_their_front_line(
    bundled_chain: Chain, question: str, told: list[str]
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.status == "answered"
    assert all(text in answer.text for text in told)
    assert answer.citations


@pytest.mark.parametrize(
    "question", ["荔湾区这份报告是由哪位区长作的?", "2021年作政府工作报告的绍兴市市长叫什么名字?"]
)
def test_a_report_that_names_no_speaker_is_not_given_one(
    bundled_chain: Chain, question: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"
    assert "报告人" in answer.refusal.detail


def test_what_is_told_is_told_and_what_is_not_is_a_note(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("绍兴市的报告是谁作的,什么时候在人代会上作的?")
    assert answer.status == "partial"
    assert "2021年2月2日" in answer.text
    assert any("报告人" in note for note in answer.notes)


def test_two_reports_are_told_one_after_the_other(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区和上城区的报告分别是谁作的,什么时候在人代会上作的?")
    told = answer.text.split("\n")
    assert "钱林江" in told[0]
    assert all(text in told[1] for text in ("惠海涛", "2024年2月3日"))
    assert answer.status == "answered"


def test_of_two_reports_the_one_that_does_not_say_is_said_not_to(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区和荔湾区的报告分别是由哪位区长作的?")
    assert "钱林江" in answer.text
    assert answer.status == "partial"
    assert any("荔湾区" in note and "报告人" in note for note in answer.notes)


def test_other_questions_about_people_are_left_to_search(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("上城区涌现出的省道德模范是谁?")
    assert "彭清林" in answer.text
