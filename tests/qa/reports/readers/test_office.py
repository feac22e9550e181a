import shutil
import stat
from pathlib import Path

import pytest

from qa.errors import ReaderMissingError, UnreadableFormError
from qa.reports.readers import office
from tests.qa.reports.readers.made import document, put, read

RTF = rb"{\rtf1\ansi\ansicpg936 \u21508?\u20301?\u20195?\u34920? 7.6%\par}"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice that makes the same document of whatever it is given."""
    made = put(tmp_path, "made.docx", document("各位代表:"))
    script = put(
        tmp_path,
        "soffice",
        f'#!/bin/sh\nwhile [ "$1" != --outdir ]; do shift; done\nmkdir -p "$2"\ncp {made} "$2/given.docx"\n'.encode(),
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(office, "_program", lambda: str(script))
    return script


@pytest.mark.parametrize("data", [OLE + b"\0" * 600, RTF])
def test_old_forms_are_read_as_what_libreoffice_makes_of_them(program: Path, data: bytes) -> None:
    assert read(data, "a.wps").text == "各位代表:"


def test_a_file_it_makes_nothing_of_is_refused_by_name(program: Path) -> None:
    program.write_text("#!/bin/sh\necho Error: source file could not be loaded >&2\n")
    with pytest.raises(UnreadableFormError, match=r"^a\.doc is damaged .*could not be loaded"):
        read(OLE, "a.doc")


def test_a_locked_package_is_refused(program: Path) -> None:
    with pytest.raises(UnreadableFormError, match="locked by a password"):
        read(OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx")


def test_without_it_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_program", lambda: None)
    with pytest.raises(ReaderMissingError, match=r"^reading a\.doc needs LibreOffice; install it"):
        read(OLE, "a.doc")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_itself_is_used_where_it_is() -> None:
    assert "各位代表 7.6%" in read(RTF, "a.doc").text
