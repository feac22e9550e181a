"""One pattern for many words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of ``words``, the longest that fits first.

    Words that begin alike are written as a tree, so that a position is refused after one look at
    its sign: with a flat list every position tries a thousand words.
    """
    return _tree(sorted({word for word in words if word}))


def _tree(words: list[str]) -> str:
    branches = []
    for first, group in groupby(words, key=lambda word: word[0]):
        rests = [word[1:] for word in group]
        longer = _tree([rest for rest in rests if rest])
        branch = re.escape(first) + longer
        branches.append(branch + "?" if "" in rests and longer else branch)
    return "(?:" + "|".join(branches) + ")" if branches else ""
