"""What is on the disk when the power fails, and who may write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa.errors import LibraryBusyError
from qa.library import storage
from qa.library.ingest import remove
from qa.library.library import Library
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.conftest import Take
from tests.qa.library.reading import held
from tests.qa.library.test_storage import ROOT, process


class Disk:
    """What has been synced, with what it then was: all that a loss of power is sure to leave."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: dict[int, tuple[int, int]] = {}
        self.order: list[str] = []
        fsync, replace = os.fsync, Path.replace

        def synced(handle: int) -> None:
            fsync(handle)
            held = os.fstat(handle)
            self.synced[held.st_ino] = (held.st_size, held.st_mtime_ns)
            self.order.append(f"sync {held.st_ino}")

        def replaced(path: Path, target: Path) -> Path:
            if target.name == "CURRENT":
                self.before_the_switch(target.parent, path)
                self.order.append("switch")
            return replace(path, target)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(Path, "replace", replaced)

    def before_the_switch(self, library: Path, pending: Path) -> None:
        """All that ``CURRENT`` is about to point to is on the disk, as it is, and can be found there."""
        version = library / "versions" / pending.read_text().split()[0]
        for path in (pending, version, version.parent, *version.rglob("*")):
            now = path.stat()
            assert self.synced.get(now.st_ino) == (now.st_size, now.st_mtime_ns), path


@pytest.mark.parametrize("operation", ["first", "ingest", "remove"])
def test_all_is_on_the_disk_before_it_is_pointed_to(
    take: Take,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    vector_maker: MakeVectorMaker,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
) -> None:
    if operation != "first":
        take(yuecheng)
    # Files that a version shares with the one before were synced with that.
    disk = Disk(monkeypatch)
    for path in library_dir.rglob("*"):
        now = path.stat()
        disk.synced[now.st_ino] = (now.st_size, now.st_mtime_ns)
    if operation == "remove":
        (report_id,) = Library(library_dir).reports
        remove(library_dir, report_id, vector_maker(), no_progress)
    else:
        take(shangcheng)
    assert "switch" in disk.order
    last = len(disk.order) - 1 - disk.order[::-1].index("switch")
    assert f"sync {library_dir.stat().st_ino}" in disk.order[last:]


def test_the_folders_above_a_new_library_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with storage.exclusive(tmp_path / "a" / "b" / "library"):
        pass
    for folder in (tmp_path, tmp_path / "a", tmp_path / "a" / "b"):
        assert folder.stat().st_ino in disk.synced


HOLD = (
    "import sys; from pathlib import Path; from qa.library.storage import exclusive; sys.argv[1:1] = OPTIONS + ['ingest']\n"
    "with exclusive(Path(sys.argv[-1])): print('held', flush=True); input()"
)


@pytest.mark.parametrize("options", [[], ["--library", "here"], ["--library=here"]])
def test_who_writes_is_named_and_the_lock_of_a_dead_one_is_taken_over(
    made: Path, take: Take, shangcheng: Path, options: list[str]
) -> None:
    with process("-c", HOLD.replace("OPTIONS", repr(options)), str(made)) as running:
        with pytest.raises(LibraryBusyError, match=rf"wenzheng ingest, pid {running.pid} on "):
            take(shangcheng)
        running.kill()
        running.wait()
    assert json.loads((made / "lock").read_text())["pid"] == running.pid
    take(shangcheng)
    assert len(held(made)) == 2
    assert (made / "lock").read_text() == ""


def test_two_commands_at_once_lose_nothing(
    made: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from embeddings import VectorCache\n"
        "from qa.library.ingest import VectorMaker, ingest\n"
        "from tests.embeddings.conftest import HashEmbedder\n"
        "maker = VectorMaker('hash', HashEmbedder, lambda: VectorCache(Path(sys.argv[3])))\n"
        "while True:\n"
        "    try:\n"
        "        ingest(Path(sys.argv[1]), [Path(sys.argv[2])], maker, passage_max_chars=450, progress=print)\n"
        "        break\n"
        "    except Exception as error:\n"
        "        assert 'LibraryBusyError' in repr(error), error\n"
    )
    samples = [shangcheng, *sorted(yuecheng.parent.glob("00[23]_*"))]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(made), str(sample), str(tmp_path / "cache.sqlite")],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        for sample in samples
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert len(held(made)) == 4
