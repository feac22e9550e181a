import io
import struct
import zipfile

import pytest

from qa.errors import InputError
from qa.reports.limits import ReadLimits
from qa.reports.readers import archive
from qa.reports.readers.protocol import Outcome, Read
from tests.qa.reports.readers.made import document, outcomes, packed


def told(outcome: Outcome) -> str:
    """The text, or the error's key."""
    return outcome.read.text if isinstance(outcome.read, Read) else outcome.read.key


def by_name(data: bytes, limits: ReadLimits | None = None) -> dict[str, str]:
    return {outcome.name: told(outcome) for outcome in outcomes(data, "a.zip", limits)}


def test_each_member_is_a_document_under_both_names() -> None:
    data = packed({"x/报告.txt": "各位代表".encode(), "b.docx": document("各位代表")})
    assert by_name(data) == {"a.zip/x/报告.txt": "各位代表", "a.zip/b.docx": "各位代表"}


def test_a_bad_member_fails_alone() -> None:
    data = packed(
        {"a.txt": "文".encode(), "b.pdf": b"%PDF-1.7 no", "c.txt": b"", "d.rar": b"Rar!\x1a\x07"}
    )
    assert by_name(data) == {
        "a.zip/a.txt": "文",
        "a.zip/b.pdf": "damaged",
        "a.zip/c.txt": "empty",
        "a.zip/d.rar": "unsupported_form",
    }


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil.txt", "x/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    data = packed({name: "文".encode(), "good.txt": "文".encode()})
    assert sorted(by_name(data).values()) == sorted(["unsafe_member", "文"])


def test_what_packers_add_is_left_out() -> None:
    data = packed({"__MACOSX/._a.txt": b"\0", "x/.DS_Store": b"\0", "a.txt": "文".encode()})
    assert by_name(data) == {"a.zip/a.txt": "文"}


def test_names_in_the_encoding_of_chinese_windows_are_read() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("name.txt", "文")
    data = kept.getvalue().replace(b"name.txt", "报告.txt".encode("gb18030"))
    assert list(by_name(data)) == ["a.zip/报告.txt"]


def test_an_archive_within_an_archive_is_not_unpacked() -> None:
    inner = packed({"a.txt": "文".encode()})
    assert by_name(packed({"in.zip": inner, "b.txt": "文".encode()})) == {
        "a.zip/in.zip": "nested_archive",
        "a.zip/b.txt": "文",
    }


def test_what_bursts_is_refused_and_the_rest_is_read() -> None:
    data = packed({"bomb.txt": b"0" * 30_000_000, "good.txt": "文".encode()})
    assert by_name(data) == {"a.zip/bomb.txt": "bursts", "a.zip/good.txt": "文"}


def test_a_size_that_is_a_lie_is_found_out() -> None:
    data = bytearray(packed({"bomb.txt": b"0" * 3_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 10)
    (outcome,) = outcomes(bytes(data), "a.zip", ReadLimits(file_max_bytes=1_000_000))
    assert told(outcome) in ("damaged", "bursts")


def test_all_members_together_have_a_limit() -> None:
    files = {f"{n}.txt": bytes(f"{n}", "ascii") * 600 for n in range(3)}
    found = by_name(packed(files), ReadLimits(unpacked_max_bytes=1500))
    assert list(found.values()).count("bursts") == 1


def test_a_locked_member_is_refused() -> None:
    data = bytearray(packed({"a.txt": "文".encode()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert by_name(bytes(data)) == {"a.zip/a.txt": "encrypted"}


def test_a_broken_archive_is_refused_as_a_whole() -> None:
    data = packed({"a.txt": "文".encode()})
    (outcome,) = outcomes(data[: len(data) // 2], "a.zip")
    assert isinstance(outcome.read, InputError)
    assert (outcome.name, told(outcome)) == ("a.zip", "damaged")


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 1)
    assert by_name(packed({"a": b"x", "b": b"x"})) == {"a.zip": "too_many_members"}
