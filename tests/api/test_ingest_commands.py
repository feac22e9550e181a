"""``wenzheng ingest`` of addresses and ``wenzheng watch``, as their users meet them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.cli import main
from tests.embeddings.conftest import model_cache_dir
from tests.qa.library.reading import held
from tests.qa.library.web import page_of, text_of
from tests.qa.reports.fetching.site import Page, Site

LONGEST = 60.0


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("WENZHENG_CACHE", str(model_cache_dir()))
    monkeypatch.setenv("WENZHENG_FETCH_DELAY_SECONDS", "0")
    with Site({"/a": page_of("绍兴市")}) as made:
        monkeypatch.setenv("WENZHENG_FETCH_HOSTS", f"127.0.0.1:{made.port}")
        yield made


@pytest.fixture
def library(tmp_path: Path) -> list[str]:
    return ["--library", str(tmp_path / "library")]


def test_an_address_is_ingested_and_cited(
    site: Site, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "ingest", f"{site.url}/a", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["added"]) == 1
    assert main([*library, "ask", "绍兴市2026年地区生产总值增长目标是多少?", "--json"]) == 0
    (citation, *_) = json.loads(capsys.readouterr().out)["citations"]
    assert citation["url"] == f"{site.url}/a"
    assert citation["source"] == f"127.0.0.1:{site.port}/a"


def test_failures_name_the_address_once_and_the_exit_code_says_so(
    site: Site, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    urls = [f"{site.url}/none", "http://169.254.169.254/", "file:///etc/passwd"]
    assert main([*library, "ingest", f"{site.url}/a", *urls, "--json"]) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert len(told["added"]) == 1
    assert [row["path"] for row in told["failed"]] == urls
    for url in urls:
        lines = [line for line in said.err.splitlines() if url in line]
        assert len(lines) == 1
        assert lines[0].count(url) == 1


def test_a_list_ends_with_a_summary_of_all(
    site: Site, library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "list.txt"
    given.write_text(f"{site.url}/a\n{site.url}/none\nb.txt\n{site.url}/empty\n", "utf-8")
    (tmp_path / "b.txt").write_text(text_of("杭州市"), "utf-8")
    site.pages["/empty"] = Page("无关的页面".encode())
    assert main([*library, "ingest", "--list", str(given)]) == 1
    said = capsys.readouterr()
    assert "共 4 条:抓取或读取 2 条,未变 0 条,上次已收录 0 条,失败 2 条" in said.err
    assert "1 × HTTP 404" in said.err
    assert "1 × 其中没有报告" in said.err
    assert "新收录 2 份报告,已有 0 份,失败 2 个文件" in said.out


def test_a_list_that_is_none_is_an_error(
    site: Site, library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages["/list"] = Page(b"<html><a href='a'>a</a></html>")
    assert main([*library, "ingest", "--list", f"{site.url}/list"]) == 1
    assert "不是列表" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--engine", "ray", "http://127.0.0.1/a"],
        ["--engine", "ray", "--list", "a.txt"],
        ["--engine", "ray", "--reembed", "a.txt"],
        ["--engine", "ray", "--workers", "0", "a.txt"],
        ["--workers", "2", "a.txt"],
    ],
)
def test_what_ray_does_not_do_is_wrong_usage(library: list[str], wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*library, "ingest", *wrong])
    assert ended.value.code == 2


def test_nothing_to_ingest_is_wrong_usage(library: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*library, "ingest"])
    assert ended.value.code == 2


# --- watching ----------------------------------------------------------------------------------


@contextmanager
def watching(library: list[str], folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    code = "from api.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, *library, "watch", str(folder), *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "WENZHENG_CACHE": str(model_cache_dir()), "LANG": "en_GB.UTF-8"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout
    row: dict[str, object] = json.loads(process.stdout.readline())
    return row


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watched_folder_is_taken_in_and_the_watcher_ends_when_told(
    library: list[str], tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "before.txt").write_text(text_of("绍兴市"), "utf-8")
    with watching(library, folder, "--json", "--settle", "1") as process:
        first = line_of(process)
        assert (first["path"], first["state"]) == (str(folder / "before.txt"), "added")
        (folder / "bad.pdf").write_bytes(b"%PDF-1.7 no")
        bad = line_of(process)
        assert (bad["state"], bad["reports"]) == ("failed", [])
        assert "bad.pdf is damaged" in str(bad["errors"])
        data = text_of("杭州市").encode()
        with (folder / "slow.txt").open("wb") as file:
            for start in range(0, len(data), 500):
                file.write(data[start : start + 500])
                file.flush()
                time.sleep(0.05)
        assert line_of(process)["path"] == str(folder / "slow.txt")
        process.send_signal(number)
        _, said = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, said
    assert said.splitlines()[-1] == f"wenzheng: stopped watching {folder}"
    assert {one.report.place for one in held(Path(library[1]))} == {"绍兴市", "杭州市"}


def test_a_watcher_that_is_stopped_at_work_leaves_the_library_whole(
    library: list[str], tmp_path: Path, samples_dir: Path
) -> None:
    with watching(library, samples_dir, "--settle", "0") as process:
        # The texts are in and their sentences are being embedded.
        end = time.monotonic() + LONGEST
        while not (tmp_path / "library" / "CURRENT").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert len(held(Path(library[1]))) == 8


def test_a_folder_that_is_none_cannot_be_watched(
    library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        assert main([*library, "watch", str(tmp_path / "none")]) == 1
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert "none" in capsys.readouterr().err
