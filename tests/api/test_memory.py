import gc
import platform
import subprocess
import sys

import pytest

from api.memory import leave_out_of_collections, share_arenas

# The parts of malloc_info(3) that begin with "<heap nr=" are the arenas there are.
_COUNT = """
import ctypes, os, tempfile, threading
from api.memory import leave_out_of_collections, share_arenas
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
