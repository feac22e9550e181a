"""The weights of multilingual-e5-small as transformers' BertModel names them."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.packed_e5 import PackedE5

Halves: TypeAlias = npt.NDArray[np.float16]

# BertModel's modules of a layer, and the packed file's names for them.
_LAYER_MATRICES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
_LAYER_NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


def torch_weights(model: PackedE5) -> dict[str, Halves]:
    """Every weight of the BertModel by its name, as float16: 236 MB."""
    weights = _embedding_weights(model)
    for layer in range(model.layers):
        weights |= _layer_weights(model, f"encoder.layer.{layer}.", f"l{layer}.")
    # e5 does not pool through it, but BertModel complains when it is absent.
    weights["pooler.dense.weight"] = np.zeros((model.hidden, model.hidden), np.float16)
    weights["pooler.dense.bias"] = np.zeros(model.hidden, np.float16)
    return weights


def _embedding_weights(model: PackedE5) -> dict[str, Halves]:
    tables = {"position": "emb.pos", "token_type": "emb.type"}
    weights = {
        f"embeddings.{name}_embeddings.weight": _half(model, packed).reshape(-1, model.hidden)
        for name, packed in tables.items()
    }
    words = _half_matrix(model, "emb.word", model.hidden)
    weights["embeddings.word_embeddings.weight"] = words
    weights["embeddings.LayerNorm.weight"] = _half(model, "emb.ln.w")
    weights["embeddings.LayerNorm.bias"] = _half(model, "emb.ln.b")
    return weights


def _layer_weights(model: PackedE5, to: str, at: str) -> dict[str, Halves]:
    weights = {}
    for name, packed in _LAYER_MATRICES.items():
        columns = model.intermediate if packed == "fo" else model.hidden
        weights[f"{to}{name}.weight"] = _half_matrix(model, f"{at}{packed}.w", columns)
        weights[f"{to}{name}.bias"] = _half(model, f"{at}{packed}.b")
    for name, packed in _LAYER_NORMS.items():
        weights[f"{to}{name}.weight"] = _half(model, f"{at}{packed}.w")
        weights[f"{to}{name}.bias"] = _half(model, f"{at}{packed}.b")
    return weights


def _half_matrix(model: PackedE5, name: str, columns: int) -> Halves:
    # In float16 from the start: the word table alone would take 384 MB as float32.
    scales, nibbles = model.blocks(name, columns)
    weights = nibbles.astype(np.float16)
    weights -= np.float16(8)
    weights *= scales[:, :, np.newaxis]
    return weights.reshape(len(scales), columns)


def _half(model: PackedE5, name: str) -> Halves:
    return model.vector(name).astype(np.float16)
