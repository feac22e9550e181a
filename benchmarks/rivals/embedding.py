"""Our bundled model in the shape that another library wants: it needs numpy, onnxruntime,
tokenizers and langchain-core only, so it runs in each rival's own environment."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from embeddings.onnx_embedder import OnnxEmbedder

MODEL_VARIABLE = "RIVALS_MODEL"


@cache
def bundled() -> OnnxEmbedder:
    """The model in the folder that the parent process unpacked.

    It puts e5's "query: " and "passage: " before the texts itself.
    """
    return OnnxEmbedder(model_folder())


def model_folder() -> Path:
    """Where the parent process unpacked the model."""
    return Path(os.environ[MODEL_VARIABLE])


def recorded() -> list[str]:
    """A list that fills with every document embedded from now on, by whatever library."""
    seen: list[str] = []
    encode = OnnxEmbedder.encode_documents

    def encode_and_note(self: OnnxEmbedder, texts: list[str], *rest: Any) -> Any:
        seen.extend(texts)
        return encode(self, texts, *rest)

    OnnxEmbedder.encode_documents = encode_and_note  # type: ignore[method-assign, assignment]
    return seen


def longer_than_the_model(texts: list[str]) -> int:
    """How many of ``texts`` the model cuts: their ends are in no vector."""
    folder = model_folder()
    most = json.loads((folder / "sentence_bert_config.json").read_bytes())["max_seq_length"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    return sum(len(tokenizer.encode(f"passage: {text}").ids) > most for text in texts)
