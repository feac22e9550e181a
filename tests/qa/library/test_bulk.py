"""Very many files, by a real Ray on this machine: ended midway, taken up, held against an ordinary ingest."""

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from qa.library.ingest import ingest
from qa.library.library import Library
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.qa.reports.readers.made import document, put, report_pdf

pytestmark = pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: NO BULK TESTED")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Files of several forms, two of one text, two that are no reports."""
    folder = tmp_path / "texts"
    folder.mkdir()
    first = Invented("磐安县", 2025, "地区生产总值增长6.1%,达到190.5亿元。", "力争增长6%左右。")
    put(folder, "a.txt", first.text.encode())
    put(folder, "b.pdf", report_pdf(Invented("临海市", 2025, "新建学校31所。").text))
    put(folder, "c.txt", first.text.encode())
    put(folder, "d.pdf", b"%PDF-1.7 broken")
    put(folder, "e.docx", document(*Invented("天台县", 2025, "增长5.5%。").text.splitlines()))
    put(folder, "f.txt", "会议通知".encode())
    put(folder, "g.txt", Invented("海宁市", 2025, "新建石墨烯工厂3座。").text.encode())
    return folder


@pytest.fixture
def bulk(tmp_path: Path, texts: Path) -> list[str]:
    module = "tests.qa.library.killed_bulk"
    folders = [str(tmp_path / "bulk"), str(texts), str(tmp_path / "vectors.sqlite")]
    return [sys.executable, "-m", module, *folders]


def run(command: list[str], killed_by: str = "") -> dict[str, Any]:
    done = subprocess.run([*command, killed_by], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def held(folder: Path) -> dict[str, Any]:
    """All that a library tells of its reports."""
    library = Library(folder)
    try:
        keys = library.passage_keys
        return {
            "reports": library.held,
            "passages": list(zip(keys, library.entries([one.id for one in keys]), strict=True)),
            "facts": library.facts(),
            "originals": {path.name for path in folder.glob("originals/*")},
            "has_vectors": library.manifest.has_vectors,
        }
    finally:
        library.close()


def test_a_run_that_was_killed_is_taken_up_and_gives_the_library_of_an_ordinary_ingest(
    bulk: list[str], texts: Path, tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    with subprocess.Popen([*bulk, ""], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        # The first file is written; others are on their way.
        assert any(line.startswith("read 2 ") for line in process.stderr)
        os.kill(process.pid, signal.SIGKILL)
    assert 1 <= len(held(tmp_path / "bulk")["reports"]) < 4
    told = run(bulk)
    assert told["unchanged"]
    assert told["failed"] == ["d.pdf damaged", "f.txt not_a_report"]
    ordinary = tmp_path / "ordinary"
    ingest(ordinary, [texts], vector_maker(), passage_max_chars=450, progress=no_progress)
    assert held(tmp_path / "bulk") == held(ordinary)
    again = run(bulk)
    assert again["added"] == []
    assert held(tmp_path / "bulk") == held(ordinary)


def test_a_file_that_kills_its_worker_costs_no_other(bulk: list[str], tmp_path: Path) -> None:
    told = run(bulk, "石墨烯")
    assert told["failed"] == ["d.pdf damaged", "f.txt not_a_report", "g.txt worker_lost"]
    assert len(held(tmp_path / "bulk")["reports"]) == 3
