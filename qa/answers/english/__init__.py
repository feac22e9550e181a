"""Answers to English questions: Chinese sentences chosen by translated words and by sense."""

from __future__ import annotations

from qa.answers.english.quoting import answer_in_english

__all__ = ["answer_in_english"]
