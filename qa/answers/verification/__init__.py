"""Verification: no figure leaves an answer unless the sentence it cites supports it.

``verify_sentence`` looks at one sentence, ``verify_answer`` at a whole answer, ``release`` makes of
an answer the one that may leave: unsupported sentences removed, citations numbered anew, ``checks``
filled. ``Evidence`` is what is known of a citation; with it all are pure.
"""

from __future__ import annotations

from qa.answers.verification.checking import (
    Context,
    Judged,
    Verification,
    judge_sentence,
    verify_answer,
    verify_sentence,
)
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.quotations import Finding
from qa.answers.verification.release import (
    cited_sentences,
    evidence_for,
    evidence_of,
    in_stead,
    release,
    released,
    renumbered,
)
from qa.answers.verification.support import Reason

__all__ = [
    "Context",
    "Evidence",
    "Finding",
    "Judged",
    "Reason",
    "Verification",
    "cited_sentences",
    "evidence_for",
    "evidence_of",
    "in_stead",
    "judge_sentence",
    "release",
    "released",
    "renumbered",
    "verify_answer",
    "verify_sentence",
]
