"""The words of the page: the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import api

PAGE = Path(api.__file__).parent / "page"
WORDS = PAGE / "modules" / "words"
# One entry a line, so that a missing one is seen in a diff as well.
_ENTRY = re.compile(r'^  "?([\w@]+)"?: "(.*)",$', re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _tables() -> dict[str, tuple[str, str]]:
    """The Chinese and the English part of every file of words."""
    tables = {"page": ((WORDS / "zh.js").read_text("utf-8"), (WORDS / "en.js").read_text("utf-8"))}
    for path in WORDS.glob("*.js"):
        chinese, is_split, english = path.read_text("utf-8").partition('addWords("en"')
        if is_split:
            tables[path.stem] = (chinese, english)
    return tables


@pytest.mark.parametrize("name", sorted(_tables()))
def test_both_languages_have_the_same_words_with_the_same_places_to_fill(name: str) -> None:
    chinese, english = (dict(_ENTRY.findall(text)) for text in _tables()[name])
    assert len(chinese) > 10
    assert chinese.keys() == english.keys()
    for key, words in chinese.items():
        assert set(_PLACEHOLDER.findall(words)) == set(_PLACEHOLDER.findall(english[key])), key


def test_no_two_files_give_one_key_two_meanings() -> None:
    seen: dict[str, str] = {}
    for chinese, _ in _tables().values():
        for key, words in _ENTRY.findall(chinese):
            assert seen.setdefault(key, words) == words, key


def test_every_word_that_is_asked_for_is_there_and_none_is_left_over() -> None:
    keys = {key for chinese, _ in _tables().values() for key, _ in _ENTRY.findall(chinese)}
    modules = [path for path in (PAGE / "modules").glob("*.js")]
    text = "".join(path.read_text("utf-8") for path in [*modules, PAGE / "index.html"])
    asked = set(re.findall(r'\bt\("(\w+)"', text)) | set(
        re.findall(r'data-(?:said|label)="(\w+)"', text)
    )
    assert asked <= keys
    # Some keys are put together of a beginning and a name: t(`status_${one}`).
    beginnings = tuple(re.findall(r"`(\w+_)\$\{", text))
    left = {key for key in keys if f'"{key}"' not in text and not key.startswith(beginnings)}
    assert {key for key in left if not key.startswith(("m_", "type_", "fault_", "cost_"))} == set()
