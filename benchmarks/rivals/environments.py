"""An environment of its own for each rival: what it needs is pinned in `requirements-*.txt` here.

A rival that cannot be installed keeps no other from being measured: why is told in its place.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_TOLD_LINES = 3


@dataclass(frozen=True, slots=True)
class Rival:
    """A system: its module here, its forms, and the packages whose versions are told.

    ``python`` is the least version of Python that its pinned version runs on.
    """

    module: str
    packages: tuple[str, ...]
    forms: tuple[str, ...]
    python: tuple[int, int] = (3, 11)

    @property
    def requirements(self) -> Path:
        """The pins: the packages and everything that they bring."""
        return _HERE / f"requirements-{self.module}.txt"


OURS = Rival("wenzheng", ("wenzheng",), ("default",))
RIVALS: Mapping[str, Rival] = {
    "LangChain": Rival(
        "langchain_faiss",
        ("langchain-classic", "langchain-community", "faiss-cpu", "rank-bm25"),
        ("vectors", "hybrid", "hybrid, chunks that fit"),
    ),
    "LlamaIndex": Rival(
        "llamaindex",
        ("llama-index-core", "llama-index-retrievers-bm25"),
        ("vectors", "hybrid", "hybrid, chunks that fit"),
    ),
    "txtai": Rival("txtai_embeddings", ("txtai",), ("vectors", "hybrid", "hybrid, pairs")),
    "haiku.rag": Rival("haiku_rag", ("haiku.rag-slim",), ("vectors", "hybrid"), (3, 12)),
}


class NotInstalledError(Exception):
    """Why a rival cannot be measured here, in one line."""


def environment(rival: Rival, folder: Path, pythons: Sequence[str]) -> Path:
    """The Python that has what ``rival`` needs, its environment made in ``folder`` if it is missing.

    ``pythons`` are the interpreters to make it with; the first that is new enough is taken. Raises
    ``NotInstalledError``.
    """
    home = folder / rival.module
    python, ready = home / "bin" / "python", home / "ready"
    pins = hashlib.sha256(rival.requirements.read_bytes()).hexdigest()
    if ready.exists() and ready.read_text() == pins:
        return python
    # What an install that was cut short left would be taken for whole.
    shutil.rmtree(home, ignore_errors=True)
    base = _new_enough(pythons, rival.python)
    _run([base, "-m", "venv", str(home)])
    _run([str(python), "-m", "pip", "install", "--quiet", "-r", str(rival.requirements)])
    ready.write_text(pins)
    return python


def _new_enough(pythons: Sequence[str], least: tuple[int, int]) -> str:
    for python in filter(None, map(shutil.which, pythons)):
        asked = "import sys; print(*sys.version_info[:2])"
        said = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
        if said.returncode == 0 and tuple(map(int, said.stdout.split())) >= least:
            return python
    wanted = ".".join(map(str, least))
    raise NotInstalledError(f"needs Python {wanted} or later: name one by --python")


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise NotInstalledError(" ".join(said[-_TOLD_LINES:])) from error


def interpreters(named: Sequence[str]) -> list[str]:
    """Those named, then the one that runs this, then newer ones that may be on the path."""
    return [*named, sys.executable, "python3.12", "python3.13", "python3.14"]
