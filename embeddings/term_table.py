"""A sorted list of terms that stays on the disk."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

# Terms asked for are few thousands; looking one up among millions takes some 20 reads.
_MOST_KEPT = 1 << 14
# Tables up to this size are read into a dictionary, of some 100 bytes a term, when first asked.
_READ_WHOLE = 200_000


class TermTable:
    """Terms in the order of their UTF-8 bytes, one after another; ``offsets`` has one entry more."""

    def __init__(self, letters: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> None:
        self.letters = letters
        self.offsets = offsets
        self._found: dict[str, int | None] = {}

    @classmethod
    def of(cls, terms: Sequence[str]) -> "TermTable":
        """The table of terms that are sorted already."""
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        letters = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(letters, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[str]:
        letters = self.letters.tobytes()
        ends = self.offsets.tolist()
        for start, end in pairwise(ends):
            yield letters[start:end].decode("utf-8", "surrogatepass")

    def find(self, term: str) -> int | None:
        """The number of a term, None if it is not held."""
        if len(self) <= _READ_WHOLE:
            return self._numbers.get(term)
        found = self._found.get(term, -1)
        if found == -1:
            if len(self._found) >= _MOST_KEPT:
                self._found = {}
            found = self._found[term] = self._look_up(term.encode("utf-8", "surrogatepass"))
        return found

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self)}

    def _look_up(self, term: bytes) -> int | None:
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._letters_of(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self._letters_of(low) == term else None

    def _letters_of(self, number: int) -> bytes:
        return self.letters[self.offsets[number] : self.offsets[number + 1]].tobytes()
