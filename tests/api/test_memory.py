import gc
import mmap
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from api.memory import give_back_mapped, leave_out_of_collections, share_arenas

# The parts of malloc_info(3) that begin with "<heap nr=" are the arenas there are.
_COUNT = """
import ctypes, os, tempfile, threading
from api.memory import give_back_mapped, leave_out_of_collections, share_arenas
if {shared}:
    share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
met = threading.Barrier(12)
def take():
    libc.malloc(100)
    met.wait()
threads = [threading.Thread(target=take) for _ in range(12)]
[one.start() for one in threads], [one.join() for one in threads]
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    told = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, told)
    libc.fclose(told)
    print(open(file.name).read().count("<heap nr="))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are the GNU C library's")
def test_threads_share_arenas() -> None:
    def arenas(*, shared: bool) -> int:
        script = _COUNT.format(shared=shared)
        return int(subprocess.check_output([sys.executable, "-c", script]))

    assert arenas(shared=False) > 2
    assert arenas(shared=True) == 2


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert not share_arenas()


def test_what_a_version_leaves_is_collected_when_the_next_is_opened() -> None:
    class Left:
        count = 0

        def __init__(self) -> None:
            self.itself = self
            Left.count += 1

        def __del__(self) -> None:
            Left.count -= 1

    held = Left()
    try:
        leave_out_of_collections()
        assert gc.get_freeze_count() > 0
        del held
        gc.collect()
        assert Left.count == 1, "what was held is passed over"
        leave_out_of_collections()
        assert Left.count == 0
    finally:
        gc.unfreeze()


_SIZE = 64 << 20


def _resident_of_files() -> int:
    return int(Path("/proc/self/statm").read_text().split()[2]) * mmap.PAGESIZE


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_pages_of_files_are_given_back_and_read_again(tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.mkdir()
    (held / "vectors.bin").write_bytes(bytes(range(256)) * (_SIZE // 256))
    with (held / "vectors.bin").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert sum(mapped[:: mmap.PAGESIZE]) == 0
    before = _resident_of_files()
    assert not give_back_mapped(held, above=before + _SIZE)
    assert give_back_mapped(tmp_path / "another", above=0)
    assert _resident_of_files() > before - _SIZE // 2, "files elsewhere are left alone"
    assert give_back_mapped(held, above=0)
    assert _resident_of_files() < before - _SIZE // 2
    assert mapped[255] == 255
    assert mapped[-1] == 255


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_what_was_written_to_a_private_mapping_is_kept(tmp_path: Path) -> None:
    (tmp_path / "private.bin").write_bytes(bytes(mmap.PAGESIZE))
    with (tmp_path / "private.bin").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    mapped[0] = 7
    assert give_back_mapped(tmp_path, above=0)
    assert mapped[0] == 7
