"""Old Word, WPS, RTF and OpenDocument through LibreOffice, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from qa.errors import ReaderMissingError, UnreadableFormError
from qa.reports.readers.docx import read_docx
from qa.reports.readers.protocol import Read, Task

_PROGRAMS = ("soffice", "libreoffice")
_PLACES = ("/Applications/LibreOffice.app/Contents/MacOS", "/opt/libreoffice/program")
_OLE = b"\xd0\xcf\x11\xe0"
# How a locked package of Office names its only stream, in the directory of an OLE file.
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def read_office(task: Task) -> Read:
    """The document as ``read_docx`` reads what LibreOffice makes of it; raises ``InputError``."""
    if task.data.startswith(_OLE) and _LOCKED in task.data:
        raise UnreadableFormError("encrypted", name=task.name)
    program = _program()
    if program is None:
        raise ReaderMissingError("needs_office", name=task.name)
    # The worker's time and memory limits hold for this child too: it is in the same group.
    with tempfile.TemporaryDirectory(prefix="wenzheng-office-") as folder:
        made = _converted(program, Path(folder), task)
        return read_docx(Task(made, task.name, task.limits))


def _program() -> str | None:
    found = (shutil.which(name) for name in _PROGRAMS)
    placed = (shutil.which("soffice", path=place) for place in _PLACES)
    return next(filter(None, (*found, *placed)), None)


def _converted(program: str, folder: Path, task: Task) -> bytes:
    given = folder / "given.doc"
    given.write_bytes(task.data)
    command = [
        program,
        # A profile of its own: a user's open LibreOffice would take the document and answer at once.
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(folder / "made"),
        str(given),
    ]
    # No shell, and no argument is the file's: its bytes lie under a name of ours.
    ended = subprocess.run(  # nosec B603
        command, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    made = folder / "made" / "given.docx"
    if not made.exists():
        reason = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        told = reason[-1] if reason else f"LibreOffice: {ended.returncode}"
        raise UnreadableFormError("damaged", name=task.name, reason=told)
    return made.read_bytes()
