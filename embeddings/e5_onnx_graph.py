"""Writes the encoder of multilingual-e5-small as an ONNX graph with 8-bit matrix products.

Written node by node rather than exported: an export needs torch (seconds to import, 470 MB of
float32 weights in memory) and would not keep the 4-bit embedding table as it is. Some nodes are onnxruntime's own (com.microsoft): fused and quantised forms.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from embeddings.packed_e5 import BLOCK, PackedE5
from embeddings.vectors import Vectors

_MICROSOFT = "com.microsoft"
# 7 of the 8 bits. AVX2 processors without VNNI add two 8-bit products in 16 bits and saturate:
# their vectors would silently differ (onnxruntime's documentation, "reduce_range").
_LARGEST_WEIGHT = 63
# Added to the attention of padding; exp() of it is 0 and it stays finite when added up.
_MASKED = -10000.0


def build_e5_graph(model: PackedE5) -> onnx.ModelProto:
    """The graph: int64 `input_ids` and `attention_mask` (batch, length) to float32
    `last_hidden_state` (batch, length, hidden)."""
    graph = _Graph()
    hidden = _embed_tokens(graph, model)
    mask = _attention_mask(graph)
    for layer in range(model.layers):
        hidden = _encoder_layer(graph, model, f"l{layer}.", hidden, mask)
    graph.nodes.append(helper.make_node("Identity", [hidden], ["last_hidden_state"]))
    return graph.model(model.hidden)


class _Graph:
    """Collects nodes and weights; each method returns the name of what it added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, values: npt.ArrayLike) -> str:
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def scalar(self, name: str, value: float) -> str:
        return self.weight(name, np.array(value, np.float32).reshape(()))

    def add(self, operation: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        output = f"{operation}_{len(self.nodes)}"
        node = helper.make_node(
            operation, list(inputs), [output], name=output, domain=domain, **attributes
        )
        self.nodes.append(node)
        return output

    def model(self, hidden: int) -> onnx.ModelProto:
        ids, mask = (
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        )
        output = helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["batch", "length", hidden]
        )
        graph = helper.make_graph(
            self.nodes, "multilingual-e5-small", [ids, mask], [output], [*self.weights.values()]
        )
        versions = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=10)


def _embed_tokens(graph: _Graph, model: PackedE5) -> str:
    words = _gather_words(graph, model)
    table = model.vector("emb.pos").reshape(-1, model.hidden)
    table = table + model.vector("emb.type").reshape(-1, model.hidden)[0]
    zero = graph.weight("zero", np.array([0], np.int64))
    length = graph.add("Shape", "input_ids", start=1, end=2)
    positions = graph.add("Slice", graph.weight("positions", table), zero, length, zero)
    summed = graph.add("Add", words, positions)
    scale = graph.weight("emb.ln.w", model.vector("emb.ln.w"))
    bias = graph.weight("emb.ln.b", model.vector("emb.ln.b"))
    return graph.add("LayerNormalization", summed, scale, bias, axis=-1, epsilon=model.epsilon)


def _gather_words(graph: _Graph, model: PackedE5) -> str:
    """Look words up in the 4-bit table as it is packed: 54 MB instead of 384, and exact."""
    scales, nibbles = model.blocks("emb.word", model.hidden)
    # INT4 is two's complement, the packed nibbles are offset by 8: the top bit flips.
    signed = nibbles.reshape(len(scales), model.hidden) ^ 8
    pairs = (signed[:, 0::2] | (signed[:, 1::2] << 4)).tobytes()
    graph.weights["words"] = helper.make_tensor(
        "words", TensorProto.INT4, [len(scales), model.hidden], pairs, raw=True
    )
    halves = graph.add(
        "GatherBlockQuantized",
        "words",
        "input_ids",
        graph.weight("words.scales", scales),
        domain=_MICROSOFT,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    return graph.add("Cast", halves, to=TensorProto.FLOAT)


def _attention_mask(graph: _Graph) -> str:
    """0 for tokens and _MASKED for padding, (batch, 1, 1, length)."""
    axes = graph.weight("axes", np.array([1, 2], np.int64))
    kept = graph.add("Cast", graph.add("Unsqueeze", "attention_mask", axes), to=TensorProto.FLOAT)
    padding = graph.add("Sub", graph.scalar("one", 1.0), kept)
    return graph.add("Mul", padding, graph.scalar("masked", _MASKED))


def _encoder_layer(graph: _Graph, model: PackedE5, at: str, hidden: str, mask: str) -> str:
    attended = _attention(graph, model, at, hidden, mask)
    hidden = _add_and_normalise(graph, model, hidden, attended, at + "aln")
    widened = _linear(graph, model, hidden, at + "fi", model.hidden)
    active = graph.add("Gelu", widened, domain=_MICROSOFT)
    narrowed = _linear(graph, model, active, at + "fo", model.intermediate)
    return _add_and_normalise(graph, model, hidden, narrowed, at + "oln")


def _attention(graph: _Graph, model: PackedE5, at: str, hidden: str, mask: str) -> str:
    width = model.hidden // model.heads
    split = graph.weight("split", np.array([0, 0, model.heads, width], np.int64))
    merge = graph.weight("merge", np.array([0, 0, model.hidden], np.int64))

    def heads(name: str, order: list[int]) -> str:
        projected = _linear(graph, model, hidden, at + name, model.hidden)
        return graph.add("Transpose", graph.add("Reshape", projected, split), perm=order)

    products = graph.add("MatMul", heads("q", [0, 2, 1, 3]), heads("k", [0, 2, 3, 1]))
    scaled = graph.add("Mul", products, graph.scalar("attention.scale", 1 / math.sqrt(width)))
    shares = graph.add("Softmax", graph.add("Add", scaled, mask), axis=-1)
    mixed = graph.add("MatMul", shares, heads("v", [0, 2, 1, 3]))
    joined = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), merge)
    return _linear(graph, model, joined, at + "ao", model.hidden)


def _linear(graph: _Graph, model: PackedE5, inputs: str, name: str, columns: int) -> str:
    """A matrix product whose inputs are quantised as they come, with one scale per output."""
    scales, weights = _quantise_rows(model.matrix(name + ".w", columns))
    return graph.add(
        "DynamicQuantizeMatMul",
        inputs,
        graph.weight(name + ".w", weights.T),
        graph.weight(name + ".scales", scales),
        "",
        graph.weight(name + ".b", model.vector(name + ".b")),
        domain=_MICROSOFT,
    )


def _quantise_rows(matrix: Vectors) -> tuple[Vectors, npt.NDArray[np.int8]]:
    scales = np.abs(matrix).max(axis=1) / np.float32(_LARGEST_WEIGHT)
    scales[scales == 0] = 1
    return scales, np.rint(matrix / scales[:, np.newaxis]).astype(np.int8)


def _add_and_normalise(graph: _Graph, model: PackedE5, left: str, right: str, name: str) -> str:
    return graph.add(
        "SkipLayerNormalization",
        left,
        right,
        graph.weight(name + ".w", model.vector(name + ".w")),
        graph.weight(name + ".b", model.vector(name + ".b")),
        domain=_MICROSOFT,
        epsilon=model.epsilon,
    )
