import subprocess
import sys

import pytest

import embeddings

HEAVY = ["torch", "faiss", "onnxruntime", "sentence_transformers", "langchain_core", "bm25s"]


def modules_after(code: str) -> set[str]:
    """The modules a fresh interpreter has loaded after running `code`."""
    report = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize("name", embeddings.__all__)
def test_every_listed_name_can_be_imported(name: str) -> None:
    assert getattr(embeddings, name).__name__ == name


def test_a_name_that_is_not_listed_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = embeddings.no_such_name


def test_importing_the_package_loads_no_heavy_library() -> None:
    assert not modules_after("import embeddings").intersection([*HEAVY, "numpy"])


def test_a_bundled_query_never_needs_torch(bundled_folder: object) -> None:
    code = (
        "from pathlib import Path; from embeddings import OnnxEmbedder\n"
        f"OnnxEmbedder(Path({str(bundled_folder)!r})).encode_query('增长多少')"
    )
    assert not modules_after(code).intersection(["torch", "transformers", "sentence_transformers"])
