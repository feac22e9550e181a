import string
from pathlib import Path

import pytest

import prompts
from prompts import PromptNotFoundError, load, messages

FOLDER = Path(prompts.__file__).parent
NAMES = sorted(path.name.removesuffix(".zh.toml") for path in FOLDER.glob("*.zh.toml"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_a_text_is_read_as_it_stands() -> None:
    assert load("errors.zh.toml") == (FOLDER / "errors.zh.toml").read_text("utf-8")
    assert messages("errors", "en")["unknown_setting"].startswith("unknown setting {names}")


@pytest.mark.parametrize("name", ["nothing.md", "errors", "", ".."])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(PromptNotFoundError, match="no prompt named"):
        load(name)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(PromptNotFoundError, match=r"no prompt named errors\.fr\.toml"):
        messages("errors", "fr")


def test_every_text_is_there_in_both_languages() -> None:
    assert "errors" in NAMES
    other = sorted(path.name.removesuffix(".en.toml") for path in FOLDER.glob("*.en.toml"))
    assert other == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_with_the_same_placeholders(name: str) -> None:
    chinese, english = messages(name, "zh"), messages(name, "en")
    assert set(chinese) == set(english)
    differing = {k for k in chinese if placeholders(chinese[k]) != placeholders(english[k])}
    assert differing == set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_placeholders_are_names(name: str, language: str) -> None:
    for key, text in messages(name, language).items():
        assert all(placeholder.isidentifier() for placeholder in placeholders(text)), key
