from pathlib import Path

from qa.library.held_files import HeldFile, HeldFiles
from qa.library.read_files import ReadFile
from qa.reports.report import Source


def _file(path: Path | str, text: str) -> ReadFile:
    name = path if isinstance(path, str) else path.name
    return ReadFile(str(path), path, Source(name, text), [])


def _held(file: ReadFile, source_id: int = 1) -> HeldFile:
    return HeldFile(source_id, file.source.sha256, file.source.name, file.key)


def test_a_content_is_held_under_its_path_or_its_name_elsewhere(tmp_path: Path) -> None:
    first = _file(tmp_path / "a" / "r.txt", "一")
    held = HeldFiles([_held(first, 7)])
    assert held.has(first)
    assert held.has(_file(tmp_path / "b" / "r.txt", "一"))
    assert not held.has(_file(tmp_path / "a" / "r.txt", "二"))
    assert not held.has(_file(tmp_path / "b" / "s.txt", "一"))
    assert held.source_of(first.source.sha256) == 7


def test_a_content_of_one_address_is_not_held_by_another() -> None:
    held = HeldFiles([_held(_file("https://a.example/r", "一"))])
    assert held.has(_file("https://a.example/r", "一"))
    assert not held.has(_file("https://b.example/r", "一"))


def test_what_is_forgotten_is_held_no_more(tmp_path: Path) -> None:
    one, same = _file(tmp_path / "r.txt", "一"), _file(tmp_path / "s.txt", "一")
    held = HeldFiles([_held(one, 7), _held(same, 7)])
    assert held.is_taken("r.txt", same.key)
    assert not held.is_taken("r.txt", one.key)
    assert held.forget(one.key)
    assert not held.forget(one.key)
    assert not held.has(one)
    assert held.has(same)
    assert held.source_of(one.source.sha256) == 7
    assert not held.is_taken("r.txt", same.key)
    held.forget(same.key)
    assert held.source_of(one.source.sha256) is None
    assert list(held) == []
