"""Our bundled model in the shape that another library wants: it needs numpy, onnxruntime,
tokenizers and langchain-core only, so it runs in each rival's own environment."""

import os
from functools import cache
from pathlib import Path

from embeddings.onnx_embedder import OnnxEmbedder


@cache
def bundled() -> OnnxEmbedder:
    """The model in the folder that the parent process unpacked."""
    return OnnxEmbedder(Path(os.environ["RIVALS_MODEL"]))
