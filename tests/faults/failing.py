"""Operations that the system refuses: full disks, limits, lost permissions, broken devices."""

from __future__ import annotations

import errno
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embeddings import EmbeddingError
from qa.errors import WenzhengError
from tests.faults.door import door, fail_with
from tests.faults.figures import Figures
from tests.faults.killing import check
from tests.faults.scene import Scene, Stage
from tests.faults.zygote import Zygote

ERRORS = {
    "disk full (ENOSPC)": errno.ENOSPC,
    "permission lost (EACCES)": errno.EACCES,
    "turned read-only (EROFS)": errno.EROFS,
    "device broken (EIO)": errno.EIO,
    "quota (EDQUOT)": errno.EDQUOT,
}


def kill_at_every_operation(
    stage: Stage, scene: Scene, zygote: Zygote, figures: Figures, step: int = 1
) -> None:
    """A process killed before each of its operations on files in turn, or before each ``step``-th."""
    library = scene.copy_to(stage.folder / "killed")
    seen = zygote.perform(scene.operation, library, stage.cache, 0)["seen"]
    name = f"{scene.operation.name} (file operation)"
    for number in range(1, seen + 1, step):
        library = scene.copy_to(stage.folder / "killed")
        if zygote.perform(scene.operation, library, stage.cache, number)["killed"]:
            figures.killed[name] += 1
        check(stage, scene, library, figures, f"{name} killed at {number}")


def fail_at_every_operation(stage: Stage, scene: Scene, figures: Figures, step: int = 1) -> None:
    """Each operation on files, or each ``step``-th, refused in turn, with each kind of error."""
    library = scene.copy_to(stage.folder / "failed")
    with door(library) as counted:
        scene.operation.perform(library, stage.vectors())
    for name, number in ERRORS.items():
        for at in range(1, counted.seen + 1, step):
            library = scene.copy_to(stage.folder / "failed")
            what = f"{scene.operation.name}: {name} at {at}"
            with door(library, at, fail_with(number)):
                _attempt(stage, scene, library, figures, name, what)
            check(stage, scene, library, figures, what)


def limit_files(stage: Stage, scene: Scene, figures: Figures, limits: list[int]) -> None:
    """Files cut off at a number of bytes (``RLIMIT_FSIZE``): what C code writes is met by it, too."""
    for limit in limits:
        library = scene.copy_to(stage.folder / "failed")
        what = f"{scene.operation.name}: no file longer than {limit} bytes"
        with _file_limit(limit):
            _attempt(stage, scene, library, figures, "file limit (RLIMIT_FSIZE)", what)
        check(stage, scene, library, figures, what)


@contextmanager
def _file_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill_disk(stage: Stage, scene: Scene, figures: Figures, sizes: list[int]) -> bool:
    """A real file system that is full after so many KiB more; False where none can be mounted."""
    mount, room = stage.folder / "mount", stage.folder / "failed"
    mount.mkdir(exist_ok=True)
    for size in sizes:
        option = f"size={_used(scene.start) + size}k"
        command = ["mount", "-t", "tmpfs", "-o", option, "wenzheng", str(mount)]
        if subprocess.run(command, capture_output=True).returncode:
            return False
        try:
            library = scene.copy_to(mount / "library")
            what = f"{scene.operation.name}: {size} KiB left"
            _attempt(stage, scene, library, figures, "real full disk (tmpfs)", what)
            shutil.rmtree(room, ignore_errors=True)
            subprocess.run(["cp", "-a", str(library), str(room)], capture_output=True)
        finally:
            subprocess.run(["umount", "-l", str(mount)], check=True)
        check(stage, scene, room, figures, what)
    return True


def _used(folder: Path) -> int:
    """KiB of the pages that a library takes, each file once."""
    files = {p.stat().st_ino: p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    return sum(-(-size // 4096) * 4 for size in files.values()) + 64


def _attempt(
    stage: Stage, scene: Scene, library: Path, figures: Figures, name: str, what: str
) -> None:
    """Perform the operation under a fault; what it raises must say what to do."""
    figures.faults[name] += 1
    try:
        scene.operation.perform(library, stage.vectors())
    except (WenzhengError, EmbeddingError):
        figures.refused[name] += 1
    except Exception as error:
        figures.untyped.append(f"{what}: {error!r}")
