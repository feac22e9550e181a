"""Broken files of every form, made from whole ones: no reader may die, hang or tell what is not so.

    python -m benchmarks.fuzz_readers --minutes 10

Each round damages a file (bytes turned over, cut out, doubled, cut short, put in from another) and
reads it in the process that parses; then a text made of a report's pieces is split. Prints the counts,
and keeps what failed under ``--keep``. The tests run some rounds of it.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from qa.errors import InputError, NotAReportError
from qa.reports.limits import ReadLimits
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader
from qa.reports.report import Source

LIMITS = ReadLimits(timeout_seconds=60.0)
# What only a reader at fault ends with; files do not.
_FAULTS = frozenset({"reader_died", "read_timeout", "read_memory"})
_PIECES = (
    "各位代表:\n", "现在,我代表某某县人民政府,向大会报告工作,请予审议。\n", "政府工作报告\n", "2024年1月16日\n",
    "一、2023年工作回顾\n", "二、2024年工作安排\n", "(一)", "1.", "相关链接\n", "各位代表,让我们团结一心!\n",
    "全年实现地区生产总值增长7.6%,", "７ ．\n３％", "\u200b", "\u3000", "\r\n", "\r", "\n\n", "。", "》", "“", "\x00",
    "\ud800", "县长 张三\n", "我受国务院的委托,", "第三次会议上", "—" * 50, "九" * 30, "0" * 40, " ", "\t|\t",
)  # fmt: skip


def seeds() -> Mapping[str, bytes]:
    """A small whole file of each form that is read without another program."""
    text = f"{''.join(_PIECES[:6])}{_PIECES[10] * 80}\n"
    page = f"<!DOCTYPE html><html><head><title>政府工作报告</title></head><body><p>{text}</p></body></html>"
    rows = f'year,title,full_text\n2024,政府工作报告,"{text}"\n'
    line = json.dumps({"year": 2024, "full_text": text}, ensure_ascii=False)
    made = {
        "a.txt": text.encode("gb18030"),
        "a.html": page.encode(),
        "a.csv": rows.encode(),
        "a.jsonl": f"{line}\n{line}\n".encode(),
        "a.docx": _document(text),
        "a.pdf": _printed(text),
    }
    return {**made, "a.zip": _archive(made)}


def _document(text: str) -> bytes:
    import docx

    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.add_table(2, 2).cell(0, 0).text = "指标"
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _printed(text: str) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=0)
    for start in range(0, 1200, 600):
        canvas.setFont("STSong-Light", 12)
        for number in range(20):
            at = start + 30 * number
            canvas.drawString(72, 760 - 20 * number, text[at : at + 30].replace("\n", ""))
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _archive(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def damaged(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The file with one to six faults; ``other`` gives what does not belong in it."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(made) + 1)
        until = min(len(made), at + chance.choice((1, 2, 8, 64, 1024)))
        kind = chance.randrange(6)
        if kind == 0:
            made[at:until] = chance.randbytes(until - at)
        elif kind == 1:
            del made[at:until]
        elif kind == 2:
            made[at:at] = made[at:until] * chance.choice((1, 3, 100))
        elif kind == 3:
            start = chance.randrange(len(other) + 1)
            made[at:at] = other[start : start + 256]
        elif kind == 4 and at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 5 and chance.random() < 0.3:
            del made[at:]
    return bytes(made)


def made_up(chance: random.Random) -> str:
    """A text of a report's pieces in any order."""
    return "".join(chance.choices(_PIECES, k=chance.randint(1, 400)))


def fault_of_reading(reader: SourceReader, path: Path) -> str | None:
    """What is wrong with how a file was read; None if it was read, or refused for a reason."""
    documents = list(reader.read(path))
    if not documents:
        return "no outcome"
    for document in documents:
        source = document.source
        if isinstance(source, InputError):
            if source.key in _FAULTS:
                return str(source)
            continue
        starts = [mark.start for mark in source.origin.marks]
        if starts != sorted(starts) or (starts and starts[-1] > len(source.text)):
            return "marks out of order, or behind the text's end"
        if fault := fault_of_splitting(source):
            return fault
    return None


def fault_of_splitting(source: Source) -> str | None:
    """What is wrong with the reports of a text; None if nothing is."""
    try:
        reports = parse_reports(source)
    except NotAReportError:
        return None
    except Exception as error:
        return f"splitting: {type(error).__name__}: {error}"
    for report in reports:
        for passage in report.passages:
            if source.text[passage.start : passage.end] != passage.text:
                return f"a passage is not what stands at {passage.start}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    asked = parser.parse_args()
    counts, faults = _run(random.Random(asked.seed), asked.minutes * 60, asked.keep)
    print("  ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    print(f"{sum(counts.values())} rounds, {faults} faults")
    sys.exit(1 if faults else 0)


def _run(chance: random.Random, seconds: float, keep: Path) -> tuple[Counter[str], int]:
    whole, counts, faults = seeds(), Counter[str](), 0
    until = time.monotonic() + seconds
    with SourceReader(LIMITS) as reader, tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until:
            name = chance.choice([*whole, "pieces.txt"])
            if name in whole:
                data = damaged(whole[name], whole[chance.choice([*whole])], chance)
            else:
                data = made_up(chance).encode("utf-8", "surrogatepass")
            path = Path(folder) / name
            path.write_bytes(data)
            counts[name] += 1
            if fault := fault_of_reading(reader, path):
                faults += 1
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{faults:03d}-{name}").write_bytes(data)
                print(f"{faults:03d}-{name}: {fault}", file=sys.stderr)
    return counts, faults


if __name__ == "__main__":
    main()
