"""What a run of the fault suite counts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Figures:
    """Moments killed, faults injected, flipped bytes, requests; what went wrong of each is listed.

    ``wrong`` are answers that are neither those before nor those after; ``lost`` what was held and
    cannot be had again; ``untyped`` errors that say nothing to a person; ``unseen`` damage that nothing
    noticed. All four have to stay empty.
    """

    killed: Counter[str] = field(default_factory=Counter)
    found_after: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    damaged: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untyped: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.wrong or self.lost or self.untyped or self.unseen)

    def write(self, path: Path) -> None:
        told = {name: value for name, value in vars(self).items()}
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
