"""Are copies and abridged versions told from other reports?

    python -m benchmarks.likeness [PATH…]

Takes the samples, and reports of PATHs, renders each file to HTML, Word and PDF, misreads 1, 3 and 5 signs in
a hundred, widens the figures, and abridges to every second and third line. Every two texts are a pair; prints
how many pairs of one report are found, how many of two reports are joined, and the most that two share.
What is known of place and year is left aside: with it fewer pairs are joined, never more.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.forms import FORMS
from qa.reports.likeness import Overlap, overlap, shingles
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader, files_of
from qa.settings import load_settings

if TYPE_CHECKING:
    from qa.reports.likeness import Shingles

_SAMPLES = Path(__file__).parents[1] / "samples"
_RENDERED = ("html", "docx", "pdf")
_MISREAD = (0.01, 0.03, 0.05)
_WIDE = str.maketrans({digit: chr(ord(digit) + 0xFEE0) for digit in "0123456789%"})


@dataclass(frozen=True)
class Version:
    report: str
    form: str
    shingles: Shingles


def main() -> None:
    files = list(files_of(_SAMPLES))
    files += [file for path in sys.argv[1:] for file in files_of(Path(path))]
    versions = [version for file in files for version in _versions(file)]
    found: Counter[str] = Counter()
    all_pairs: Counter[str] = Counter()
    joined, most, others = 0, 0.0, 0
    for one, other in combinations(versions, 2):
        shared = overlap(one.shingles, other.shingles)
        if one.report != other.report:
            others += 1
            joined += shared.is_of_one_report
            most = max(most, shared.of_one, shared.of_other)
        elif "text" in (one.form, other.form):
            form = other.form if one.form == "text" else one.form
            all_pairs[form] += 1
            found[form] += _is_right(form, shared)
    _print(found, all_pairs, joined, others, most)


def _is_right(form: str, shared: Overlap) -> bool:
    return shared.is_of_one_report and shared.are_alike != form.startswith("abridged")


def _print(found: Counter[str], every: Counter[str], joined: int, others: int, most: float) -> None:
    print("| the text and | pairs | found |\n|---|---|---|")
    for form, count in every.items():
        print(f"| {form} | {count} | {found[form]} ({found[form] / count:.1%}) |")
    print(f"\ntwo reports: {others} pairs, {joined} joined; the most that two share: {most:.3f}")


def _versions(file: Path) -> Iterator[Version]:
    texts = _texts(file)
    names = [f"{file.name}#{number}" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        yield Version(name, "text", shingles(text))
        for form, changed in _changed(text):
            yield Version(name, form, shingles(changed))
    with tempfile.TemporaryDirectory(prefix="wenzheng-likeness-") as folder:
        for form in _RENDERED:
            path = Path(folder) / form
            FORMS[form](file.read_text("utf-8"), path)
            (made,) = Path(folder).glob(f"{form}.*")
            for name, text in zip(names, _texts(made), strict=True):
                yield Version(name, form, shingles(text))


def _texts(file: Path) -> Sequence[str]:
    with SourceReader(load_settings().read_limits) as reader:
        (document,) = reader.read(file)
    if isinstance(document.source, Exception):
        raise document.source
    return [report.text for report in parse_reports(document.source)]


def _changed(text: str) -> Iterator[tuple[str, str]]:
    rng = random.Random(0)
    for share in _MISREAD:
        signs = [chr(rng.randrange(0x4E00, 0x9000)) if rng.random() < share else c for c in text]
        yield f"{share:.0%} misread", "".join(signs)
    yield "full-width figures", text.translate(_WIDE)
    yield "20 signs a line", "\n".join(text[i : i + 20] for i in range(0, len(text), 20))
    lines = text.splitlines()
    yield "abridged to every 2nd line", "\n".join(lines[::2])
    yield "abridged to every 3rd line", "\n".join(lines[::3])


if __name__ == "__main__":
    main()
