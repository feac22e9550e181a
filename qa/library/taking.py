"""Ingests that follow each other: the models loaded once, the library's lock waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qa.errors import LibraryBusyError, WenzhengError
from qa.library.indexing import VectorMaker
from qa.library.ingest import IngestSummary, forget, ingest
from qa.library.meta_table import MetaTable
from qa.library.read_files import Item, Progress
from qa.reports.limits import ReadLimits

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_WAIT_SECONDS = 0.5
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes items into one library. ``told`` hears, once, of an ingest of another process that is
    waited for; ``progress`` may raise to end what runs, with the library left whole."""

    library: Path
    vectors: VectorMaker
    passage_max_chars: int
    limits: ReadLimits
    progress: Progress
    told: Callable[[WenzhengError], None]
    model: BaseChatModel | None = None
    changing: Callable[[], AbstractContextManager[Path]] | None = None
    """Gives the folder to change where another keeps the library than ``library``."""

    def take(
        self,
        items: Iterable[Item],
        *,
        reembed: bool = False,
        meta: MetaTable | None = None,
    ) -> IngestSummary:
        """Ingest, when no other does; raises as ``ingest`` does, but never ``LibraryBusyError``."""
        given = list(items)
        return self._in_turn(
            lambda library: ingest(
                library,
                given,
                self.vectors,
                passage_max_chars=self.passage_max_chars,
                limits=self.limits,
                progress=self.progress,
                reembed=reembed,
                model=self.model,
                meta=meta,
            )
        )

    def forget(self, keys: Iterable[str]) -> int:
        """Let go of files or addresses, when no other ingest runs; the number of reports gone."""
        given = list(keys)
        return self._in_turn(lambda library: forget(library, given, self.vectors, self.progress))

    def _in_turn(self, change: Callable[[Path], Result]) -> Result:
        waiting = False
        while True:
            try:
                with self.changing() if self.changing else nullcontext(self.library) as library:
                    return change(library)
            except LibraryBusyError as error:
                if not waiting:
                    self.told(error)
                waiting = True
                self.progress("wait", 0, 1)
                time.sleep(_WAIT_SECONDS)
