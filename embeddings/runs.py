"""Which rows of a table of neighbours belong to which group.

A report's passages are stored one after another, so a group is a run of neighbouring rows, seldom
several. A filter on groups is then a few spans of rows, however many rows there are.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.vectors import Ids


class Held(NamedTuple):
    """What an index holds, as far as it tells what is new: ids above ``last_id``, and groups."""

    last_id: int
    groups: Ids


Spans: TypeAlias = npt.NDArray[np.int64]
"""int64, (n, 2): half-open spans of rows, ascending, none touching the next."""


@dataclass(frozen=True)
class Runs:
    """Runs of rows, (n, 3) int64: group, first row, row behind the last; by group, then row.

    A row that lies in no run was removed.
    """

    table: npt.NDArray[np.int64]

    @classmethod
    def of(cls, groups: Ids) -> "Runs":
        """The runs of rows whose groups are given, (n,)."""
        changes = np.flatnonzero(np.diff(groups)) + 1
        starts = np.concatenate(([0], changes))[: len(changes) + 1 if len(groups) else 0]
        ends = np.concatenate((changes, [len(groups)]))[: len(starts)]
        return cls(_sorted(np.column_stack((groups[starts], starts, ends)).astype(np.int64)))

    def __len__(self) -> int:
        """How many rows lie in a run."""
        return int((self.table[:, 2] - self.table[:, 1]).sum())

    def spans(self, groups: Ids | None = None) -> Spans:
        """The spans of rows of these groups; None for all that were not removed."""
        return _joined(self._of(groups)[:, 1:])

    def _of(self, groups: Ids | None) -> npt.NDArray[np.int64]:
        if groups is None:
            return self.table
        wanted = np.unique(np.asarray(groups, dtype=np.int64))
        firsts = np.searchsorted(self.table[:, 0], wanted, side="left")
        behind = np.searchsorted(self.table[:, 0], wanted, side="right")
        return self.table[rows_in(np.column_stack((firsts, behind)))]

    def without(self, groups: Ids) -> "Runs":
        """The runs when these groups are removed."""
        return Runs(self.table[~np.isin(self.table[:, 0], groups)])

    def groups(self) -> Ids:
        """The group of each row that lies in a run, by row."""
        by_row = self.table[np.argsort(self.table[:, 1], kind="stable")]
        return np.repeat(by_row[:, 0], by_row[:, 2] - by_row[:, 1])


def size_of(spans: Spans) -> int:
    """How many rows lie in the spans."""
    return int((spans[:, 1] - spans[:, 0]).sum())


def rows_in(spans: Spans) -> Ids:
    """The rows of spans, one after another."""
    lengths = spans[:, 1] - spans[:, 0]
    before = np.cumsum(lengths) - lengths
    rows: Ids = np.arange(lengths.sum(), dtype=np.int64) + np.repeat(spans[:, 0] - before, lengths)
    return rows


def gaps_in(spans: Spans, count: int) -> Spans:
    """The spans of the rows below ``count`` that lie in none of ``spans``."""
    edges = np.concatenate(([0], spans.ravel(), [count])).reshape(-1, 2)
    return edges[edges[:, 0] < edges[:, 1]]


def _sorted(table: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return table[np.lexsort((table[:, 1], table[:, 0]))]


def _joined(spans: npt.NDArray[np.int64]) -> Spans:
    if not len(spans):
        return np.empty((0, 2), np.int64)
    ordered = spans[np.argsort(spans[:, 0], kind="stable")]
    parted = ordered[1:, 0] > ordered[:-1, 1]
    starts = ordered[np.concatenate(([True], parted)), 0]
    ends = ordered[np.concatenate((parted, [True])), 1]
    return np.column_stack((starts, ends))
