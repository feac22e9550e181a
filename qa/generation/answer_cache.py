"""Answers kept on disk: the same question of the same reports to the same model costs once."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from diskcache import Cache, Timeout
from pydantic import TypeAdapter, ValidationError

from prompts import load
from qa.answers.answer import Answer

_ANSWERS = TypeAdapter(Answer)
# Some twenty thousand answers; the least recently used go first.
_BYTES = 64 * 2**20
_PROMPTS = (
    *("answer.zh", "answer.en", "repair.zh", "repair.en", "plan.zh", "plan.en"),
    *("rewrite.zh", "translate.en"),
)
_LOG = logging.getLogger("wenzheng.cache")


class AnswerCache:
    """Answers by question, version of the library, model and prompts, in a bounded folder.

    Several processes may share it. A cache that cannot be used is a cache without answers: it is
    said in the log, and the model is asked.
    """

    def __init__(self, folder: Path, model: str, max_bytes: int = _BYTES) -> None:
        self._model = model
        self._cache = Cache(
            str(folder), size_limit=max_bytes, eviction_policy="least-recently-used"
        )

    def get(self, question: str, turns: Sequence[str], version: str) -> Answer | None:
        """The answer given before, None if there is none."""
        try:
            kept = self._cache.get(self._key(question, turns, version))
            return None if kept is None else _ANSWERS.validate_json(kept)
        except (sqlite3.Error, Timeout, OSError, ValidationError) as error:
            _LOG.warning("an answer could not be read from the cache: %s", error)
            return None

    def put(self, question: str, turns: Sequence[str], version: str, answer: Answer) -> None:
        """Keep an answer; the least recently used make room for it."""
        try:
            kept = _ANSWERS.dump_json(answer).decode()
            self._cache.set(self._key(question, turns, version), kept)
        except (sqlite3.Error, Timeout, OSError) as error:
            _LOG.warning("an answer could not be kept in the cache: %s", error)

    def close(self) -> None:
        self._cache.close()

    def _key(self, question: str, turns: Sequence[str], version: str) -> str:
        told = json.dumps(
            [question, list(turns), version, self._model, prompts_version()], ensure_ascii=False
        )
        return hashlib.sha256(told.encode()).hexdigest()


def prompts_version() -> str:
    """A hash of all prompts an answer is made with: another prompt, another answer."""
    texts = [load(f"{name}.md") for name in _PROMPTS]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
