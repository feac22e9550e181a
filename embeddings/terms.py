"""The terms of lexical search: pairs of Chinese characters, whole words and numbers.

Apart from the index, so that what only compares texts need not load bm25s and scipy.
"""

import re
import unicodedata
from functools import lru_cache
from operator import add
from sys import intern

# Runs of Chinese characters, or whole words and numbers: 7.6 and 5g stay in one piece.
_RUNS = re.compile(
    r"(?P<cjk>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3005\u3007]+)"
    r"|\d+(?:\.\d+)+[^\W\d_\u2e80-\U0003ffff]*"
    r"|[^\W_\u2e80-\U0003ffff]+"
)


def bigrams(text: str) -> list[str]:
    """The terms of a text, in order, with repetitions.

    After NFKC and lower-casing, a run of Chinese characters gives its overlapping pairs (a run
    of one gives that character), a run of other letters and digits gives itself:
    `GDP增长7.6%` gives `gdp`, `增长`, `7.6`.
    """
    return list(_terms(text))


def terms_once(text: str) -> list[str]:
    """`bigrams` of a text that will not be asked for again: an index reads each text once."""
    terms: list[str] = []
    for run in _RUNS.finditer(unicodedata.normalize("NFKC", text).lower()):
        found = run[0]
        if run["cjk"] and len(found) > 1:
            terms.extend(map(add, found, found[1:]))
        else:
            terms.append(found)
    return terms


# Every question is compared with the terms of the same sentences; so many are kept, the latest used.
@lru_cache(maxsize=1 << 14)
def _terms(text: str) -> tuple[str, ...]:
    # The same few thousand pairs over and over: each is held once.
    return tuple(map(intern, terms_once(text)))
