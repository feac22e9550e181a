"""How much of a text stands in another one, whatever its line breaks, punctuation and widths.

Texts are compared by their shingles: all runs of eight signs of the bare text (Broder, "On the
resemblance and containment of documents", 1997). One altered sign spoils eight shingles, so a copy
with one sign in a hundred misread keeps some .92 of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Shingles = NDArray[np.uint64]

_WIDTH = 8
# Line breaks, blanks, punctuation and other signs differ from one form of a report to the next.
_NOT_BARE = re.compile(r"[\W_]+")
_FACTOR = 0x9E3779B97F4A7C15
# One shingle in 32 is kept in the library: some 300 of a report.
_SAMPLED_BITS = 5
# At least so much of the one text stands in the other where both are of one report. Of 630 pairs of 36
# reports no two share .1 (the highest: two reports of one place, two years apart); a copy with five
# signs in a hundred misread shares .6 (``benchmarks/likeness.py``).
LEAST_SHARED = 0.5
# An abridged version is shorter than this share of the full one; a copy loses less than that.
LEAST_LENGTH = 0.8


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares, 0 to 1, of one text's shingles in the other: ``of_one`` of the first's in the second."""

    of_one: float
    of_other: float

    @property
    def is_of_one_report(self) -> bool:
        """True if most of the smaller text stands in the other."""
        return max(self.of_one, self.of_other) >= LEAST_SHARED

    @property
    def are_alike(self) -> bool:
        """True if neither text is an abridged version of the other: they are about as long."""
        # Common shingles over either one's: the quotient is that of the lengths.
        smaller, larger = sorted((self.of_one, self.of_other))
        return smaller >= LEAST_LENGTH * larger


def shingles(text: str) -> Shingles:
    """The hashes of the text's shingles, sorted, each once."""
    import numpy as np

    bare = _NOT_BARE.sub("", unicodedata.normalize("NFKC", text))
    signs = np.frombuffer(bare.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    signs = signs.astype(np.uint64)
    count = max(0, len(signs) - _WIDTH + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    factor = np.uint64(_FACTOR)
    for offset in range(_WIDTH):
        hashes = hashes * factor + signs[offset : offset + count]
    return np.unique(_mixed(hashes))


def _mixed(hashes: Shingles) -> Shingles:
    """Spread over all 64 bits (the finalizer of splitmix64), so that low values are a fair sample."""
    import numpy as np

    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def sample(hashes: Shingles) -> Shingles:
    """The shingles whose hash is low: the same ones of every text, so that samples can be compared."""
    import numpy as np

    return hashes[: int(np.searchsorted(hashes, np.uint64(1 << (64 - _SAMPLED_BITS))))]


def overlap(one: Shingles, other: Shingles) -> Overlap:
    """How much of each stands in the other."""
    import numpy as np

    common = len(np.intersect1d(one, other, assume_unique=True))
    return Overlap(common / max(1, len(one)), common / max(1, len(other)))


def packed(hashes: Shingles) -> bytes:
    """Hashes as bytes, eight each, to be kept."""
    return hashes.astype("<u8").tobytes()


def unpacked(data: bytes) -> Shingles:
    """The hashes of such bytes."""
    import numpy as np

    return np.frombuffer(data, dtype="<u8").astype(np.uint64)
