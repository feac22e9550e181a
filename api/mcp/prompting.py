"""Prompts: what a user picks to have a claim checked or a place told of, as a text for his model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from api.http.problems import Problem
from prompts import load, messages
from qa.questions import Language

# Name → its arguments, and whether each is needed.
PROMPTS: dict[str, dict[str, bool]] = {
    "check_claim": {"claim": True, "language": False},
    "brief": {"place": True, "topic": False, "year": False, "language": False},
}
_MOST_CHARS = 2000
_SCOPE: dict[Language, dict[str, str]] = {
    "zh": {"topic": "主题:{}", "year": "只用{}年的报告", "open": "(", "between": ";", "close": ")"},
    "en": {"topic": "topic: {}", "year": "reports of {} only", "open": " (", "between": "; ", "close": ")"},
}  # fmt: skip


def prompt_text(name: str, given: Mapping[str, str]) -> str:
    """The prompt with its arguments filled in; raises ``Problem`` for wrong ones."""
    language = _language(given)
    said = messages("mcp", language)
    if name not in PROMPTS:
        raise _wrong(said["unknown_prompt"].format(name=name[:80], known=", ".join(PROMPTS)))
    _check(name, given, language)
    template = load(f"mcp_{name}.{language}.md")
    filled = {key: value.strip() for key, value in given.items() if value.strip()}
    return template.format(**filled, scope=_scope(filled, language)).strip()


def _language(given: Mapping[str, str]) -> Language:
    asked = given.get("language") or "zh"
    for language in get_args(Language):
        if asked == language:
            return cast(Language, language)
    raise _wrong(messages("mcp", "zh")["wrong_language"])


def _check(name: str, given: Mapping[str, str], language: Language) -> None:
    said, known = messages("mcp", language), PROMPTS[name]
    for key in given:
        if key not in known:
            raise _wrong(said["unknown_argument"].format(name=key[:80]))
    for key, needed in known.items():
        value = given.get(key, "")
        if needed and key not in given:
            raise _wrong(said["missing_argument"].format(name=key))
        if len(value) > _MOST_CHARS or (needed and not value.strip()):
            raise _wrong(said["empty_argument"].format(name=key, most=_MOST_CHARS))


def _scope(filled: Mapping[str, str], language: Language) -> str:
    """What narrows a brief, in brackets behind its task."""
    words = _SCOPE[language]
    parts = [words[key].format(filled[key]) for key in ("topic", "year") if key in filled]
    return f"{words['open']}{words['between'].join(parts)}{words['close']}" if parts else ""


def _wrong(told: str) -> Problem:
    return Problem(422, "invalid_request", told)
