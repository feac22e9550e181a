from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from qa.facts.alternation import alternation


def test_prefers_the_longest_word_that_fits() -> None:
    match = re.match(alternation(["增长", "增", "增长率"]), "增长率为5%")
    assert match is not None
    assert match.group() == "增长率"


@given(st.lists(st.text("增长率(.+", min_size=1, max_size=4), min_size=1, max_size=8))
def test_matches_exactly_its_words(words: list[str]) -> None:
    pattern = re.compile(alternation(words))
    assert all(pattern.fullmatch(word) for word in words)
    assert pattern.fullmatch("".join(words) + "x") is None
