"""Are answers from a report the same whatever form it comes in?

    python -m benchmarks.forms --cases 60

Renders the samples to GB18030 text, HTML, Word, PDF and a scan (200 dots an inch, slight noise),
ingests each form into a library of its own and asks every n-th of the shipped questions. Prints a
Markdown table: reports found, header fields that differ from those of the text, right answers. PDF is
printed by chromium (Debian: ``chromium``, ``fonts-noto-cjk``); the scan needs the extra ``ocr``.
"""

from __future__ import annotations

import argparse
import html
import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from api.assembly import chain_of, vector_maker_of
from api.progress import ProgressBars
from eval.metrics.answers import correct
from eval.outcomes import GivenAnswer, Outcome
from eval.questions import QuestionCase, read_case_set
from eval.systems import Wenzheng
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.reports.report import Report
from qa.settings import Settings, load_settings

_SAMPLES = Path(__file__).parents[1] / "samples"
_FIELDS = (
    "place", "year", "delivered", "speaker", "reviewed_period", "planned_period",
)  # fmt: skip
_DOTS_PER_INCH, _NOISE = 200, 8.0
_PAGE = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>政府工作报告</title>
<style>body {{ font-family: "Noto Serif CJK SC"; }} p {{ text-indent: 2em; margin: .2em 0; }}
@media print {{ nav, footer {{ display: none; }} }}</style>
<script>var menu = ["全年实现地区生产总值增长99%"];</script></head>
<body><nav><ul><li><a href="/">首页</a></li><li><a href="/xxgk">政务公开</a></li></ul></nav>
<div id="zoom">{paragraphs}</div>
<footer>版权所有 某某人民政府办公室 备案号00000000</footer></body></html>
"""

Renderer = Callable[[str, Path], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=60, help="how many questions (default 60)")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    asked = parser.parse_args()
    every = read_case_set()
    cases = every[:: max(1, len(every) // asked.cases)][: asked.cases]
    _print_table(asked.forms, cases)


def _print_table(forms: Sequence[str], cases: Sequence[QuestionCase]) -> None:
    print("| form | reports | fields that differ | right answers | read in s |")
    print("|---|---|---|---|---|")
    fields: list[tuple[object, ...]] = []
    for form in forms:
        with tempfile.TemporaryDirectory(prefix="wenzheng-forms-") as folder:
            seconds, chain = _library_of(form, Path(folder))
            found = _fields(list(chain.searcher.library.reports.values()))
            fields = fields or found
            right = [_is_right(chain, case) for case in cases]
            told = f"{sum(right)} of {len(right)} ({sum(right) / len(right):.1%})"
            differ = sum(_differences(fields, found))
            print(f"| {form} | {len(found)} | {differ} | {told} | {seconds:.1f} |", flush=True)
            chain.searcher.library.close()


def _library_of(form: str, folder: Path) -> tuple[float, Chain]:
    files = folder / "files"
    files.mkdir()
    for sample in sorted(_SAMPLES.glob("*.txt")):
        FORMS[form](sample.read_text("utf-8"), files / sample.stem)
    settings = load_settings(library=folder / "library")
    started = time.perf_counter()
    seconds = [0.0]

    with ProgressBars("en") as bars:

        def progress(stage: str, done: int, total: int) -> None:
            if stage == "read":
                seconds[0] = time.perf_counter() - started
            bars(stage, done, total)

        _ingest(settings, files, progress)
    return seconds[0], chain_of(settings, assisted=False)


def _ingest(settings: Settings, files: Path, progress: Callable[[str, int, int], None]) -> None:
    summary = ingest(
        settings.library,
        sorted(files.iterdir()),
        vector_maker_of(settings),
        passage_max_chars=settings.passage_max_chars,
        progress=progress,
        limits=settings.read_limits,
    )
    for failure in summary.failed:
        print(f"{failure.path.name}: {failure.error}", file=sys.stderr)


def _fields(reports: Sequence[Report]) -> list[tuple[object, ...]]:
    ordered = sorted(reports, key=lambda report: (report.source, report.start))
    return [tuple(getattr(report, field) for field in _FIELDS) for report in ordered]


def _differences(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> list[bool]:
    if len(one) != len(other):
        return [True] * len(_FIELDS) * max(len(one), len(other))
    return [
        a != b
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    ]


def _is_right(chain: Chain, case: QuestionCase) -> bool:
    reply = Wenzheng(chain).reply(case.question, case.turns)
    answer = GivenAnswer(reply.text or "", refusal=reply.refusal)
    outcome = Outcome(
        case=case, ranked=None, answer=answer, gold_reports=(), gold_periods=(), milliseconds=0.0
    )
    return bool(correct(outcome))


# --- forms -------------------------------------------------------------------------------------


def _text(text: str, path: Path) -> None:
    path.with_suffix(".txt").write_text(text, "utf-8", newline="")


def _gb18030(text: str, path: Path) -> None:
    path.with_suffix(".txt").write_bytes(text.encode("gb18030"))


def _html(text: str, path: Path) -> None:
    path.with_suffix(".html").write_text(_page(text), "utf-8")


def _page(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    paragraphs = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    return _PAGE.format(paragraphs=paragraphs)


def _docx(text: str, path: Path) -> None:
    import docx

    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line.strip())
    document.save(str(path.with_suffix(".docx")))


def _pdf(text: str, path: Path) -> None:
    path.with_suffix(".pdf").write_bytes(_printed(text))


def _printed(text: str) -> bytes:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("the PDF is printed by chromium; install it, or leave out pdf and scan")
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(_page(text), "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={printed}"]
        subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True)
        return printed.read_bytes()


def _scan(text: str, path: Path) -> None:
    """Pictures of the printed pages with noise, as a PDF without any text."""
    import numpy as np
    import pypdfium2 as pdfium
    from PIL import Image

    noise = np.random.default_rng(0)
    pictures = []
    for page in pdfium.PdfDocument(_printed(text)):
        drawn = page.render(scale=_DOTS_PER_INCH / 72, grayscale=True).to_numpy()
        drawn = drawn.reshape(drawn.shape[:2]) + noise.normal(0, _NOISE, drawn.shape[:2])
        pictures.append(Image.fromarray(drawn.clip(0, 255).astype("uint8")))
    made = io.BytesIO()
    first, *others = pictures
    first.save(made, "PDF", save_all=True, append_images=others, resolution=_DOTS_PER_INCH)
    path.with_suffix(".pdf").write_bytes(made.getvalue())


FORMS: Mapping[str, Renderer] = {
    "text": _text,
    "gb18030": _gb18030,
    "html": _html,
    "docx": _docx,
    "pdf": _pdf,
    "scan": _scan,
}


if __name__ == "__main__":
    main()
