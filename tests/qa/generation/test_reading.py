import pytest

from qa.generation.reading import SentenceReader, lines_of


def read(text: str, size: int = 1) -> list[str]:
    """All sentences of a text that arrives ``size`` characters at a time."""
    reader = SentenceReader()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    return [one for piece in pieces for one in reader.feed(piece)] + reader.rest()


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("增长7.6%[1]。投资增长8%[2]。", ["增长7.6%[1]。", "投资增长8%[2]。"]),
        ("增长7.6%。[1]投资增长8%。[2][3]", ["增长7.6%[1]。", "投资增长8%[2][3]。"]),
        ("增长7.6%【1】。", ["增长7.6%[1]。"]),
        ("增长7.6%［1，2］。", ["增长7.6%[1][2]。"]),
        ("增长7.6%[资料1]。", ["增长7.6%[1]。"]),
        ("增长7.6%[^1]。", ["增长7.6%[1]。"]),
        ("**增长7.6%**[1]。", ["增长7.6%[1]。"]),
        ("答:增长7.6%[1]。", ["增长7.6%[1]。"]),
        (
            "## 举措:\n- 改造小区[1]。\n- 新建学校[2]。",
            ["举措:", "- 改造小区[1]。", "- 新建学校[2]。"],
        ),
        ("他说“好。很好。”[1]。", ["他说“好。很好。”[1]。"]),
        (
            "GDP grew by 7.6% [1]. The target is 7% [2].",
            ["GDP grew by 7.6% [1].", "The target is 7% [2]."],
        ),
        ("GDP grew. [1] The target is 7%. [2]", ["GDP grew[1].", "The target is 7%[2]."]),
        ("增长7.6%[1]", ["增长7.6%[1]"]),
        ("[1] 增长7.6%。", ["增长7.6%[1]。"]),
        ("[1] 增长7.6%[2]。", ["增长7.6%[2]。"]),
        ("\n\n", []),
        ("", []),
    ],
)
def test_a_stream_is_read_in_sentences_with_markers_in_one_form(
    text: str, sentences: list[str], size: int
) -> None:
    assert read(text, size) == sentences


def test_a_sentence_with_its_marker_is_given_as_soon_as_it_ends() -> None:
    reader = SentenceReader()
    assert reader.feed("增长7.6%[1]") == []
    assert reader.feed("。") == ["增长7.6%[1]。"]


def test_a_sentence_without_a_marker_waits_for_what_follows() -> None:
    reader = SentenceReader()
    assert reader.feed("增长7.6%。") == []
    assert reader.feed("[1") == []
    assert reader.feed("]投资") == ["增长7.6%[1]。"]


@pytest.mark.parametrize("tag", ["think", "thinking"])
def test_thoughts_are_not_part_of_the_answer(tag: str) -> None:
    assert read(f"<{tag}>先说增长99%[1]。再想想。</{tag}>增长7.6%[1]。") == ["增长7.6%[1]。"]


def test_thoughts_that_never_end_leave_nothing() -> None:
    assert read("<think>增长99%[1]。一直想。") == []


def test_lines_are_read_without_thoughts_and_signs() -> None:
    assert lines_of("<think>嗯</think>\n**一**\n\n- 二\n") == ["一", "- 二"]
