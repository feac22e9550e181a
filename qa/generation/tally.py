"""What became of a model's work: the counts that metrics and reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from qa.answers.answer import Usage


@dataclass(slots=True)
class Tally:
    """Counts over all answers of a generator. ``dropped`` is by the check that failed, ``failures`` by
    the key of the error; ``fallbacks`` are answers of which nothing was the model's; ``hidden`` are
    sentences of reports that speak to the program, which the model was not shown."""

    answers: int = 0
    fallbacks: int = 0
    released: int = 0
    repaired: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    cached: int = 0
    calls: int = 0
    hidden: int = 0
    usage: Usage = field(default_factory=Usage)
    heard: Callable[[str, str], object] = field(default=lambda what, kind: None)
    """Told what happened, ``"failed"``, ``"dropped"`` or ``"hidden"``, and of which kind it was."""

    def fail(self, key: str) -> None:
        """Count a failure of the model."""
        self.failures[key] += 1
        self.heard("failed", key)

    def drop(self, check: str) -> None:
        """Count a sentence that failed a check."""
        self.dropped[check] += 1
        self.heard("dropped", check)

    def hide(self, sentences: int) -> None:
        """Count sentences that the model was not shown."""
        self.hidden += sentences
        self.heard("hidden", "report")

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the model's sentences that were released at once, repaired, and dropped."""
        counts = {
            "released": self.released,
            "repaired": self.repaired,
            "dropped": sum(self.dropped.values()),
        }
        whole = sum(counts.values())
        return {name: count / whole if whole else 0.0 for name, count in counts.items()}
