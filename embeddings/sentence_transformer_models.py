"""The one door to sentence-transformers: models of theirs that are on this machine, nothing fetched."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import ModelDamagedError, ModelNotFoundError, ModelUnsuitableError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

# Of a question and a passage with its headings: some rerankers read 8,192, and take their time.
_MOST_TOKENS = 1024


def folder_of(name: str, kind: str, remedy: str) -> Path:
    """The folder of a model given by path, or by a name that the local Hugging Face cache holds.

    Raises:
        ModelNotFoundError: neither; ``kind`` and ``remedy`` say what was looked for and what to do.
    """
    if Path(name).is_dir():
        return Path(name).resolve()
    from huggingface_hub import snapshot_download

    try:
        # Nothing is downloaded: it says where what is there lies.
        found = snapshot_download(name, local_files_only=True)  # nosec B615
    # Malformed names raise ValueErrors of the hub's own, absent ones OSErrors.
    except (OSError, ValueError) as error:
        raise ModelNotFoundError(
            f"no {kind} {name!r} on this machine", f"{remedy}; nothing is fetched from a hub"
        ) from error
    return Path(found)


def load_encoder(name: str, folder: Path) -> "SentenceTransformer":
    """The embedding model in ``folder``; raises ``ModelDamagedError``."""
    _stay_offline()
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    # Which errors a broken folder raises depends on the file and the library's version.
    except Exception as error:
        raise _damaged(name, folder, error) from error


def load_cross_encoder(name: str, folder: Path) -> "CrossEncoder":
    """The cross-encoder in ``folder``, which gives a pair of texts one logit.

    Raises:
        ModelUnsuitableError: the model there is of another kind, or gives several numbers.
        ModelDamagedError: it cannot be loaded.
    """
    # An embedding model would load, too, and score by a head of random weights.
    if not _is_cross_encoder(folder):
        raise _unsuitable(name, "no cross-encoder")
    _stay_offline()
    import torch
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(
            str(folder), local_files_only=True, activation_fn=torch.nn.Identity()
        )
    # Which errors a broken folder raises depends on the file and the library's version.
    except Exception as error:
        raise _damaged(name, folder, error) from error
    if model.num_labels != 1:
        raise _unsuitable(name, f"a classifier into {model.num_labels} classes")
    model.max_seq_length = min(model.max_seq_length or _MOST_TOKENS, _MOST_TOKENS)
    return model


def _is_cross_encoder(folder: Path) -> bool:
    """True for a classifier of sequences, or what sentence-transformers saved as a cross-encoder.
    What says nothing of its kind is damaged, as its loading will tell."""
    saved = _json(folder / "config_sentence_transformers.json").get("model_type")
    trained_for = _json(folder / "config.json").get("architectures")
    if saved or trained_for:
        classifies = "ForSequenceClassification" in str(trained_for)
        return saved == "CrossEncoder" or (saved is None and classifies)
    return not (folder / "modules.json").exists()


def _json(path: Path) -> dict[str, object]:
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _stay_offline() -> None:
    # Read at import: without it the libraries ask the hub for optional files even of a folder.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # Else a bar of the weights' loading stands among a command's own lines.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def _unsuitable(name: str, what: str) -> ModelUnsuitableError:
    return ModelUnsuitableError(
        f"the model {name!r} is {what}", "give a model that gives a pair of texts one score"
    )


def _damaged(name: str, folder: Path, error: Exception) -> ModelDamagedError:
    return ModelDamagedError(
        f"the model {name!r} in {folder} cannot be loaded ({error})",
        "give another model, or install this one again",
    )
