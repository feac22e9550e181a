import shutil
from pathlib import Path

import pytest

from prompts import messages
from qa.library import storage
from qa.library.doctor import Finding, examine
from qa.settings import Settings
from tests.qa.library.reading import as_of_format_1


def findings(library: Path, *, deep: bool = False, embedding: str = "hash") -> dict[str, Finding]:
    settings = Settings(library=library, cache=library.parent / "cache", embedding=embedding)
    return {one.name: one for one in examine(settings, deep=deep)}


def severities(library: Path, *, deep: bool = False) -> dict[str, str]:
    return {name: one.severity for name, one in findings(library, deep=deep).items()}


def test_a_sound_library_is_found_sound(made: Path) -> None:
    assert severities(made, deep=True) == {
        "cache": "ok",
        "library": "ok",
        "files": "ok",
        "space": "ok",
        "contents": "ok",
    }


def test_no_library_is_no_error_but_a_hint(tmp_path: Path) -> None:
    found = findings(tmp_path / "nowhere")["library"]
    assert found.severity == "warning"
    assert found.remedy("en") == "run `wenzheng ingest PATH`"


@pytest.mark.parametrize(
    "name", ["library.sqlite", "lexical/000001/ids.bin", "vectors/vectors.faiss"]
)
def test_a_damaged_part_is_named_with_its_remedy(made: Path, name: str) -> None:
    path = storage.version_in_force(made) / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    found = findings(made)[name.split("/")[0]]
    assert found.severity == "error"
    assert f"{name} is altered" in found.message("en")
    assert f"{name} 有问题(内容被改动)" in found.message("zh")
    assert found.remedy("zh") == "请运行 `wenzheng repair`"


def test_a_lost_pointer_is_named(made: Path) -> None:
    (made / "CURRENT").unlink()
    assert findings(made)["library"].message("en") == "CURRENT is missing"


def test_another_embedding_and_an_earlier_format_are_told(made: Path) -> None:
    assert findings(made, embedding="bundled")["embedding"].severity == "error"
    assert severities(as_of_format_1(made))["format"] == "warning"


def test_a_change_in_progress_and_one_broken_off_are_told(made: Path) -> None:
    with storage.exclusive(made):
        assert findings(made)["lock"].key == "being_written"
    assert "lock" not in findings(made)
    (made / "lock").write_text(
        '{"pid": 1, "host": "h", "command": "wenzheng ingest", "since": "x"}'
    )
    assert findings(made)["lock"].key == "broken_off"
    with storage.exclusive(made):
        pass
    assert "lock" not in findings(made)


def test_a_text_that_disagrees_with_its_quotes_is_found_in_depth(made: Path) -> None:
    from sqlalchemy import update

    from qa.library import tables

    engine = tables.open_database(storage.version_in_force(made) / storage.DATABASE, writable=True)
    with engine.begin() as connection:
        connection.execute(update(tables.facts).values(quote="别的"))
    engine.dispose()
    found = findings(as_of_format_1(made), deep=True)
    assert found["contents"].severity == "error"
    assert "facts" in found["contents"].message("en")


def test_damage_of_an_older_version_is_a_warning(made: Path) -> None:
    older = next(p for p in (made / "versions").iterdir() if p != storage.version_in_force(made))
    shutil.rmtree(older / "lexical")
    assert severities(made, deep=True)["older"] == "warning"


def test_every_finding_has_its_words() -> None:
    for language in ("en", "zh"):
        for key, text in messages("doctor", language).items():
            assert text.count(" || ") <= 1, key
