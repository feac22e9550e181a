"""Sentences on their way out: checked one by one, kept apart by what became of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from qa.answers.telling import Told, cited_in
from qa.generation.checking import Checked, Checker

# A line of a list stands on a line of its own.
_ITEM = re.compile(r"\s*(?:[-•*]\s|\d{1,2}[.、)]\s*)")
# A model that goes round in circles is not heard to the end.
_MOST_FAILURES = 20


@dataclass(slots=True)
class Releasing:
    """The sentences of one answer: ``released`` as they left, ``failed`` with the reason.

    ``longest`` is how many characters may leave at most.
    """

    checker: Checker
    longest: int
    language: str
    released: list[Checked] = field(default_factory=list)
    failed: list[Checked] = field(default_factory=list)
    _heading: str = ""
    _length: int = 0
    _heard: set[str] = field(default_factory=set)

    def take(self, sentence: str) -> Told | None:
        """Check a sentence; it is returned if it may leave. Said twice it leaves once."""
        if sentence in self._heard:
            return None
        self._heard.add(sentence)
        checked = self.checker.check(sentence)
        if checked.is_heading:
            self._heading = checked.text
            return None
        if checked.failure:
            self.failed.append(checked)
            return None
        if self._length + len(checked.text) > self.longest or self._is_told(checked):
            return None
        return self._release(checked)

    @property
    def is_over(self) -> bool:
        """True once nothing more of the model's is worth waiting for."""
        return self._length >= self.longest or len(self.failed) >= _MOST_FAILURES

    def _is_told(self, checked: Checked) -> bool:
        return any(one.text.strip() == checked.text.strip() for one in self.released)

    def _release(self, checked: Checked) -> Told:
        lead = "" if not self.released or self.language == "zh" else " "
        if self._heading:
            lead = f"\n{self._heading}\n" if self.released else f"{self._heading}\n"
        elif self.released and _ITEM.match(checked.text):
            lead = "\n"
        self._heading = ""
        leaving = replace(checked, text=f"{lead}{checked.text}")
        self._length += len(leaving.text)
        self.released.append(leaving)
        return Told(leaving.text, cited_in(leaving.text, self.checker.citations.made))
