import ast
import string
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval import errors as eval_errors
from prompts import messages
from qa import errors
from qa.errors import NotTextError, WenzhengError

ROOT = Path(__file__).parents[2]
CLASSES = {
    name: value
    for module in (errors, eval_errors)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, WenzhengError)
}


def raised() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Place, key and fields of every error the product's code makes."""
    for path in sorted(
        p for package in ("qa", "api", "eval") for p in (ROOT / package).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in CLASSES:
                (key,) = (a.value for a in node.args if isinstance(a, ast.Constant))
                fields = frozenset(str(keyword.arg) for keyword in node.keywords)
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(key), fields


RAISED = list(raised())


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("place", "key", "fields"), RAISED, ids=[place for place, *_ in RAISED])
def test_every_error_has_its_words_and_fills_them(
    place: str, key: str, fields: frozenset[str], language: str
) -> None:
    text = messages("errors", language)[key]
    assert placeholders(text) <= fields, f"{place} leaves {text!r} unfilled"


def test_every_message_belongs_to_an_error() -> None:
    assert set(messages("errors", "en")) == {key for _, key, _ in RAISED}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_message_is_one_line_whatever_fills_it(language: str) -> None:
    for key, text in messages("errors", language).items():
        fields = dict.fromkeys(placeholders(text), "one\n  two\r\nthree")
        said = WenzhengError(key, **fields).said(language)
        assert len(said.splitlines()) == 1
        assert not fields or "one two three" in said


def test_every_message_says_what_to_do() -> None:
    for language, mark in (("zh", ";"), ("en", ";")):
        assert all(mark in text for text in messages("errors", language).values())


def test_an_error_speaks_both_languages_and_prints_in_english() -> None:
    error = NotTextError("not_text", name="a.bin")
    assert str(error) == error.said("en")
    assert str(error).startswith("a.bin is not text")
    assert error.said("zh").startswith("a.bin 不是")
    assert (error.key, error.fields) == ("not_text", {"name": "a.bin"})


def test_braces_in_a_field_are_left_alone() -> None:
    assert str(NotTextError("not_text", name="{a}.txt")).startswith("{a}.txt is not text")


@pytest.mark.parametrize("child", CLASSES.values(), ids=CLASSES)
def test_the_tree_is_named_by_what_to_do(child: type[WenzhengError]) -> None:
    line = [parent.__name__ for parent in child.__mro__ if parent in CLASSES.values()]
    assert line[-1] == "WenzhengError"
    assert len(line) <= 3
    assert len(line) == 1 or line[-2] in {
        "BulkEngineError",
        "EvaluationError",
        "InputError",
        "LibraryError",
        "ModelUnavailableError",
        "OverloadedError",
        "SettingsError",
    }


def test_the_modules_docstrings_draw_every_class() -> None:
    for name, child in CLASSES.items():
        assert name in str(sys.modules[child.__module__].__doc__)
