"""Which reports share their text: copies from other sources, abridged versions. The writing side.

Kept are samples of each report's shingles, by which candidates are found, and how much of each of two
texts stands in the other; what that makes of them is told by ``qa.library.copies``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    LargeBinary,
    Table,
    func,
    inspect,
    select,
)

from qa.library import tables
from qa.reports.likeness import Overlap, overlap, packed, sample, shingles, unpacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.reports.likeness import Shingles

samples = Table(
    "samples",
    tables.METADATA,
    Column("report", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    Column("sample", LargeBinary, nullable=False),
)

kin = Table(
    "kin",
    tables.METADATA,
    Column("one", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    Column("other", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    Column("of_one", Float, nullable=False),
    Column("of_other", Float, nullable=False),
)

# A sample is some 300 shingles: texts that share half of them share no less than this of a sample.
_LEAST_SAMPLED = 0.3
# Of some 100 KB each.
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Kin:
    """Row ids of two reports of one text, and how much of it they share."""

    one: int
    other: int
    overlap: Overlap


def is_complete(connection: Connection) -> bool:
    """False if reports are held that were not compared: by a library made before."""
    if not inspect(connection).has_table(samples.name):
        return False
    counts = [
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (samples, tables.reports)
    ]
    return counts[0] == counts[1]


def read_kin(connection: Connection) -> list[Kin]:
    """All pairs of reports that share their text."""
    if not inspect(connection).has_table(kin.name):
        return []
    rows = connection.execute(select(kin).order_by(kin.c.one, kin.c.other))
    return [Kin(row.one, row.other, Overlap(row.of_one, row.of_other)) for row in rows]


def compare_new(connection: Connection) -> None:
    """Sample the reports that were not yet, and set each beside all others."""
    known = select(samples.c.report)
    query = select(tables.reports.c.id).where(tables.reports.c.id.not_in(known))
    new = list(connection.execute(query.order_by(tables.reports.c.id)).scalars())
    texts = _Texts(connection)
    for report in new:
        row = {"report": report, "sample": packed(sample(texts.shingles(report)))}
        connection.execute(samples.insert().values(row))
    for one, other in _candidates(connection, new):
        shared = overlap(texts.shingles(one), texts.shingles(other))
        if shared.is_of_one_report:
            row = {"one": one, "other": other}
            row |= {"of_one": shared.of_one, "of_other": shared.of_other}
            connection.execute(kin.insert().values(row))


class _Texts:
    """Shingles of reports by row id; the latest are remembered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.shingles = lru_cache(maxsize=_REMEMBERED)(self._made)

    def _made(self, report: int) -> Shingles:
        here = tables.passages.c.report == report
        query = select(tables.passages.c.text).where(here).order_by(tables.passages.c.start)
        return shingles("\n".join(self._connection.execute(query).scalars()))


def _candidates(connection: Connection, new: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of which one is new, by row id, whose samples share much of the smaller one."""
    if not new:
        return
    rows = connection.execute(select(samples).order_by(samples.c.report)).all()
    held = {row.report: unpacked(row.sample) for row in rows}
    owners, hashes = _sorted_hashes(held)
    late = set(new)
    for report in new:
        for other, common in _common(held[report], owners, hashes).items():
            # Two new reports meet twice.
            is_met = other == report or (other in late and other < report)
            smaller = min(len(held[report]), len(held[other]))
            if not is_met and common >= _LEAST_SAMPLED * smaller:
                yield min(report, other), max(report, other)


def _sorted_hashes(held: dict[int, Shingles]) -> tuple[NDArray[np.int64], Shingles]:
    """All hashes in order, and whose each is."""
    import numpy as np

    hashes = np.concatenate(list(held.values()))
    owners = np.repeat(np.array(list(held), dtype=np.int64), [len(one) for one in held.values()])
    order = np.argsort(hashes, kind="stable")
    return owners[order], hashes[order]


def _common(own: Shingles, owners: NDArray[np.int64], hashes: Shingles) -> dict[int, int]:
    """Report → how many of ``own`` hashes it has."""
    import numpy as np

    first, last = np.searchsorted(hashes, own), np.searchsorted(hashes, own, side="right")
    found = [owners[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    numbers, counts = np.unique(np.concatenate(found or [owners[:0]]), return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
