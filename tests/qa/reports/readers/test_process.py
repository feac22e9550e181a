import signal
from pathlib import Path

import pytest

from qa.errors import SourceVanishedError, TooLargeError, UnreadableFormError
from qa.reports.limits import ReadLimits
from qa.reports.readers.process import ReaderProcess
from qa.reports.readers.protocol import Outcome, Read
from tests.qa.reports.readers.made import document, packed, printed, put, read


def texts(found: list[Outcome]) -> list[str]:
    return [o.read.text if isinstance(o.read, Read) else o.read.key for o in found]


def test_one_process_reads_many_files(tmp_path: Path) -> None:
    page = printed([(72, 100, "各位代表现在我代表人民政府报告")])
    with ReaderProcess(ReadLimits()) as process:
        one = list(process.read(put(tmp_path, "a.docx", document("一")), "a.docx"))
        child = process._child
        two = list(process.read(put(tmp_path, "a.pdf", page), "a.pdf"))
        assert process._child is child
    assert texts(one) == ["一"]
    assert two == [Outcome("a.pdf", read(page, "a.pdf"))]
    assert child is not None
    assert child.poll() == -signal.SIGKILL


def test_a_file_that_takes_too_long_fails_and_the_next_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, "a.docx", document("一"))
    with ReaderProcess(ReadLimits(timeout_seconds=0.001)) as process:
        (late,) = process.read(path, "a.docx")
        assert process._child is None
        process._limits = ReadLimits()
        assert texts(list(process.read(path, "a.docx"))) == ["一"]
    assert isinstance(late.read, TooLargeError)
    assert str(late.read).startswith("a.docx was not read within 0.001 s")


def test_a_file_that_takes_too_much_memory_fails_and_the_next_is_read(tmp_path: Path) -> None:
    large = put(tmp_path, "a.csv", b"year,text\n1," + b"a" * (150 << 20))
    with ReaderProcess(ReadLimits(memory_bytes=320 << 20)) as process:
        (failed,) = process.read(large, "a.csv")
        after = list(process.read(put(tmp_path, "b.docx", document("一")), "b.docx"))
    assert isinstance(failed.read, TooLargeError)
    assert failed.read.key == "read_memory"
    assert texts(after) == ["一"]


def test_a_process_that_dies_is_one_files_error(tmp_path: Path) -> None:
    data = packed({f"{n}.txt": "文".encode() for n in range(50)})
    path = put(tmp_path, "a.zip", data)
    with ReaderProcess(ReadLimits()) as process:
        reading = process.read(path, "a.zip")
        first = next(reading)
        assert process._child is not None
        process._child.send_signal(signal.SIGSEGV)
        process._child.wait()
        rest = list(reading)
        again = list(process.read(path, "a.zip"))
    assert texts([first]) == ["文"]
    assert len(again) == 50
    if len(rest) < 49:
        assert isinstance(rest[-1].read, UnreadableFormError)
        assert "SIGSEGV" in str(rest[-1].read)


def test_one_who_stops_listening_gets_no_old_outcomes(tmp_path: Path) -> None:
    data = packed({f"{n}.txt": "文".encode() for n in range(50)})
    with ReaderProcess(ReadLimits()) as process:
        reading = process.read(put(tmp_path, "a.zip", data), "a.zip")
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        after = list(process.read(put(tmp_path, "b.docx", document("一")), "b.docx"))
    assert [outcome.name for outcome in after] == ["b.docx"]


def test_keys_in_our_environment_are_not_in_the_parsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_LLM_API_KEY", "sesame")
    with ReaderProcess(ReadLimits()) as process:
        list(process.read(put(tmp_path, "a.docx", document("一")), "a.docx"))
        assert process._child is not None
        seen = Path(f"/proc/{process._child.pid}/environ").read_bytes()
    assert b"PYTHONPATH" in seen
    assert b"sesame" not in seen


def test_what_is_gone_or_too_large_is_refused(tmp_path: Path) -> None:
    with ReaderProcess(ReadLimits(file_max_bytes=10)) as process:
        (gone,) = process.read(tmp_path / "gone.pdf", "gone.pdf")
        (large,) = process.read(put(tmp_path, "a.docx", document("一")), "a.docx")
    assert isinstance(gone.read, SourceVanishedError)
    assert str(large.read).startswith("a.docx has more than 10 bytes")
