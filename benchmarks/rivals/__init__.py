"""The systems that `benchmarks/side_by_side.py` sets beside each other.

Each runs in a process and an environment of its own. A system's module has `FORMS`, from the name of
a form of it to what is set in it, and `ingest(texts, folder, form)`, which returns a `Search`.
"""

from collections.abc import Callable

# A question and how many passages: the name of each passage's source and its text, best first.
Search = Callable[[str, int], list[tuple[str, str]]]
