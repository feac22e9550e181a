"""Do the boxes of a sentence hold that sentence, and little else?

    python -m benchmarks.boxes             # every sentence of the samples, printed as PDF and as scans
    python -m benchmarks.boxes --forms pdf --every 5

Renders the samples as ``benchmarks.forms`` does and reads them as an ingest does. For every n-th sentence
of the reports, the signs that pypdfium2 finds with their middles inside the sentence's boxes are held
against the sentence. Of a scan, which has no signs, the boxes are laid on the PDF that it was made of. Prints a
Markdown table: sentences whose every sign lies inside; signs of sentences inside; signs inside that
are of no sentence. PDF is printed by chromium; the scan needs the extra ``ocr``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.forms import FORMS
from qa.reports.boxes import PageBoxes, boxes_of
from qa.reports.parsing import parse_reports
from qa.reports.readers.forms import read_documents
from qa.reports.readers.protocol import Read, Task
from qa.reports.report import Source
from qa.settings import load_settings

_SAMPLES = Path(__file__).parents[1] / "samples"
Sign = tuple[str, float, float]


@dataclass(slots=True)
class Count:
    """Sentences, those of which all signs lie inside, those of which also at most one other does;
    signs of sentences, those of them inside, others inside; sentences on two pages."""

    sentences: int = 0
    whole: int = 0
    exact: int = 0
    signs: int = 0
    inside: int = 0
    others: int = 0
    across: int = 0
    seconds: float = 0.0
    worst: list[tuple[str, str]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--forms", nargs="+", choices=("pdf", "scan"), default=["pdf", "scan"])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each n-th sentence")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print so many misses")
    asked = parser.parse_args()
    print("| form | sentences | over two pages | all signs inside | and at most one other | signs inside | others inside | ms a sentence |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for form in asked.forms:
        count = Count()
        for sample in sorted(_SAMPLES.glob("*.txt")):
            _measure(form, sample.read_text("utf-8"), asked.every, count)
        print(_row(form, count), flush=True)
        for sentence, found in count.worst[: asked.show]:
            print(f"  {sentence}\n  {found}\n")


def _row(form: str, count: Count) -> str:
    shares = (
        count.whole / count.sentences,
        count.exact / count.sentences,
        count.inside / count.signs,
        count.others / (count.inside + count.others),
    )
    told = " | ".join(f"{share:.1%}" for share in shares)
    speed = f"{1000 * count.seconds / count.sentences:.2f}"
    return f"| {form} | {count.sentences} | {count.across} | {told} | {speed} |"


def _measure(form: str, text: str, every: int, count: Count) -> None:
    with tempfile.TemporaryDirectory() as folder:
        printed = _rendered("pdf", text, Path(folder))
        data = printed if form == "pdf" else _rendered(form, text, Path(folder))
    source = _source(data)
    signs = [list(_signs_of(page)) for page in pdfium.PdfDocument(printed)]
    spans = [span for r in parse_reports(source) for p in r.passages for span in p.sentences]
    for start, end in spans[::every]:
        began = time.perf_counter()
        boxes = boxes_of(source.origin.marks, source.origin.pages, source.text, start, end)
        count.seconds += time.perf_counter() - began
        _compare(source.text[start:end], boxes, signs, count)


def _rendered(form: str, text: str, folder: Path) -> bytes:
    FORMS[form](text, folder / form)
    return (folder / f"{form}.pdf").read_bytes()


def _source(data: bytes) -> Source:
    (outcome,) = read_documents(Task(data, "a.pdf", load_settings().read_limits))
    if not isinstance(outcome.read, Read):
        raise outcome.read
    return Source("a.pdf", outcome.read.text, outcome.read.origin)


def _signs_of(page: pdfium.PdfPage) -> Iterator[Sign]:
    """Each sign that is printed, and the middle of its box from the page's upper left corner."""
    height = page.get_height()
    textpage = page.get_textpage()
    for index in range(textpage.count_chars()):
        sign = textpage.get_text_range(index, 1)
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
        if sign.strip():
            yield sign, (left + right) / 2, height - (bottom + top) / 2


def _compare(
    sentence: str, boxes: Sequence[PageBoxes], signs: Sequence[Sequence[Sign]], count: Count
) -> None:
    found = [
        sign
        for page in boxes
        for sign, x, y in signs[page.page - 1]
        if any(l <= x <= r and t <= y <= b for l, t, r, b in page.boxes)  # noqa: E741
    ]
    wanted, given = Counter("".join(sentence.split())), Counter(found)
    missing, more = (wanted - given).total(), (given - wanted).total()
    count.sentences += 1
    count.across += len(boxes) > 1
    count.whole += not missing
    count.exact += not missing and more <= 1
    count.signs += wanted.total()
    count.inside += wanted.total() - missing
    count.others += more
    if missing or more > 1:
        count.worst.append((sentence, "".join(found)))


if __name__ == "__main__":
    main()
