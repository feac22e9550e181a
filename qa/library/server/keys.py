"""What Milvus knows vectors and reports by: their row ids, with the version that added them.

A row id may be given anew after a report is removed, and a failed attempt to publish leaves vectors behind:
with the version before it no number ever names two things.
"""

from __future__ import annotations

_SENTENCE_BITS, _REPORT_BITS = 40, 32


def vector_key(version: int, sentence: int) -> int:
    """The key of a sentence's vector."""
    return version << _SENTENCE_BITS | sentence


def sentence_of(key: int) -> int:
    """The row id of the sentence that a vector is of."""
    return key & ((1 << _SENTENCE_BITS) - 1)


def group_key(version: int, report: int) -> int:
    """What groups the vectors that a version added to a report."""
    return version << _REPORT_BITS | report


def groups_of_version(version: int) -> tuple[int, int]:
    """The first of a version's groups, and the first of the next one's."""
    return version << _REPORT_BITS, (version + 1) << _REPORT_BITS
